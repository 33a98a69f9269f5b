import { Decimal } from '../../../lib/domain/decimal.ts'
import { instrumentName } from '../../../lib/domain/instrument.ts'
import type { Instrument } from '../../../lib/domain/instrument.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'
import { assetLevel, consensusPrice } from './consensus.ts'
import type { MarketPath } from './consensus.ts'
import type { Listing, VenueQuote } from './market.ts'
import { nthSeed, seedOf, uniform, wave } from './noise.ts'

/** One venue's view of one instrument: the consensus a little late, with its own noise, spread, tick and trades. */
export function venueBook(
  marketSeed: string,
  { venue, instrument }: Listing,
): (path: MarketPath, at: Timestamp) => VenueQuote {
  const habits = habitsOf(seedOf(marketSeed, venue, instrumentName(instrument)), instrument)
  const middle = (path: MarketPath, at: number): number =>
    (consensusPrice(path, instrument.base, at - habits.lagMs) /
      consensusPrice(path, instrument.quote, at - habits.lagMs)) *
    Math.exp(habits.noise * wave(habits.seed, noisePeriodMs, at))

  return (path, at) => {
    const quoteAt = atOrBefore(at, habits.updateMs)
    const lastTradeAt = lastTradeBefore(quoteAt, habits)
    const { bid, ask } = sidesOf(middle(path, quoteAt), habits)
    const traded = sidesOf(middle(path, lastTradeAt), habits)
    const last = uniform(nthSeed(habits.seed, 2), lastTradeAt) < 0.5 ? traded.bid : traded.ask
    return { bid, ask, last, lastTradeAt: timestamp(lastTradeAt), quoteAt: timestamp(quoteAt) }
  }
}

type Habits = {
  readonly seed: number
  readonly lagMs: number
  readonly updateMs: number
  readonly tradeEveryMs: number
  readonly noise: number
  readonly halfSpread: number
  readonly tick: Decimal
}

/** A venue strays from the others and comes back within some seconds. */
const noisePeriodMs = 7_000
const basisPoint = 1e-4

function habitsOf(seed: number, { base, quote }: Instrument): Habits {
  const between = (n: number, least: number, most: number): number =>
    least + (most - least) * uniform(nthSeed(seed, n), 0)
  // What moves more is quoted wider: BTC about 0.3 to 1.5 basis points, a small coin two or three times that.
  const width = Math.max(assetLevel(base).dailyVolatility, 0.005) / 0.025
  return {
    seed,
    lagMs: Math.round(between(10, 20, 400)),
    updateMs: Math.round(between(11, 100, 300)),
    tradeEveryMs: Math.round(between(12, 800, 6_000) * width),
    noise: between(13, 0.2, 1) * basisPoint * width,
    halfSpread: between(14, 0.15, 0.75) * basisPoint * width,
    tick: tickOf(assetLevel(base).usd / assetLevel(quote).usd),
  }
}

/** Six significant digits at the usual price, as most venues choose: 0.1 for BTC in dollars, 0.00001 for a stablecoin. */
function tickOf(usualPrice: number): Decimal {
  return new Decimal(10).pow(Math.floor(Math.log10(usualPrice)) - 5)
}

/** Outwards to the tick, so that the spread is never less than the real one; and never nothing. */
function sidesOf(middle: number, { halfSpread, tick }: Habits): { bid: Decimal; ask: Decimal } {
  const bid = toTick(middle * (1 - halfSpread), tick, Decimal.ROUND_FLOOR)
  const ask = toTick(middle * (1 + halfSpread), tick, Decimal.ROUND_CEIL)
  return { bid: Decimal.max(bid, tick), ask: Decimal.max(ask, bid.plus(tick)) }
}

function toTick(
  price: number,
  tick: Decimal,
  rounding: typeof Decimal.ROUND_FLOOR | typeof Decimal.ROUND_CEIL,
): Decimal {
  return new Decimal(price).div(tick).toDecimalPlaces(0, rounding).times(tick)
}

/** Trades happen once in each slot of the venue's pace, at a random moment of it. */
function lastTradeBefore(at: number, { seed, tradeEveryMs }: Habits): number {
  const slot = Math.floor(at / tradeEveryMs)
  const tradeIn = (n: number): number =>
    Math.floor((n + uniform(nthSeed(seed, 1), n)) * tradeEveryMs)
  return Math.max(0, tradeIn(slot) <= at ? tradeIn(slot) : tradeIn(slot - 1))
}

function atOrBefore(at: number, everyMs: number): number {
  return Math.floor(at / everyMs) * everyMs
}
