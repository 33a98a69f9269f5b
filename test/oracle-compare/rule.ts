import type { AggregationRules, Feeds } from '../../lib/domain/feed.ts'
import type { Quote } from '../../lib/domain/quote.ts'
import type { Timestamp } from '../../lib/domain/time.ts'

/**
 * A rule by which some network makes one price of many venues'. Errors are compared in bps, so that prices of other
 * networks are plain numbers here; what they round beyond the eighth decimal is not modelled.
 */
export type Rule = {
  readonly name: string
  /** Of these sources, those that it would ask at all; all of them unless said otherwise. */
  readonly asks?: (sources: readonly string[]) => readonly string[]
  /** It remembers what it saw: a new one for each play. */
  begin(setup: Setup): (round: Round) => Answer
}

/** `none`: it says nothing in this round, and why, in its own words. */
export type Answer =
  | { readonly kind: 'price'; readonly price: number }
  | { readonly kind: 'none'; readonly why: string }

/** What all rules are told of a market. Thresholds that only one network has are its own rule's. */
export type Setup = {
  /** As network files write them: `kraken:BTC-USD`. */
  readonly sources: readonly string[]
  /** By currency: the sources of its price in USD. */
  readonly legs: Readonly<Record<string, readonly string[]>>
  /** Least sources for a price. */
  readonly minSources: number
  readonly minLegSources: number
  /** How far rounds are apart; where venues are recorded in bars, no quote can be younger. */
  readonly everyMs: number
  readonly families: Feeds['families']
  /** Ours. */
  readonly rules: AggregationRules
  readonly legRules: AggregationRules
  /** A bound in the contract that takes the price, where the incident had one. */
  readonly contractBounds?: { readonly min: number; readonly max: number }
}

/** What a network sees at one moment: those sources that answer. */
export type Round = {
  readonly now: Timestamp
  readonly market: readonly Seen[]
  /** By currency. */
  readonly legs: Readonly<Record<string, readonly Seen[]>>
}

/** One source's answer, as read and not yet judged. */
export type Seen = {
  readonly quote: Quote
  /** Its quote currency. */
  readonly currency: string
  /** median(bid, ask, last), or what there is of them. */
  readonly point: number
  /** Half of its spread; 0 where it shows none. */
  readonly halfSpread: number
  /** In units of the base, of its newest bar; 1 where nobody says. */
  readonly volume: number
}

/** Whether a rule has enough sources of its own kind in a market; else it cannot be judged by it. */
export function covers({ asks }: Rule, { sources, minSources }: Setup): boolean {
  return (asks?.(sources) ?? sources).length >= minSources
}
