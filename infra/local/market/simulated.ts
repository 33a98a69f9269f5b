import { instrumentName } from '../../../lib/domain/instrument.ts'
import type { MarketPath } from './consensus.ts'
import { defaultListings } from './listings.ts'
import type { Listing, MarketModel, MarketScenarios } from './market.ts'
import { Scenario } from './scenarios.ts'
import type { ScenarioInput } from './scenarios.ts'
import { venueBook } from './venue-book.ts'

/** A market in which things can be made to happen. */
export type SimulatedMarket = MarketModel & { readonly scenarios: MarketScenarios }

export type SimulatedMarketOptions = {
  readonly seed: string
  readonly scenarios?: readonly ScenarioInput[]
  readonly listings?: readonly Listing[]
}

/**
 * A market out of nothing but a seed: the same seed, scenarios and time give the same prices, at any
 * time and in any order of asking.
 */
export function simulatedMarket(options: SimulatedMarketOptions): SimulatedMarket {
  const listings = options.listings ?? defaultListings
  const books = new Map(
    listings.map((listing) => [keyOf(listing), venueBook(options.seed, listing)]),
  )
  let path: MarketPath = {
    seed: options.seed,
    scenarios: (options.scenarios ?? []).map((scenario) => Scenario.parse(scenario)),
  }

  return {
    quote: (venue, instrument, at) => books.get(keyOf({ venue, instrument }))?.(path, at),
    covers: () => listings,
    scenarios: {
      play: (scenario) => {
        path = { ...path, scenarios: [...path.scenarios, Scenario.parse(scenario)] }
      },
      calm: () => {
        path = { ...path, scenarios: [] }
      },
      list: () => path.scenarios,
    },
  }
}

function keyOf({ venue, instrument }: Listing): string {
  return `${venue}:${instrumentName(instrument)}`
}
