import * as z from 'zod/mini'

import { Decimal } from '../domain/decimal.ts'
import { parseMarket } from '../domain/market.ts'
import { feedKey, sourceKey } from '../domain/memory-keys.ts'
import { everyTime, type Once } from '../domain/once.ts'
import type {
  FeedOutcome,
  FeedResult,
  FeedTuples,
  PriceMemory,
  PriceRound,
  SourceResult,
} from '../domain/price-round.ts'
import { timestamp, type Timestamp } from '../domain/time.ts'
import type { VenueRests } from '../ports.ts'

/** Grows with every change of what is written; a snapshot of another shape is not read. */
const shape = 1

/** A round of `priceRound` as text, for the next round and for people: exact, and the same text for equal rounds. */
export function writePriceSnapshot(
  { round, at, feeds, memory }: PriceRound,
  rests?: VenueRests,
  once: Once = everyTime,
): string {
  const rows = feeds.map((each) =>
    once('snapshot row', each, () => JSON.stringify(feedRow(each, memory, at))),
  )
  const head = JSON.stringify({ shape, round, at })
  const tail = rests === undefined ? '' : `,"rests":${JSON.stringify(rests)}`
  return `${head.slice(0, -1)},"feeds":[${rows.join(',')}]${tail}}`
}

export type PriceSnapshot = PriceRound & {
  /** Which venues asked to be left alone then; absent where none did. */
  readonly rests?: VenueRests
}

/** Reads what {@link writePriceSnapshot} wrote. Throws `PriceSnapshotError` for anything else. */
export function readPriceSnapshot(text: string): PriceSnapshot {
  try {
    const { round, at, feeds, rests } = Snapshot.parse(JSON.parse(text))
    const results = feeds.map((row) => resultOf(row, at))
    return { round, at, feeds: results, memory: memoryOf(feeds, at), ...(rests && { rests }) }
  } catch (error) {
    throw new PriceSnapshotError(error)
  }
}

/**
 * A feed's result, and beside it what its next round must know. Sources are lists in one order and times are
 * milliseconds before the round, since there are thousands of each and rows are paid for by the kilobyte.
 */
function feedRow(result: FeedResult, memory: PriceMemory, at: Timestamp) {
  const { feed, role, outcome, sources } = result
  const key = feedKey(result)
  const known = memory.tuples[key] ?? { sources: {}, prices: {} }
  return {
    feed,
    role,
    outcome: outcomeRow(outcome),
    sources: sources.map((source) => {
      const shown = known.sources[sourceKey(source.venue, source.instrument)]
      return [...sourceRow(source, at), ...(shown ? [shown.tuple, at - shown.since] : [])]
    }),
    prices: Object.entries(known.prices).map(([since, then]) => [
      at - Number(since),
      ...sources.map(({ venue, instrument, price }) => {
        const before = then[sourceKey(venue, instrument)]
        return before !== undefined && before === price?.toFixed() ? same : (before ?? null)
      }),
    ]),
    accepted: memory.accepted[key],
    held: memory.held[key],
  }
}

/** Stands for a source's price of this round, which is most of what is remembered. */
const same = 0

function sourceRow(
  { venue, instrument, price, at, verdict, detail }: SourceResult,
  now: Timestamp,
) {
  const age = at === undefined ? null : now - at
  return [venue, instrument, price?.toFixed() ?? null, age, verdict, detail]
}

function outcomeRow(outcome: FeedOutcome) {
  switch (outcome.kind) {
    case 'price':
      return {
        ...outcome,
        price: outcome.price.toFixed(),
        confidence: outcome.confidence.toFixed(),
      }
    case 'hold':
      return { ...outcome, median: outcome.median.toFixed() }
    case 'refused':
      return outcome
  }
}

function resultOf({ feed, role, outcome, sources }: FeedRow, now: Timestamp): FeedResult {
  return {
    feed,
    role,
    outcome,
    sources: sources.map(([venue, instrument, price, age, verdict, detail]) => ({
      venue,
      instrument,
      price: price === null ? undefined : new Decimal(price),
      at: age === null ? undefined : timestamp(now - age),
      verdict,
      detail,
    })),
  }
}

function memoryOf(rows: readonly FeedRow[], now: Timestamp): PriceMemory {
  const keyed = rows.map((row) => ({ key: feedKey(row), row }))
  return {
    tuples: Object.fromEntries(keyed.map(({ key, row }) => [key, tuplesOf(row, now)])),
    accepted: present(keyed.map(({ key, row }) => [key, row.accepted])),
    held: present(keyed.map(({ key, row }) => [key, row.held])),
  }
}

function tuplesOf({ sources, prices }: FeedRow, now: Timestamp): FeedTuples {
  const named = sources.map(([venue, instrument, price, , , , tuple, unchangedMs]) => ({
    key: sourceKey(venue, instrument),
    price,
    shown:
      tuple === undefined || unchangedMs === undefined
        ? undefined
        : { tuple, since: now - unchangedMs },
  }))
  return {
    sources: present(named.map(({ key, shown }) => [key, shown])),
    prices: Object.fromEntries(
      prices.map(([agoMs, ...then]) => [
        now - agoMs,
        present(
          named.map(({ key, price }, index) => [
            key,
            (then[index] === same ? price : then[index]) ?? undefined,
          ]),
        ),
      ]),
    ),
  }
}

function present<T>(entries: readonly (readonly [string, T | undefined])[]): Record<string, T> {
  return Object.fromEntries(
    entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}

const Text = z.string()
const Whole = z.int()
/** As `toFixed` writes it: never with an exponent, so that one value has one text. */
const DecimalText = Text.check(z.regex(/^-?\d+(\.\d+)?$/))
const Price = z.pipe(
  DecimalText,
  z.transform((text) => new Decimal(text)),
)
const Time = z.pipe(Whole.check(z.gte(0)), z.transform(timestamp))

const Outcome = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('price'),
    price: Price,
    confidence: Price,
    oldestInputAt: Time,
    sources: Whole,
  }),
  z.strictObject({
    kind: z.literal('hold'),
    reason: z.enum(['dispersion', 'jump']),
    detail: Text,
    median: Price,
    rounds: Whole,
  }),
  z.strictObject({
    kind: z.literal('refused'),
    reason: z.enum([
      'no-sources',
      'too-few-sources',
      'too-few-agree',
      'pair-apart',
      'too-few-families',
      'too-few-direct',
      'depegged',
    ]),
    detail: Text,
  }),
])

const Verdict = z.enum([
  'agrees',
  'disagrees',
  'missing',
  'invalid',
  'suspended',
  'stale',
  'frozen',
  'future',
  'no-conversion',
  'insane',
])

const Ago = Whole

const Feed = z.strictObject({
  feed: z.pipe(Text, z.transform(parseMarket)),
  role: z.enum(['market', 'leg']),
  outcome: Outcome,
  sources: z.array(
    z.tuple([
      Text,
      Text,
      z.nullable(DecimalText),
      z.nullable(Ago),
      Verdict,
      Text,
      z.optional(Text),
      z.optional(Ago),
    ]),
  ),
  prices: z.array(z.tuple([Ago], z.nullable(z.union([DecimalText, z.literal(same)])))),
  accepted: z.optional(z.strictObject({ price: DecimalText, at: Whole })),
  held: z.optional(
    z.strictObject({
      price: DecimalText,
      rounds: Whole,
      since: Whole,
      round: Whole,
      at: Whole,
    }),
  ),
})

type FeedRow = z.output<typeof Feed>

const Snapshot = z.strictObject({
  shape: z.literal(shape),
  round: Whole,
  at: Time,
  feeds: z.array(Feed),
  rests: z.optional(z.record(z.string(), Time)),
})

/** The text is no snapshot of this version's shape: as good as none, for the next round writes a new one. */
export class PriceSnapshotError extends Error {
  override readonly name = 'PriceSnapshotError'

  constructor(cause: unknown) {
    super(`a price snapshot is not of shape ${shape}, which this version writes`, { cause })
  }
}
