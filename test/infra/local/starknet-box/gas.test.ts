import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { callContract } from '../../../../infra/local/starknet-box/call-contract.ts'
import {
  type Gas,
  gasOf,
  type MadeCall,
  revertedGas,
} from '../../../../infra/local/starknet-box/gas.ts'
import { genesisCore } from '../../../../infra/local/starknet-box/genesis-core.ts'
import { selectorOf } from '../../../../infra/local/starknet-box/selectors.ts'
import type { World } from '../../../../infra/local/starknet-box/world.ts'
import { assetName, operator, oracleName, oraclePublicKey, priceTickCalldata } from './a-core.ts'
import { conformance, titled, vectorsOf } from './vectors.ts'

const start = 1_808_000_000n

function worldOf(assets: number): World {
  const { core } = genesisCore(
    {
      operators: [operator],
      maxPriceInterval: 86_400n,
      maxOraclePriceValidity: 600n,
      maxFundingInterval: 86_400n,
      maxFundingRate: 35_792n,
      assets: Array.from({ length: assets }, (_, at) => ({
        assetId: BigInt(at + 1),
        resolutionFactor: 1_000_000n,
        quorum: 1,
        oracles: [{ publicKey: BigInt(oraclePublicKey), assetName, oracleName }],
        riskFactorTiers: [10],
        firstTierBoundary: 1n,
        tierSize: 1n,
      })),
    },
    start,
  )
  return { coreAddress: '0xc0', core, accounts: {}, balances: {}, allowances: {} }
}

type Step = { readonly name: string; readonly calldata: readonly bigint[] }

function made(world: World, steps: readonly Step[], now: bigint): readonly MadeCall[] {
  let before = world
  return steps.map(({ name, calldata }) => {
    const call = { to: '0xc0', selector: selectorOf(name), calldata } as const
    const outcome = callContract(before, call, { caller: operator, now })
    if (outcome.kind !== 'ok') throw new Error(JSON.stringify(outcome, (_, one) => String(one)))
    const one = { call, before, after: outcome.world }
    before = outcome.world
    return one
  })
}

function ticks(world: World, timestamp: bigint): readonly Step[] {
  const { operatorNonce, assets } = world.core
  return Object.values(assets).map(({ id }, at) => ({
    name: 'price_tick',
    calldata: priceTickCalldata({
      nonce: operatorNonce + BigInt(at),
      assetId: id,
      price: 10n ** 20n,
      timestamp,
    }),
  }))
}

function funding(world: World, index: bigint): readonly Step[] {
  const { operatorNonce, assets } = world.core
  const items = Object.values(assets).flatMap(({ id }) => [id, index])
  const calldata = [operatorNonce, BigInt(items.length / 2), ...items, start]
  return [{ name: 'funding_tick', calldata }]
}

const Costs = z.object({ l1_data_gas: z.string(), l2_gas: z.string() })

function recorded(name: string) {
  const vector = vectorsOf('cost').find((one) => one.case === name)
  const { l1_data_gas, l2_gas } = Costs.parse(vector?.expect)
  return { l1DataGas: BigInt(l1_data_gas), l2Gas: Number(l2_gas) }
}

/** Published data exactly; gas within a hundredth: what a class costs depends on its compiler anyway. */
function costsAs(name: string): (gas: Gas) => boolean {
  const wanted = recorded(name)
  return ({ l2Gas, l1DataGas }) =>
    l1DataGas === wanted.l1DataGas && Math.abs(Number(l2Gas) / wanted.l2Gas - 1) < 0.01
}

describe.skipIf(conformance === undefined)(
  titled('transactions cost what they cost on a real node'),
  () => {
    const world = worldOf(10)
    const activation = made(world, ticks(world, start), start)
    const active = activation.at(-1)?.after ?? world
    const later = start + 60n

    test('the first price of a market', () => {
      const one = worldOf(1)
      const first = gasOf(made(one, ticks(one, start), start))
      expect(first).toSatisfy(costsAs('price_tick_activation_1_assets_1_signer'))
    })

    test('a price of one market and of ten', () => {
      const [step] = ticks(active, later)
      const single = made(active, step === undefined ? [] : [step], later)
      expect(gasOf(single)).toSatisfy(costsAs('price_tick_1_assets_1_signers'))
      const ten = made(active, ticks(active, later), later)
      expect(gasOf(ten)).toSatisfy(costsAs('price_tick_10_assets_1_signers'))
    })

    test('a price costs the same in the second of the one before: the next block may be later', () => {
      const ten = made(active, ticks(active, start), start)
      expect(gasOf(ten)).toSatisfy(costsAs('price_tick_10_assets_1_signers'))
    })

    test('funding of ten markets: unchanged, leaving zero, changed', () => {
      const unchanged = made(active, funding(active, 0n), later)
      expect(gasOf(unchanged)).toSatisfy(costsAs('funding_tick_10_assets_unchanged'))
      const leaving = made(active, funding(active, 5n), later)
      expect(gasOf(leaving)).toSatisfy(costsAs('funding_tick_10_assets_first_nonzero'))
      const left = leaving.at(-1)?.after ?? active
      const changed = made(left, funding(left, 6n), later + 60n)
      expect(gasOf(changed)).toSatisfy(costsAs('funding_tick_10_assets_changed'))
    })

    test('a reverted one is charged for what ran before', () => {
      expect(revertedGas(0)).toSatisfy(costsAs('revert_wrong_operator_nonce'))
      expect(revertedGas(10)).toSatisfy(costsAs('revert_after_10_good_ticks'))
    })
  },
)
