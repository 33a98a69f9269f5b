import type { FundingUpdate } from '../action.ts'
import { Decimal } from '../decimal.ts'
import type { Market } from '../market.ts'
import { nothingOwed, type OwedTime, paidTime, rateOver } from './late-epoch.ts'
import type { FundingView } from './plan-funding.ts'
import { fundingRate } from './rate.ts'
import { epochPremium } from './samples.ts'

/** One market's part of an epoch, before the exchange's own limits. */
export type MarketRate = Omit<FundingUpdate, 'before' | 'after' | 'rate'> & {
  /** For the time that is paid for; undefined where there is none, and the index stays. */
  readonly rate: Decimal | undefined
  /** In words, what is not as the rules alone would have it. */
  readonly notes: readonly string[]
}

/** By the votes of the epoch before, for the time since the market was settled last. */
export function marketRate(
  { policy, votes, last }: FundingView,
  {
    market,
    epoch,
    elapsedSeconds,
  }: { readonly market: Market; readonly epoch: number; readonly elapsedSeconds: number },
): MarketRate {
  const { epochSeconds, slotSeconds, samples, late } = policy
  const slots = Math.floor(epochSeconds / slotSeconds)
  const before = last.find((one) => one.market === market)
  const owed = before?.owed ?? nothingOwed
  const rules = policy.markets[market]
  if (!rules) return unrated(market, owed, `${market} has no funding rule; its index stays`)
  const seen = votes.flatMap(({ slot, premiums }) => {
    const premium = premiums[market]
    return premium ? [{ slot, premium }] : []
  })
  const span = { firstSlot: (epoch - 1) * slots, slots, before: before?.lastSample }
  const premium = epochPremium(seen, span, samples)
  if (premium.kind === 'too-few-samples') {
    const found = `${premium.sampled} of ${slots} samples, ${premium.needed} are needed`
    return unrated(market, owed, `${market}: ${found}; its index stays`)
  }
  const secondsAgo = (epoch - (before?.epoch ?? epoch)) * epochSeconds
  const { rate, limitedBy, wanted } = fundingRate(rules, {
    premium: premium.premium,
    epochSeconds,
    last: before && { rate: before.epochRate, secondsAgo },
  })
  const time = paidTime(late, { elapsedSeconds, epochSeconds, owed })
  const limit = limitedBy === 'cap' ? 'cap' : 'limit of change'
  const limited = `${market}: rate ${rate.toFixed()} of ${wanted.toFixed()}, by its ${limit}`
  return {
    market,
    epochRate: rate,
    rate: rateOver(rate, time.seconds, epochSeconds),
    owed: time.owed,
    lastSample: premium.last,
    notes: [
      ...(limitedBy === undefined ? [] : [limited]),
      ...(time.forgiven > 0 ? [`${market}: ${time.forgiven} s without a tick are forgiven`] : []),
      ...(time.owed.seconds > 0 ? [`${market}: ${time.owed.seconds} s are paid for later`] : []),
    ],
  }
}

/** What goes to the exchange, all but the indexes. */
export function updateOf({
  notes: _notes,
  ...part
}: MarketRate): Omit<FundingUpdate, 'before' | 'after'> {
  return { ...part, rate: part.rate ?? zero }
}

function unrated(market: Market, owed: OwedTime, note: string): MarketRate {
  return { market, epochRate: zero, rate: undefined, owed, lastSample: zero, notes: [note] }
}

/** The other way round. */
export function marketsBy<Id>(ids: Readonly<Record<string, Id>>): ReadonlyMap<Id, Market> {
  // The record was made of markets.
  return new Map(Object.entries(ids).map(([market, id]) => [id, market as Market]))
}

const zero = new Decimal(0)
