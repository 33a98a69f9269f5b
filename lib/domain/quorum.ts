import { isPairApart } from './agreement.ts'
import type { Decimal } from './decimal.ts'
import type { Feed, Feeds, Source } from './feed.ts'
import { ascending } from './median.ts'
import type { FeedOutcome, SourceResult } from './price-round.ts'

type Refusal = Extract<FeedOutcome, { kind: 'refused' }>

type Counted = { readonly source: Source; readonly price: Decimal }

type Votes = {
  readonly feed: Feed
  readonly families: Feeds['families']
  readonly fresh: readonly Counted[]
  readonly kept: readonly Counted[]
  /** The verdicts on all others. */
  readonly dropped: readonly SourceResult['verdict'][]
}

/** With one source alone there is nothing to agree with, whatever the configuration says. */
export const leastSources = 2

/** Nothing is fresh, so there is nothing to compare. */
export function noSources({ feed, dropped }: Pick<Votes, 'feed' | 'dropped'>): Refusal {
  return refused('no-sources', `none of ${feed.sources.length} sources is fresh${tally(dropped)}`)
}

/** Why these sources are not enough for a price; undefined where they are. */
export function refusal(votes: Votes): Refusal | undefined {
  return tooFewFresh(votes) ?? tooFewAgree(votes) ?? tooAlike(votes)
}

function tooFewFresh({ feed, fresh, dropped }: Votes): Refusal | undefined {
  const all = feed.sources.length
  const needed = Math.max(feed.minSources, leastSources)
  if (fresh.length < needed)
    return refused(
      'too-few-sources',
      `${fresh.length} of ${all} sources ${fresh.length === 1 ? 'is' : 'are'} fresh, ${needed} are needed${tally(dropped)}`,
    )
  const prices = fresh.map(({ price }) => price)
  if (prices.length === 2 && isPairApart(prices, feed.rules.pairBandBps))
    return refused(
      'pair-apart',
      `the only two sources are at ${ascending(prices)
        .map((price) => price.toFixed())
        .join(' and ')}, and neither can be told wrong`,
    )
  return undefined
}

function tooFewAgree({ feed, fresh, kept, dropped }: Votes): Refusal | undefined {
  if (kept.length < feed.minSources)
    return refused(
      'too-few-agree',
      `${kept.length} of ${fresh.length} fresh sources agree, ${feed.minSources} are needed`,
    )
  // Where most sources are out of scale, the scale may be what is wrong: the rest must not decide alone.
  const insane = dropped.filter((verdict) => verdict === 'insane').length
  const voting = fresh.length + insane
  if (kept.length * 2 <= voting)
    return refused(
      'too-few-agree',
      `${kept.length} of ${voting} sources agree, more than half must${tally(dropped)}`,
    )
  return undefined
}

function tooAlike({ feed, families, kept }: Votes): Refusal | undefined {
  const { minFamilies, minDirectUsd } = feed.rules
  const names = new Set(kept.map(({ source }) => familyOf(source.venue, families)))
  if (names.size < minFamilies)
    return refused(
      'too-few-families',
      `the ${kept.length} that agree are of ${names.size} families, ${minFamilies} are needed`,
    )
  const direct = kept.filter(({ source }) => source.instrument.quote === 'USD').length
  if (direct < minDirectUsd)
    return refused(
      'too-few-direct',
      `${direct} of the ${kept.length} that agree are quoted in USD itself, ${minDirectUsd} are needed`,
    )
  return undefined
}

/** The family of a venue; one that is in none is its own. */
export function familyOf(venue: string, families: Feeds['families']): string {
  const family = Object.entries(families).find(([, venues]) => venues.includes(venue))
  return family ? `family ${family[0]}` : `venue ${venue}`
}

/** `: 2 stale, 1 frozen`. */
function tally(verdicts: readonly SourceResult['verdict'][]): string {
  const counts = Object.entries(Object.groupBy(verdicts.toSorted(), (verdict) => verdict))
  const words = counts.map(([verdict, all]) => `${all.length} ${verdict}`)
  return words.length > 0 ? `: ${words.join(', ')}` : ''
}

/** A leg below its bound: what it converts is no dollar any more, and nobody knows what it will be in a minute. */
export function depegged(median: Decimal, haltBelow: Decimal | undefined): Refusal | undefined {
  return haltBelow && median.lt(haltBelow)
    ? refused(
        'depegged',
        `it is at ${median.toFixed()}, below ${haltBelow.toFixed()} nothing is converted`,
      )
    : undefined
}

function refused(reason: Refusal['reason'], detail: string): Refusal {
  return { kind: 'refused', reason, detail }
}
