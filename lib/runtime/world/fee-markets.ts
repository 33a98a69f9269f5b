import type { Market } from '../../domain/market.ts'
import type { Network } from '../network/schema.ts'

/** By chain, the market whose price its fee token has, where the network file names one. */
export function feeMarkets({ chains }: Pick<Network, 'chains'>): Readonly<Record<string, Market>> {
  return Object.fromEntries(
    Object.entries(chains).flatMap(([name, chain]) =>
      chain.kind !== 'starkex' && chain.feeMarket ? [[name, chain.feeMarket]] : [],
    ),
  )
}
