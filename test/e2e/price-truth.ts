import { simulatedMarket } from '../../infra/local/market/simulated.ts'
import type { Timestamp } from '../../lib/domain/time.ts'

/** Venues that quote in USD itself and that no test makes fail. */
const honest = ['coinbase', 'kraken', 'bitstamp', 'crypto-com']

/** What one unit of `base` is worth: the median of what honest venues showed in USD then. Floats do for a comparison. */
export function truth(base: string, at: number): number {
  const market = simulatedMarket({ seed: 'starkeep' })
  const middles = honest.flatMap((venue) => {
    const quote = market.quote(venue, { kind: 'spot', base, quote: 'USD' }, at as Timestamp)
    return quote?.bid && quote.ask ? [quote.bid.add(quote.ask).div(2).toNumber()] : []
  })
  const sorted = middles.toSorted((one, other) => one - other)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[middle - 1 + (sorted.length % 2)], sorted[middle]]
  return (low + high) / 2
}

/** How far a price is from the truth, in bps. Quotes are up to a few seconds old, and a jump may lie in between. */
export function offTruthBps(market: string, price: number, at: number): number {
  const base = market.split('-')[0] ?? ''
  const offs = [0, 1, 2, 3, 4].map((back) => {
    const real = truth(base, at - back * 1000)
    return (Math.abs(price - real) / real) * 10_000
  })
  return Math.min(...offs)
}
