import { z } from 'zod'

import { ok } from './json.ts'
import type { Json } from './json.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { middle, perpetuals, size } from './words.ts'

/** Hyperliquid: one POST address; names in one list, numbers in another, matched by position. */
export const hyperliquid: VenueSimulator = {
  name: 'hyperliquid',
  answer,
  tooMany: { status: 429, body: 'null' },
}

const Question = z.discriminatedUnion('type', [
  z.object({ type: z.literal('allMids') }),
  z.object({ type: z.literal('metaAndAssetCtxs') }),
  z.object({ type: z.literal('l2Book'), coin: z.string() }),
])

function answer({ method, path, body }: SimulatedRequest, book: Book): SimulatedAnswer {
  if (path !== '/info') return plain(404, '')
  if (method !== 'POST') return plain(405, '')
  const question = Question.safeParse(parsed(body))
  if (!question.success)
    return plain(422, 'Failed to deserialize the JSON body into the target type')
  const entries = perpetuals(book.entries)
  switch (question.data.type) {
    case 'allMids':
      return ok(Object.fromEntries(entries.map((each) => [each.instrument.base, mid(each)])))
    case 'metaAndAssetCtxs':
      return ok([
        { universe: [delisted, ...entries.map(meta)] },
        [delistedContext, ...entries.map(context)],
      ])
    case 'l2Book':
      return levels(entries, question.data.coin)
  }
}

function plain(status: number, body: string): SimulatedAnswer {
  return { status, body, contentType: 'text/plain; charset=utf-8' }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // Not JSON is one more thing that is no question.
    return undefined
  }
}

function mid(entry: BookEntry): string | null {
  return entry.bid && entry.ask ? (middle(entry)?.toFixed() ?? null) : null
}

function meta({ instrument }: BookEntry): Json {
  return { szDecimals: 5, name: instrument.base, maxLeverage: 50, marginTableId: 56 }
}

/** Delisted assets keep their place in both lists. */
const delisted: Json = {
  szDecimals: 1,
  name: 'MATIC',
  maxLeverage: 20,
  marginTableId: 20,
  isDelisted: true,
}

const delistedContext: Json = {
  funding: '0.0',
  openInterest: '0.0',
  prevDayPx: '0.37',
  dayNtlVlm: '0.0',
  premium: null,
  oraclePx: '0.37',
  markPx: '0.37',
  midPx: null,
  impactPxs: null,
  dayBaseVlm: '0.0',
}

function context(entry: BookEntry): Json {
  const mark = middle(entry)?.toFixed() ?? '0.0'
  return {
    funding: '0.0000125',
    openInterest: '1000.0',
    prevDayPx: mark,
    dayNtlVlm: '1000.0',
    premium: '0.0',
    oraclePx: mark,
    markPx: mark,
    midPx: mid(entry),
    impactPxs: entry.bid && entry.ask ? [entry.bid.toFixed(), entry.ask.toFixed()] : null,
    dayBaseVlm: '1000.0',
  }
}

function levels(entries: readonly BookEntry[], coin: string): SimulatedAnswer {
  const entry = entries.find(({ instrument }) => instrument.base === coin)
  if (!entry) return ok(null)
  return ok({
    coin,
    time: entry.quoteAt,
    levels: [
      entry.bid ? [{ px: entry.bid.toFixed(), sz: size, n: 1 }] : [],
      entry.ask ? [{ px: entry.ask.toFixed(), sz: size, n: 1 }] : [],
    ],
  })
}
