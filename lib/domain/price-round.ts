import type { Decimal } from './decimal.ts'
import type { Market } from './market.ts'
import type { Timestamp } from './time.ts'

/** What one node made of all feeds in one round: what it reports, why not where it does not, and what the next round must know. */
export type PriceRound = {
  readonly round: number
  readonly at: Timestamp
  /** Markets and legs, each once. */
  readonly feeds: readonly FeedResult[]
  readonly memory: PriceMemory
}

export type FeedResult = {
  readonly feed: Market
  readonly role: 'market' | 'leg'
  readonly outcome: FeedOutcome
  /** One per configured source, in the feed's order. */
  readonly sources: readonly SourceResult[]
}

export type FeedOutcome =
  | {
      readonly kind: 'price'
      /** USD per whole unit, at most 18 decimals: the plain median of the fresh sources. */
      readonly price: Decimal
      /** max(p50 - p25, p75 - p50) of the fresh sources. */
      readonly confidence: Decimal
      /** The oldest input of the agreeing sources, legs included. */
      readonly oldestInputAt: Timestamp
      /** How many agree. */
      readonly sources: number
    }
  /** There is a median, but it must be confirmed before it counts. */
  | {
      readonly kind: 'hold'
      readonly reason: 'dispersion' | 'jump'
      readonly detail: string
      readonly median: Decimal
      readonly rounds: number
    }
  | {
      readonly kind: 'refused'
      readonly reason:
        | 'no-sources'
        | 'too-few-sources'
        | 'too-few-agree'
        | 'pair-apart'
        | 'too-few-families'
        | 'too-few-direct'
        | 'depegged'
      /** In words: `2 of 5 sources are fresh, 3 are needed`. */
      readonly detail: string
    }

export type SourceResult = {
  readonly venue: string
  /** Canonical instrument name. */
  readonly instrument: string
  /** In USD, converted; undefined where there is none to show. */
  readonly price: Decimal | undefined
  /** The time that its age was judged by, legs included. */
  readonly at: Timestamp | undefined
  readonly verdict:
    | 'agrees'
    | 'disagrees'
    /** No quote came. */
    | 'missing'
    /** Not a price: none, below zero, crossed, too wide. */
    | 'invalid'
    | 'suspended'
    | 'stale'
    | 'frozen'
    | 'future'
    /** Its currency has no price in USD now. */
    | 'no-conversion'
    /** A third or three times the last accepted price: an error of scale. */
    | 'insane'
  /** In words, for people; empty where the verdict says it all. */
  readonly detail: string
}

/**
 * What a round must know of those before it. Plain data; decimals as strings, so that it is JSON as it is.
 * Feeds and sources are named as memory-keys.ts says; only those of the round itself are in it.
 */
export type PriceMemory = {
  /** By feed: what its sources showed last, and since when. */
  readonly tuples: Readonly<Record<string, FeedTuples>>
  /** By feed: the last accepted price. */
  readonly accepted: Readonly<Record<string, AcceptedPrice>>
  /** By feed: the last round's median where it had to be confirmed. */
  readonly held: Readonly<Record<string, HeldPrice>>
}

export type FeedTuples = {
  /** By source: a fingerprint of the last (bid, ask, last) seen, and when it was first seen so. */
  readonly sources: Readonly<Record<string, { readonly tuple: string; readonly since: number }>>
  /** By such a `since`, and then by source: what each source said then, in USD. */
  readonly prices: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export type AcceptedPrice = { readonly price: string; readonly at: number }

export type HeldPrice = {
  readonly price: string
  /** How many rounds in a row had to be confirmed, this one included. */
  readonly rounds: number
  /** When the first of them was. */
  readonly since: number
  readonly round: number
  readonly at: number
}
