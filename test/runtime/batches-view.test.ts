import { describe, expect, test } from 'vitest'

import { memoryStore, type MemoryStore } from '../../lib/adapters/store/memory.ts'
import type { Batch, BatchState, ProvingLane } from '../../lib/domain/proving/batch.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { batchesView, type ProvingLaneView } from '../../lib/runtime/view/batches-view.ts'
import { collectProblems } from '../../lib/runtime/view/problems.ts'
import { aBatch, anIntent, aProvingLane, at, steppedClock } from '../adapters/store/samples.ts'
import { aProvingNetwork } from './a-proving-network.ts'

const hour = 3_600_000

async function aStore(lane: Partial<ProvingLane>, rows: readonly Batch[]): Promise<MemoryStore> {
  const store = memoryStore({ clock: steppedClock() })
  await store.batches.writeLane(aProvingLane(lane))
  for (const row of rows) await store.batches.write(row)
  return store
}

async function look(
  store: MemoryStore,
  network: Network = aProvingNetwork(),
  limit?: { readonly onTheWay: number; readonly ended: number },
): Promise<ProvingLaneView | undefined> {
  const problems = collectProblems()
  const [lane] = await batchesView({ network, store, now: at(hour), problems }, limit)
  expect(problems.found).toEqual([])
  return lane
}

function inState(number: number, state: BatchState, change: Partial<Batch> = {}): Batch {
  return aBatch(number, { state, ...change })
}

describe('of each proving lane the view', () => {
  test('has those on the way first, oldest first, and of those that ended the newest', async () => {
    const store = await aStore({ newest: 6, settled: 3, finalized: 2 }, [
      inState(1, { kind: 'finalized' }),
      inState(2, { kind: 'finalized' }),
      inState(3, { kind: 'settled' }),
      inState(4, { kind: 'superseded', reason: 'gone' }),
      inState(5, { kind: 'proving' }),
      inState(6, { kind: 'planned' }),
    ])
    const lane = await look(store)
    expect(lane).toMatchObject({
      lane: 'appchain',
      reach: { newest: 6, settled: 3, finalized: 2 },
      unsettledSince: at(0),
      more: 0,
    })
    expect(lane?.onTheWay.map(({ number }) => number)).toEqual([3, 5, 6])
    expect(lane?.ended.map(({ number }) => number)).toEqual([4, 2, 1])
    const few = await look(store, undefined, { onTheWay: 3, ended: 1 })
    expect(few?.onTheWay.map(({ number }) => number)).toEqual([3, 5])
    expect(few?.more).toBe(1)
    expect(few?.ended.map(({ number }) => number)).toEqual([4])
  })

  test('is empty for a lane that has not begun, and has none where the network file names none', async () => {
    const store = memoryStore({ clock: steppedClock() })
    expect(await look(store)).toMatchObject({ reach: undefined, onTheWay: [], ended: [] })
    expect(await look(store, { ...aProvingNetwork(), proving: {} })).toBeUndefined()
  })

  test.each<[BatchState, number, string | undefined]>([
    [{ kind: 'planned' }, 0, undefined],
    [{ kind: 'finalized' }, 9, undefined],
    [{ kind: 'held-fee-cap', most: 9n, cap: 7n }, 6, 'it would cost up to 9, the cap is 7'],
    [{ kind: 'held-l2-suspect', because: 2 }, 2, 'a prover refused batch 2'],
    [
      { kind: 'needs-human', why: 'deadline', reason: 'too long', back: 'proving' },
      4,
      'deadline: too long',
    ],
    [{ kind: 'superseded', reason: 'a fork' }, 3, 'a fork'],
  ])('says how far a batch is and why it stands still: %o', async (state, step, waitsFor) => {
    const history = ['planned', 'submitting', 'hold'] as const
    const row = inState(1, state, { history: history.map((to) => ({ at: at(0), to })) })
    const lane = await look(await aStore({ newest: 1 }, [row]))
    expect([...(lane?.onTheWay ?? []), ...(lane?.ended ?? [])]).toMatchObject([{ step, waitsFor }])
  })

  test('counts down only what runs: not behind a hold, a suspect batch or those before it', async () => {
    const suspect = { batch: 1, reason: 'no', since: at(0) }
    const rows = [
      inState(1, { kind: 'fact-verified' }, { deadlineAt: at(2 * hour) }),
      inState(2, { kind: 'fact-verified' }),
      inState(3, { kind: 'proving' }, { deadlineAt: at(3 * hour) }),
      inState(4, { kind: 'ready' }),
    ]
    const free = await look(await aStore({ newest: 4 }, rows))
    expect(free?.onTheWay.map(({ deadline }) => deadline?.ofMs)).toEqual([
      hour,
      undefined,
      6 * hour,
      hour / 4,
    ])
    expect(free?.onTheWay[0]?.deadline?.at).toBe(at(2 * hour))
    const bad = await look(await aStore({ newest: 4, suspect }, rows))
    expect(bad?.onTheWay.map(({ deadline }) => deadline?.ofMs)).toEqual([
      hour,
      undefined,
      6 * hour,
      undefined,
    ])
  })

  test('says why no batch can follow, where there is none yet either', async () => {
    const stranded = { on: { number: 9, hash: '0x9' }, since: at(0) } as const
    const lane = await look(await aStore({ stranded }, []))
    expect([lane?.reach?.newest, lane?.stranded]).toEqual([
      0,
      'the contract stands on block 9 (0x9), which the chain does not have: no batch can follow it',
    ])
    expect((await look(await aStore({}, [])))?.stranded).toBeUndefined()
  })

  test('has the transaction that settled it, and before that the one which is under way', async () => {
    const block = { number: 9, hash: '0x9', time: at(0) } as const
    const settledIn = { block, transaction: '0xdone' } as const
    const store = await aStore({ newest: 2, settled: 1 }, [
      inState(1, { kind: 'settled' }, { settledIn }),
      inState(2, { kind: 'settling' }, { intent: 'settle:2' }),
    ])
    await store.intents.add(anIntent('settle:2'))
    await store.intents.move('settle:2', {
      kind: 'claimed',
      nonce: 1,
      hash: '0xsent',
      sentAt: at(0),
    })
    const lane = await look(store)
    expect(lane?.onTheWay.map(({ transaction }) => transaction)).toEqual(['0xdone', '0xsent'])
  })
})

test('a row that cannot be read is a problem and hides no other', async () => {
  const odd = aBatch(1, { content: { ...aBatch(1).content, name: 7 as never } })
  const store = await aStore({ newest: 2 }, [odd, aBatch(2)])
  const problems = collectProblems()
  const [lane] = await batchesView({ network: aProvingNetwork(), store, now: at(0), problems })
  expect(lane?.onTheWay.map(({ number }) => number)).toEqual([2])
  expect(problems.found).toMatchObject([{ where: 'batches of appchain, 1' }])
})
