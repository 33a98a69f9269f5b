import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Digest } from '../../lib/domain/alert-digest.ts'
import type { Alert, Severity } from '../../lib/domain/alert.ts'
import type { ChannelRules } from '../../lib/domain/channel-pace.ts'
import type { Finding } from '../../lib/domain/incident.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import { deliverAlerts, type Messenger } from '../../lib/keepers/deliver-alerts.ts'
import { raiseIncidents } from '../../lib/keepers/raise-incidents.ts'
import type { AlertChannel, Clock } from '../../lib/ports.ts'

/** 15 January 2027, 08:00 UTC, a Friday; a multiple of an hour. */
export const start = timestamp(1_800_000_000_000)

/** What a channel was told, and when. */
export type Heard = { readonly at: Timestamp } & (
  | { readonly alert: Alert; readonly digest?: undefined }
  | { readonly digest: Digest; readonly alert?: undefined }
)

/** A channel that keeps what it is given, or fails as it is told to. */
export function aHearer(name: string, clock: Pick<Clock, 'now'>) {
  const heard: Heard[] = []
  let broken: (() => Error | undefined) | undefined
  const take = async (message: { alert: Alert } | { digest: Digest }) => {
    const error = broken?.()
    if (error) throw error
    heard.push({ at: clock.now(), ...message })
  }
  const channel: AlertChannel = {
    name,
    deliver: async (alert) => take({ alert }),
    digest: async (digest) => take({ digest }),
  }
  return {
    channel,
    heard,
    fail(as: (() => Error | undefined) | undefined) {
      broken = as
    },
    alone: () => heard.flatMap(({ alert }) => alert ?? []),
    digests: () => heard.flatMap(({ digest }) => digest ?? []),
  }
}

/** Time passes only where everybody sleeps, and then up to whoever wakes first. */
export function aClock() {
  let now: number = start
  const sleepers: { readonly until: number; readonly wake: () => void }[] = []
  const clock: Clock = {
    now: () => timestamp(now),
    sleep: (ms) =>
      new Promise((resolve) => {
        sleepers.push({ until: now + ms, wake: resolve })
      }),
  }
  async function run<T>(work: Promise<T>): Promise<T> {
    const state = { over: false }
    const done = work.finally(() => {
      state.over = true
    })
    done.catch(() => undefined)
    while (!state.over) {
      await new Promise((resolve) => setImmediate(resolve))
      const next = sleepers.toSorted((one, other) => one.until - other.until)[0]
      if (state.over || !next) continue
      sleepers.splice(sleepers.indexOf(next), 1)
      now = Math.max(now, next.until)
      next.wake()
    }
    return await done
  }
  return {
    clock,
    run,
    pass: (ms: number) => {
      now += ms
    },
  }
}

export const usualRules: ChannelRules = {
  mostPerMinute: 20,
  singlesPerMinute: 10,
  gapMs: 1_000,
  gatherInfoMs: 0,
  quiet: [],
  remindMs: undefined,
}

export function aFinding(subject: string, severity: Severity = 'warning'): Finding {
  return {
    rule: 'price-late',
    subject,
    severity,
    summary: `${subject} is late`,
    since: start,
    afterMs: 0,
  }
}

/** One chat, one pager, a spare; the store outlives the messengers. */
export function anAlertWorld(rules: Partial<ChannelRules> = {}) {
  const time = aClock()
  const { clock } = time
  const store = memoryStore({ clock })
  const hearers = {
    chat: aHearer('chat', clock),
    pager: aHearer('pager', clock),
    spare: aHearer('spare', clock),
  }
  const own = { ...usualRules, ...rules }
  const messenger = (change: Partial<Messenger> = {}): Messenger => ({
    clock,
    incidents: store.incidents,
    desk: store.desk,
    rules: { chat: own, pager: own, spare: own },
    channels: Object.fromEntries(
      Object.entries(hearers).map(([name, { channel }]) => [name, channel]),
    ),
    routing: {
      network: 'n',
      routes: { info: ['chat'], warning: ['chat'], critical: ['chat', 'pager'] },
      fallback: ['spare'],
    },
    notify: () => undefined,
    ...change,
  })
  const deliver = (by = messenger()) => time.run(deliverAlerts(by))
  const look = async (findings: readonly Finding[], by = messenger()) => {
    await raiseIncidents(by, { findings, unseen: [] })
    await deliver(by)
  }
  return { ...time, store, ...hearers, messenger, deliver, look }
}
