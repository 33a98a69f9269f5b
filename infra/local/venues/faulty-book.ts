import type { Decimal } from '../../../lib/domain/decimal.ts'
import { instrumentName } from '../../../lib/domain/instrument.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'
import type { MarketModel, VenueQuote } from '../market/market.ts'
import type { ActiveFault } from './faults.ts'
import type { Book, BookEntry } from './venue-simulator.ts'

type Moment = {
  readonly market: MarketModel
  readonly venue: string
  readonly now: Timestamp
  readonly faults: readonly ActiveFault[]
  readonly requestsThisMinute: number
}

/** What the venue believes: the market's truth, spoilt by the faults that are on. */
export function faultyBook(moment: Moment): Book {
  const entries = moment.market
    .covers()
    .filter(({ venue }) => venue === moment.venue)
    .flatMap(({ instrument }) => {
      const name = instrumentName(instrument)
      const faults = moment.faults.filter((active) => concerns(active, name))
      // A vanished venue answers nobody; here it is only about instruments that it delisted.
      if (faults.some(({ fault }) => fault.fault === 'vanish')) return []
      const read = (at: Timestamp): VenueQuote | undefined =>
        moment.market.quote(moment.venue, instrument, at)
      const quote = spoilt(read, moment.now, faults)
      return quote ? [{ instrument, ...quote }] : []
    })
  const { now, requestsThisMinute } = moment
  return skewed(
    { now: frozenClock(moment.faults) ?? now, entries, requestsThisMinute },
    moment.faults,
  )
}

function concerns({ fault }: ActiveFault, instrument: string): boolean {
  const named = 'instruments' in fault ? fault.instruments : undefined
  return named?.includes(instrument) ?? true
}

function spoilt(
  read: (at: Timestamp) => VenueQuote | undefined,
  now: Timestamp,
  faults: readonly ActiveFault[],
): VenueQuote | undefined {
  let quote = read(now)
  for (const { fault, since } of faults) {
    if (fault.fault !== 'freeze') continue
    const old = read(since)
    quote = old && fault.times === 'current' ? later(old, now - since) : old
  }
  for (const { fault } of faults) {
    if (!quote) return undefined
    if (fault.fault === 'lie') quote = priced(quote, (price) => price.times(fault.factor))
    if (fault.fault === 'empty') quote = priced(quote, () => undefined)
  }
  return quote
}

function priced(quote: VenueQuote, change: (price: Decimal) => Decimal | undefined): VenueQuote {
  const { bid, ask, last } = quote
  return { ...quote, bid: bid && change(bid), ask: ask && change(ask), last: last && change(last) }
}

/** With frozen times the whole answer is an old one, also its envelope's time. */
function frozenClock(faults: readonly ActiveFault[]): Timestamp | undefined {
  return faults.find(
    ({ fault }) => fault.fault === 'freeze' && fault.times === 'frozen' && !fault.instruments,
  )?.since
}

function skewed(book: Book, faults: readonly ActiveFault[]): Book {
  const ms = skewOf(faults)
  const entries = book.entries.map((entry): BookEntry => ({ ...entry, ...later(entry, ms) }))
  return { ...book, now: moved(book.now, ms), entries }
}

/** How far the venue's clock is from the right one. */
export function skewOf(faults: readonly ActiveFault[]): number {
  return faults.reduce((sum, { fault }) => (fault.fault === 'skew' ? sum + fault.ms : sum), 0)
}

function later(quote: VenueQuote, ms: number): VenueQuote {
  return {
    ...quote,
    lastTradeAt: moved(quote.lastTradeAt, ms),
    quoteAt: moved(quote.quoteAt, ms),
  }
}

function moved(at: Timestamp, ms: number): Timestamp {
  return timestamp(Math.max(0, at + ms))
}
