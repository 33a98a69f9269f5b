import { accountFor } from './accounts.ts'
import { entry } from './entry.ts'
import type { Finding } from './problem.ts'
import { repeated } from './repeated.ts'
import type { Network } from './schema.ts'

/** Whose turn it is everybody must reckon alike, and a profit after gas is known where the price of gas is. */
export function checkLiquidation(network: Network): readonly Finding[] {
  return Object.entries(network.engines).flatMap(([name, engine]) => {
    if (engine.kind === 'starkex' || !engine.liquidation) return []
    const chain = entry(network.chains, engine.chain)
    if (!chain || chain.kind === 'starkex') return []
    const { leastProfitUsd } = engine.liquidation
    const path = ['engines', name, 'liquidation']
    const unpriced = {
      path: [...path, 'leastProfitUsd'],
      text: `expected chains.${engine.chain}.feeMarket too: a profit is what is left after gas`,
    }
    return [
      ...(engine.kind === 'evm-engine' ? checkKeepers(network, name, engine) : []),
      ...(leastProfitUsd !== undefined && chain.feeMarket === undefined ? [unpriced] : []),
    ]
  })
}

function checkKeepers(
  { chains }: Network,
  name: string,
  { chain, liquidation }: Extract<Network['engines'][string], { kind: 'evm-engine' }>,
): readonly Finding[] {
  const { keepers = [] } = liquidation ?? {}
  const described = entry(chains, chain)
  const self = described && accountFor(described, 'liquidation')?.account.address
  if (keepers.length === 0 || self === undefined) return []
  const path = ['engines', name, 'liquidation', 'keepers']
  const listed = keepers.map((keeper, at) => ({ keeper, path: [...path, at] }))
  const isMissing = !keepers.some((keeper) => keeper === self)
  return [
    ...repeated(listed, ({ keeper }) => keeper, 'expected each keeper once'),
    ...(isMissing ? [{ path, text: `expected the account that liquidates here, ${self}` }] : []),
  ]
}
