import * as fc from 'fast-check'

import { actor } from './actors.ts'
import { usd } from './moves.ts'

export const people = ['p0', 'p1', 'p2', 'p3', 'p4'].map(actor)
export const names = people.map((_, which) => `p${which}`)
export const symbols = ['BTC-USD', 'ETH-USD']

/** What somebody may try. Sizes come out of what people have, so that much of it succeeds. */
export type Step =
  | {
      readonly kind: 'price'
      readonly market: number
      readonly permille: number
      readonly odd: bigint
    }
  | { readonly kind: 'fund'; readonly market: number; readonly rate: bigint }
  | { readonly kind: 'deposit'; readonly who: number; readonly amount: bigint }
  | { readonly kind: 'withdraw'; readonly who: number; readonly percent: number }
  | {
      readonly kind: 'trade'
      readonly buyer: number
      readonly apart: number
      readonly market: number
      readonly leverage: number
      readonly off: number
    }
  | {
      readonly kind: 'liquidate'
      readonly by: number
      readonly who: number
      readonly percent: number
    }
  | {
      readonly kind: 'deleverage'
      readonly who: number
      readonly against: number
      readonly percent: number
    }
  | { readonly kind: 'gift'; readonly amount: bigint }

const person = fc.nat(people.length - 1)
const anyMarket = fc.nat(symbols.length - 1)
const percent = fc.oneof(fc.constantFrom(1, 40, 100), fc.integer({ min: 1, max: 110 }))
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('price' as const),
      market: anyMarket,
      permille: fc.oneof(
        fc.integer({ min: 930, max: 1_070 }),
        fc.integer({ min: 600, max: 1_600 }),
      ),
      odd: fc.bigInt(0n, 10n ** 13n),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('fund' as const),
      market: anyMarket,
      rate: fc.bigInt(-(10n ** 16n), 10n ** 16n),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('deposit' as const),
      who: person,
      amount: fc.bigInt(1n, usd(500)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('withdraw' as const), who: person, percent }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('trade' as const),
      buyer: person,
      apart: fc.integer({ min: 1, max: people.length - 1 }),
      market: anyMarket,
      leverage: fc.integer({ min: 1, max: 20 }),
      off: fc.integer({ min: -5, max: 5 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('liquidate' as const),
      by: person,
      who: fc.nat(1_000),
      percent,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('deleverage' as const),
      who: fc.nat(1_000),
      against: person,
      percent,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('gift' as const), amount: fc.bigInt(1n, usd(20)) }),
  },
)
