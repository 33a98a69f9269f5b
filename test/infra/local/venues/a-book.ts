import { venueSimulators } from '../../../../infra/local/venues/index.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
} from '../../../../infra/local/venues/venue-simulator.ts'
import { Decimal } from '../../../../lib/domain/decimal.ts'
import { parseInstrument } from '../../../../lib/domain/instrument.ts'
import { timestamp } from '../../../../lib/domain/time.ts'

/** 2026-01-02T03:04:05.678Z. */
export const now = timestamp(1_767_323_045_678)

/** One instrument; what does not matter is filled in. */
export function anEntry(
  name: string,
  prices: Partial<Record<'bid' | 'ask' | 'last', string>> = {},
): BookEntry {
  const { bid = '64000.1', ask = '64000.3', last = '64000.2' } = prices
  return {
    instrument: parseInstrument(name),
    bid: new Decimal(bid),
    ask: new Decimal(ask),
    last: new Decimal(last),
    // One second and three seconds ago.
    quoteAt: timestamp(now - 1000),
    lastTradeAt: timestamp(now - 3000),
  }
}

export function anEmptyEntry(name: string): BookEntry {
  return { ...anEntry(name), bid: undefined, ask: undefined, last: undefined }
}

export function aBook(...entries: readonly BookEntry[]): Book {
  return { now, entries, requestsThisMinute: 1 }
}

export type Asking = { readonly body?: string; readonly userAgent?: string }

/** What a venue answers, without any socket. */
export function answerOf(
  venue: string,
  target: string,
  book: Book,
  asking: Asking = {},
): SimulatedAnswer {
  const simulator = venueSimulators.find(({ name }) => name === venue)
  if (!simulator) throw new Error(`no venue ${venue}`)
  const { pathname, searchParams } = new URL(target, 'http://venue')
  return simulator.answer(
    {
      method: asking.body === undefined ? 'GET' : 'POST',
      path: decodeURIComponent(pathname),
      query: searchParams,
      headers: { 'user-agent': asking.userAgent ?? 'test' },
      body: asking.body ?? '',
    },
    book,
  )
}

/** The body of a good answer. */
export function told(venue: string, target: string, book: Book, asking?: Asking): unknown {
  const answer = answerOf(venue, target, book, asking)
  if (answer.status !== 200) throw new Error(`${venue} answered ${answer.status}: ${answer.body}`)
  return JSON.parse(answer.body)
}
