import { agreement } from './agreement.ts'
import { percentOf } from './bps.ts'
import { confirmPrice } from './confirm-price.ts'
import type { Conversions } from './conversion.ts'
import type { Decimal } from './decimal.ts'
import type { Feed, Feeds } from './feed.ts'
import { frozenSources, type Shown } from './frozen-sources.ts'
import { instrumentName } from './instrument.ts'
import { confidenceOf, medianPrice } from './median.ts'
import type {
  AcceptedPrice,
  FeedOutcome,
  FeedResult,
  FeedTuples,
  HeldPrice,
  SourceResult,
} from './price-round.ts'
import { depegged, noSources, refusal } from './quorum.ts'
import { type QuotesByKey, type Reading, readSource } from './read-source.ts'
import { timestamp, type Timestamp } from './time.ts'

/** What one feed remembers from round to round. */
export type FeedMemory = {
  readonly tuples: FeedTuples | undefined
  readonly accepted: AcceptedPrice | undefined
  readonly held: HeldPrice | undefined
}

type FeedLook = {
  readonly feed: Feed
  /** A leg's own bound; undefined for a market. */
  readonly haltBelow: Decimal | undefined
  readonly families: Feeds['families']
  readonly quotes: QuotesByKey
  readonly conversions: Conversions
  readonly memory: FeedMemory
  readonly round: number
  readonly now: Timestamp
}

type Candidate = Reading & { readonly price: Decimal; readonly at: Timestamp }

/**
 * One feed's price: which sources are fresh, whether they agree, and their plain median. Staleness is decided before
 * agreement, since a frozen majority agrees with itself.
 */
export function priceFeed(look: FeedLook): {
  readonly result: FeedResult
  readonly memory: FeedMemory
} {
  const { feed, haltBelow } = look
  const readings = readAll(look)
  const { frozen, tuples } = frozenSources({
    shown: readings.flatMap(shownBy),
    before: look.memory.tuples,
    rules: feed.rules,
    now: look.now,
    keys: readings.map(({ key }) => key),
  })
  const fresh = readings.filter(isCandidate).filter(({ key }) => !frozen.has(key))
  const median = fresh.length > 0 ? medianPrice(fresh.map(({ price }) => price)) : undefined
  const agrees = median
    ? agreement(
        fresh.map(({ price }) => price),
        median,
        feed.rules,
      )
    : []
  const kept = fresh.filter((_, index) => agrees[index])
  const sources = readings.map((reading) => sourceResult({ reading, frozen, kept, median }))
  const { outcome, held } = outcomeOf(look, { fresh, kept, sources, median })
  return {
    result: { feed: feed.feed, role: haltBelow ? 'leg' : 'market', outcome, sources },
    memory: {
      tuples,
      accepted:
        outcome.kind === 'price'
          ? { price: outcome.price.toFixed(), at: look.now }
          : look.memory.accepted,
      held,
    },
  }
}

function readAll(look: FeedLook): readonly Reading[] {
  const { feed, memory } = look
  return feed.sources.map((source) =>
    readSource(source, { ...look, rules: feed.rules, accepted: memory.accepted }),
  )
}

function shownBy({ key, tuple, price, verdict }: Reading): readonly Shown[] {
  return tuple === undefined ? [] : [{ key, tuple, price, witness: verdict === 'fresh' }]
}

function isCandidate(reading: Reading): reading is Candidate {
  return reading.verdict === 'fresh' && reading.price !== undefined && reading.at !== undefined
}

function sourceResult(of: {
  readonly reading: Reading
  readonly frozen: ReadonlyMap<string, string>
  readonly kept: readonly Candidate[]
  readonly median: Decimal | undefined
}): SourceResult {
  const { reading, kept, median } = of
  const { source, key, price, at } = reading
  const base = { venue: source.venue, instrument: instrumentName(source.instrument), price, at }
  const frozen = of.frozen.get(key)
  if (frozen !== undefined) return { ...base, verdict: 'frozen', detail: frozen }
  if (reading.verdict !== 'fresh')
    return { ...base, verdict: reading.verdict, detail: reading.detail }
  if (kept.some((one) => one.key === key)) return { ...base, verdict: 'agrees', detail: '' }
  const away = price && median ? percentOf(price.sub(median).abs(), median) : 'not'
  return { ...base, verdict: 'disagrees', detail: `${away} from the median` }
}

function outcomeOf(
  { feed, haltBelow, families, memory, round, now }: FeedLook,
  votes: {
    readonly fresh: readonly Candidate[]
    readonly kept: readonly Candidate[]
    readonly sources: readonly SourceResult[]
    readonly median: Decimal | undefined
  },
): { readonly outcome: FeedOutcome; readonly held: HeldPrice | undefined } {
  const { fresh, kept, sources, median } = votes
  const dropped = sources
    .map(({ verdict }) => verdict)
    .filter((verdict) => verdict !== 'agrees' && verdict !== 'disagrees')
  if (!median) return { outcome: noSources({ feed, dropped }), held: undefined }
  const refused = refusal({ feed, families, fresh, kept, dropped }) ?? depegged(median, haltBelow)
  if (refused) return { outcome: refused, held: undefined }
  const { hold, held } = confirmPrice({
    feed,
    median,
    fresh: fresh.length,
    kept: kept.map(({ price }) => price),
    accepted: memory.accepted,
    held: memory.held,
    round,
    now,
  })
  return { outcome: hold ?? priceOf(median, fresh, kept), held }
}

function priceOf(
  price: Decimal,
  fresh: readonly Candidate[],
  kept: readonly Candidate[],
): FeedOutcome {
  return {
    kind: 'price',
    price,
    confidence: confidenceOf(
      fresh.map((one) => one.price),
      price,
    ),
    oldestInputAt: timestamp(Math.min(...kept.map(({ at }) => at))),
    sources: kept.length,
  }
}
