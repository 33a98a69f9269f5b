import { Decimal } from '../../lib/domain/decimal.ts'
import { parseInstrument } from '../../lib/domain/instrument.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import { median } from './arithmetic.ts'
import type { Seen } from './rule.ts'

/** What the other networks' rules read of a quote. */
export function seenOf(quote: Quote, volume: number): Seen {
  const { bid, ask, last } = quote
  const sides = [bid, ask, last].flatMap((side) => (side ? [side.toNumber()] : []))
  const whole = bid && ask
  return {
    quote,
    currency: parseInstrument(quote.instrument).quote,
    // Of a whole book and no trade the middle; of half a book the trade.
    point: median(whole || !last ? sides : [last.toNumber()]) ?? NaN,
    halfSpread: whole ? Math.max(0, ask.sub(bid).div(2).toNumber()) : 0,
    volume,
  }
}

/** A price as text, on both sides and as the last trade. */
export function flatBook(price: string): Pick<Quote, 'bid' | 'ask' | 'last'> {
  const value = new Decimal(price)
  return { bid: value, ask: value, last: value }
}
