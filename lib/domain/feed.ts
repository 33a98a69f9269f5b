import type { Decimal } from './decimal.ts'
import type { Instrument } from './instrument.ts'
import type { Market } from './market.ts'

/** One venue's instrument as a source of a feed. */
export type Source = { readonly venue: string; readonly instrument: Instrument }

/** The thresholds by which one feed's sources are judged. Bands are gates: the value stays the plain median. */
export type AggregationRules = {
  readonly maxQuoteAgeMs: number
  readonly maxTradeAgeMs: number
  readonly frozenAfterMs: number
  readonly frozenMoveBps: number
  readonly maxSpreadBps: number
  readonly floorBps: number
  readonly hardBandBps: number
  readonly pairBandBps: number
  readonly maxDispersionBps: number
  readonly maxJumpBps: number
  readonly minDirectUsd: number
  readonly minFamilies: number
}

/** A price in USD to be made out of many sources. */
export type Feed = {
  readonly feed: Market
  readonly sources: readonly Source[]
  /** Least fresh, agreeing sources for a price. */
  readonly minSources: number
  readonly rules: AggregationRules
}

/** A conversion, such as USDT-USD: a feed with its own quorum. */
export type Leg = Feed & {
  /** Further than this from 1 is told. */
  readonly warnBandBps: number
  /** Below it nothing is converted. */
  readonly haltBelow: Decimal
}

/** Everything that one node prices. */
export type Feeds = {
  readonly markets: readonly Feed[]
  /** By the currency they convert: `USDT` for USDT-USD. */
  readonly legs: Readonly<Record<string, Leg>>
  /** Venues that count as one, by the family's name. A venue in none is its own. */
  readonly families: Readonly<Record<string, readonly string[]>>
}
