import type { Book } from '../../../domain/funding/premium.ts'
import type { Market } from '../../../domain/market.ts'
import type { Timestamp } from '../../../domain/time.ts'

/** How to ask one exchange's public API for an order book, and how to read its answer. Both halves are pure. */
export type BookApi = {
  /** As network files name it. */
  readonly kind: string
  readonly baseUrl: string
  /** What it calls a market where the network file says nothing else. */
  symbolOf(market: Market): string
  request(symbol: string): BookRequest
  /** Throws `VenueAnswerError` where the body is no book of that symbol, or not one of now. */
  parse(body: string, asked: { readonly symbol: string; readonly now: Timestamp }): Book
}

export type BookRequest = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body: string | undefined
}
