import * as z from 'zod'

import type { AggregationRules } from '../../domain/feed.ts'
import { section } from './section.ts'
import { bps, milliseconds } from './values.ts'

/** `major`: traded deeply everywhere. `tail`: all others. `stable`: stablecoins, which move little and trade rarely for USD. */
export type FeedClass = 'major' | 'tail' | 'stable'

export const aggregationDefaults: Readonly<Record<FeedClass, AggregationRules>> = {
  major: {
    maxQuoteAgeMs: 10_000,
    maxTradeAgeMs: 60_000,
    frozenAfterMs: 60_000,
    frozenMoveBps: 10,
    maxSpreadBps: 100,
    floorBps: 30,
    hardBandBps: 100,
    pairBandBps: 50,
    maxDispersionBps: 500,
    maxJumpBps: 500,
    minDirectUsd: 1,
    minFamilies: 3,
  },
  tail: {
    maxQuoteAgeMs: 30_000,
    maxTradeAgeMs: 300_000,
    frozenAfterMs: 180_000,
    frozenMoveBps: 30,
    maxSpreadBps: 300,
    floorBps: 100,
    hardBandBps: 300,
    pairBandBps: 150,
    maxDispersionBps: 500,
    maxJumpBps: 1_500,
    minDirectUsd: 0,
    minFamilies: 2,
  },
  stable: {
    maxQuoteAgeMs: 30_000,
    maxTradeAgeMs: 300_000,
    frozenAfterMs: 300_000,
    frozenMoveBps: 20,
    maxSpreadBps: 100,
    floorBps: 30,
    hardBandBps: 100,
    pairBandBps: 50,
    maxDispersionBps: 500,
    maxJumpBps: 200,
    minDirectUsd: 2,
    minFamilies: 2,
  },
}

const count = z.int().min(0).max(100)

/** What a feed may say otherwise than its class. */
export const aggregationOverrides = section({
  maxQuoteAgeMs: about(
    'maxQuoteAgeMs',
    milliseconds(600_000).min(100),
    'Oldest quote that counts, in ms: a majors book changes many times a second, a thin one does not.',
  ),
  maxTradeAgeMs: about(
    'maxTradeAgeMs',
    milliseconds(3_600_000).min(100),
    'Oldest last trade that counts where a venue gives no time of its quotes, in ms: trades are rarer than quotes.',
  ),
  frozenAfterMs: about(
    'frozenAfterMs',
    milliseconds(3_600_000).min(1_000),
    'How long a source may repeat the same numbers, in ms, while the others move by frozenMoveBps.',
  ),
  frozenMoveBps: about(
    'frozenMoveBps',
    bps,
    'How far the others must have moved, in bps, before an unchanged source counts as frozen.',
  ),
  maxSpreadBps: about(
    'maxSpreadBps',
    bps,
    'Widest bid-ask spread that counts, in bps: a wider book is nearly empty and its middle means little.',
  ),
  floorBps: about(
    'floorBps',
    bps,
    'A source this near to the median agrees, however close together the others are, in bps; of the nodes’ reports only one this near does.',
  ),
  hardBandBps: about(
    'hardBandBps',
    bps,
    'With three sources, one further than this from the median disagrees, in bps: three are too few to measure a spread.',
  ),
  pairBandBps: about(
    'pairBandBps',
    bps,
    'With two sources, no price where they are further apart, in bps: neither can be told wrong.',
  ),
  maxDispersionBps: about(
    'maxDispersionBps',
    bps,
    'Agreeing sources further apart than this hold the price, in bps: two camps, and the median is in neither.',
  ),
  maxJumpBps: about(
    'maxJumpBps',
    bps,
    'A larger move since the last accepted price is held until the next round confirms it with more sources, in bps.',
  ),
  minDirectUsd: about(
    'minDirectUsd',
    count,
    'Least agreeing sources quoted in USD itself, so that a stablecoin alone cannot set the price.',
  ),
  minFamilies: about(
    'minFamilies',
    count.min(1),
    'Least families among agreeing sources: venues of one owner or one index count once.',
  ),
})

/** The class's thresholds, with what the file says otherwise. */
export function withOverrides(
  feedClass: FeedClass,
  overrides: z.output<typeof aggregationOverrides> | undefined,
): AggregationRules {
  const own = Object.entries(overrides ?? {}).filter(([, value]) => value !== undefined)
  return { ...aggregationDefaults[feedClass], ...Object.fromEntries(own) }
}

function about(key: keyof AggregationRules, schema: z.ZodNumber, text: string) {
  const { major, tail, stable } = aggregationDefaults
  const defaults = `Default ${major[key]} for majors, ${tail[key]} for the tail, ${stable[key]} for legs.`
  return schema.optional().describe(`${text} ${defaults}`)
}
