import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Listing, MarketModel, VenueQuote } from '../../../../infra/local/market/market.ts'
import { recordedMarket } from '../../../../infra/local/market/recorded.ts'
import { simulatedMarket } from '../../../../infra/local/market/simulated.ts'
import { venueSimulators } from '../../../../infra/local/venues/index.ts'
import { startVenueSimulators } from '../../../../infra/local/venues/start-venue-simulators.ts'
import type { VenueSimulators } from '../../../../infra/local/venues/start-venue-simulators.ts'
import { fetchQuotes } from '../../../../lib/adapters/venues/fetch-quotes.ts'
import { venues } from '../../../../lib/adapters/venues/index.ts'
import { instrumentName } from '../../../../lib/domain/instrument.ts'
import type { Quote } from '../../../../lib/domain/quote.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import type { Clock, QuoteSource } from '../../../../lib/ports.ts'

/** Nothing moves while it is asked, so what is read must be what was shown. */
const now = timestamp(1_790_000_000_123)
const clock: Clock = { now: () => now, sleep: () => Promise.resolve() }

const recording = join(
  import.meta.dirname,
  '../../../../../shared/data/prices/usdc_depeg_2023-03-01_21_1m.csv.gz',
)
const absent = existsSync(recording) ? '' : ' (skipped: the shared recordings are not here)'

test('every simulated venue has an adapter and every adapter a simulator', () => {
  expect(venues.map(({ name }) => name).toSorted()).toEqual(
    venueSimulators.map(({ name }) => name).toSorted(),
  )
})

describe('the venue adapters find the simulated market again', () => {
  const market = simulatedMarket({ seed: 'cross' })
  findsAgain(
    () => Promise.resolve(market),
    market.covers().map(({ venue }) => venue),
  )
})

describe.skipIf(absent !== '')(`the venue adapters find a recording again${absent}`, () => {
  findsAgain(
    () => recordedMarket({ file: recording, from: '2023-03-11T00:00Z', speed: 60, startedAt: now }),
    ['binance', 'binanceus', 'bybit', 'coinbase', 'crypto-com', 'kraken'],
  )
})

function findsAgain(play: () => Promise<MarketModel>, names: readonly string[]): void {
  let market: MarketModel
  let simulators: VenueSimulators
  let source: QuoteSource
  beforeAll(async () => {
    market = await play()
    simulators = await startVenueSimulators({ market, clock })
    source = fetchQuotes({
      venues: venues.map((venue) => ({ venue, baseUrl: simulators.baseUrl(venue.name) })),
      clock,
      deadlineMs: 20_000,
      maxBytes: 1_000_000,
      userAgent: 'test',
    })
  })
  afterAll(() => simulators.close())

  test.each([...new Set(names)])('%s', async (name) => {
    const wanted = market.covers().filter(({ venue }) => venue === name)
    const { quotes, failures } = await source.latest(wanted)
    expect(failures).toEqual([])
    expect(quotes.map(readOf).toSorted(byName)).toEqual(
      wanted.map((listing) => shownOf(market, listing, quotes)).toSorted(byName),
    )
  })
}

/** Binance's book tickers and Hyperliquid's list of all perpetuals have no last trade. */
const withoutLast: ReadonlySet<string> = new Set(['binance-futures', 'hyperliquid'])

type Told = { readonly name: string } & Readonly<Record<string, string | number | undefined>>

function readOf(quote: Quote): Told {
  return {
    name: `${quote.venue}:${quote.instrument}`,
    bid: quote.bid?.toFixed(),
    ask: quote.ask?.toFixed(),
    last: quote.last?.toFixed(),
    time: quote.venueTime,
    suspended: String(quote.suspended),
  }
}

function shownOf(market: MarketModel, listing: Listing, quotes: readonly Quote[]): Told {
  const shown = market.quote(listing.venue, listing.instrument, now)
  const instrument = instrumentName(listing.instrument)
  const read = quotes.find((quote) => quote.instrument === instrument)
  return {
    name: `${listing.venue}:${instrument}`,
    bid: shown?.bid?.toFixed(),
    ask: shown?.ask?.toFixed(),
    last: withoutLast.has(listing.venue) ? undefined : shown?.last?.toFixed(),
    time: shown && timeOf(listing.venue, shown, read),
    suspended: 'false',
  }
}

/** The time that the venue can tell, by what the adapter says it is. */
function timeOf(venue: string, shown: VenueQuote, read: Quote | undefined): number | undefined {
  const whole = venue === 'bitstamp' ? 1000 : 1
  switch (read?.timeKind) {
    case 'quote':
      return Math.floor(shown.quoteAt / whole) * whole
    case 'trade':
      return shown.lastTradeAt
    case 'envelope':
      return now
    case 'none':
    case undefined:
      return undefined
  }
}

function byName(a: Told, b: Told): number {
  return a.name < b.name ? -1 : 1
}
