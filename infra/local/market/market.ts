import type { Decimal } from '../../../lib/domain/decimal.ts'
import type { Instrument } from '../../../lib/domain/instrument.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'

/** What all venues would say at a time. The venue simulators put it into each venue's own words. */
export type MarketModel = {
  /** What `venue` shows at `at`; undefined where it does not list the instrument, or has not begun to. */
  quote(venue: string, instrument: Instrument, at: Timestamp): VenueQuote | undefined
  covers(): readonly Listing[]
}

export type Listing = { readonly venue: string; readonly instrument: Instrument }

/** One venue's truth about one instrument, which an honest reader must find again exactly. */
export type VenueQuote = {
  readonly bid: Decimal | undefined
  readonly ask: Decimal | undefined
  readonly last: Decimal | undefined
  readonly lastTradeAt: Timestamp
  readonly quoteAt: Timestamp
}
