import { Decimal } from './decimal.ts'
import type { FeedOutcome, FeedResult } from './price-round.ts'
import type { Timestamp } from './time.ts'

/** How far a feed's price of one round is to be trusted. */
export type PriceQuality = {
  readonly agreeing: number
  /** Of so many that are asked. */
  readonly sources: number
  /** How far apart those that agree are; undefined without a median. */
  readonly dispersionBps: Decimal | undefined
  /** The price's confidence; undefined without a price. */
  readonly confidenceBps: Decimal | undefined
  /** How old its oldest input was when it was made; undefined without a price. */
  readonly inputAgeMs: number | undefined
}

/** The quality of a result, whatever came of it: also what was held or refused shows how many agreed. */
export function priceQuality({ outcome, sources }: FeedResult, at: Timestamp): PriceQuality {
  const kept = sources.filter(({ verdict }) => verdict === 'agrees')
  const prices = kept.flatMap(({ price }) => price ?? [])
  const median = medianOf(outcome)
  const hasPrice = outcome.kind === 'price'
  return {
    agreeing: kept.length,
    sources: sources.length,
    dispersionBps: median && prices.length > 0 ? inBps(widthOf(prices), median) : undefined,
    confidenceBps: hasPrice ? inBps(outcome.confidence, outcome.price) : undefined,
    inputAgeMs: hasPrice ? Math.max(0, at - outcome.oldestInputAt) : undefined,
  }
}

function medianOf(outcome: FeedOutcome): Decimal | undefined {
  switch (outcome.kind) {
    case 'price':
      return outcome.price
    case 'hold':
      return outcome.median
    case 'refused':
      return undefined
  }
}

function widthOf(prices: readonly Decimal[]): Decimal {
  return Decimal.max(...prices).sub(Decimal.min(...prices))
}

/** Whoever measures has no use for more, and a division has sixty digits that history would keep for ever. */
const measuredDigits = 6

function inBps(distance: Decimal, of: Decimal): Decimal {
  return distance.div(of).mul(10_000).toSignificantDigits(measuredDigits)
}
