import { expect, test } from 'vitest'

import { CoreSetup } from '../../../../infra/local/starknet-box/core-setup.ts'
import { flowGas } from '../../../../infra/local/starknet-box/flow-gas.ts'
import { genesisCore, withPlanted } from '../../../../infra/local/starknet-box/genesis-core.ts'
import { selectorOf } from '../../../../infra/local/starknet-box/selectors.ts'
import { operator } from './a-core.ts'

// Millions of L2 gas that real transactions took on a local devnet, by the holdings of the closed position.

/** What every transaction takes beside its call. */
const transaction = 0.815_36

function held(count: number) {
  return Array.from({ length: count }, (_, at) => ({ assetId: BigInt(at + 2), balance: 1n }))
}

function coreWith(generation: 'C' | 'D', holdings: number) {
  const limits = {
    maxPriceInterval: 60n,
    maxOraclePriceValidity: 60n,
    maxFundingInterval: 60n,
    maxFundingRate: 1n,
  }
  const setup = CoreSetup.parse({ generation })
  const { core } = genesisCore({ ...limits, operators: [operator], assets: [] }, 0n, setup)
  const base = { ownerPublicKey: 1n, collateral: 0n }
  return withPlanted(core, [
    { ...base, id: 100n, holdings: held(holdings) },
    { ...base, id: 4n, holdings: held(40) },
  ]).core
}

function millions(generation: 'C' | 'D', holdings: number, name: 'liquidate' | 'deleverage') {
  const calldata = name === 'liquidate' ? [0n, 2n, 1n, 1n, 100n] : [0n, 100n, 4n]
  const call = { to: '0xc0', selector: selectorOf(name), calldata } as const
  return transaction + Number(flowGas(coreWith(generation, holdings), call)) / 1e6
}

test.each([
  ['C', 'liquidate', 2, 6.74],
  ['C', 'liquidate', 10, 9.54],
  ['C', 'liquidate', 40, 19.9],
  ['D', 'liquidate', 2, 7.21],
  ['D', 'liquidate', 10, 10.25],
  ['D', 'liquidate', 40, 21.57],
  ['C', 'deleverage', 1, 18.87],
  ['C', 'deleverage', 20, 25.51],
  ['D', 'deleverage', 1, 20.33],
  ['D', 'deleverage', 20, 27.57],
] as const)('generation %s: %s with %d holdings', (generation, name, holdings, recorded) => {
  const ours = millions(generation, holdings, name)
  expect(Math.abs(ours / recorded - 1)).toBeLessThan(0.02)
})

test('of what is no flow nothing is said', () => {
  const call = { to: '0xc0', selector: selectorOf('pause'), calldata: [] } as const
  expect(flowGas(coreWith('C', 1), call)).toBeUndefined()
})
