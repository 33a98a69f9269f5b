import { weightedMedian } from '../arithmetic.ts'
import type { Rule, Seen } from '../rule.ts'
import { answerOf } from './in-usd.ts'

const weights: Readonly<Record<string, number>> = {
  binance: 3,
  okx: 2,
  bybit: 2,
  kraken: 1,
  kucoin: 1,
  gate: 1,
  mexc: 1,
}

/** A venue's book that counts where it has more than one. */
const currencies = ['USDT', 'USD', 'USDC']

/**
 * Hyperliquid's oracle (hyperliquid.gitbook.io, HyperCore, Oracle): each validator takes the median of seven venues' spot
 * prices with weights 3, 2, 2, 1, 1, 1, 1. Contracts are counted in USDT, so that no stablecoin is converted. Validators
 * that see the same venues say the same.
 */
export const hyperliquid: Rule = {
  name: 'Hyperliquid oracle',
  // One book of each venue that has a weight.
  asks: (sources) =>
    Object.keys(weights).filter((venue) => sources.some((one) => one.startsWith(`${venue}:`))),
  begin:
    ({ minSources }) =>
    ({ market }) => {
      const books = Object.keys(weights).flatMap((venue) => bookOf(venue, market) ?? [])
      const weighted = books.map(({ quote, point }) => ({
        value: point,
        weight: weights[quote.venue] ?? 0,
      }))
      return answerOf(
        books.map(({ point }) => point),
        minSources,
        () => weightedMedian(weighted),
      )
    },
}

function bookOf(venue: string, market: readonly Seen[]): Seen | undefined {
  const own = market.filter(({ quote }) => quote.venue === venue)
  return currencies.flatMap((currency) => own.filter((one) => one.currency === currency))[0]
}
