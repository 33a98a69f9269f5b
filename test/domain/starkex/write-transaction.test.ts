import { describe, expect, test } from 'vitest'

import { StarkexRangeError } from '../../../lib/domain/starkex/ranges.ts'
import type { StarkexTransaction } from '../../../lib/domain/starkex/transaction.ts'
import { writeStarkexTransaction } from '../../../lib/domain/starkex/write-transaction.ts'
import {
  goldenDeleverage,
  goldenDeleverageJson,
  goldenFunding,
  goldenFundingJson,
  goldenLiquidate,
  goldenLiquidateJson,
} from './golden-transactions.ts'

test.for<readonly [StarkexTransaction, object]>([
  [goldenFunding, goldenFundingJson],
  [goldenLiquidate, goldenLiquidateJson],
  [goldenDeleverage, goldenDeleverageJson],
])('the documented $0.type is what we would write', ([transaction, json]) => {
  expect(JSON.parse(writeStarkexTransaction(transaction))).toEqual(json)
})

test('assets stand in the order of their numbers', () => {
  const ticks = goldenFunding.ticks.toReversed()
  const [text, reversed] = [goldenFunding, { ...goldenFunding, ticks }].map(writeStarkexTransaction)
  expect(reversed).toBe(text)
})

describe('nothing is written that its field cannot hold', () => {
  const order = goldenLiquidate.order
  test.for<readonly [string, StarkexTransaction]>([
    ['an amount of 65 bits', { ...goldenDeleverage, synthetic: 1n << 64n }],
    ['an amount below zero', { ...goldenDeleverage, collateral: -1n }],
    ['a position of 65 bits', { ...goldenLiquidate, liquidated: 1n << 64n }],
    ['no synthetic taken over', { ...goldenLiquidate, actualSynthetic: 0n }],
    ['an order for nothing', { ...goldenLiquidate, order: { ...order, collateral: 0n } }],
    ['a nonce of 33 bits', { ...goldenLiquidate, order: { ...order, nonce: 1n << 32n } }],
    ['an asset of 121 bits', { ...goldenDeleverage, asset: 1n << 120n }],
    [
      'an index of 65 bits',
      { ...goldenFunding, ticks: [{ assetId: 1n, fundingIndex: -(1n << 63n) - 1n }] },
    ],
  ])('%s', ([, transaction]) => {
    expect(() => writeStarkexTransaction(transaction)).toThrow(StarkexRangeError)
  })
})
