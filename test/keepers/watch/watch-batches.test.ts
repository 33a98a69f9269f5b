import { describe, expect, test } from 'vitest'

import { memoryStore, type MemoryStore } from '../../../lib/adapters/store/memory.ts'
import { openKinds } from '../../../lib/domain/proving/batch-way.ts'
import type { Batch, ProvingLane } from '../../../lib/domain/proving/batch.ts'
import type { OpenKind } from '../../../lib/domain/proving/proving-rules.ts'
import {
  batchFindings,
  batchMeasures,
  unseenBatches,
} from '../../../lib/keepers/watch/batch-findings.ts'
import { batchesSeen } from '../../../lib/keepers/watch/batches-seen.ts'
import type { BatchesSeen, WatchRules, WatchView } from '../../../lib/keepers/watch/watch-view.ts'
import { aBatch, aProvingLane, at, steppedClock } from '../../adapters/store/samples.ts'

const hour = 3_600_000

const deadlineMs = Object.fromEntries(openKinds.map((kind) => [kind, hour])) as Record<
  OpenKind,
  number
>

const rules = {
  chains: { l1: { blockSeconds: 12, stallFactor: 5 } },
  proving: { appchain: { chain: 'l1', deadlineMs } },
} as unknown as WatchRules

type Head = 'seen' | 'unseen' | 'stalled'

function viewOf(batches: readonly BatchesSeen[], ms: number, head: Head = 'seen'): WatchView {
  const time = at(head === 'stalled' ? 0 : ms)
  const l1 =
    head === 'unseen'
      ? { kind: 'unseen', reason: 'no node answers' }
      : { kind: 'seen', value: { number: 99, hash: '0x1', time } }
  return { now: at(ms), chains: { l1 }, batches } as unknown as WatchView
}

async function aStore(lane: ProvingLane, rows: readonly Batch[]): Promise<MemoryStore> {
  const store = memoryStore({ clock: steppedClock() })
  await store.batches.writeLane(lane)
  for (const row of rows) await store.batches.write(row)
  return store
}

async function seenIn(lane: ProvingLane, rows: readonly Batch[]): Promise<readonly BatchesSeen[]> {
  const store = await aStore(lane, rows)
  const seen = await batchesSeen(store, 'appchain', { deadlineMs, now: at(0) })
  return seen ? [seen] : []
}

const lane = aProvingLane({ newest: 6, settled: 3, finalized: 2 })

const rows: readonly Batch[] = [
  aBatch(1, { state: { kind: 'finalized' } }),
  aBatch(2, { state: { kind: 'finalized' } }),
  aBatch(3, {
    state: { kind: 'needs-human', why: 'deadline', reason: 'not final', back: 'settled' },
  }),
  aBatch(4, { state: { kind: 'needs-human', why: 'rejected', reason: 'no', back: 'ready' } }),
  aBatch(5, { state: { kind: 'superseded', reason: 'a reorganisation' } }),
  aBatch(6, { state: { kind: 'proved-fact-pending' }, deadlineAt: at(hour) }),
]

function told(view: WatchView): readonly (readonly [string, string, string])[] {
  return batchFindings(view, rules).map(({ rule, subject, severity }) => [rule, subject, severity])
}

describe('of a proving lane the watch', () => {
  test('sees every batch that is not final, also one that is settled and waits for a human', async () => {
    const [seen] = await seenIn(lane, rows)
    expect(seen?.lane).toEqual(lane)
    expect(seen?.rows.map(({ number }) => number)).toEqual([3, 4, 6])
    expect(await seenIn(aProvingLane({ name: 'another' }), [])).toEqual([])
  })

  test('tells of each batch by its lane and number', async () => {
    const view = viewOf(await seenIn(lane, rows), 20 * 60_000)
    expect(told(view)).toEqual([
      ['batch-late', 'appchain:3', 'critical'],
      ['batch-rejected', 'appchain:4', 'critical'],
      ['fact-late', 'appchain:6', 'warning'],
    ])
    expect(unseenBatches(view, rules)).toEqual([])
  })

  test('finds the same each time that it looks at the same rows', async () => {
    const seen = await seenIn(lane, rows)
    const [one, other] = [viewOf(seen, 9 * hour), viewOf(structuredClone(seen), 9 * hour)]
    expect(batchFindings(one, rules)).toEqual(batchFindings(other, rules))
  })

  test.each(['unseen', 'stalled'] as const)(
    'says nothing of facts while their chain is %s: what was told of them stays',
    async (head) => {
      const view = viewOf(await seenIn(lane, rows), 20 * 60_000, head)
      expect(told(view).map(([rule]) => rule)).toEqual(['batch-late', 'batch-rejected'])
      expect(unseenBatches(view, rules)).toEqual([{ rule: 'fact-late', subject: 'appchain:6' }])
    },
  )

  test('tells whose deadline comes near while the chain stalls too', async () => {
    const input = { settleBefore: at(hour) } as unknown as NonNullable<Batch['input']>
    const batch = aBatch(1, { state: { kind: 'fact-verified' }, deadlineAt: at(2 * hour), input })
    const seen = await seenIn(aProvingLane({ newest: 1 }), [batch])
    const now = 50 * 60_000
    for (const head of ['seen', 'unseen', 'stalled'] as const)
      expect(told(viewOf(seen, now, head))).toContainEqual([
        'batch-expires',
        'appchain:1',
        'critical',
      ])
  })

  test('tells of a contract on a block that its chain lacks, also where the lane has no batch yet', async () => {
    const stranded = { on: { number: 9, hash: '0x9' }, since: at(0) } as const
    const seen = await seenIn(aProvingLane({ stranded }), [])
    expect(batchFindings(viewOf(seen, hour), rules)).toEqual([
      {
        rule: 'contract-stranded',
        subject: 'appchain',
        severity: 'critical',
        summary:
          'appchain: the contract stands on block 9 (0x9), which the chain does not have: no batch can follow it',
        since: at(0),
        afterMs: 60_000,
      },
    ])
  })

  test('tells of holds of the lane and of batches, and that nothing is late that waits for them', async () => {
    const hold = { by: 'ann', reason: 'an upgrade', at: at(0) }
    const waiting = { state: { kind: 'ready' }, deadlineAt: at(60_000) } as const
    const held = await seenIn(aProvingLane({ newest: 2, hold }), [
      aBatch(1, { ...waiting, hold }),
      aBatch(2, waiting),
    ])
    expect(told(viewOf(held, hour))).toEqual([
      ['lane-held', 'appchain', 'info'],
      ['lane-held', 'appchain:1', 'info'],
    ])
    const free = await seenIn(aProvingLane({ newest: 1 }), [aBatch(1, waiting)])
    expect(told(viewOf(free, hour))).toEqual([['batch-late', 'appchain:1', 'critical']])
  })

  test('says that a batch behind others is late only while it is proved, not while it waits its turn', async () => {
    const seen = await seenIn(aProvingLane({ newest: 2 }), [
      aBatch(1, { state: { kind: 'proving' }, deadlineAt: at(9 * hour) }),
      aBatch(2, { state: { kind: 'fact-verified' }, deadlineAt: at(60_000) }),
    ])
    expect(told(viewOf(seen, hour))).toEqual([])
  })

  test('tells that a lane gets nowhere although each state is left in time', async () => {
    const batch = aBatch(1, {
      state: { kind: 'ready' },
      stateSince: at(9 * hour),
      deadlineAt: at(10 * hour),
    })
    const seen = await seenIn(aProvingLane({ newest: 1 }), [batch])
    expect(told(viewOf(seen, 9 * hour))).toEqual([['settlement-late', 'appchain', 'warning']])
  })

  test('counts batches by state, zeros too, and measures how old the oldest unsettled one is', async () => {
    const measures = batchMeasures(viewOf(await seenIn(lane, rows), 20 * 60_000))
    const counts = measures.filter(({ name }) => name === 'batches-in-state')
    expect(counts.map(({ of }) => of['state'])).toEqual(openKinds)
    expect(
      counts.filter(({ value }) => value > 0).map(({ of, value }) => [of['state'], value]),
    ).toEqual([
      ['proved-fact-pending', 1],
      ['needs-human', 2],
    ])
    expect(measures.at(-1)).toEqual({
      name: 'settlement-lag-s',
      of: { lane: 'appchain' },
      value: 1_200,
    })
    const idle = batchMeasures(viewOf(await seenIn(aProvingLane(), []), hour))
    expect(idle.map(({ value }) => value)).toEqual(idle.map(() => 0))
  })
})
