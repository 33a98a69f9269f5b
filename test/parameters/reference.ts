import { priceRound } from '../../lib/domain/aggregate-round.ts'
import type { Decimal } from '../../lib/domain/decimal.ts'
import type { Feeds } from '../../lib/domain/feed.ts'
import type { PriceMemory } from '../../lib/domain/price-round.ts'
import type { Timestamp } from '../../lib/domain/time.ts'
import type { QuoteSource } from '../../lib/ports.ts'

/** What one set of parameters makes of the recording, with nobody else's memory: the measure of what was told. */
export function reference(feeds: Feeds, quotes: QuoteSource) {
  let memory: PriceMemory | undefined
  const wanted = [...feeds.markets, ...Object.values(feeds.legs)].flatMap(({ sources }) => sources)
  /** Its price of the market, or the median that it holds; undefined where it has neither. */
  return async (round: number, now: Timestamp): Promise<Decimal | undefined> => {
    const { quotes: all } = await quotes.latest(wanted)
    const made = priceRound({ round, feeds, quotes: all, memory, now })
    memory = made.memory
    const outcome = made.feeds.find(({ role }) => role === 'market')?.outcome
    if (outcome?.kind === 'price') return outcome.price
    return outcome?.kind === 'hold' ? outcome.median : undefined
  }
}
