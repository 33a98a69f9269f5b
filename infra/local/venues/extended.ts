import { Decimal } from '../../../lib/domain/decimal.ts'
import { ok, refused } from './json.ts'
import type { Json } from './json.ts'
import type {
  Book,
  BookEntry,
  SimulatedAnswer,
  SimulatedRequest,
  VenueSimulator,
} from './venue-simulator.ts'
import { middle, perpetuals, spot } from './words.ts'

/** Extended: what it publishes of its markets. Its marks are told of perpetuals, and their index of what is spot. */
export const extended: VenueSimulator = {
  name: 'extended',
  answer,
  tooMany: refused(429, { status: 'ERROR', error: { code: 429, message: 'Too many requests' } }),
}

function answer({ method, path, query, headers }: SimulatedRequest, book: Book): SimulatedAnswer {
  if (headers['user-agent'] === undefined)
    return refused(403, error(1_001, 'User-Agent is missing'))
  if (method !== 'GET') return refused(405, error(1_002, 'Method not allowed'))
  const asked = query.getAll('market')
  const rows = perpetuals(book.entries).flatMap((entry) => {
    const name = `${entry.instrument.base}-USD`
    const index = spot(book.entries).find(
      ({ instrument: { base } }) => base === entry.instrument.base,
    )
    const stats = statsOf(entry, index, book.now)
    return stats ? [{ name, entry, stats }] : []
  })
  if (path === '/api/v1/info/markets')
    return ok({
      status: 'OK',
      data: rows.filter(({ name }) => asked.length === 0 || asked.includes(name)).map(marketOf),
    })
  const [, market] = /^\/api\/v1\/info\/markets\/([\w-]+)\/stats$/.exec(path) ?? []
  const row = rows.find(({ name }) => name === market)
  if (row) return ok({ status: 'OK', data: row.stats })
  return refused(404, error(1_100, market === undefined ? 'Not found' : 'Market not found'))
}

function error(code: number, message: string): Json {
  return { status: 'ERROR', error: { code, message } }
}

function marketOf({
  name,
  entry,
  stats,
}: {
  readonly name: string
  readonly entry: BookEntry
  readonly stats: Json
}): Json {
  return {
    name,
    assetName: entry.instrument.base,
    assetPrecision: 5,
    collateralAssetName: 'USD',
    collateralAssetPrecision: 6,
    active: true,
    status: 'ACTIVE',
    marketStats: stats,
  }
}

const hourMs = 3_600_000

/** Undefined where there is nothing to tell a price of. */
function statsOf(entry: BookEntry, of: BookEntry | undefined, now: number): Json | undefined {
  const mark = middle(entry)
  const index = of && middle(of)
  if (!mark || !index) return undefined
  return {
    lastPrice: (entry.last ?? mark).toFixed(),
    askPrice: (entry.ask ?? mark).toFixed(),
    bidPrice: (entry.bid ?? mark).toFixed(),
    markPrice: mark.toFixed(),
    indexPrice: index.toFixed(),
    fundingRate: fundingOf(mark, index).toFixed(),
    nextFundingRate: (Math.floor(now / hourMs) + 1) * hourMs,
    openInterest: mark.times(100).toFixed(),
    openInterestBase: '100',
  }
}

/** An eighth of the premium, and of what is between it and a rate of interest of 0.01 %, but at most 0.05 %; to ten digits. */
function fundingOf(mark: Decimal, index: Decimal): Decimal {
  const premium = mark.sub(index).div(index)
  const between = Decimal.max('-0.0005', Decimal.min('0.0005', new Decimal('0.0001').sub(premium)))
  return premium.plus(between).div(8).toDecimalPlaces(10)
}
