import { existsSync, readFileSync } from 'node:fs'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'

import { bumpEvm, marketFee, mostOfEvm } from '../../../lib/adapters/chains/evm-fee.ts'
import {
  bumpStarknet,
  marketStarknet,
  mostOfStarknet,
} from '../../../lib/adapters/chains/starknet-fee.ts'
import { type EvmFee, type StarknetFee, withAmountsOf } from '../../../lib/domain/fee.ts'

const least = (value: bigint) => value + (value * 10n + 99n) / 100n

/** The mempool's predicate (apollo_mempool): both at least a tenth more, rounded up. */
function poolReplaces(
  existing: { readonly tip: bigint; readonly price: bigint },
  incoming: { readonly tip: bigint; readonly price: bigint },
): boolean {
  return incoming.tip >= least(existing.tip) && incoming.price >= least(existing.price)
}

/** Erigon's and Nethermind's: both at least an eighth more. */
function evmReplaces(existing: EvmFee, incoming: EvmFee): boolean {
  return (
    incoming.maxFeePerGas * 8n >= existing.maxFeePerGas * 9n &&
    incoming.maxPriorityFeePerGas * 8n >= existing.maxPriorityFeePerGas * 9n &&
    incoming.maxFeePerGas > existing.maxFeePerGas &&
    incoming.maxPriorityFeePerGas > existing.maxPriorityFeePerGas &&
    incoming.maxFeePerGas >= incoming.maxPriorityFeePerGas
  )
}

const of = ({ tip, l2Gas }: StarknetFee) => ({ tip, price: l2Gas.maxPricePerUnit })

const price = fc.bigInt(0n, 2n ** 60n)
const bound = fc.record({ maxAmount: price, maxPricePerUnit: price })
const starknetFee: fc.Arbitrary<StarknetFee> = fc.record({
  kind: fc.constant('starknet'),
  tip: price,
  l1Gas: bound,
  l2Gas: bound,
  l1DataGas: bound,
})
const evmFee: fc.Arbitrary<EvmFee> = fc
  .record({ gas: price, tip: price, above: price })
  .map(({ gas, tip, above }) => ({
    kind: 'evm',
    gas,
    maxFeePerGas: tip + above,
    maxPriorityFeePerGas: tip,
  }))

/** geth's blob pool (`blobpool.pricebump`, 100): all three at least twice as much. */
function blobPoolReplaces(existing: EvmFee, incoming: EvmFee): boolean {
  const [before, after] = [existing.blobs?.maxFeePerGas ?? 0n, incoming.blobs?.maxFeePerGas ?? 0n]
  return (
    incoming.maxFeePerGas >= 2n * existing.maxFeePerGas &&
    incoming.maxPriorityFeePerGas >= 2n * existing.maxPriorityFeePerGas &&
    after >= 2n * before &&
    evmReplaces(existing, incoming) &&
    after > before
  )
}

const blobFee: fc.Arbitrary<EvmFee> = fc
  .tuple(evmFee, fc.record({ gas: price, maxFeePerGas: price }))
  .map(([fee, blobs]) => ({ ...fee, blobs }))

const vectors = new URL('../../../../shared/vectors/keepers.json', import.meta.url)
const Replacement = z.object({
  'starknet.mempoolReplacement': z.object({
    cases: z.array(
      z.object({
        existing: z.object({ tip: z.int(), maxL2GasPrice: z.int() }),
        incoming: z.object({ tip: z.int(), maxL2GasPrice: z.int() }),
        replaced: z.boolean(),
      }),
    ),
  }),
})

describe('on Starknet', () => {
  test.skipIf(!existsSync(vectors))(
    'the pool’s rule as it is held against here is that of the vectors (skipped where they are not beside the project)',
    () => {
      const all = Replacement.parse(JSON.parse(readFileSync(vectors, 'utf8')))
      for (const { existing, incoming, replaced } of all['starknet.mempoolReplacement'].cases) {
        const [before, after] = [existing, incoming].map(({ tip, maxL2GasPrice }) => ({
          tip: BigInt(tip),
          price: BigInt(maxL2GasPrice),
        }))
        expect(before && after && poolReplaces(before, after)).toBe(replaced)
      }
    },
  )

  test.skipIf(!existsSync(vectors))(
    'what replaces the fee of each vector is at least what the pool takes there',
    () => {
      const all = Replacement.parse(JSON.parse(readFileSync(vectors, 'utf8')))
      for (const { existing } of all['starknet.mempoolReplacement'].cases) {
        const nothing = { maxAmount: 0n, maxPricePerUnit: 0n }
        const l2Gas = { maxAmount: 1n, maxPricePerUnit: BigInt(existing.maxL2GasPrice) }
        const tip = BigInt(existing.tip)
        const fee = { kind: 'starknet', tip, l1Gas: nothing, l2Gas, l1DataGas: nothing } as const
        expect(poolReplaces(of(fee), of(bumpStarknet(fee, fee)))).toBe(true)
      }
    },
  )

  test('every replacement is taken by the pool, follows the market, and a no-op takes no more than its own gas', () => {
    const law = fc.property(starknetFee, starknetFee, (fee, market) => {
      const next = bumpStarknet(fee, market)
      expect(poolReplaces(of(fee), of(next))).toBe(true)
      expect(next.tip).toBeGreaterThanOrEqual(market.tip)
      expect(next.l2Gas.maxPricePerUnit).toBeGreaterThanOrEqual(market.l2Gas.maxPricePerUnit)
      expect(mostOfStarknet(next)).toBeGreaterThanOrEqual(mostOfStarknet(fee))
      const own = withAmountsOf(fee, market)
      const nothing = own.kind === 'starknet' ? bumpStarknet(own, market) : undefined
      expect(nothing && poolReplaces(of(fee), of(nothing))).toBe(true)
      expect(nothing?.l2Gas.maxAmount).toBe(market.l2Gas.maxAmount)
    })
    fc.assert(law, { numRuns: 500 })
  })

  test('after n replacements the fee is 1.1^n at least, and rises no faster where the market stands', () => {
    const seen = { consumed: 1_000_000n, price: 8_000_000_000n }
    let fee = marketStarknet({ l1Gas: seen, l2Gas: seen, l1DataGas: seen, tip: 1_000_000_000n })
    const first = fee
    for (let times = 0; times < 8; times += 1) fee = bumpStarknet(fee, first)
    expect(Number(fee.tip) / Number(first.tip)).toBeCloseTo(1.1 ** 8, 5)
    expect(Number(of(fee).price) / Number(of(first).price)).toBeCloseTo(1.1 ** 8, 5)
  })
})

describe('on an EVM chain', () => {
  test('every replacement is taken by every pool, follows the market, and a no-op takes no more than its own gas', () => {
    const law = fc.property(evmFee, evmFee, (fee, market) => {
      const next = bumpEvm(fee, market)
      expect(evmReplaces(fee, next)).toBe(true)
      expect(next.maxFeePerGas).toBeGreaterThanOrEqual(market.maxFeePerGas)
      const own = withAmountsOf(fee, market)
      const nothing = own.kind === 'evm' ? bumpEvm(own, market) : undefined
      expect(nothing && evmReplaces(fee, nothing)).toBe(true)
      expect(nothing?.gas).toBe(market.gas)
    })
    fc.assert(law, { numRuns: 500 })
  })

  test('after n replacements the fee is 1.125^n, where the market stands', () => {
    const first = marketFee({ gas: 1n, baseFeePerGas: 10n ** 10n, priorityFeePerGas: 10n ** 9n })
    let fee = first
    for (let times = 0; times < 8; times += 1) fee = bumpEvm(fee, first)
    expect(Number(mostOfEvm(fee)) / Number(mostOfEvm(first))).toBeCloseTo(1.125 ** 8, 5)
  })

  test('with blobs every replacement is twice as dear in each of its prices, as their pools ask, and so is a no-op', () => {
    const law = fc.property(blobFee, blobFee, (fee, market) => {
      const next = bumpEvm(fee, market)
      expect(blobPoolReplaces(fee, next)).toBe(true)
      expect(next.blobs?.maxFeePerGas).toBeGreaterThanOrEqual(market.blobs?.maxFeePerGas ?? 0n)
      const own = withAmountsOf(fee, market)
      const nothing = own.kind === 'evm' ? bumpEvm(own, market) : undefined
      expect(nothing && blobPoolReplaces(fee, nothing)).toBe(true)
      expect(nothing).toMatchObject({ gas: market.gas, blobs: { gas: market.blobs?.gas } })
    })
    fc.assert(law, { numRuns: 500 })
  })

  test('a transaction with two blobs may cost its gas and theirs, each at twice what it costs now', () => {
    const fee = marketFee({
      gas: 100_000n,
      baseFeePerGas: 10n,
      priorityFeePerGas: 3n,
      blobs: { count: 2, baseFeePerGas: 7n },
    })
    expect(mostOfEvm(fee)).toBe(125_000n * 23n + 2n * 131_072n * 14n)
  })
})
