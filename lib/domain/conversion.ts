import type { Decimal } from './decimal.ts'
import type { FeedResult } from './price-round.ts'
import type { Timestamp } from './time.ts'

/** What one unit of a currency costs in USD, or why nothing quoted in it counts. */
export type Conversion =
  | { readonly kind: 'rate'; readonly price: Decimal; readonly oldestInputAt: Timestamp }
  | { readonly kind: 'none'; readonly detail: string }

/** By currency. */
export type Conversions = Readonly<Record<string, Conversion>>

/** A leg converts only with a price of this round: not while it is held, refused or off its peg. */
export function conversionOf({ feed, outcome }: FeedResult): Conversion {
  switch (outcome.kind) {
    case 'price':
      return { kind: 'rate', price: outcome.price, oldestInputAt: outcome.oldestInputAt }
    case 'hold':
      return { kind: 'none', detail: `${feed} is held (${outcome.reason})` }
    case 'refused':
      return { kind: 'none', detail: `${feed} has no price (${outcome.reason})` }
  }
}

/** The conversion of a source's currency; undefined for USD, which needs none. No currency is ever taken for a dollar. */
export function conversionFor(currency: string, conversions: Conversions): Conversion | undefined {
  if (currency === 'USD') return undefined
  const known = Object.hasOwn(conversions, currency) ? conversions[currency] : undefined
  return known ?? { kind: 'none', detail: `there is no leg for ${currency}` }
}
