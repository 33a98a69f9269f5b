import type { BooksOfEngine } from '../../adapters/venues/books/order-books.ts'
import { entry } from '../network/entry.ts'
import type { Network } from '../network/schema.ts'

/** Where each exchange shows its order books, by the network file. */
export function booksOf({
  engines,
  markets,
}: Pick<Network, 'engines' | 'markets'>): Readonly<Record<string, BooksOfEngine>> {
  return Object.fromEntries(
    Object.entries(engines).flatMap(([name, engine]) => {
      if (engine.kind === 'starkex' || !engine.book) return []
      const symbols = Object.fromEntries(
        Object.entries(markets).flatMap(([symbol, market]) => {
          const listing = entry(market.engines, name)
          return listing ? [[symbol, listing.bookSymbol] as const] : []
        }),
      )
      return [[name, { ...engine.book, symbols }]]
    }),
  )
}
