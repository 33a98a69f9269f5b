import * as z from 'zod/mini'

import { Decimal } from '../domain/decimal.ts'
import { parseMarket } from '../domain/market.ts'
import type { FeedOutcome, FeedResult, PriceRound, SourceResult } from '../domain/price-round.ts'
import { timestamp } from '../domain/time.ts'

/** Grows with every change of what is written; a snapshot of another shape is not read. */
const shape = 1

/** A round as text, for the next round and for people: exact, and the same text for equal rounds. */
export function writePriceSnapshot(round: PriceRound): string {
  return JSON.stringify({ shape, ...round, feeds: round.feeds.map(feedRow) })
}

/** Reads what {@link writePriceSnapshot} wrote. Throws `PriceSnapshotError` for anything else. */
export function readPriceSnapshot(text: string): PriceRound {
  try {
    const { shape: _, ...round } = Snapshot.parse(JSON.parse(text))
    return round
  } catch (error) {
    throw new PriceSnapshotError(error)
  }
}

/** Hundreds of sources, so a list without names: rows are paid for by the kilobyte. */
function sourceRow({ venue, instrument, price, at, verdict, detail }: SourceResult) {
  return [venue, instrument, price?.toFixed() ?? null, at ?? null, verdict, detail] as const
}

function feedRow({ feed, role, outcome, sources }: FeedResult) {
  return { feed, role, outcome: outcomeRow(outcome), sources: sources.map(sourceRow) }
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

const Source = z.pipe(
  z.tuple([Text, Text, z.nullable(Price), z.nullable(Time), Verdict, Text]),
  z.transform(([venue, instrument, price, at, verdict, detail]): SourceResult => ({
    venue,
    instrument,
    price: price ?? undefined,
    at: at ?? undefined,
    verdict,
    detail,
  })),
)

const Memory = z.strictObject({
  tuples: z.record(
    Text,
    z.strictObject({
      sources: z.record(Text, z.strictObject({ tuple: Text, since: Whole })),
      prices: z.record(Text, z.record(Text, DecimalText)),
    }),
  ),
  accepted: z.record(Text, z.strictObject({ price: DecimalText, at: Whole })),
  held: z.record(
    Text,
    z.strictObject({
      price: DecimalText,
      rounds: Whole,
      since: Whole,
      round: Whole,
      at: Whole,
    }),
  ),
})

const Snapshot = z.strictObject({
  shape: z.literal(shape),
  round: Whole,
  at: Time,
  feeds: z.array(
    z.strictObject({
      feed: z.pipe(Text, z.transform(parseMarket)),
      role: z.enum(['market', 'leg']),
      outcome: Outcome,
      sources: z.array(Source),
    }),
  ),
  memory: Memory,
})

/** The text is no snapshot of this version's shape: as good as none, for the next round writes a new one. */
export class PriceSnapshotError extends Error {
  override readonly name = 'PriceSnapshotError'

  constructor(cause: unknown) {
    super(`a price snapshot is not of shape ${shape}, which this version writes`, { cause })
  }
}
