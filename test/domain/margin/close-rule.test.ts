import { expect, test } from 'vitest'
import { z } from 'zod'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { closeShare, sizeToCover } from '../../../lib/domain/margin/close-rule.ts'
import { casesOf, Exact, isThere, titled } from './keeper-vectors.ts'

const d = (text: string | number) => new Decimal(text)

test.skipIf(!isThere)(
  titled('step by step, the first share below the target, whichever of both fees holds'),
  () => {
    const One = z.object({ feeRate: Exact, firstShareBelow90pct: Exact })
    const all = casesOf('paradex.partialLiquidation', One)
    for (const { feeRate, firstShareBelow90pct } of all) {
      const rule = { kind: 'steps', fee: feeRate, target: d('0.9'), step: d('0.2') } as const
      const share = closeShare(rule, { value: d(80), requirement: d('88.8'), notional: d(888) })
      expect(share.toFixed()).toBe(firstShareBelow90pct.toFixed())
    }
    expect(all).toHaveLength(2)
  },
)

test('steps end with all of it where no part is enough', () => {
  const rule = { kind: 'steps', fee: d(1), target: d('0.9'), step: d('0.2') } as const
  const share = closeShare(rule, { value: d(10), requirement: d(100), notional: d(1_000) })
  expect(share.toFixed()).toBe('1')
})

test('a large position gives a fifth first, a small one and one far gone all (keepers.md §4.4)', () => {
  const rule = {
    kind: 'first-part',
    aboveNotional: d(100_000),
    part: d('0.2'),
    backstop: d(2).div(3),
  } as const
  const view = { value: d(90), requirement: d(100), notional: d(200_000) }
  expect(closeShare(rule, view).toFixed()).toBe('0.2')
  expect(closeShare(rule, { ...view, notional: d(100_000) }).toFixed()).toBe('1')
  expect(closeShare(rule, { ...view, value: d(66) }).toFixed()).toBe('1')
})

test('as little as reaches the wanted margin after the fee (keepers.md §4.4)', () => {
  const rule = { kind: 'target', fee: d('0.01'), target: d('1.1') } as const
  const view = { value: d(200), requirement: d(250), notional: d(5_000) }
  const share = closeShare(rule, view)
  expect(share.toFixed(6)).toBe('0.333333')
  const value = d(200).minus(share.mul(5_000).mul('0.01'))
  const requirement = d(250).mul(d(1).minus(share))
  expect(value.div(requirement).toFixed(4)).toBe('1.1000')
  // Where a fee eats all that closing frees, nothing less than all will do.
  expect(closeShare({ ...rule, fee: d('0.055') }, view).toFixed()).toBe('1')
  expect(closeShare({ kind: 'whole' }, view).toFixed()).toBe('1')
})

test.skipIf(!isThere)(
  titled('what covers a shortage, after the liquidator’s and the fund’s fees'),
  () => {
    const One = z.object({
      shortage: Exact,
      price: Exact,
      mr: Exact,
      liqFee: Exact,
      ifFee: Exact,
      base: Exact,
    })
    const all = casesOf('drift.baseToCoverShortage', One)
    for (const {
      mr: maintenance,
      liqFee: liquidatorFee,
      ifFee: insuranceFee,
      base,
      ...one
    } of all) {
      const found = sizeToCover({ ...one, maintenance, liquidatorFee, insuranceFee })
      expect(found?.toFixed(11)).toBe(base.toFixed(11))
    }
    expect(all).toHaveLength(3)
    const fees = { liquidatorFee: d('0.06'), insuranceFee: d('0.04') }
    expect(
      sizeToCover({ shortage: d(1), price: d(100), maintenance: d('0.1'), ...fees }),
    ).toBeUndefined()
  },
)
