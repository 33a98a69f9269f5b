import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  assetLevel,
  consensusPrice,
  UnknownAssetError,
} from '../../../../infra/local/market/consensus.ts'
import type { ScenarioInput } from '../../../../infra/local/market/scenarios.ts'
import { simulatedMarket } from '../../../../infra/local/market/simulated.ts'
import type { SimulatedMarket } from '../../../../infra/local/market/simulated.ts'
import { Decimal } from '../../../../lib/domain/decimal.ts'
import { parseInstrument } from '../../../../lib/domain/instrument.ts'
import { timestamp } from '../../../../lib/domain/time.ts'

// 2023-11-14 to 2033-05-18.
const times = fc.integer({ min: 1_700_000_000_000, max: 2_000_000_000_000 }).map(timestamp)
const listings = simulatedMarket({ seed: 'any' }).covers()
const scenarios = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('jumps' as const), at: times }),
    fc.record({ kind: fc.constant('depeg' as const), at: times }),
    fc.record({ kind: fc.constant('crash' as const), at: times }),
  ),
  { maxLength: 3 },
)

describe('a simulated market', () => {
  test('shows the same at the same time, whatever was asked before', () => {
    fc.assert(
      fc.property(
        times,
        times,
        fc.constantFrom(...listings),
        scenarios,
        (at, other, listing, list) => {
          const seed = { seed: 'one', scenarios: list }
          const fresh = simulatedMarket(seed)
          const used = simulatedMarket(seed)
          used.quote(listing.venue, listing.instrument, other)
          expect(used.quote(listing.venue, listing.instrument, at)).toEqual(
            fresh.quote(listing.venue, listing.instrument, at),
          )
        },
      ),
    )
  })

  test('is another market under another seed', () => {
    const at = timestamp(1_790_000_000_000)
    const last = (seed: string): string | undefined =>
      quote(simulatedMarket({ seed }), 'kraken:BTC-USD', at)?.last?.toFixed()
    expect(last('one')).not.toBe(last('two'))
  })

  test('has positive prices, bid below ask, and times that have been, whatever happens in it', () => {
    fc.assert(
      fc.property(times, fc.constantFrom(...listings), scenarios, (at, listing, list) => {
        const market = simulatedMarket({ seed: 'one', scenarios: list })
        const shown = market.quote(listing.venue, listing.instrument, at)
        expect(shown?.bid?.gt(0)).toBe(true)
        expect(shown?.last?.gt(0)).toBe(true)
        expect(shown?.bid && shown.ask?.gt(shown.bid)).toBe(true)
        expect(shown?.quoteAt).toBeLessThanOrEqual(at)
        expect(shown?.lastTradeAt).toBeLessThanOrEqual(shown?.quoteAt ?? -1)
        // The slowest venue updates each 300 ms.
        expect(at - (shown?.quoteAt ?? 0)).toBeLessThan(300)
      }),
    )
  })

  test('writes prices in whole ticks of six digits', () => {
    fc.assert(
      fc.property(times, (at) => {
        const market = simulatedMarket({ seed: 'one' })
        const bitcoin = quote(market, 'kraken:BTC-USD', at)
        const tether = quote(market, 'kraken:USDT-USD', at)
        for (const price of [bitcoin?.bid, bitcoin?.ask, bitcoin?.last])
          expect(price?.decimalPlaces()).toBeLessThanOrEqual(1)
        for (const price of [tether?.bid, tether?.ask, tether?.last])
          expect(price?.decimalPlaces()).toBeLessThanOrEqual(5)
      }),
    )
  })

  test('lists only what it was told to', () => {
    const at = timestamp(1_790_000_000_000)
    const market = simulatedMarket({
      seed: 'one',
      listings: [{ venue: 'kraken', instrument: parseInstrument('BTC-USD') }],
    })
    expect(market.covers()).toHaveLength(1)
    expect(quote(market, 'kraken:BTC-USD', at)).toBeDefined()
    expect(quote(market, 'coinbase:BTC-USD', at)).toBeUndefined()
    expect(quote(market, 'kraken:BTC-USD-PERP', at)).toBeUndefined()
  })

  test('refuses an asset it has no path for when it starts, not when it is asked', () => {
    const instrument = parseInstrument('NOPE-USD')
    expect(() =>
      simulatedMarket({ seed: 'one', listings: [{ venue: 'kraken', instrument }] }),
    ).toThrow(UnknownAssetError)
  })

  test('strays in a day, an hour and a minute as a random walk of its volatility does', () => {
    const dayMs = 86_400_000
    const { dailyVolatility } = assetLevel('BTC')
    for (const spanMs of [dayMs, dayMs / 24, dayMs / 1440]) {
      const changes = Array.from({ length: 400 }, (_, n) => {
        const path = { seed: `walk ${n}`, scenarios: [] }
        const at = 1_790_000_000_000 + n * 977_777
        return Math.log(consensusPrice(path, 'BTC', at + spanMs) / consensusPrice(path, 'BTC', at))
      })
      const variance = changes.reduce((sum, change) => sum + change ** 2, 0) / changes.length
      const perDay = Math.sqrt((variance * dayMs) / spanMs)
      expect(perDay).toBeGreaterThan(dailyVolatility * 0.75)
      expect(perDay).toBeLessThan(dailyVolatility * 1.4)
    }
  })

  test('agrees across calm venues to within twenty basis points', () => {
    fc.assert(
      fc.property(times, (at) => {
        const market = simulatedMarket({ seed: 'one' })
        const middles = listings
          .filter(({ instrument }) => instrument.base === 'BTC' && instrument.quote === 'USD')
          .map(({ venue, instrument }) => middleOf(market.quote(venue, instrument, at)))
        const spread = Decimal.max(...middles)
          .div(Decimal.min(...middles))
          .minus(1)
        expect(spread.toNumber()).toBeLessThan(0.002)
      }),
    )
  })
})

describe('a depeg', () => {
  const at = 1_790_000_000_000
  const depeg: ScenarioInput = { kind: 'depeg', at, asset: 'USDC', floor: 0.88, forMs: 600_000 }
  const during = fc.integer({ min: at, max: at + 600_000 }).map(timestamp)

  test('takes the coin to its floor for half of the time and gives it back', () => {
    const market = simulatedMarket({ seed: 'one', scenarios: [depeg] })
    const coin = (minutes: number): number =>
      middleOf(quote(market, 'kraken:USDC-USD', timestamp(at + minutes * 60_000))).toNumber()
    // Slides for a quarter of ten minutes, so it is half way down after 75 seconds.
    for (const [minutes, expected] of [
      [-1, 1],
      [1.25, 0.94],
      [2.6, 0.88],
      [7.4, 0.88],
      [8.75, 0.94],
      [11, 1],
    ] as const)
      expect(Math.abs(coin(minutes) / expected - 1)).toBeLessThan(0.01)
  })

  test('makes everything dearer by as much where it is what people pay with', () => {
    const market = simulatedMarket({ seed: 'one', scenarios: [depeg] })
    fc.assert(
      fc.property(during, (now) => {
        const inCoin = middleOf(quote(market, 'kraken:BTC-USDC', now))
        const inDollars = middleOf(quote(market, 'kraken:BTC-USD', now))
        const coin = middleOf(quote(market, 'kraken:USDC-USD', now))
        // Three books with lags of up to 0.4 s, while the coin slides by 0.08 percent a second.
        expect(inCoin.times(coin).div(inDollars).minus(1).abs().toNumber()).toBeLessThan(0.002)
      }),
    )
  })

  test('leaves the other coin and the dollar alone', () => {
    const calm = simulatedMarket({ seed: 'one' })
    const troubled = simulatedMarket({ seed: 'one', scenarios: [depeg] })
    fc.assert(
      fc.property(during, (now) => {
        for (const name of ['kraken:BTC-USD', 'kraken:USDT-USD', 'kraken:BTC-USDT'])
          expect(quote(troubled, name, now)).toEqual(quote(calm, name, now))
      }),
    )
  })
})

describe('a crash', () => {
  test('takes thirty percent off every coin within minutes, and nothing off money', () => {
    const at = 1_790_000_000_000
    const calm = simulatedMarket({ seed: 'one' })
    const market = simulatedMarket({ seed: 'one' })
    market.scenarios.play({ kind: 'crash', at })
    const after = timestamp(at + 181_000)
    const fall = (name: string): number =>
      middleOf(quote(market, name, after))
        .div(middleOf(quote(calm, name, after)))
        .toNumber()
    expect(fall('kraken:BTC-USD')).toBeCloseTo(0.7, 3)
    expect(fall('kraken:STRK-USD')).toBeCloseTo(0.7, 3)
    expect(fall('kraken:USDC-USD')).toBe(1)
    market.scenarios.calm()
    expect(quote(market, 'kraken:BTC-USD', after)).toEqual(quote(calm, 'kraken:BTC-USD', after))
  })
})

describe('jumps', () => {
  test('leap by half a percent or more between two seconds, and are over an hour after the last', () => {
    const at = 1_790_000_000_000
    const market = simulatedMarket({ seed: 'one', scenarios: [{ kind: 'jumps', at }] })
    const price = (ms: number): number =>
      middleOf(quote(market, 'kraken:BTC-USD', timestamp(at + ms))).toNumber()
    const leaps = Array.from({ length: 3600 }, (_, second) =>
      Math.abs(price(second * 1000 + 1000) / price(second * 1000) - 1),
    ).filter((change) => change > 0.003)
    // Thirty slots an hour of which a third leaps.
    expect(leaps.length).toBeGreaterThanOrEqual(3)
    expect(leaps.length).toBeLessThanOrEqual(25)
    expect(Math.max(...leaps)).toBeLessThan(0.07)
  })

  test('do not reach back before they began', () => {
    const at = 1_790_000_000_000
    const calm = simulatedMarket({ seed: 'one' })
    const market = simulatedMarket({ seed: 'one', scenarios: [{ kind: 'jumps', at }] })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400_000 }), (ms) => {
        const before = timestamp(at - ms)
        expect(quote(market, 'kraken:BTC-USD', before)).toEqual(
          quote(calm, 'kraken:BTC-USD', before),
        )
      }),
    )
  })
})

function quote(
  market: SimulatedMarket,
  name: string,
  at: Parameters<SimulatedMarket['quote']>[2],
): ReturnType<SimulatedMarket['quote']> {
  const [venue = '', instrument = ''] = name.split(':')
  return market.quote(venue, parseInstrument(instrument), at)
}

function middleOf(shown: ReturnType<SimulatedMarket['quote']>): Decimal {
  if (!shown?.bid || !shown.ask) throw new Error('there is no such market')
  return shown.bid.plus(shown.ask).div(2)
}
