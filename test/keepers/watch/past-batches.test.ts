import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { memoryStore, type MemoryStore } from '../../../lib/adapters/store/memory.ts'
import type { Alert } from '../../../lib/domain/alert.ts'
import { advanceBatch } from '../../../lib/domain/proving/advance-batch.ts'
import { enter, human, type Moment } from '../../../lib/domain/proving/batch-moves.ts'
import { openKinds } from '../../../lib/domain/proving/batch-way.ts'
import type { Batch, ProvingLane } from '../../../lib/domain/proving/batch.ts'
import { retriedByHand } from '../../../lib/domain/proving/by-hand.ts'
import type { OpenKind, ProvingRules } from '../../../lib/domain/proving/proving-rules.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { deliverAlerts, type Messenger } from '../../../lib/keepers/deliver-alerts.ts'
import { raiseIncidents } from '../../../lib/keepers/raise-incidents.ts'
import { batchFindings } from '../../../lib/keepers/watch/batch-findings.ts'
import { batchesSeen } from '../../../lib/keepers/watch/batches-seen.ts'
import type { WatchRules, WatchView } from '../../../lib/keepers/watch/watch-view.ts'
import {
  aBatch,
  aProvingLane,
  at,
  steppedClock,
  type SteppedClock,
} from '../../adapters/store/samples.ts'

const deadlineMs = Object.fromEntries(openKinds.map((kind) => [kind, 3_600_000])) as Record<
  OpenKind,
  number
>
const proving = { pollMs: { least: 1_000, most: 5_000 }, deadlineMs } as ProvingRules
const watched = { chains: {}, proving: { appchain: { chain: 'l1', deadlineMs } } }

const routes = { critical: ['pager'], warning: ['pager'], info: ['pager'] }

type World = {
  readonly clock: SteppedClock
  readonly store: MemoryStore
  /** What people heard, in order. */
  readonly heard: string[]
  readonly heardAt: number[]
  /** The next version of the batch's row, by the worker's own hand; nobody is told anything by that. */
  write(number: number, next: (moment: Moment) => Batch): Promise<void>
  writeLane(change: Partial<ProvingLane>): Promise<void>
  /** One look of a watch, which may end before its incidents are stored. */
  look(ends?: 'at-once'): Promise<void>
}

async function aWorld(lane: Partial<ProvingLane> = { newest: 1 }): Promise<World> {
  const clock = steppedClock()
  const store = memoryStore({ clock })
  const heard: string[] = []
  const heardAt: number[] = []
  const deliver = async (alert: Alert): Promise<void> => {
    heard.push(words(alert))
    heardAt.push(clock.now())
  }
  const messenger: Messenger = {
    clock,
    incidents: store.incidents,
    desk: store.desk,
    rules: {},
    channels: { pager: { name: 'pager', deliver, digest: async () => Promise.resolve() } },
    routing: { network: 'n', routes, fallback: [] },
    notify: () => undefined,
  }
  const first = aProvingLane(lane)
  await store.batches.writeLane(first)
  for (let number = 1; number <= first.newest; number += 1)
    await store.batches.write(
      aBatch(number, { state: { kind: 'proving' }, deadlineAt: at(3_600_000) }),
    )
  return {
    clock,
    store,
    heard,
    heardAt,
    async write(number, next) {
      clock.pass(1_000)
      const batch = await store.batches.read('appchain', number)
      if (!batch) throw new RangeError(`there is no batch ${number}`)
      const sight = { now: clock.now(), jitter: 0 }
      const written = next({ batch, sight, rules: proving })
      expect(await store.batches.write(written)).toBe('written')
    },
    async writeLane(change) {
      const stored = await store.batches.lane('appchain')
      const next = { ...(stored ?? first), ...change, version: (stored?.version ?? 0) + 1 }
      expect(await store.batches.writeLane(next)).toBe('written')
    },
    async look(ends) {
      clock.pass(15_000)
      const now = clock.now()
      const seen = await batchesSeen(store, 'appchain', { deadlineMs, now })
      const view = { now, chains: {}, batches: seen ? [seen] : [] } as unknown as WatchView
      const findings = batchFindings(view, watched as unknown as WatchRules)
      if (ends === 'at-once') return
      await raiseIncidents(messenger, { findings, unseen: [] })
      await deliverAlerts(messenger)
    },
  }
}

function words({ state, severity, rule, subject }: Alert): string {
  return `${state} ${severity} ${rule} ${subject}`
}

const refused = (one: Moment): Batch =>
  human(one, { why: 'rejected', reason: 'invalid trace', back: 'ready' })

const opened = 'opened critical batch-rejected appchain:1'
const resolved = 'resolved critical batch-rejected appchain:1'

test('a batch that was refused and tried again between two looks is told of, once, and that it is over', async () => {
  const it = await aWorld()
  await it.look()
  await it.write(1, refused)
  await it.write(1, ({ batch, sight: { now } }) =>
    retriedByHand(batch, { by: 'ann', reason: 'the run was wrong', now }, deadlineMs),
  )
  expect(it.heard).toEqual([])
  for (let looks = 0; looks < 10; looks += 1) await it.look()
  expect(it.heard).toEqual([opened, resolved])
})

test('nothing is lost where the worker ends with its write, and the watch before its own', async () => {
  const it = await aWorld()
  await it.write(1, refused)
  await it.look('at-once')
  await it.write(1, ({ batch, sight: { now } }) =>
    retriedByHand(batch, { by: 'ann', reason: 'the run was wrong', now }, deadlineMs),
  )
  await it.look('at-once')
  await it.look()
  expect(it.heard).toEqual([opened])
})

test('what lasts is told once, and is not told again once it is over', async () => {
  const it = await aWorld()
  await it.write(1, refused)
  await it.look()
  await it.look()
  await it.write(1, (one) => enter(one, { kind: 'superseded', reason: 'its blocks are gone' }))
  for (let looks = 0; looks < 10; looks += 1) await it.look()
  expect(it.heard).toEqual([opened, resolved])
})

test('the same again is told again', async () => {
  const it = await aWorld()
  const again = async (): Promise<void> => {
    await it.write(1, refused)
    await it.write(1, (one) => enter(one, { kind: 'ready' }))
    for (let looks = 0; looks < 10; looks += 1) await it.look()
  }
  await again()
  await again()
  expect(it.heard).toEqual([opened, resolved, opened, resolved])
})

test('what was over before its batch became final, or was superseded, is told all the same', async () => {
  const it = await aWorld({ newest: 2 })
  await it.write(1, (one) => human(one, { why: 'deadline', reason: 'late', back: 'settled' }))
  await it.write(1, (one) => enter(one, { kind: 'finalized' }))
  await it.write(2, (one) => human(one, { why: 'weak-fact', reason: '50 bits', back: 'ready' }))
  await it.write(2, (one) => enter(one, { kind: 'superseded', reason: 'its blocks are gone' }))
  await it.writeLane({ settled: 2, finalized: 2 })
  await it.look()
  expect(it.heard.toSorted()).toEqual([
    'opened critical batch-late appchain:1',
    'opened critical fact-weak appchain:2',
  ])
})

test('what was over a day ago wakes nobody', async () => {
  const it = await aWorld()
  await it.write(1, refused)
  await it.write(1, (one) => enter(one, { kind: 'ready' }))
  it.clock.pass(24 * 3_600_000)
  // Only that state: what takes so long is late for a reason of its own.
  await it.write(1, (one) => enter(one, { kind: 'settled' }))
  await it.look()
  expect(it.heard).toEqual([])
})

const block = { number: 9, hash: '0x09', time: timestamp(0) } as const

test('a settlement that the chain loses is told until there is one again, however soon that is', async () => {
  const it = await aWorld()
  await it.write(1, (one) => enter(one, { kind: 'settled' }))
  await it.write(1, undone)
  await it.look()
  const told = 'opened warning settlement-undone appchain:1'
  expect(it.heard).toEqual([told])
  await it.write(1, (one) => enter(one, { kind: 'settled' }))
  for (let looks = 0; looks < 5; looks += 1) await it.look()
  const over = 'resolved warning settlement-undone appchain:1'
  expect(it.heard).toEqual([told, over])
  await it.write(1, undone)
  await it.write(1, (one) => enter(one, { kind: 'settled' }))
  for (let looks = 0; looks < 10; looks += 1) await it.look()
  expect(it.heard).toEqual([told, over, told, over])
})

/** As the worker decides it where the contract has the batch no more. */
function undone({ batch, sight, rules }: Moment): Batch {
  const standing = { number: 1 }
  const next = advanceBatch(
    batch,
    {
      ...sight,
      stands: { kind: 'told', value: true },
      settlement: {
        kind: 'told',
        value: { latest: standing, block, finalized: standing, time: sight.now },
      },
      place: 'next',
      isNext: true,
      isHeld: false,
      suspectSince: undefined,
    },
    rules,
  )
  if (next?.batch.state.kind !== 'fact-verified') throw new TypeError('the chain has it')
  return next.batch
}

test('blocks that its chain has lost are told of a lane until it has batches again, however soon that is', async () => {
  const it = await aWorld({ newest: 3 })
  const lost = { after: 1, to: 3, at: it.clock.now() }
  await it.writeLane({ lost })
  await it.look()
  const told = 'opened critical blocks-lost appchain'
  expect(it.heard).toEqual([told])
  const tip = { number: 4, content: aBatch(4).content }
  await it.writeLane({ newest: 4, tip })
  for (let looks = 0; looks < 5; looks += 1) await it.look()
  expect(it.heard).toEqual([told, 'resolved critical blocks-lost appchain'])
  it.clock.pass(1_000)
  await it.writeLane({
    newest: 5,
    tip: { number: 5, content: aBatch(5).content },
    lost: { after: 3, to: 4, at: it.clock.now() },
  })
  await it.look()
  expect(it.heard).toHaveLength(3)
  expect(it.heard.at(-1)).toBe(told)
})

test('whatever lasts how long, and whoever ends when: each time is told of, and none of them twice', async () => {
  const act = fc.constantFrom('refuse', 'leave', 'look', 'broken look', 'a minute')
  const schedule = fc.array(act, { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(schedule, async (acts) => {
      const it = await aWorld()
      const refusals: number[] = []
      let isRefused = false
      for (const one of acts)
        if (one === 'look') await it.look()
        else if (one === 'broken look') await it.look('at-once')
        else if (one === 'a minute') it.clock.pass(60_000)
        else if ((one === 'refuse') !== isRefused) {
          isRefused = !isRefused
          await it.write(1, isRefused ? refused : (moment) => enter(moment, { kind: 'ready' }))
          if (isRefused) refusals.push(it.clock.now())
        }
      await it.look()
      const alarms = alarmsIn(it)
      const untold = refusals.filter((since) => !alarms.some((alarm) => tells(alarm, since)))
      expect(untold).toEqual([])
      expect(it.heard.filter((one) => one === opened).length).toBeLessThanOrEqual(refusals.length)
      // However often it came back, it is over in the end.
      if (isRefused) await it.write(1, (moment) => enter(moment, { kind: 'settled' }))
      await it.look()
      it.clock.pass(3_600_000)
      await it.look()
      expect(it.heard.filter((one) => one === resolved)).toHaveLength(alarms.length)
    }),
    { numRuns: 300 },
  )
})

type Alarm = { readonly openedAt: number; readonly resolvedAt: number }

/** Of the pager's messages, from when to when each alarm was open. */
function alarmsIn({ heard, heardAt: times }: World): readonly Alarm[] {
  const all: Alarm[] = []
  for (const [place, one] of heard.entries()) {
    const time = times[place] ?? 0
    if (one === opened) all.push({ openedAt: time, resolvedAt: Number.POSITIVE_INFINITY })
    const last = all.at(-1)
    if (one === resolved && last) all[all.length - 1] = { ...last, resolvedAt: time }
  }
  return all
}

/** It was told after that began, or people knew when it did. */
function tells({ openedAt, resolvedAt }: Alarm, since: number): boolean {
  return openedAt >= since || resolvedAt > since
}
