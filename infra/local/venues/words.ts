import { Decimal } from '../../../lib/domain/decimal.ts'
import type { BookEntry } from './venue-simulator.ts'

/** The price as a string; `empty` where there is none. */
export function text(price: Decimal | undefined, empty = ''): string {
  return price?.toFixed() ?? empty
}

/** As venues that pad prices write them: `64000.10000000`, and zero where there is none. Never fewer digits than the price has. */
export function padded(price: Decimal | undefined, digits: number): string {
  if (!price) return new Decimal(0).toFixed(digits)
  return price.toFixed(Math.max(digits, price.decimalPlaces()))
}

/** Halfway between bid and ask; the last trade where the book is empty. Stands for mark and index prices, which a market model has none of. */
export function middle({ bid, ask, last }: BookEntry): Decimal | undefined {
  return bid && ask ? bid.plus(ask).div(2) : last
}

/**
 * What stands at the best price, everywhere and always. Nothing here asks for depth; a constant says
 * so better than invented numbers.
 */
export const size = '1.5'
export const paddedSize = '1.50000000'

export function spot(entries: readonly BookEntry[]): readonly BookEntry[] {
  return entries.filter(({ instrument }) => instrument.kind === 'spot')
}

export function perpetuals(entries: readonly BookEntry[]): readonly BookEntry[] {
  return entries.filter(({ instrument }) => instrument.kind === 'perpetual')
}

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** For venues that number their trades. */
export function tradeId({ lastTradeAt }: BookEntry): number {
  // Trades are told apart by their time; the offset keeps ids as long as real ones.
  return lastTradeAt - 1_000_000_000_000
}
