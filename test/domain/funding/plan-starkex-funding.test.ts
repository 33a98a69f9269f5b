import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { type FundingLook, lastSettledAt } from '../../../lib/domain/funding/funding-look.ts'
import { nothingOwed } from '../../../lib/domain/funding/late-epoch.ts'
import {
  type FundingPlan,
  type FundingView,
  planFunding,
} from '../../../lib/domain/funding/plan-funding.ts'
import type { StarkexFunding } from '../../../lib/domain/funding/starkex-funding-tick.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { at } from './a-core.ts'

const [btc, eth, sol] = [parseMarket('BTC-USD'), parseMarket('ETH-USD'), parseMarket('SOL-USD')]

const epochSeconds = 3_600
const epoch = 500
const begins = epoch * epochSeconds

/** A premium is the rate, one slot is the epoch. */
const rules = {
  rule: {
    kind: 'premium-only',
    damper: new Decimal(0),
    periodCap: new Decimal(1),
    periodSeconds: epochSeconds,
  },
  maxRate: new Decimal(1),
  fullRangeSeconds: undefined,
} as const

const price = 10n ** 15n

function aLook(
  exchange: Partial<StarkexFunding> = {},
  look: Partial<FundingLook & { kind: 'starkex' }> = {},
): FundingLook {
  return {
    kind: 'starkex',
    block: { number: 7, hash: '0x7', time: at(begins + 10) },
    assets: { [btc]: 2n, [eth]: 1n },
    unlisted: [],
    exchange: {
      systemTime: at(begins + 5),
      lastFundingTick: at(begins - epochSeconds + 10),
      indices: new Map([
        [2n, 20n],
        [1n, -10n],
      ]),
      prices: new Map([
        [1n, price],
        [2n, price],
      ]),
      assets: [2n, 1n],
      maxFundingRate: 1_120n,
      ...exchange,
    },
    ...look,
  }
}

function plan(look: FundingLook, premiums: Readonly<Record<string, string>> = {}): FundingPlan {
  const view: FundingView = {
    look,
    policy: {
      epochSeconds,
      slotSeconds: epochSeconds,
      samples: { minSamples: 1, minVotes: 1, missing: 'zero', average: 'mean' },
      late: { kind: 'cap', maxSeconds: epochSeconds },
      markets: { [btc]: rules, [eth]: rules, [sol]: rules },
    },
    votes: [
      {
        slot: epoch - 1,
        voter: 'one',
        premiums: Object.fromEntries(
          Object.entries(premiums).map(([market, premium]) => [market, new Decimal(premium)]),
        ),
      },
    ],
    last: [],
  }
  return planFunding(view)
}

const shown = (planned: FundingPlan) =>
  planned.kind === 'due'
    ? planned.updates.map(({ market, before, after }) => `${market} ${before} → ${after}`)
    : `${planned.kind} ${'reason' in planned ? `${planned.reason} ${planned.detail}` : ''}`

describe('an epoch of a StarkEx exchange', () => {
  test('moves every index by its rate times the price, all in one tick', () => {
    const planned = plan(aLook(), { [btc]: '0.0002', [eth]: '-0.0001' })
    // 1e15 · 0.0002 and 1e15 · -0.0001.
    expect(shown(planned)).toEqual(['BTC-USD 20 → 200000000020', 'ETH-USD -10 → -100000000010'])
    expect(planned).toMatchObject({ whole: true, at: at(begins + 10), notes: [] })
  })

  test('is settled once its tick is there', () => {
    expect(shown(plan(aLook({ lastFundingTick: at(begins) })))).toBe('settled ')
  })

  test('moves no index further than 95 % of what a second may', () => {
    const planned = plan(aLook(), { [btc]: '0.01', [eth]: '0' })
    // 1,120 · 1e15 · 3,600 / 2^32, rounded down, and 95 % of it.
    expect(shown(planned)).toEqual(['BTC-USD 20 → 891834497471', 'ETH-USD -10 → -10'])
    expect(planned).toMatchObject({
      notes: [
        "BTC-USD: index change 891834497451 of 10000000000000, which is near the exchange's cap",
      ],
    })
  })

  test('is not before the exchange’s time, nor at its last tick', () => {
    expect(plan(aLook({ systemTime: at(begins + 12) }))).toMatchObject({ at: at(begins + 12) })
    const early = aLook({ lastFundingTick: at(begins - 1), systemTime: at(begins - 1) })
    const look = { ...early, block: { ...early.block, time: at(begins) } }
    expect(plan(look)).toMatchObject({ at: at(begins) })
    const ahead = { ...look.block, time: at(begins + 1) }
    expect(plan({ ...aLook({ lastFundingTick: at(begins - 1) }), block: ahead })).toMatchObject({
      at: at(begins + 5),
    })
  })

  test('begins at 0 where nothing was settled before, with the markets that have a price', () => {
    const fresh = aLook({ indices: new Map(), lastFundingTick: at(0), prices: new Map([[1n, 5n]]) })
    const planned = plan(fresh, { [btc]: '0.1', [eth]: '0.1' })
    expect(shown(planned)).toEqual(['ETH-USD 0 → 0'])
    expect(planned).toMatchObject({
      updates: [{ rate: new Decimal(0), owed: nothingOwed }],
      notes: ['ETH-USD: it is new, and its index begins at 0'],
    })
    expect(lastSettledAt(fresh)).toBeUndefined()
    expect(lastSettledAt(aLook())).toBe(at(begins - epochSeconds + 10))
    expect(shown(plan(aLook({ indices: new Map(), prices: new Map() })))).toBe(
      'refused PRICE_UNKNOWN no market was priced yet',
    )
  })

  test('takes in a new market with the next tick after its first price', () => {
    const assets = { [btc]: 2n, [eth]: 1n, [sol]: 3n }
    const known = aLook({ assets: [2n, 1n, 3n] }, { assets })
    expect(shown(plan(known))).toEqual(['BTC-USD 20 → 20', 'ETH-USD -10 → -10'])
    const prices = new Map([1n, 2n, 3n].map((id) => [id, price] as const))
    const priced = aLook({ assets: [2n, 1n, 3n], prices }, { assets })
    expect(shown(plan(priced))).toEqual(['BTC-USD 20 → 20', 'ETH-USD -10 → -10', 'SOL-USD 0 → 0'])
  })

  test('is refused where the exchange could not prove it', () => {
    expect(shown(plan(aLook({ prices: new Map([[1n, price]]) })))).toBe(
      'refused PRICE_UNKNOWN BTC-USD',
    )
    expect(shown(plan(aLook({}, { unlisted: ['SOL-USD'] })))).toBe(
      'refused markets-missing the exchange wants every market that was ever settled; the network file lists no more SOL-USD',
    )
  })
})
