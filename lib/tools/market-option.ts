import { resolve } from 'node:path'

import { InvalidArgumentError } from 'commander'

import type { LocalMarket } from '../../infra/local/local-market.ts'

/** `--market` as it is written. */
export type MarketChoice =
  | { readonly kind: 'simulated' }
  | { readonly kind: 'recorded'; readonly file: string }
  | { readonly kind: 'live' }

export function parseMarketOption(text: string): MarketChoice {
  if (text === 'simulated' || text === 'live') return { kind: text }
  const file = /^recorded:(.+)$/.exec(text)?.[1]
  if (file === undefined)
    throw new InvalidArgumentError('Expected simulated, recorded:<file> or live.')
  return { kind: 'recorded', file: resolve(file) }
}

/** A minute in a second, which suits recordings of one-minute bars: at their own speed most of their quotes would be too old. */
const defaultSpeed = 60

/** What the options say of the market, together. */
export function marketOf({
  market,
  from,
  speed,
  seed,
}: {
  readonly market: MarketChoice
  readonly from?: number
  readonly speed?: number
  readonly seed: string
}): LocalMarket {
  if (market.kind !== 'recorded' && (from !== undefined || speed !== undefined))
    throw new MarketOptionError()
  switch (market.kind) {
    case 'simulated':
      return { kind: market.kind, seed }
    case 'recorded':
      return { ...market, from, speed: speed ?? defaultSpeed }
    case 'live':
      return market
  }
}

/** Only a recording has a beginning and a speed. */
class MarketOptionError extends Error {
  override readonly name = 'MarketOptionError'

  constructor() {
    super('--from and --speed are for a recording; add --market recorded:<file>')
  }
}
