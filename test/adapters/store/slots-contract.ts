import { randomBytes } from 'node:crypto'

import { beforeEach, describe, expect, test } from 'vitest'

import type { HistoryFile, SlotRecord, Store } from '../../../lib/ports.ts'
import { aRecord, at, dayMs, type SteppedClock, steppedClock } from './samples.ts'

/** What every store keeps of slots. `make` gives an empty one. */
export function slotsContract(make: (clock: SteppedClock) => Promise<Store>): void {
  let clock: SteppedClock
  let store: Store

  beforeEach(async () => {
    clock = steppedClock()
    store = await make(clock)
  })

  describe('kept slots', () => {
    test('come back byte for byte, oldest first, each of its own keeper and subject', async () => {
      const { view: _view, ...unseen } = aRecord(3, { decided: '{"failed":"no answer"}' })
      const shadowed = aRecord(2, { shadow: { parameters: '0xcad', decided: '{"actions":[1]}' } })
      for (const one of [unseen, shadowed, aRecord(1), aRecord(1, { subject: 'other' })])
        await store.history.keep(one)
      expect(await all(store)).toEqual([aRecord(1), shadowed, unseen])
      expect(await all(store, { subject: 'other' })).toEqual([aRecord(1, { subject: 'other' })])
      expect(await all(store, { subject: 'none' })).toEqual([])
    })

    test('are asked for by time, both ends included', async () => {
      for (const slot of [1, 2, 3, 4]) await store.history.keep(aRecord(slot))
      expect(await all(store, { from: at(10_000), to: at(15_000) })).toEqual([
        aRecord(2),
        aRecord(3),
      ])
      expect(await all(store, { from: at(10_001), to: at(14_999) })).toEqual([])
    })

    test('are one each: the same again changes nothing, and another look takes the place of the one before', async () => {
      const again = aRecord(1, { at: at(31_000), decided: '{"actions":["push"]}' })
      for (const one of [aRecord(1), aRecord(1), aRecord(2), again, again])
        await store.history.keep(one)
      expect(await all(store)).toEqual([aRecord(2), again])
    })

    test('large ones come in the order of small ones', async () => {
      const records = Array.from({ length: 40 }, (_, slot) =>
        aRecord(slot, { view: slot % 3 === 0 ? '{}' : noise }),
      )
      for (const one of records) await store.history.keep(one)
      expect(await all(store)).toEqual(records)
    })

    test('whose slots there are is told in order, each once', async () => {
      expect(await store.history.subjects()).toEqual([])
      for (const subject of ['core', 'a#b', 'core', 'a'])
        await store.history.keep(aRecord(1, { subject }))
      await store.history.keep(aRecord(1, { keeper: 'liquidate' }))
      expect(await store.history.subjects()).toEqual([
        { keeper: 'liquidate', subject: 'core' },
        { keeper: 'push-prices', subject: 'a' },
        { keeper: 'push-prices', subject: 'a#b' },
        { keeper: 'push-prices', subject: 'core' },
      ])
    })

    test('one that comes later than any work lasts is refused, and says why', async () => {
      clock.pass(15 * 60_000)
      await store.history.keep(aRecord(0))
      clock.pass(1)
      await expect(store.history.keep(aRecord(0))).rejects.toThrow(
        'slot 0 of push-prices core was decided 900 s ago, and its hour may be packed already',
      )
    })

    test('in rows they are there for a month', async () => {
      await store.history.keep(aRecord(0))
      clock.pass(30 * dayMs - 1)
      expect(await all(store)).toEqual([aRecord(0)])
      clock.pass(1)
      expect(await all(store)).toEqual([])
    })

    test('the last ones are told newest first', async () => {
      for (const slot of [1, 2, 3]) await store.history.keep(aRecord(slot))
      const newest = [3, 2].map((slot) => ({ slot, at: at(slot * 5_000) }))
      expect(await store.history.keptSlots('push-prices', 'core', 2)).toEqual(newest)
      expect(await store.history.keptSlots('push-prices', 'core', 0)).toEqual([])
      expect(await store.history.keptSlots('push-prices', 'other', 2)).toEqual([])
    })
  })

  describe('packed slots', () => {
    test('are the same as before, in files of whole hours that were over for twenty minutes', async () => {
      const records = await manyHours(store, clock)
      // It began at 16:00 and is 21:10 now: what was decided up to 20:00 is packed, by the hour.
      const files = await packAll(store)
      expect(files.map(({ slots }) => slots)).toEqual([60, 60, 60, 60])
      expect(await all(store)).toEqual(records)
      expect(await store.history.oldestUnpacked('push-prices', 'core')).toBe(at(240 * 60_000))
      clock.pass(10 * 60_000)
      expect((await packAll(store)).map(({ slots }) => slots)).toEqual([60])
      expect(await all(store)).toEqual(records)
    })

    test('are asked for by time across files and rows', async () => {
      const records = await manyHours(store, clock)
      await packAll(store)
      for (const [from, to] of [
        [0, 0],
        [30, 90],
        [59, 60],
        [150, 300],
        [239, 240],
        [260, 270],
        [400, 500],
      ] as const)
        expect(await all(store, { from: at(from * 60_000), to: at(to * 60_000) })).toEqual(
          records.slice(from, to + 1),
        )
    })

    test('are listed by file: when it begins and ends, how many slots and bytes', async () => {
      await manyHours(store, clock)
      const files = await packAll(store)
      expect(await listed(store, 0, 1_000)).toEqual(files)
      expect(await listed(store, 59, 60)).toEqual(files.slice(0, 2))
      expect(await listed(store, 60, 61)).toEqual(files.slice(1, 2))
      expect(files[1]).toMatchObject({
        from: at(60 * 60_000),
        to: at(119 * 60_000),
        firstSlot: 60,
        lastSlot: 119,
        slots: 60,
        gaps: [],
      })
      expect(files[1]?.name).toMatch(
        /^history\/push-prices\/core\/2025-11-24\/1764003600000-[0-9a-f]{64}$/,
      )
    })

    test('tell what is missing among them', async () => {
      for (const slot of [0, 1, 4, 5, 9]) await store.history.keep(aRecord(slot))
      clock.pass(2 * 60 * 60_000)
      expect((await store.history.pack('push-prices', 'core'))?.gaps).toEqual([
        { after: at(5_000), before: at(20_000), slots: 2 },
        { after: at(25_000), before: at(45_000), slots: 3 },
      ])
    })

    test('are still there when their rows are not', async () => {
      const records = await manyHours(store, clock)
      await packAll(store)
      clock.pass(31 * dayMs)
      expect(await all(store)).toEqual(records.slice(0, 240))
      expect(await store.history.oldestUnpacked('push-prices', 'core')).toBeUndefined()
    })

    test('are there for a year and a month', async () => {
      const records = await manyHours(store, clock)
      await packAll(store)
      clock.pass(400 * dayMs - 310 * 60_000 + 180 * 60_000)
      expect(await all(store)).toEqual(records.slice(180, 240))
    })

    test('are one each, also where the second look fell into the next hour', async () => {
      const late = aRecord(1, { at: at(60 * 60_000 + 1), decided: '"again"' })
      await store.history.keep(aRecord(0, { at: at(0) }))
      clock.pass(59 * 60_000)
      await store.history.keep(aRecord(1, { at: at(59 * 60_000) }))
      clock.pass(60_001)
      await store.history.keep(late)
      clock.pass(2 * 60 * 60_000)
      expect((await packAll(store)).map(({ slots }) => slots)).toEqual([2, 1])
      expect(await all(store)).toEqual([aRecord(0, { at: at(0) }), late])
    })

    test('wait while nothing is over, and where there are none', async () => {
      expect(await packAll(store)).toEqual([])
      await store.history.keep(aRecord(0))
      clock.pass(79 * 60_000)
      expect(await packAll(store)).toEqual([])
      clock.pass(60_000)
      expect(await packAll(store)).toHaveLength(1)
    })

    test('by two at once are packed once', async () => {
      const records = await manyHours(store, clock)
      const both = await Promise.all([packAll(store), packAll(store)])
      expect(new Set(both.flat().map(({ name }) => name)).size).toBe(4)
      expect(await all(store)).toEqual(records)
      expect(await store.history.files('push-prices', 'core', at(0), at(dayMs))).toHaveLength(4)
    })
  })
}

/** Text that no packer makes much smaller. */
const noise = randomBytes(10_000).toString('hex')

async function all(
  { history }: Store,
  { from = at(0), to = at(100 * dayMs), subject = 'core' } = {},
): Promise<readonly SlotRecord[]> {
  const found: SlotRecord[] = []
  for await (const one of history.kept('push-prices', subject, from, to)) found.push(one)
  return found
}

async function listed(
  { history }: Store,
  fromMinute: number,
  toMinute: number,
): Promise<readonly HistoryFile[]> {
  return await history.files('push-prices', 'core', at(fromMinute * 60_000), at(toMinute * 60_000))
}

/** Five hours and ten minutes, a slot each minute; kept as they come. */
async function manyHours({ history }: Store, clock: SteppedClock): Promise<readonly SlotRecord[]> {
  const records = Array.from({ length: 310 }, (_, minute) =>
    aRecord(minute, {
      at: at(minute * 60_000),
      view: minute % 7 === 0 ? noise : `{"a":${minute}}`,
    }),
  )
  for (const record of records) {
    await history.keep(record)
    clock.pass(60_000)
  }
  return records
}

async function packAll({ history }: Store): Promise<readonly HistoryFile[]> {
  const files: HistoryFile[] = []
  for (;;) {
    const file = await history.pack('push-prices', 'core')
    if (!file) return files
    files.push(file)
  }
}
