import type { Decimal } from '../../../lib/domain/decimal.ts'
import type { Instrument } from '../../../lib/domain/instrument.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'

/** One exchange's public API: answers a request out of a book, as the real one would. Pure. */
export type VenueSimulator = {
  readonly name: string
  answer(request: SimulatedRequest, book: Book): SimulatedAnswer
  /** What the venue says to those who ask too often. */
  readonly tooMany: SimulatedAnswer
}

export type SimulatedRequest = {
  readonly method: string
  /** Decoded, without the venue's prefix and the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export type SimulatedAnswer = {
  readonly status: number
  readonly body: string
  /** `application/json` where absent. */
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Everything the venue knows while it answers. */
export type Book = {
  readonly now: Timestamp
  readonly entries: readonly BookEntry[]
  /** How many requests it got in this minute, this one included: what rate-limit headers count. */
  readonly requestsThisMinute: number
}

/** One instrument. A side that is undefined is written as the venue writes an empty book. */
export type BookEntry = {
  readonly instrument: Instrument
  readonly bid: Decimal | undefined
  readonly ask: Decimal | undefined
  readonly last: Decimal | undefined
  readonly lastTradeAt: Timestamp
  readonly quoteAt: Timestamp
}
