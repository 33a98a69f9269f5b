import type { Timestamp } from '../../domain/time.ts'
import { stallLimits } from '../../domain/watch/head-findings.ts'
import { watchNumbers } from '../../domain/watch/parameters.ts'
import { progressLimits } from '../../domain/watch/progress-findings.ts'
import { isCurrent } from '../../domain/watch/system-findings.ts'
import type { SystemMemory } from '../../domain/watch/system-memory.ts'
import type { SystemRules } from '../../domain/watch/system-rules.ts'
import type { FinalitySight, OthersMark } from '../../domain/watch/system-sight.ts'
import { entry } from '../network/entry.ts'
import { systemRules } from '../world/system-rules.ts'
import { asAnnounced } from './as-announced.ts'
import { lastIntervals } from './last-intervals.ts'
import type { Look } from './look.ts'
import { tookEffectAt } from './took-effect-at.ts'
import { usualMarkBps } from './usual-mark-bps.ts'

/** What is known of one system that is only watched. Ages are of when it was read; what is late, of the last look. */
export type WatchedView = {
  readonly system: string
  readonly kind: string
  /** Undefined while nobody has looked. */
  readonly lookedAt: number | undefined
  /** Looked at recently enough to judge by. */
  readonly current: boolean
  readonly chains: readonly WatchedChainView[]
  readonly progress: readonly ProgressView[]
  readonly levels: readonly LevelView[]
  /** The nearest first. */
  readonly deadlines: readonly DeadlineView[]
  /** What may still come, the nearest first; then what was done, the newest first. */
  readonly changes: readonly ChangeView[]
  readonly settings: readonly SettingView[]
  readonly marks: readonly WatchedMarkView[]
  readonly finality: FinalitySight | undefined
  readonly unseen: readonly {
    readonly part: string
    readonly since: number
    readonly reason: string
  }[]
}

export type WatchedChainView = {
  readonly chain: string
  readonly number: number | undefined
  readonly ageMs: number | undefined
  /** Of a block; undefined while too little was seen. */
  readonly usualMs: number | undefined
  /** From which age on people are told. */
  readonly warnMs: number
  readonly late: boolean
  readonly places: readonly {
    readonly place: string
    readonly number: number | undefined
    readonly ageMs: number | undefined
    readonly trouble: string | undefined
  }[]
}

export type ProgressView = {
  readonly name: string
  /** In words; undefined where no step was ever seen. */
  readonly last: string | undefined
  /** Since the last step, or since it was first waited for. */
  readonly ageMs: number
  readonly usualMs: number | undefined
  /** From which age on people are told, and somebody is woken; undefined while nobody can tell. */
  readonly warnMs: number | undefined
  readonly pageMs: number | undefined
  readonly late: boolean
  /** Between its last steps, in milliseconds, oldest first. */
  readonly intervals: readonly number[]
}

export type LevelView = {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly floor: number | undefined
  readonly ceiling: number | undefined
  readonly out: boolean
}

export type DeadlineView = {
  readonly name: string
  readonly text: string
  readonly until: number
  /** Below zero once it is over. */
  readonly leftMs: number
  /** How much of its time is gone, in percent, rounded down. */
  readonly usedPercent: number
  /** How near it is by the rules; undefined while it is far. */
  readonly near: 'warning' | 'critical' | undefined
}

export type ChangeView = {
  readonly id: string
  readonly title: string
  readonly kind: string
  readonly state: string
  readonly effectiveAt: number | undefined
  readonly leftMs: number | undefined
  readonly touches: readonly string[]
  readonly announces: Readonly<Record<string, string>>
  /** When it was first seen to be done. */
  readonly doneAt: number | undefined
  /** When it took effect, or could at the earliest; undefined where it has not. */
  readonly tookEffect: { readonly at: number; readonly isEarliest: boolean } | undefined
  readonly differs: string | undefined
  /** Whether it took effect as it was announced; undefined where it has not, or where nothing shows what it should have changed. */
  readonly asAnnounced: boolean | undefined
}

export type SettingView = {
  readonly name: string
  readonly value: string
  readonly since: number
  readonly before: string | undefined
  readonly announcedBy: string | undefined
  readonly expected: string | undefined
}

export type WatchedMarkView = {
  readonly market: string
  readonly mark: string
  readonly ours: string | undefined
  /** What it is held against where there is none of ours. */
  readonly others: OthersMark | undefined
  readonly bps: number | undefined
  /** Up to which distance, in bps, nobody is told; undefined where nobody judges. */
  readonly usualBps: number | undefined
  readonly apart: boolean
  readonly fundingPerHour: string | undefined
}

/** Every watched system of the network file, as the store knows it. */
export async function watchedView({
  network,
  store,
  now,
  problems,
}: Look): Promise<readonly WatchedView[]> {
  const rules = systemRules(network)
  const views = Object.entries(network.watched).map(async ([system, { kind }]) =>
    problems.attempt(
      `watched system ${system}`,
      async () => {
        const memory = await store.systems.read(system)
        const own = entry(rules, system)
        return {
          ...nothingSeen,
          system,
          kind,
          ...(memory && systemView(memory, { now, rules: own })),
        }
      },
      { ...nothingSeen, system, kind },
    ),
  )
  return await Promise.all(views)
}

const nothingSeen = {
  lookedAt: undefined,
  current: false,
  chains: [],
  progress: [],
  levels: [],
  deadlines: [],
  changes: [],
  settings: [],
  marks: [],
  finality: undefined,
  unseen: [],
} as const

type At = { readonly now: Timestamp; readonly rules: SystemRules | undefined }

function systemView(memory: SystemMemory, at: At): Omit<WatchedView, 'system' | 'kind'> {
  const { now, rules } = at
  return {
    lookedAt: memory.lookedAt,
    current: rules !== undefined && isCurrent(memory, { now, rules }),
    chains: chainsOf(memory, at),
    progress: progressOf(memory, at),
    levels: Object.entries(memory.levels).map(([name, { last }]) => {
      const floor = (rules && entry(rules.floors, name)) ?? last.floor
      const ceiling = (rules && entry(rules.ceilings, name)) ?? last.ceiling
      const { value, unit } = last
      const out =
        (floor !== undefined && value < floor) || (ceiling !== undefined && value > ceiling)
      return { name, value, unit, floor, ceiling, out }
    }),
    deadlines: memory.deadlines
      .map(({ name, text, from, until }) => {
        const share = until > from ? (now - from) / (until - from) : 1
        const usedPercent = Math.floor(100 * Math.min(1, Math.max(0, share)))
        const near = rules && nearness(share, rules)
        return { name, text, until, leftMs: until - now, usedPercent, near }
      })
      .toSorted((one, other) => one.until - other.until),
    changes: changesOf(memory, now),
    settings: Object.entries(memory.settings).map(
      ([name, { value, since, before, announcedBy }]) => ({
        name,
        value,
        since,
        before,
        announcedBy,
        expected: rules && entry(rules.expect, name),
      }),
    ),
    marks: Object.entries(memory.marks).map(([market, known]) => {
      const { mark, ours, others, fundingPerHour } = known.last
      const usualBps = rules && usualMarkBps(known, rules.numbers)
      const apart = known.apartSince !== undefined
      return { market, mark, ours, others, bps: known.bps, usualBps, apart, fundingPerHour }
    }),
    finality: memory.finality,
    unseen: Object.entries(memory.unseen).map(([part, { since, reason }]) => ({
      part,
      since,
      reason,
    })),
  }
}

function chainsOf(
  { chains, lookedAt }: SystemMemory,
  { now, rules }: At,
): readonly WatchedChainView[] {
  return Object.entries(chains).map(([chain, memory]) => {
    const { newest, places } = memory
    const { warnMs, usualMs } = stallLimits(memory, rules?.numbers ?? watchNumbers)
    return {
      chain,
      number: newest?.number,
      ageMs: newest && elapsedMs(newest.time, now),
      usualMs,
      warnMs,
      late: newest !== undefined && lookedAt - newest.time > warnMs,
      places: Object.entries(places).map(([place, { head, trouble }]) => ({
        place,
        number: head?.number,
        ageMs: head && elapsedMs(head.time, now),
        trouble: trouble?.reason,
      })),
    }
  })
}

function progressOf(
  { progress, lookedAt }: SystemMemory,
  { now, rules }: At,
): readonly ProgressView[] {
  return Object.entries(progress).map(([name, memory]) => {
    const limits = rules && progressLimits(name, memory, rules)
    const last = memory.steps.at(-1)
    const from = last?.at ?? memory.since
    return {
      name,
      last: last?.what,
      ageMs: elapsedMs(from, now),
      usualMs: limits?.usualMs,
      warnMs: limits?.warnMs,
      pageMs: limits?.pageMs,
      late: limits !== undefined && lookedAt - from > limits.warnMs,
      intervals: lastIntervals(memory.steps),
    }
  })
}

function nearness(
  share: number,
  { numbers: { deadlineWarnShare, deadlinePageShare } }: SystemRules,
): DeadlineView['near'] {
  if (share >= deadlinePageShare) return 'critical'
  return share >= deadlineWarnShare ? 'warning' : undefined
}

/** As many of those that are done as a person reads. */
const doneLimit = 5

function changesOf({ changes, settings }: SystemMemory, now: number): readonly ChangeView[] {
  const all = Object.values(changes).map((change) => {
    const { id, title, kind, state, effectiveAt, touches, announces, doneAt, differs } = change
    const leftMs = effectiveAt === undefined ? undefined : effectiveAt - now
    const when = { effectiveAt, leftMs, doneAt, tookEffect: tookEffectAt(change) }
    const what = { id, title, kind, state, touches, announces }
    return { ...what, ...when, differs, asAnnounced: asAnnounced(change, settings) }
  })
  const ahead = all
    .filter((one) => !isOver(one))
    .toSorted((one, other) => (one.effectiveAt ?? Infinity) - (other.effectiveAt ?? Infinity))
  const done = all
    .filter(({ tookEffect }) => tookEffect !== undefined)
    .toSorted((one, other) => (other.tookEffect?.at ?? 0) - (one.tookEffect?.at ?? 0))
  return [...ahead, ...done.slice(0, doneLimit)]
}

function isOver({ state }: ChangeView): boolean {
  return state === 'done' || state === 'dropped'
}

/** A clock that is a little ahead of ours makes nothing younger than now. */
function elapsedMs(time: number, now: number): number {
  return Math.max(0, now - time)
}
