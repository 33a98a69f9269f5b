import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { historySeen, unpackedSeen } from '../../../lib/keepers/watch/history-seen.ts'
import type { TickOutcome } from '../../../lib/ports.ts'
import { aRecord, at, steppedClock } from '../../adapters/store/samples.ts'

const of = { job: 'push-prices', subject: 'core' }
const minute = 60_000

/** Slots of five seconds that were done; all are kept but those in `unkept`. */
async function afterSlots(
  slots: readonly number[],
  {
    unkept = [],
    outcome = {},
    open = [],
  }: {
    readonly unkept?: readonly number[]
    readonly outcome?: Partial<TickOutcome>
    readonly open?: readonly number[]
  } = {},
) {
  const store = memoryStore({ clock: steppedClock() })
  const done = { kind: 'done', reason: 'pushed', detail: '' } as const
  for (const slot of slots) {
    const job = { ...of, slot }
    await store.ticks.claim(job, 'one', at(slot), at(slot + minute))
    if (!open.includes(slot))
      await store.ticks.finish(job, 'one', { ...done, at: at(slot + 1), ...outcome })
    if (!unkept.includes(slot)) await store.history.keep(aRecord(slot, { at: at(slot) }))
  }
  return store
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

const missingIn = async (store: Awaited<ReturnType<typeof afterSlots>>) =>
  (await historySeen(store, of))?.missing.map(({ slot }) => slot)

describe('of a job it is seen', () => {
  test('that all of its last slots were kept', async () => {
    expect(await historySeen(await afterSlots(range(1, 30)), of)).toEqual({
      ...of,
      looked: 12,
      missing: [],
    })
  })

  test('which of its last slots were done and not kept', async () => {
    const store = await afterSlots(range(1, 30), { unkept: [3, 22, 30] })
    expect((await historySeen(store, of))?.missing).toEqual([
      { slot: 30, at: at(31) },
      { slot: 22, at: at(23) },
    ])
  })

  test('that none was, from the first on', async () => {
    expect(await missingIn(await afterSlots([1, 2], { unkept: [1, 2] }))).toEqual([2, 1])
  })

  test('nothing of slots before anything was ever kept: it was another version then', async () => {
    expect(await missingIn(await afterSlots(range(1, 9), { unkept: [1, 2, 3, 7] }))).toEqual([7])
  })

  test('nothing of a slot that is not done yet, and of one that came too late to be looked at', async () => {
    expect(await missingIn(await afterSlots([1, 2], { unkept: [2], open: [2] }))).toEqual([])
    const late = { kind: 'refused', reason: 'too-late' } as const
    expect(await missingIn(await afterSlots([1, 2], { unkept: [2], outcome: late }))).toEqual([])
  })

  test('also of a slot that failed: that it saw nothing is kept too', async () => {
    const failed = { kind: 'failed', reason: 'TimeoutError' } as const
    expect(await missingIn(await afterSlots([1, 2], { unkept: [2], outcome: failed }))).toEqual([2])
  })

  test('nothing where it decides nothing of its own', async () => {
    const store = await afterSlots([])
    const sweeping = { job: 'deliver-outbox', subject: 'network' }
    expect(await historySeen(store, sweeping)).toBeUndefined()
  })
})

describe('what is in no file', () => {
  test('is seen by keeper and subject, from its oldest slot on', async () => {
    const clock = steppedClock()
    const store = memoryStore({ clock })
    await store.history.keep(aRecord(1))
    await store.history.keep(aRecord(2, { subject: 'evm' }))
    clock.pass(2 * 60 * minute)
    await store.history.keep(aRecord(3, { at: at(2 * 60 * minute) }))
    const unpacked = async () => await unpackedSeen(store)
    expect(await unpacked()).toEqual([
      { keeper: 'push-prices', subject: 'core', oldestAt: at(5_000) },
      { keeper: 'push-prices', subject: 'evm', oldestAt: at(10_000) },
    ])
    for (const subject of ['core', 'evm']) await store.history.pack('push-prices', subject)
    expect(await unpacked()).toEqual([
      { keeper: 'push-prices', subject: 'core', oldestAt: at(2 * 60 * minute) },
    ])
  })
})
