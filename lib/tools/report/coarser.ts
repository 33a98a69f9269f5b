import type {
  Axis,
  BacktestResult,
  Band,
  ExchangeCourse,
  FeedCourse,
  MarketResult,
} from '../../domain/backtest/backtest-result.ts'

/**
 * The same result in so few buckets that all its bands hold no more than `most` values: neighbours become one, with the lowest
 * and the highest of both. A file that a browser opens at once is worth more than a finer grid than its pixels.
 */
export function coarserResult(result: BacktestResult, most: number): BacktestResult {
  const { markets, legs, exchange } = result
  const axes = [...markets, ...Object.values(legs), exchange].map(({ axis }) => axis.at.length)
  const longest = Math.max(...axes)
  let factor = Math.max(1, Math.ceil(valuesOf(result) / most))
  // Each course's last bucket may be a whole one for few.
  while (factor > 1 && factor < longest && valuesOf(result, factor) > most) factor += 1
  if (factor === 1) return result
  return {
    ...result,
    markets: markets.map((market) => coarserMarket(market, factor)),
    legs: Object.fromEntries(
      Object.entries(legs).map(([name, leg]) => [name, coarserFeed(leg, factor)]),
    ),
    exchange: coarserExchange(exchange, factor),
  }
}

/** Three of each band and bucket, when so many buckets become one: as if each had more than one value. */
export function valuesOf({ markets, legs, exchange }: BacktestResult, factor = 1): number {
  const feeds = [...markets, ...Object.values(legs)]
  const courses = [
    ...feeds.map(({ axis, sources }) => ({ axis, bands: 5 + 2 * sources.length })),
    { axis: exchange.axis, bands: 5 },
  ]
  return courses.reduce(
    (sum, { axis, bands }) => sum + Math.ceil(axis.at.length / factor) * bands * 3,
    0,
  )
}

function coarserMarket(market: MarketResult, factor: number): MarketResult {
  return {
    ...market,
    ...coarserFeed(market, factor),
    mark: coarserBand(market.mark, factor),
    deviationBps: coarserBand(market.deviationBps, factor),
    ageSeconds: coarserBand(market.ageSeconds, factor),
    pushes: {
      ...market.pushes,
      perBucket: groups(market.pushes.perBucket, factor).map((group) =>
        group.reduce((sum, count) => sum + count, 0),
      ),
    },
  }
}

function coarserFeed(feed: FeedCourse, factor: number): FeedCourse {
  return {
    ...feed,
    axis: coarserAxis(feed.axis, factor),
    price: coarserBand(feed.price, factor),
    consensus: coarserBand(feed.consensus, factor),
    sources: feed.sources.map((source) => ({
      ...source,
      price: coarserBand(source.price, factor),
      deviationBps: coarserBand(source.deviationBps, factor),
    })),
  }
}

function coarserExchange(exchange: ExchangeCourse, factor: number): ExchangeCourse {
  return {
    ...exchange,
    axis: coarserAxis(exchange.axis, factor),
    insuranceFund: coarserBand(exchange.insuranceFund, factor),
    openInterest: coarserBand(exchange.openInterest, factor),
    liquidatable: coarserBand(exchange.liquidatable, factor),
    bankrupt: coarserBand(exchange.bankrupt, factor),
    shortfall: coarserBand(exchange.shortfall, factor),
  }
}

function coarserAxis({ bucketMs, at }: Axis, factor: number): Axis {
  return { bucketMs: bucketMs * factor, at: groups(at, factor).flatMap((group) => group.slice(-1)) }
}

function coarserBand({ low, high, last }: Band, factor: number): Band {
  const of = (values: Band['low'], pick: (known: readonly number[]) => number) =>
    groups(values, factor).map((group) => {
      const known = group.filter((value) => value !== null)
      return known.length === 0 ? null : pick(known)
    })
  return {
    low: of(low, (known) => Math.min(...known)),
    high: of(high, (known) => Math.max(...known)),
    // null where there was none at the end: a line must not go on where nothing is known.
    last: groups(last, factor).map((group) => group.at(-1) ?? null),
  }
}

function groups<T>(values: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, at) =>
    values.slice(at * size, (at + 1) * size),
  )
}
