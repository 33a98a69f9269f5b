import type { ParameterValue } from '../../lib/domain/parameters/parameter-set.ts'

export type Proposal = {
  readonly name: string
  readonly change: Readonly<Record<string, ParameterValue>>
}

const market = 'markets.BTC-USD'

/** Every gate as wide as the bounds let it be. */
function wide(feed: string): Proposal['change'] {
  return {
    [`${feed}.aggregation.maxSpreadBps`]: 10_000,
    [`${feed}.aggregation.floorBps`]: 10_000,
    [`${feed}.aggregation.hardBandBps`]: 10_000,
    [`${feed}.aggregation.pairBandBps`]: 10_000,
    [`${feed}.aggregation.maxDispersionBps`]: 10_000,
    [`${feed}.aggregation.maxJumpBps`]: 10_000,
    [`${feed}.aggregation.minFamilies`]: 1,
    [`${feed}.aggregation.minDirectUsd`]: 0,
  }
}

export const tooWide: Proposal = {
  name: 'thresholds too wide',
  change: { ...wide(market), [`${market}.minSources`]: 2 },
}

/** As few as the bounds let a feed have: one is no feed. */
function twoSources(one: string, other: string): Proposal {
  return {
    name: 'two sources',
    change: {
      [`${market}.sources`]: [one, other],
      [`${market}.minSources`]: 2,
      [`${market}.aggregation.minFamilies`]: 1,
      [`${market}.aggregation.pairBandBps`]: 10_000,
    },
  }
}

export const oneExchange = twoSources('binanceus:BTC-USD', 'binanceus:BTC-USDC')
export const withoutBitstamp = twoSources('bitmex:BTC-USD', 'gemini:BTC-USD')

/** Bitcoin for USDC alone, and whatever two venues say of USDC is believed. */
export const withoutLeg: Proposal = {
  name: 'the leg without its protection',
  change: {
    ...wide('legs.USDC-USD'),
    'legs.USDC-USD.haltBelow': '0.01',
    'legs.USDC-USD.warnBandBps': 10_000,
    [`${market}.sources`]: ['binanceus:BTC-USDC', 'bybit:BTC-USDC', 'kraken:BTC-USDC'],
    [`${market}.minSources`]: 2,
    [`${market}.aggregation.minFamilies`]: 1,
    [`${market}.aggregation.minDirectUsd`]: 0,
  },
}

/** Prices as right as ever, of which nobody is told. */
export const tooRarely: Proposal = {
  name: 'deviation threshold too wide',
  change: { [`${market}.push.deviationBps`]: 1_000 },
}

export const fewerPushes: Proposal = {
  name: 'fewer pushes',
  change: { [`${market}.push.deviationBps`]: 25 },
}
