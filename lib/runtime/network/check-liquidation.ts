import { accountFor } from './accounts.ts'
import { entry } from './entry.ts'
import type { Finding } from './problem.ts'
import { repeated } from './repeated.ts'
import type { Network } from './schema.ts'

/** Whose turn it is everybody must reckon alike, and a profit after gas is known where the price of gas is. */
export function checkLiquidation({ engines, chains }: Network): readonly Finding[] {
  return Object.entries(engines).flatMap(([name, engine]): readonly Finding[] => {
    if (engine.kind !== 'evm-engine' || !engine.liquidation) return []
    const { keepers, leastProfitUsd } = engine.liquidation
    const chain = entry(chains, engine.chain)
    if (chain?.kind !== 'evm') return []
    const path = ['engines', name, 'liquidation']
    const listed = (keepers ?? []).map((keeper, at) => ({ keeper, path: [...path, 'keepers', at] }))
    const self = accountFor(chain, 'liquidation')?.account.address
    const isMissing = keepers !== undefined && self !== undefined && !keepers.includes(self)
    return [
      ...repeated(listed, ({ keeper }) => keeper, 'expected each keeper once'),
      ...(isMissing
        ? [
            {
              path: [...path, 'keepers'],
              text: `expected the account that liquidates here, ${self}`,
            },
          ]
        : []),
      ...(leastProfitUsd !== undefined && chain.feeMarket === undefined
        ? [
            {
              path: [...path, 'leastProfitUsd'],
              text: `expected chains.${engine.chain}.feeMarket too: a profit is what is left after gas`,
            },
          ]
        : []),
    ]
  })
}
