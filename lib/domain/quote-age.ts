import type { AggregationRules } from './feed.ts'
import type { Quote } from './quote.ts'
import { timestamp, type Timestamp } from './time.ts'

type QuoteAge =
  | { readonly kind: 'fresh'; readonly at: Timestamp }
  | { readonly kind: 'stale' | 'future'; readonly at: Timestamp; readonly detail: string }

/** Clocks of honest hosts differ by less; a time further ahead is an error of units or a forged one. */
export const maxAheadMs = 5_000

/** Judges a quote by the best time it has: the venue's, or where it has none the age of the answer itself. */
export function judgeAge(quote: Quote, rules: AggregationRules, now: Timestamp): QuoteAge {
  const at = quote.venueTime ?? quote.answeredAt ?? quote.receivedAt
  const maxAgeMs = quote.timeKind === 'trade' ? rules.maxTradeAgeMs : rules.maxQuoteAgeMs
  if (at > now + maxAheadMs)
    return { kind: 'future', at, detail: `its time is ${seconds(at - now)} ahead` }
  if (now - at > maxAgeMs) {
    const what = quote.timeKind === 'trade' ? 'last trade' : 'quote'
    const detail = `its ${what} is ${seconds(now - at)} old, ${seconds(maxAgeMs)} count`
    return { kind: 'stale', at, detail }
  }
  // A clock a little ahead of ours does not make its price newer than now.
  return { kind: 'fresh', at: timestamp(Math.min(at, now)) }
}

function seconds(ms: number): string {
  return `${ms / 1000} s`
}
