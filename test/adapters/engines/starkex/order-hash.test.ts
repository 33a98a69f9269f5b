import { pedersen, Signature, verify } from '@scure/starknet'
import { describe, expect, test } from 'vitest'

import {
  signStarkexOrder,
  starkexOrderHash,
} from '../../../../lib/adapters/engines/starkex/order-hash.ts'
import { starkCurve } from '../../../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import type { LimitOrder } from '../../../../lib/domain/starkex/transaction.ts'
import { goldenLiquidate, goldenOrderHash } from '../../../domain/starkex/golden-transactions.ts'
import { starkKey } from '../../chains/keys.ts'

const { order } = goldenLiquidate

const hashed = (one: bigint, other: bigint) => BigInt(pedersen(one, other))

describe('the order of the documented LIQUIDATE', () => {
  test('has the hash that it was signed by', () => {
    expect(starkexOrderHash(starkCurve, order)).toBe(goldenOrderHash)
  })

  test('is signed right, but not with the nonce that another copy of it has', () => {
    const claim = (nonce: bigint) => ({
      key: order.publicKey,
      hash: starkexOrderHash(starkCurve, { ...order, nonce }),
      r: order.r,
      s: order.s,
    })
    expect(starkCurve.verify([claim(order.nonce), claim(390_031_515n)])).toEqual([true, false])
  })
})

test('an order of nothing but ones has the hash of StarkEx’s own test', () => {
  const ones: LimitOrder = {
    nonce: 1n,
    publicKey: 1n,
    synthetic: 1n,
    collateral: 1n,
    fee: 1n,
    syntheticAsset: 1n,
    collateralAsset: 1n,
    position: 1n,
    isBuying: true,
    expirationHours: 1n,
  }
  expect(starkexOrderHash(starkCurve, ones)).toBe(
    0x2eb156da69980db458ab9a1950073d51edc5b2393a49a9de550375076d9c104n,
  )
})

test('a buyer gives the collateral: its asset and amount come first', () => {
  const buying = { ...order, isBuying: true }
  const assets = hashed(hashed(order.collateralAsset, order.syntheticAsset), order.collateralAsset)
  const amounts =
    ((order.collateral * 2n ** 64n + order.synthetic) * 2n ** 64n + order.fee) * 2n ** 32n +
    order.nonce
  const positions = order.position * (1n + 2n ** 64n + 2n ** 128n) + 3n * 2n ** 192n
  const last = (positions * 2n ** 32n + order.expirationHours) * 2n ** 17n
  expect(starkexOrderHash(starkCurve, buying)).toBe(hashed(hashed(assets, amounts), last))
})

test('what we sign, another library verifies', async () => {
  const key = starkKey('0x1234')
  const { r, s } = await signStarkexOrder(starkCurve, order, key)
  const hash = goldenOrderHash.toString(16).padStart(64, '0')
  const x = key.publicKey.slice(2).padStart(64, '0')
  expect(['02', '03'].some((sign) => verify(new Signature(r, s), hash, sign + x))).toBe(true)
})
