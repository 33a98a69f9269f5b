import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import { guardSight } from '../../../lib/keepers/govern/guard-sight.ts'
import { steppedClock } from '../../adapters/store/samples.ts'

const start = 1_764_000_000_000
const at = (seconds: number): Timestamp => timestamp(start + seconds * 1_000)

/** When guards looked, who look every ten seconds. It is 1,000 now. */
const all: readonly number[] = Array.from({ length: 100 }, (_, slot) => slot * 10)

/** What push-prices wrote down of an exchange: when its price is of, and what came of the slot. */
async function seenAfter(
  slots: readonly {
    readonly at: number
    readonly postedAt: number
    readonly price?: string
    readonly reason: string
  }[],
  { since = 0, looks = all }: { readonly since?: number; readonly looks?: readonly number[] } = {},
) {
  const store = memoryStore({ clock: steppedClock() })
  for (const [slot, one] of slots.entries())
    await store.history.record({
      keeper: 'push-prices',
      subject: 'evm',
      slot,
      at: at(one.at),
      view: JSON.stringify({
        state: {
          prices: { 'BTC-USD': { price: one.price ?? '100', publishedAt: at(one.postedAt) } },
        },
      }),
      decided: JSON.stringify({ outcome: { kind: 'refused', reason: one.reason } }),
    })
  for (const [slot, one] of looks.entries())
    await store.history.record({
      keeper: 'govern',
      subject: 'network',
      slot,
      at: at(one),
      view: '{}',
      decided: '{}',
    })
  const world = { store, nodes: [], engines: ['evm'], lanes: [], everySeconds: 10 }
  return await guardSight(world, { now: at(1_000), since: at(since) })
}

const postedAfter = async (...seen: Parameters<typeof seenAfter>) =>
  (await seenAfter(...seen)).posted

describe('how old a posted price is to a guard', () => {
  test('is by when it is of, where the chain went on', async () => {
    const slots = [10, 20, 30].map((one) => ({ at: one, postedAt: 5, reason: 'nothing-due' }))
    expect(await postedAfter(slots)).toEqual({ evm: { 'BTC-USD': at(5) } })
  })

  test.for([
    ['its chain stood still', 'chain-stalled'],
    ['it was paused', 'paused'],
  ] as const)(
    'begins anew where %s: no parameters could have told it anything',
    async ([, reason]) => {
      const stands = [10, 600].map((one) => ({ at: one, postedAt: 5, reason }))
      expect(await postedAfter(stands)).toEqual({ evm: { 'BTC-USD': at(600) } })
      const goesOn = { at: 610, postedAt: 5, reason: 'pushed' }
      expect(await postedAfter([...stands, goesOn])).toEqual({ evm: { 'BTC-USD': at(600) } })
      const told = { at: 620, postedAt: 612, reason: 'nothing-due' }
      expect(await postedAfter([...stands, goesOn, told])).toEqual({ evm: { 'BTC-USD': at(612) } })
    },
  )

  test('begins anew where nobody was there to tell: guards themselves did not look', async () => {
    const slots = [{ at: 30, postedAt: 25, reason: 'nothing-due' }]
    const before = [10, 20, 30]
    expect(await postedAfter(slots, { looks: before })).toEqual({ evm: { 'BTC-USD': at(1_000) } })
    expect(await postedAfter(slots, { looks: [...before, 980, 990] })).toEqual({
      evm: { 'BTC-USD': at(980) },
    })
    // One look that is late is no pause.
    const late = all.filter((one) => one !== 500 && one !== 510)
    for (const looks of [all, late])
      expect(await postedAfter(slots, { looks })).toEqual({ evm: { 'BTC-USD': at(25) } })
    // Nor were they before they looked first.
    expect(await postedAfter(slots, { looks: all.slice(-50) })).toEqual({
      evm: { 'BTC-USD': at(500) },
    })
  })
})

test('what an exchange had posted before the first offer is what the first slot since then saw', async () => {
  const slots = [
    { at: 10, postedAt: 5, price: '97', reason: 'nothing-due' },
    { at: 20, postedAt: 15, price: '98.5', reason: 'nothing-due' },
    { at: 30, postedAt: 25, price: '99', reason: 'nothing-due' },
  ]
  const { begun } = await seenAfter(slots, { since: 20 })
  expect(begun).toEqual({
    evm: { 'BTC-USD': { price: new Decimal('98.5'), publishedAt: at(15) } },
  })
  expect((await seenAfter(slots, { since: 40 })).begun).toEqual({ evm: {} })
})
