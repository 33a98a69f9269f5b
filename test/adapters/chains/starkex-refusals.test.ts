import { describe, expect, test } from 'vitest'

import { starkexRefusals } from '../../../lib/adapters/chains/starkex-refusals.ts'
import { oraclePricesTick } from '../../../lib/domain/oracle-prices-tick.ts'
import { writeStarkexTransaction } from '../../../lib/domain/starkex/write-transaction.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { goldenDeleverage, goldenLiquidate } from '../../domain/starkex/golden-transactions.ts'

const at = timestamp(1_764_000_000_000)

function aMemory() {
  let now: number = at
  const refusals = starkexRefusals({ now: () => timestamp(now) })
  return { ...refusals, pass: (ms: number) => (now += ms) }
}

const liquidation = writeStarkexTransaction({ ...goldenLiquidate, liquidated: 7n })
const deleverage = (deleveraged: bigint, deleverager: bigint) =>
  writeStarkexTransaction({ ...goldenDeleverage, deleveraged, deleverager })

describe('what was refused by how an account stood', () => {
  test('rests for a minute, and twice as long after the next time', () => {
    const it = aMemory()
    it.learn(liquidation, 'UNLIQUIDATABLE_POSITION')
    it.pass(59_999)
    expect(it.reasonAgainst(liquidation)).toBe('UNLIQUIDATABLE_POSITION')
    it.pass(1)
    expect(it.reasonAgainst(liquidation)).toBeUndefined()
    it.learn(liquidation, 'UNLIQUIDATABLE_POSITION')
    it.pass(60_000)
    expect(it.reasonAgainst(liquidation)).toBe('UNLIQUIDATABLE_POSITION')
  })

  test('may be tried again when there are new prices, but not after a tick of none', () => {
    const it = aMemory()
    for (const one of [liquidation, deleverage(1n, 2n)]) it.learn(one, 'UNFAIR')
    it.forget(oraclePricesTick([], at))
    expect(it.reasonAgainst(liquidation)).toBe('UNFAIR')
    const prices = [{ assetId: 2n, price: 1n, signed: [] }]
    it.forget(writeStarkexTransaction({ type: 'ORACLE_PRICES_TICK', at, prices }))
    expect(it.reasonAgainst(liquidation)).toBeUndefined()
    expect(it.reasonAgainst(deleverage(1n, 2n))).toBeUndefined()
  })

  test('may be tried again when one of its accounts has changed, and no other', () => {
    const it = aMemory()
    it.learn(deleverage(1n, 2n), 'UNFAIR')
    it.learn(deleverage(3n, 4n), 'UNFAIR')
    it.forget(deleverage(5n, 2n))
    expect(it.reasonAgainst(deleverage(1n, 2n))).toBeUndefined()
    expect(it.reasonAgainst(deleverage(3n, 4n))).toBe('UNFAIR')
  })
})
