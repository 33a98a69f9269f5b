import { agreement } from './agreement.ts'
import { percentOf } from './bps.ts'
import { confirmPrice } from './confirm-price.ts'
import type { Conversions } from './conversion.ts'
import type { Decimal } from './decimal.ts'
import { type FeedKeys, feedKeys } from './feed-keys.ts'
import type { Feed, Feeds } from './feed.ts'
import { frozenSources, type Shown } from './frozen-sources.ts'
import { instrumentName } from './instrument.ts'
import { confidenceOf, medianPrice } from './median.ts'
import { everyTime, type Once } from './once.ts'
import type {
  AcceptedPrice,
  FeedOutcome,
  FeedResult,
  FeedTuples,
  HeldPrice,
  SourceResult,
} from './price-round.ts'
import { depegged, noSources, refusal } from './quorum.ts'
import { type QuotesByKey, readAgain, type Reading, readSource } from './read-source.ts'
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
  readonly once?: Once
}

type Candidate = Reading & { readonly price: Decimal; readonly at: Timestamp }

/**
 * One feed's price: which sources are fresh, whether they agree, and their plain median. Staleness is decided before
 * agreement, since a frozen majority agrees with itself.
 */
export function priceFeed(look: FeedLook): PricedFeed {
  const { once = everyTime } = look
  // Of what nobody shares no keys are asked.
  if (once === everyTime) return priced(look, once, noKeys)
  const keys = feedKeys(look)
  return once('feed', Object.values(keys).join('|'), () => priced(look, once, keys))
}

const noKeys: FeedKeys = { feed: '', said: '', aged: '', live: '', judged: '', outcome: '' }

export type PricedFeed = { readonly result: FeedResult; readonly memory: FeedMemory }

/** Each step is done once for all who come to it with the same, however they came there. */
function priced(look: FeedLook, once: Once, keys: FeedKeys): PricedFeed {
  const { feed, memory } = look
  const readings = once('readings', `${keys.feed} ${keys.said} ${keys.aged}`, () =>
    sameAsBefore(
      readAll(look, once, keys),
      once('all readings', keys.feed, () => []),
    ),
  )
  const liveKey = `${keys.feed} ${readings.name} ${keys.live}`
  const live = once('live', liveKey, () => liveOf(look, readings.list))
  const judgedKey = `${liveKey} ${keys.judged}`
  const votes = once('judged', judgedKey, () => judged(feed, readings.list, live))
  return once('outcome', `${judgedKey} ${keys.outcome}`, () => {
    const verdict = verdictOf(look, votes)
    const made = (outcome: FeedOutcome): PricedFeed => ({
      result: { feed: feed.feed, role: roleOf(look), outcome, sources: votes.sources },
      memory: {
        tuples: live.tuples,
        accepted:
          outcome.kind === 'price'
            ? { price: outcome.price.toFixed(), at: look.now }
            : memory.accepted,
        held: verdict.held,
      },
    })
    if (verdict.kind === 'none') return made(verdict.outcome)
    const price = () => made(priceOf(verdict.median, votes))
    return verdict.held ? price() : once('price', judgedKey, price)
  })
}

function roleOf({ haltBelow }: FeedLook): FeedResult['role'] {
  return haltBelow ? 'leg' : 'market'
}

/** Where others have read the same at the same rates, only how old it may be is judged again. */
function readAll(look: FeedLook, once: Once, keys: FeedKeys): readonly Reading[] {
  const world = { ...look, rules: look.feed.rules, accepted: look.memory.accepted }
  let isFirst = false
  const readings = once('said', `${keys.feed} ${keys.said}`, () => {
    isFirst = true
    return look.feed.sources.map((source) => readSource(source, world))
  })
  return isFirst ? readings : readings.map((before) => readAgain(before, world))
}

/** What rules for reading came to: others may come to the same. */
type Readings = { readonly name: number; readonly list: readonly Reading[] }

function sameAsBefore(list: readonly Reading[], all: Readings[]): Readings {
  const before = all.find((one) => isSame(one.list, list))
  if (before) return before
  const made = { name: all.length, list }
  all.push(made)
  return made
}

function isSame(one: readonly Reading[], other: readonly Reading[]): boolean {
  return (
    one === other ||
    (one.length === other.length &&
      one.every((reading, at) => {
        const { key, tuple, price, at: time, verdict, detail } = reading
        const beside = other[at]
        return (
          beside !== undefined &&
          key === beside.key &&
          verdict === beside.verdict &&
          time === beside.at &&
          tuple === beside.tuple &&
          detail === beside.detail &&
          (price === beside.price ||
            (price !== undefined && beside.price !== undefined && price.eq(beside.price)))
        )
      }))
  )
}

type Live = {
  /** By key: why, in words. */
  readonly frozen: ReadonlyMap<string, string>
  readonly tuples: FeedTuples
  readonly fresh: readonly Candidate[]
  /** Of those that are fresh; undefined where none is. */
  readonly median: Decimal | undefined
}

function liveOf({ feed, memory, now }: FeedLook, readings: readonly Reading[]): Live {
  const { frozen, tuples } = frozenSources({
    shown: readings.flatMap(shownBy),
    before: memory.tuples,
    rules: feed.rules,
    now,
    keys: readings.map(({ key }) => key),
  })
  const fresh = readings.filter(isCandidate).filter(({ key }) => !frozen.has(key))
  const median = fresh.length > 0 ? medianPrice(fresh.map(({ price }) => price)) : undefined
  return { frozen, tuples, fresh, median }
}

type Votes = Pick<Live, 'fresh' | 'median'> & {
  readonly kept: readonly Candidate[]
  readonly sources: readonly SourceResult[]
}

function judged({ rules }: Feed, readings: readonly Reading[], live: Live): Votes {
  const { frozen, fresh, median } = live
  const prices = fresh.map(({ price }) => price)
  const agrees = median ? agreement(prices, median, rules) : []
  const kept = fresh.filter((_, index) => agrees[index])
  const sources = readings.map((reading) => sourceResult({ reading, frozen, kept, median }))
  return { fresh, median, kept, sources }
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

type Verdict = { readonly held: HeldPrice | undefined } & (
  | { readonly kind: 'price'; readonly median: Decimal }
  | { readonly kind: 'none'; readonly outcome: FeedOutcome }
)

/** Whether there is a price, or why not. */
function verdictOf(
  { feed, haltBelow, families, memory, round, now }: FeedLook,
  { fresh, kept, sources, median }: Votes,
): Verdict {
  const dropped = sources
    .map(({ verdict }) => verdict)
    .filter((verdict) => verdict !== 'agrees' && verdict !== 'disagrees')
  if (!median) return { kind: 'none', outcome: noSources({ feed, dropped }), held: undefined }
  const refused = refusal({ feed, families, fresh, kept, dropped }) ?? depegged(median, haltBelow)
  if (refused) return { kind: 'none', outcome: refused, held: undefined }
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
  return hold ? { kind: 'none', outcome: hold, held } : { kind: 'price', median, held }
}

function priceOf(median: Decimal, { fresh, kept }: Votes): FeedOutcome {
  return {
    kind: 'price',
    price: median,
    confidence: confidenceOf(
      fresh.map(({ price }) => price),
      median,
    ),
    oldestInputAt: timestamp(Math.min(...kept.map(({ at }) => at))),
    sources: kept.length,
  }
}
