import { ok, refused } from './json.ts'
import type { Json } from './json.ts'
import { entryOf, notFound } from './symbols.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { middle, perpetuals, size, spot, text, tradeId } from './words.ts'

/** Gate: spot and USDT futures; tickers without any time. */
export const gate: VenueSimulator = {
  name: 'gate',
  answer,
  tooMany: refused(429, { label: 'TOO_MANY_REQUESTS', message: 'Request Rate Limit Exceeded' }),
}

function answer({ path, query }: SimulatedRequest, book: Book): SimulatedAnswer {
  const { entries, now } = book
  switch (path) {
    case '/api/v4/spot/time':
      return ok({ server_time: now })
    case '/api/v4/spot/tickers':
      return rows(spot(entries), query.get('currency_pair'), 'INVALID_CURRENCY_PAIR', spotTicker)
    case '/api/v4/futures/usdt/tickers':
      return rows(usdtPerpetuals(entries), query.get('contract'), 'CONTRACT_NOT_FOUND', futures)
    case '/api/v4/spot/order_book':
      return orderBook(entryOf(spot(entries), nameOf, query.get('currency_pair')), now)
    default:
      return notFound()
  }
}

function usdtPerpetuals(entries: readonly BookEntry[]): readonly BookEntry[] {
  return perpetuals(entries).filter(({ instrument }) => instrument.quote === 'USDT')
}

function rows(
  entries: readonly BookEntry[],
  wanted: string | null,
  label: string,
  write: (entry: BookEntry) => Json,
): SimulatedAnswer {
  if (wanted === null) return ok(entries.map(write))
  const entry = entryOf(entries, nameOf, wanted)
  if (!entry) return refused(400, { label, message: `Invalid name ${wanted}` })
  return ok([write(entry)])
}

function nameOf({ instrument: { base, quote } }: BookEntry): string {
  return `${base}_${quote}`
}

function spotTicker(entry: BookEntry): Json {
  const last = text(entry.last)
  return {
    currency_pair: nameOf(entry),
    last,
    lowest_ask: text(entry.ask),
    lowest_size: entry.ask ? size : '',
    highest_bid: text(entry.bid),
    highest_size: entry.bid ? size : '',
    change_percentage: '0',
    base_volume: '1000',
    quote_volume: '1000',
    high_24h: last,
    low_24h: last,
  }
}

function futures(entry: BookEntry): Json {
  const last = text(entry.last)
  return {
    contract: nameOf(entry),
    last,
    low_24h: last,
    high_24h: last,
    change_percentage: '0',
    total_size: '1000',
    volume_24h: '1000',
    mark_price: text(middle(entry)),
    index_price: text(middle(entry)),
    funding_rate: '0.0001',
    funding_rate_indicative: '0.0001',
    lowest_ask: text(entry.ask),
    lowest_size: entry.ask ? '1' : '',
    highest_bid: text(entry.bid),
    highest_size: entry.bid ? '1' : '',
  }
}

function orderBook(entry: BookEntry | undefined, now: number): SimulatedAnswer {
  if (!entry) return refused(400, { label: 'INVALID_CURRENCY_PAIR', message: 'Invalid name' })
  return ok({
    id: tradeId(entry),
    current: now,
    update: entry.quoteAt,
    asks: entry.ask ? [[text(entry.ask), size]] : [],
    bids: entry.bid ? [[text(entry.bid), size]] : [],
  })
}
