import { expect, test } from 'vitest'

import { starkexFates } from '../../../lib/adapters/chains/starkex-fates.ts'
import type { BatchInfo } from '../../../lib/adapters/starkex-feeder.ts'
import { timestamp } from '../../../lib/domain/time.ts'

type Told = Readonly<
  Record<number, readonly [number, readonly (number | readonly [number, number])[]]>
>

/** Batches by id, each after another one, with ids of transactions; a pair was replaced by so many. */
function fatesOf(told: { batches: Told; last: number | undefined }) {
  let now = 1_000_000
  const asked: number[] = []
  const fates = starkexFates(
    {
      lastBatchId: async () => Promise.resolve(told.last),
      info: async (id) => {
        asked.push(id)
        const batch = told.batches[id]
        if (!batch) return Promise.resolve({ kind: 'none', code: 'INVALID_BATCH_ID' })
        const [previousId, ids] = batch
        const transactions = ids.map((one) => {
          const [tx, by] = typeof one === 'number' ? [one, undefined] : one
          const alternatives = by === undefined ? undefined : Array.from({ length: by }, () => ({}))
          return { id: tx, transaction: {}, alternatives }
        })
        return Promise.resolve({
          kind: 'batch',
          batch: { previousId, transactions } as unknown as BatchInfo,
        })
      },
    },
    { now: () => timestamp(now) },
  )
  return {
    asked,
    pass: (ms: number) => {
      now += ms
    },
    of: async (...ids: readonly number[]) => Object.fromEntries(await fates(ids)),
  }
}

test('a transaction is executed, replaced or left out by the batch that tells of it', async () => {
  const batches: Told = { 1: [-1, [0, 1]], 4: [1, [2, [3, 0], [4, 2], 6]], 5: [4, [7]] }
  const { of } = fatesOf({ batches, last: 5 })
  expect(await of(1, 2, 3, 4, 5, 6, 7, 8)).toEqual({
    1: { kind: 'executed', batch: 1 },
    2: { kind: 'executed', batch: 4 },
    3: { kind: 'replaced', batch: 4, by: 0 },
    4: { kind: 'replaced', batch: 4, by: 2 },
    5: { kind: 'dropped', batch: 4 },
    6: { kind: 'executed', batch: 4 },
    // 7 is in the newest batch, which may be aborted, and 8 in none.
  })
})

test('what is in a batch that was aborted is in none, until it is in another one', async () => {
  const told = { batches: { 1: [-1, [0]], 2: [1, [1]], 3: [2, [2]] } as Told, last: 2 }
  const { of, pass } = fatesOf(told)
  expect(await of(1)).toEqual({})
  // 2 is aborted; 4 takes its place.
  told.batches = { 1: [-1, [0]], 4: [1, [[1, 0], 2]], 5: [4, [3]] }
  told.last = 5
  pass(10_000)
  expect(await of(1, 2)).toEqual({
    1: { kind: 'replaced', batch: 4, by: 0 },
    2: { kind: 'executed', batch: 4 },
  })
})

test('batches are asked for once, and only as far back as is needed', async () => {
  const batches: Told = { 1: [-1, [0]], 2: [1, [1]], 3: [2, [2]], 4: [3, [3]] }
  const { of, asked, pass } = fatesOf({ batches, last: 4 })
  await of(2)
  expect(asked).toEqual([4, 3])
  await of(2)
  pass(60_000)
  await of(2)
  expect(asked).toEqual([4, 3])
})

test('nothing is known where nobody tells the newest batch, or there is none', async () => {
  expect(await fatesOf({ batches: {}, last: undefined }).of(1)).toEqual({})
  expect(await fatesOf({ batches: {}, last: -1 }).of(1)).toEqual({})
})
