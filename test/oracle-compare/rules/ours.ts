import { priceRound } from '../../../lib/domain/aggregate-round.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import type { AggregationRules, Feed, Feeds } from '../../../lib/domain/feed.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import type { FeedOutcome, PriceMemory } from '../../../lib/domain/price-round.ts'
import { aSource } from '../../domain/quotes.ts'
import type { Rule, Setup } from '../rule.ts'

/** Starkeep, whole: lib/domain as it runs, with its memory from round to round. */
export const ours: Rule = {
  name: 'Starkeep',
  begin(setup) {
    const feeds = feedsOf(setup)
    let memory: PriceMemory | undefined
    let round = 0
    return ({ now, market, legs }) => {
      const quotes = [...market, ...Object.values(legs).flat()].map(({ quote }) => quote)
      const made = priceRound({ round, feeds, quotes, memory, now })
      memory = made.memory
      round += 1
      const outcome = made.feeds.find(({ role }) => role === 'market')?.outcome
      if (!outcome) throw new RangeError('the round has no market')
      return outcome.kind === 'price'
        ? { kind: 'price', price: outcome.price.toNumber() }
        : { kind: 'none', why: inWords(outcome) }
    }
  },
}

function feedsOf(setup: Setup): Feeds {
  const { sources, minSources, rules, legs, minLegSources, legRules, families } = setup
  return {
    markets: [aFeedOf('BASE-USD', sources, { minSources, rules })],
    legs: Object.fromEntries(
      Object.entries(legs).map(([currency, own]) => {
        const leg = aFeedOf(`${currency}-USD`, own, { minSources: minLegSources, rules: legRules })
        return [currency, { ...leg, warnBandBps: 500, haltBelow: new Decimal('0.9') }]
      }),
    ),
    families,
  }
}

function aFeedOf(
  name: string,
  sources: readonly string[],
  own: { readonly minSources: number; readonly rules: AggregationRules },
): Feed {
  return { feed: parseMarket(name), sources: sources.map(aSource), ...own }
}

function inWords(outcome: Exclude<FeedOutcome, { readonly kind: 'price' }>): string {
  return `${outcome.kind} ${outcome.reason}`
}
