import type { Decimal } from '../decimal.ts'
import type { FundingVote } from './funding-vote.ts'
import type { FundingPolicy, SettledFunding } from './plan-funding.ts'
import { fundingRate } from './rate.ts'
import { epochPremium } from './samples.ts'

export type RateSoFar = {
  /** For the whole epoch; above zero longs pay shorts. */
  readonly rate: Decimal
  readonly premium: Decimal
  /** Slots with a vote, of all until the newest of them. */
  readonly sampled: number
  readonly slots: number
}

/**
 * What a market's rate will be if the rest of the epoch is as what was seen of it so far; undefined where nothing was, or
 * where it has no rule.
 */
export function rateSoFar(
  policy: Pick<FundingPolicy, 'epochSeconds' | 'slotSeconds' | 'samples' | 'markets'>,
  look: {
    readonly market: string
    readonly epoch: number
    /** Of that epoch. */
    readonly votes: readonly FundingVote[]
    /** What the market was told last. */
    readonly last: Pick<SettledFunding, 'epoch' | 'epochRate' | 'lastSample'> | undefined
  },
): RateSoFar | undefined {
  const { market, epoch, votes, last } = look
  const { epochSeconds, slotSeconds, samples } = policy
  const rules = Object.hasOwn(policy.markets, market) ? policy.markets[market] : undefined
  const seen = votes.flatMap(({ slot, premiums }) => {
    const premium = premiums[market]
    return premium ? [{ slot, premium }] : []
  })
  const all = Math.floor(epochSeconds / slotSeconds)
  const firstSlot = epoch * all
  const newest = Math.max(...seen.map(({ slot }) => slot))
  if (!rules || newest < firstSlot) return undefined
  const slots = Math.min(all, newest - firstSlot + 1)
  const span = { firstSlot, slots, before: last?.lastSample }
  const found = epochPremium(seen, span, { ...samples, minSamples: 1 })
  if (found.kind !== 'premium') return undefined
  const { premium, sampled } = found
  const { rate } = fundingRate(rules, {
    premium,
    epochSeconds,
    // What is seen of this epoch is settled as the next one begins.
    last: last && {
      rate: last.epochRate,
      secondsAgo: (epoch + 1 - last.epoch) * epochSeconds,
    },
  })
  return { rate, premium, sampled, slots }
}
