import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { pushCosts } from '../../lib/domain/push-costs.ts'

test('every price in a transaction bears the same part of its fee, the dearest market first', () => {
  const one = { hash: '0x1', engine: 'dex', markets: ['BTC-USD', 'ETH-USD'], feePaid: 101n }
  const two = { hash: '0x2', engine: 'dex', markets: ['ETH-USD'], feePaid: 30n }
  expect(pushCosts([one, two])).toEqual([
    { engine: 'dex', market: 'ETH-USD', pushes: 2, fees: 80n },
    { engine: 'dex', market: 'BTC-USD', pushes: 1, fees: 50n },
  ])
})

test('work of two engines in one transaction shares its fee once', () => {
  const a = { hash: '0x1', engine: 'a', markets: ['BTC-USD'], feePaid: 100n }
  expect(pushCosts([a, { ...a, engine: 'b' }])).toEqual([
    { engine: 'a', market: 'BTC-USD', pushes: 1, fees: 50n },
    { engine: 'b', market: 'BTC-USD', pushes: 1, fees: 50n },
  ])
})

test('what told nothing has no price to bear it', () => {
  expect(pushCosts([{ hash: '0x1', engine: 'dex', markets: [], feePaid: 9n }])).toEqual([])
})

test('markets never bear more than was paid, and lose less than one unit for each price', () => {
  const push = fc.record({
    hash: fc.uuid(),
    engine: fc.constantFrom('a', 'b'),
    markets: fc.uniqueArray(fc.constantFrom('BTC', 'ETH', 'SOL', 'XRP'), { minLength: 1 }),
    feePaid: fc.bigInt(0n, 10n ** 18n),
  })
  const law = fc.property(fc.uniqueArray(push, { selector: ({ hash }) => hash }), (paid) => {
    const borne = pushCosts(paid).reduce((sum, { fees }) => sum + fees, 0n)
    const spent = paid.reduce((sum, { feePaid }) => sum + feePaid, 0n)
    const prices = paid.reduce((sum, { markets }) => sum + markets.length, 0)
    expect(borne).toBeLessThanOrEqual(spent)
    expect(spent - borne).toBeLessThanOrEqual(BigInt(prices))
  })
  fc.assert(law, { numRuns: 100 })
})
