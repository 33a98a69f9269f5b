import { ok, refused } from './json.ts'
import { entryOf } from './symbols.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { iso, size, spot, text, tradeId } from './words.ts'

/** Coinbase Exchange: one request per product, and only the last trade's time. */
export const coinbase: VenueSimulator = {
  name: 'coinbase',
  answer,
  tooMany: refused(429, { message: 'Public rate limit exceeded' }),
}

function answer(request: SimulatedRequest, book: Book): SimulatedAnswer {
  if (!request.headers['user-agent'])
    return refused(400, { message: 'User-Agent header is required.' })
  if (request.path === '/time') return ok({ iso: iso(book.now), epoch: book.now / 1000 })
  const entries = spot(book.entries)
  const [, products, product, what] = request.path.split('/')
  const entry = entryOf(entries, productId, product)
  if (products !== 'products' || !entry) return refused(404, { message: 'NotFound' })
  if (what === 'ticker') return ticker(entry)
  if (what === 'book') return levelOne(entry, book)
  return refused(404, { message: 'NotFound' })
}

function productId({ instrument: { base, quote } }: BookEntry): string {
  return `${base}-${quote}`
}

function ticker(entry: BookEntry): SimulatedAnswer {
  return ok({
    ask: text(entry.ask),
    bid: text(entry.bid),
    volume: '1000.00000000',
    trade_id: tradeId(entry),
    price: text(entry.last),
    size,
    time: micros(entry.lastTradeAt),
    rfq_volume: '0.000000',
  })
}

function levelOne(entry: BookEntry, { now }: Book): SimulatedAnswer {
  return ok({
    bids: entry.bid ? [[text(entry.bid), size, 1]] : [],
    asks: entry.ask ? [[text(entry.ask), size, 1]] : [],
    sequence: tradeId(entry),
    auction_mode: false,
    auction: null,
    time: micros(now),
  })
}

/** Coinbase writes microseconds. */
function micros(ms: number): string {
  return iso(ms).replace('Z', '000Z')
}
