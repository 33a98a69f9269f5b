import { describe, expect, test } from 'vitest'

import { priceRound } from '../../lib/domain/aggregate-round.ts'
import type { Leg } from '../../lib/domain/feed.ts'
import type { PriceMemory, PriceRound } from '../../lib/domain/price-round.ts'
import {
  aFeed,
  after,
  aLeg,
  aQuote,
  feedOf,
  inShort,
  outcomeOf,
  start,
  theFeeds,
  usd,
  verdictsOf,
} from './quotes.ts'

const direct = ['a:BTC-USD', 'b:BTC-USD']
const tethered = ['c:BTC-USDT', 'd:BTC-USDT', 'e:BTC-USDT', 'f:BTC-USDT']
const pegs = ['l1:USDT-USD', 'l2:USDT-USD', 'l3:USDT-USD']

/** Two sources in dollars, four in USDT, and a leg of three. */
function roundAt(look: {
  readonly usdt?: readonly string[]
  readonly pegs: readonly (string | undefined)[]
  readonly pegAges?: readonly number[]
  readonly leg?: Leg
  readonly minSources?: number
  readonly memory?: PriceMemory
  readonly now?: number
}): PriceRound {
  const now = after(look.now ?? 0)
  const quotes = [
    aQuote('a:BTC-USD', '100', { venueTime: now }),
    aQuote('b:BTC-USD', '100.03', { venueTime: now }),
    ...tethered.map((source, at) => aQuote(source, look.usdt?.[at] ?? '100', { venueTime: now })),
    ...pegs.flatMap((source, at) => {
      const price = look.pegs[at]
      const venueTime = after((look.now ?? 0) - (look.pegAges?.[at] ?? 0))
      return price === undefined ? [] : [aQuote(source, price, { venueTime })]
    }),
  ]
  const market = aFeed([...direct, ...tethered], { minSources: look.minSources ?? 2 })
  return priceRound({
    round: (look.now ?? 0) + 1,
    feeds: theFeeds(market, { legs: { USDT: look.leg ?? aLeg() } }),
    quotes,
    memory: look.memory,
    now,
  })
}

const whyDropped = (round: PriceRound) =>
  feedOf(round)
    .sources.slice(2)
    .map(({ verdict, detail }) => `${verdict}: ${detail}`)

const dropped = (why: string) => tethered.map(() => `no-conversion: ${why}`)

/** BTC costs the same in USD, and so a ninth more USDT. */
const peggedAt = (price: string) =>
  roundAt({ usdt: ['111.11', '111.12', '111.1', '111.13'], pegs: [price, price, price] })

describe('a source quoted in a stablecoin', () => {
  const usdt = ['105.2632', '105.27', '105.25', '105.30']

  test('counts at the price of its leg, not at one dollar', () => {
    const round = roundAt({ usdt, pegs: ['0.95', '0.95', '0.95'] })
    // The middles are 105.2632 × 0.95 = 100.00004 and 105.27 × 0.95 = 100.0065.
    expect(inShort(round)).toBe('100.00327')
    expect(feedOf(round).sources.map(({ price }) => price?.toFixed())).toEqual([
      '100',
      '100.03',
      '100.00004',
      '100.0065',
      '99.9875',
      '100.035',
    ])
  })

  test('is rounded half to even at 18 decimals once converted', () => {
    const usdtPrice = '0.000000000000000003'
    const round = priceRound({
      round: 1,
      feeds: theFeeds(aFeed(tethered), { legs: { USDT: aLeg({ haltBelow: '0.1' }) } }),
      quotes: [
        ...tethered.map((source) => aQuote(source, usdtPrice)),
        ...pegs.map((source) => aQuote(source, '0.5')),
      ],
      memory: undefined,
      now: start,
    })
    // 1.5 units, and the even neighbour is 2.
    expect(outcomeOf(round)).toMatchObject({ price: usd('0.000000000000000002') })
  })

  test('is as old as the oldest input of its leg, where that is older', () => {
    const pegAges = [1_000, 8_000, 3_000]
    const round = roundAt({ pegs: ['1', '1', '1'], pegAges, minSources: 3 })
    expect(feedOf(round).sources.map(({ at }) => at)).toEqual([
      start,
      start,
      ...tethered.map(() => after(-8_000)),
    ])
    expect(outcomeOf(round)).toMatchObject({ oldestInputAt: after(-8_000) })
  })
})

describe('without a price of the leg its sources are dropped', () => {
  test('when the leg has no quorum', () => {
    const round = roundAt({ pegs: ['1', '1', undefined] })
    expect(inShort(round, 'USDT-USD')).toBe('refused too-few-sources')
    expect(whyDropped(round)).toEqual(dropped('USDT-USD has no price (too-few-sources)'))
    expect(inShort(round)).toBe('100.015')
  })

  test('when the leg is off its peg, below the bound to the last unit', () => {
    expect(inShort(peggedAt('0.9'), 'USDT-USD')).toBe('0.9')
    const halted = peggedAt('0.899999999999999999')
    expect(outcomeOf(halted, 'USDT-USD')).toEqual({
      kind: 'refused',
      reason: 'depegged',
      detail: 'it is at 0.899999999999999999, below 0.9 nothing is converted',
    })
    expect(whyDropped(halted)).toEqual(dropped('USDT-USD has no price (depegged)'))
  })

  test('when the leg is held', () => {
    const { memory } = roundAt({ pegs: ['1', '1', '1'] })
    const leg = aLeg({ rules: { maxJumpBps: 200 } })
    const look = { leg, pegs: ['0.97', '0.97', '0.97'], usdt: tethered.map(() => '103.1') }
    const held = roundAt({ ...look, memory, now: 1_000 })
    expect(inShort(held, 'USDT-USD')).toBe('hold jump')
    expect(whyDropped(held)).toEqual(dropped('USDT-USD is held (jump)'))
    expect(inShort(held)).toBe('100.015')
    const confirmed = roundAt({ ...look, memory: held.memory, now: 2_000 })
    expect(inShort(confirmed, 'USDT-USD')).toBe('0.97')
    expect(verdictsOf(confirmed)).not.toContain('no-conversion')
  })

  test('and then there may be too few for a price', () => {
    const round = roundAt({ pegs: [undefined, undefined, undefined], minSources: 3 })
    expect(outcomeOf(round)).toMatchObject({
      reason: 'too-few-sources',
      detail: '2 of 6 sources are fresh, 3 are needed: 4 no-conversion',
    })
  })

  test('a leg of another currency does not help', () => {
    const round = priceRound({
      round: 1,
      feeds: theFeeds(aFeed(['a:BTC-EUR', 'b:BTC-USD']), { legs: { USDT: aLeg() } }),
      quotes: [aQuote('a:BTC-EUR', '90'), aQuote('b:BTC-USD', '100')],
      memory: undefined,
      now: start,
    })
    expect(feedOf(round).sources[0]).toMatchObject({
      verdict: 'no-conversion',
      detail: 'there is no leg for EUR',
    })
  })
})

describe('a leg', () => {
  test('is judged by its own sources and rules, and listed after the markets', () => {
    const round = roundAt({ pegs: ['1', '1.001', '1.02'], leg: aLeg({ minSources: 2 }) })
    expect(round.feeds.map(({ feed, role }) => `${role} ${feed}`)).toEqual([
      'market BTC-USD',
      'leg USDT-USD',
    ])
    expect(verdictsOf(round, 'USDT-USD')).toEqual(['agrees', 'agrees', 'disagrees'])
    expect(inShort(round, 'USDT-USD')).toBe('1.001')
  })

  test('cannot be converted by a leg, itself least of all', () => {
    const leg = aLeg({ sources: ['l1:USDT-USDT', 'l2:USDT-USDT', 'l3:USDT-USDT'] })
    const round = priceRound({
      round: 1,
      feeds: theFeeds(aFeed(direct), { legs: { USDT: leg } }),
      quotes: leg.sources.map(({ venue }) => aQuote(`${venue}:USDT-USDT`, '1')),
      memory: undefined,
      now: start,
    })
    expect(inShort(round, 'USDT-USD')).toBe('refused no-sources')
    expect(verdictsOf(round, 'USDT-USD')).toEqual(Array(3).fill('no-conversion'))
  })

  test('and a market of the same name have each their own memory', () => {
    const market = aFeed(pegs, { feed: 'USDT-USD' })
    const leg = aLeg({ sources: ['m1:USDT-USD', 'm2:USDT-USD', 'm3:USDT-USD'] })
    const { memory } = priceRound({
      round: 1,
      feeds: theFeeds(market, { legs: { USDT: leg } }),
      quotes: [
        ...pegs.map((source) => aQuote(source, '1')),
        ...leg.sources.map(({ venue }) => aQuote(`${venue}:USDT-USD`, '0.99')),
      ],
      memory: undefined,
      now: start,
    })
    expect(memory.accepted).toEqual({
      'USDT-USD': { price: '1', at: start },
      'leg USDT-USD': { price: '0.99', at: start },
    })
  })
})
