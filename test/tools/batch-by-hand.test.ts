import { describe, expect, test } from 'vitest'

import { memoryStore, type MemoryStore } from '../../lib/adapters/store/memory.ts'
import { openKinds } from '../../lib/domain/proving/batch-way.ts'
import type { Batch } from '../../lib/domain/proving/batch.ts'
import { ByHandError } from '../../lib/domain/proving/by-hand.ts'
import type { OpenKind } from '../../lib/domain/proving/proving-rules.ts'
import {
  changeBatch,
  changeLane,
  RowBusyError,
  UnknownBatchError,
} from '../../lib/tools/batch-by-hand.ts'
import { laneActsOf } from '../../lib/tools/batch-lines.ts'
import { namedLane } from '../../lib/tools/named-lane.ts'
import { aBatch, aProvingLane, at, steppedClock } from '../adapters/store/samples.ts'

const hand = { by: 'ann', reason: 'an upgrade', now: at(9_000) }
const deadlineMs = Object.fromEntries(openKinds.map((kind) => [kind, 60_000])) as Readonly<
  Record<OpenKind, number>
>
const first = { lane: 'appchain', number: 1 }
const waiting: Partial<Batch> = {
  state: { kind: 'needs-human', why: 'prover-failed', reason: 'no', back: 'ready' },
}

async function aStore(...rows: readonly Batch[]): Promise<MemoryStore> {
  const store = memoryStore({ clock: steppedClock() })
  for (const row of rows) await store.batches.write(row)
  return store
}

const how = (kind: 'retry' | 'hold' | 'release', anew = false) => ({
  act: { kind, anew },
  hand,
  deadlineMs,
})

describe('what a human decides about a batch', () => {
  test('is in its row at once, and in its history with who and why', async () => {
    const store = await aStore(aBatch(1))
    await changeBatch(store, first, how('hold'))
    const held = await store.batches.read('appchain', 1)
    expect(held).toMatchObject({
      hold: { by: 'ann', reason: 'an upgrade', at: at(9_000) },
      nextActionAt: at(9_000),
      version: 2,
      fence: 1,
    })
    expect(held?.history.at(-1)).toEqual({ at: at(9_000), to: 'hold', note: 'ann: an upgrade' })
    await changeBatch(store, first, how('release'))
    const free = await store.batches.read('appchain', 1)
    expect(free?.hold).toBeUndefined()
    expect(free?.history.map(({ to }) => to)).toEqual(['planned', 'hold', 'release'])
  })

  test('has it go on from where it waits, until the time that its state may take', async () => {
    const store = await aStore(aBatch(1, waiting))
    expect(await changeBatch(store, first, how('retry', true))).toMatchObject({
      state: { kind: 'ready' },
      stateSince: at(9_000),
      deadlineAt: at(69_000),
    })
  })

  test('is written on what a keeper has made of it meanwhile', async () => {
    const store = await aStore(aBatch(1))
    const { batches } = store
    let raced = false
    const racing = {
      ...batches,
      async write(row: Batch) {
        if (!raced) {
          raced = true
          const other = { state: { kind: 'preparing' }, version: 2, fence: 7 } as const
          await batches.write(aBatch(1, other))
        }
        return await batches.write(row)
      },
    }
    const row = await changeBatch({ batches: racing }, first, how('hold'))
    expect(row).toMatchObject({ state: { kind: 'preparing' }, version: 3, fence: 7 })
    expect(await batches.read('appchain', 1)).toEqual(row)
  })

  test('changes nothing where others write it each time', async () => {
    const { batches } = await aStore(aBatch(1))
    let tries = 0
    const busy = {
      ...batches,
      async write() {
        tries += 1
        return await Promise.resolve('stale' as const)
      },
    }
    await expect(changeBatch({ batches: busy }, first, how('hold'))).rejects.toThrow(RowBusyError)
    expect(tries).toBe(5)
  })

  test('is refused in a sentence where it makes no sense, and where there is no such batch', async () => {
    const store = await aStore(aBatch(1))
    await expect(changeBatch(store, first, how('release'))).rejects.toThrow(
      new ByHandError('nobody holds batch 1'),
    )
    await expect(changeBatch(store, first, how('retry'))).rejects.toThrow(ByHandError)
    await expect(changeBatch(store, { ...first, number: 9 }, how('hold'))).rejects.toThrow(
      UnknownBatchError,
    )
    expect((await store.batches.read('appchain', 1))?.version).toBe(1)
  })
})

describe('what a human decides about a lane', () => {
  test('is in its row, also before its first batch, and kept with who and why', async () => {
    const store = await aStore()
    await changeLane(store, 'appchain', { act: 'hold', hand })
    expect(await store.batches.lane('appchain')).toMatchObject({
      hold: { by: 'ann', reason: 'an upgrade' },
      newest: 0,
      version: 1,
    })
    const later = { by: 'bob', reason: 'it is done', now: at(10_000) }
    await changeLane(store, 'appchain', { act: 'release', hand: later })
    expect((await store.batches.lane('appchain'))?.hold).toBeUndefined()
    expect(await laneActsOf(store, 'appchain')).toEqual([
      { act: 'release', by: 'bob', reason: 'it is done', at: at(10_000) },
      { act: 'hold', by: 'ann', reason: 'an upgrade', at: at(9_000) },
    ])
  })

  test('keeps all else of the row, and the fence that it was written under', async () => {
    const store = await aStore()
    const lane = aProvingLane({ newest: 4, settled: 2, finalized: 1, fence: 3 })
    await store.batches.writeLane(lane)
    const held = await changeLane(store, 'appchain', { act: 'hold', hand })
    expect(held).toEqual({
      ...lane,
      hold: { by: 'ann', reason: 'an upgrade', at: at(9_000) },
      version: 2,
    })
    await expect(changeLane(store, 'appchain', { act: 'hold', hand })).rejects.toThrow(
      new ByHandError('appchain is held by ann already'),
    )
  })
})

describe('the lane that is meant', () => {
  test('is the one that was named, or the only one', () => {
    expect(namedLane({ one: {}, two: {} }, 'two')).toBe('two')
    expect(namedLane({ one: {} }, undefined)).toBe('one')
  })

  test('is asked for with what there is', () => {
    const lanes = { one: {}, two: {} }
    expect(() => namedLane(lanes, undefined)).toThrow(
      'say which lane with --lane; there are one, two',
    )
    expect(() => namedLane(lanes, 'toString')).toThrow(
      'there is no proving lane toString; there are one, two',
    )
    expect(() => namedLane({}, undefined)).toThrow('the network file has no proving lane')
  })
})
