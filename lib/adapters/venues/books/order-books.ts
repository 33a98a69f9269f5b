import type { Book } from '../../../domain/funding/premium.ts'
import type { Market } from '../../../domain/market.ts'
import type { Clock, OrderBooks } from '../../../ports.ts'
import { venueClient } from '../http.ts'
import { VenueAnswerError } from '../venue-answer-error.ts'
import type { BookApi } from './book-api.ts'
import { dydxBooks } from './dydx.ts'
import { extendedBooks } from './extended.ts'
import { hyperliquidBooks } from './hyperliquid.ts'
import { paradexBooks } from './paradex.ts'

const apis: readonly BookApi[] = [extendedBooks, paradexBooks, hyperliquidBooks, dydxBooks]

/** Where one exchange shows its books. */
export type BooksOfEngine = {
  readonly kind: string
  /** Absent: the API's own. */
  readonly baseUrl?: string | undefined
  /** What is said of each market that it lists; undefined where its name there is the usual one. */
  readonly symbols: Readonly<Record<Market, string | undefined>>
}

type Read = { readonly market: string } & (
  | { readonly kind: 'book'; readonly book: Book }
  | { readonly kind: 'failed'; readonly detail: string }
)

/** Asks an exchange for all its markets' books at once. One that fails or is slow is a failure in the result. */
export function orderBooks(options: {
  readonly engines: Readonly<Record<string, BooksOfEngine>>
  readonly clock: Clock
  /** For all of an exchange's books together. */
  readonly deadlineMs: number
  /** Of one answer, unpacked. */
  readonly maxBytes: number
  readonly userAgent: string
  readonly cutOff?: AbortSignal | undefined
}): OrderBooks {
  const { engines, clock, deadlineMs, cutOff } = options
  const client = venueClient(options)

  async function one(
    of: { readonly api: BookApi; readonly baseUrl: string; readonly signal: AbortSignal },
    market: string,
    symbol: string,
  ): Promise<Read> {
    const { api, baseUrl, signal } = of
    const failed = (why: string): Read => {
      return { market, kind: 'failed', detail: `book of ${market} at ${api.kind}: ${why}` }
    }
    const outcome = await client(baseUrl, { ...api.request(symbol), instruments: [] }, signal)
    if (outcome.kind !== 'answer') return failed(`${outcome.kind}: ${outcome.detail}`)
    try {
      return { market, kind: 'book', book: api.parse(outcome.body, { symbol, now: clock.now() }) }
    } catch (error) {
      if (error instanceof VenueAnswerError) return failed(error.detail)
      throw error
    }
  }

  return {
    async read(engine) {
      const at = engines[engine]
      const api = at && apis.find(({ kind }) => kind === at.kind)
      if (!api) return { books: {}, failures: [] }
      const deadline = AbortSignal.timeout(deadlineMs)
      const signal = cutOff ? AbortSignal.any([deadline, cutOff]) : deadline
      const of = { api, baseUrl: at.baseUrl ?? api.baseUrl, signal }
      const all = await Promise.all(
        // The record was made of markets.
        Object.entries(at.symbols).map(async ([market, symbol]) =>
          one(of, market, symbol ?? api.symbolOf(market as Market)),
        ),
      )
      return {
        books: Object.fromEntries(
          all.flatMap((each) => (each.kind === 'book' ? [[each.market, each.book]] : [])),
        ),
        failures: all.flatMap((each) => (each.kind === 'failed' ? [each.detail] : [])),
      }
    },
  }
}
