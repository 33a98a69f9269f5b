import type { Decimal } from '../../../lib/domain/decimal.ts'
import type { Instrument } from '../../../lib/domain/instrument.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'
import type { Scenario, ScenarioInput } from './scenarios.ts'

/** What all venues would say at a time. The venue simulators put it into each venue's own words. */
export type MarketModel = {
  /** What `venue` shows at `at`; undefined where it does not list the instrument, or has not begun to. */
  quote(venue: string, instrument: Instrument, at: Timestamp): VenueQuote | undefined
  covers(): readonly Listing[]
  /** Absent where nothing can be made to happen in it. */
  readonly scenarios?: MarketScenarios
}

/** What can be made to happen in a market, while it runs. */
export type MarketScenarios = {
  play(scenario: ScenarioInput): void
  /** Ends every scenario at once, as if none had been. */
  calm(): void
  list(): readonly Scenario[]
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
