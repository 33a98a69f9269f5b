import { describe, expect, test } from 'vitest'

import { readStarkexTransaction } from '../../lib/adapters/starkex-transaction.ts'
import { oraclePricesTick } from '../../lib/domain/oracle-prices-tick.ts'
import { writeStarkexTransaction } from '../../lib/domain/starkex/write-transaction.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { goldenPrices } from '../domain/golden-tick.ts'
import {
  goldenDeleverage,
  goldenDeleverageJson,
  goldenFunding,
  goldenFundingJson,
  goldenLiquidate,
  goldenLiquidateJson,
} from '../domain/starkex/golden-transactions.ts'

const ticksOf = (prices: object) => ({
  type: 'ORACLE_PRICES_TICK',
  oracle_prices: prices,
  timestamp: '1',
})

describe('a transaction is read as it was written', () => {
  test.for([
    [goldenFunding, goldenFundingJson],
    [goldenLiquidate, goldenLiquidateJson],
    [goldenDeleverage, goldenDeleverageJson],
  ] as const)('the documented $0.type', ([transaction, json]) => {
    expect(readStarkexTransaction(json)).toEqual(transaction)
  })

  test('the documented ORACLE_PRICES_TICK', () => {
    const text = oraclePricesTick(goldenPrices, timestamp(0))
    const read = readStarkexTransaction(JSON.parse(text))
    expect(read).toMatchObject({
      type: 'ORACLE_PRICES_TICK',
      at: 4_265_854_110_000,
      prices: goldenPrices.map(({ resolution: _resolution, ...price }) => price),
    })
    expect(read && writeStarkexTransaction(read)).toBe(text)
  })
})

describe('nothing else is read', () => {
  const { liquidator_order: order } = goldenLiquidateJson
  test.for([
    ['a kind that keepers do not send', { type: 'DEPOSIT', position_id: '1', amount: '1' }],
    ['a field too many', { ...goldenDeleverageJson, fee: '1' }],
    ['a number that is not text', { ...goldenDeleverageJson, amount_collateral: 1 }],
    ['hex in upper case', { ...goldenDeleverageJson, synthetic_asset_id: '0xA' }],
    ['an amount of 65 bits', { ...goldenDeleverageJson, amount_synthetic: String(1n << 64n) }],
    [
      'another kind of order',
      { ...goldenLiquidateJson, liquidator_order: { ...order, order_type: 'LIMIT_ORDER' } },
    ],
    ['an asset that is no number', ticksOf({ BTC: { price: '1', signed_prices: {} } })],
    ['a price of zero', ticksOf({ '0x1': { price: '0', signed_prices: {} } })],
    [
      'an asset that is there twice',
      ticksOf({
        '0x1': { price: '1', signed_prices: {} },
        '0x01': { price: '1', signed_prices: {} },
      }),
    ],
    ['something else', 'LIQUIDATE'],
  ])('%s', ([, json]) => {
    expect(readStarkexTransaction(json)).toBeUndefined()
  })
})
