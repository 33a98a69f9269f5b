import { randomBytes } from 'node:crypto'

import { beforeEach, describe, expect, test } from 'vitest'

import type { SlotRecord, Store } from '../../../lib/ports.ts'
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
