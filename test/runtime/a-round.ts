import { Decimal } from '../../lib/domain/decimal.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type {
  FeedOutcome,
  FeedResult,
  PriceRound,
  SourceResult,
} from '../../lib/domain/price-round.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'

export function aRound(
  round: number,
  at: Timestamp,
  feeds: readonly FeedResult[] = [aFeed()],
): PriceRound {
  return { round, at, feeds, memory: { tuples: {}, accepted: {}, held: {} } }
}

export function aFeed(change: Partial<FeedResult> & { readonly symbol?: string } = {}): FeedResult {
  const { symbol = 'BTC-USD', ...rest } = change
  return {
    feed: parseMarket(symbol),
    role: 'market',
    outcome: priced('97000'),
    sources: [],
    ...rest,
  }
}

export function priced(price: string, confidence = '1.5', sources = 3): FeedOutcome {
  return {
    kind: 'price',
    price: new Decimal(price),
    confidence: new Decimal(confidence),
    oldestInputAt: timestamp(0),
    sources,
  }
}

export function aSource(venue: string, change: Partial<SourceResult> = {}): SourceResult {
  return {
    venue,
    instrument: 'BTC-USD',
    price: new Decimal('97000'),
    at: timestamp(0),
    verdict: 'agrees',
    detail: '',
    ...change,
  }
}
