import { isBeyondBps, percentOf } from './bps.ts'
import { Decimal } from './decimal.ts'
import type { Quote } from './quote.ts'

type PointPrice =
  | { readonly kind: 'price'; readonly price: Decimal }
  | { readonly kind: 'invalid' | 'suspended'; readonly detail: string }

/**
 * One price of a quote, in its own currency: the last trade, but never outside bid and ask, which is the median of the
 * three (as dYdX and Hyperliquid do). Without a trade the middle of the book; without a whole book the trade alone.
 */
export function pointPrice(quote: Quote, maxSpreadBps: number): PointPrice {
  const { bid, ask, last } = quote
  if (quote.suspended) return { kind: 'suspended', detail: '' }
  const bad = Object.entries({ bid, ask, last }).find(([, value]) => value && !isPrice(value))
  if (bad) return invalid(`its ${bad[0]} is ${String(bad[1])}`)
  if (bid === undefined || ask === undefined)
    return last ? { kind: 'price', price: last } : invalid('it has no trade and no whole book')
  if (ask.lt(bid)) return invalid(`its bid ${bid.toFixed()} is above its ask ${ask.toFixed()}`)
  const middle = bid.add(ask).div(2)
  if (isBeyondBps(ask.sub(bid), middle, maxSpreadBps))
    return invalid(`its spread is ${percentOf(ask.sub(bid), middle)}`)
  return { kind: 'price', price: last ? Decimal.min(Decimal.max(last, bid), ask) : middle }
}

/** Finite, above zero, and small enough for what is signed: 120 bits at 18 decimals. */
export function isPrice(value: Decimal): boolean {
  return value.isFinite() && value.gt(0) && value.lt(largest)
}

const largest = new Decimal(10).pow(18)

function invalid(detail: string): PointPrice {
  return { kind: 'invalid', detail }
}
