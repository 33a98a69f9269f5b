import { describe, expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import {
  type CoreDeleverage,
  judgeDeleverage,
} from '../../../lib/domain/margin/starknet-deleverage.ts'
import {
  type CoreSpotLiquidation,
  judgeLiquidation,
  judgeSpotLiquidation,
} from '../../../lib/domain/margin/starknet-liquidation.ts'
import type { CoreMark } from '../../../lib/domain/margin/starknet-margin.ts'
import { answerOf } from './recorded-calls.ts'

// Which word wins where several rules are broken: the order in which deleverage_manager.cairo, liquidation_manager.cairo and
// positions.cairo of starknet-perpetual ask.

const mark: CoreMark = {
  kind: 'synthetic',
  price: 100n << 28n,
  fundingIndex: 0n,
  riskFactorTiers: [500n],
  firstTierBoundary: 10n ** 9n,
  tierSize: 10n ** 9n,
}
const spot: CoreMark = { ...mark, kind: 'spot' }
const share: CoreMark = { ...mark, kind: 'vault-share' }

function holding(id: string, balance: bigint, collateral: bigint): Account {
  return { id, collateral, holdings: [{ asset: 'A', balance, fundingIndex: 0n }] }
}

function aDeleverage(it: CoreMark, other: Partial<CoreDeleverage> = {}): CoreDeleverage {
  return {
    generation: 'D',
    marks: { A: it },
    deleveraged: holding('7', 40n, -5_000n),
    deleverager: holding('9', -40n, 10n ** 9n),
    asset: 'A',
    base: -40n,
    quote: 5_000n,
    interestDeleveraged: 0n,
    interestDeleverager: 0n,
    ...other,
  }
}

function aLiquidation(it: CoreMark, other: Partial<CoreSpotLiquidation> = {}): CoreSpotLiquidation {
  return {
    generation: 'D',
    marks: { A: it },
    liquidated: holding('7', 40n, -3_900n),
    liquidator: { id: '9', collateral: 10n ** 9n, holdings: [] },
    asset: 'A',
    base: -40n,
    quote: 4_000n,
    liquidatedFee: 0n,
    liquidatorFee: 0n,
    interestLiquidated: 0n,
    interestLiquidator: 0n,
    ...other,
  }
}

const deleverage = (...told: Parameters<typeof aDeleverage>) =>
  answerOf(judgeDeleverage(aDeleverage(...told)))
const liquidate = (...told: Parameters<typeof aLiquidation>) =>
  answerOf(judgeLiquidation(aLiquidation(...told)))
const liquidateSpot = (...told: Parameters<typeof aLiquidation>) =>
  answerOf(judgeSpotLiquidation(aLiquidation(...told)))

describe('a deleverage', () => {
  const itself = { deleverager: holding('7', 40n, -5_000n) }

  test('of an asset that is not listed or not active is refused for that, also between a position and itself', () => {
    expect(deleverage(mark, itself)).toBe('INVALID_SAME_POSITIONS')
    expect(deleverage(mark, { ...itself, asset: 'B' })).toBe('ASSET_NOT_EXISTS')
    expect(deleverage(mark, { ...itself, asset: 'B', generation: 'C' })).toBe('NOT_SYNTHETIC')
    expect(deleverage({ ...mark, status: 'inactive' }, itself)).toBe('INACTIVE_ASSET')
  })

  test('of vault shares is refused for that only once its amounts are in order', () => {
    expect(deleverage(share)).toBe('NO_DELEVERAGE_VAULT_SHARES')
    expect(deleverage({ ...share, status: 'pending' })).toBe('INACTIVE_ASSET')
    expect(deleverage(share, itself)).toBe('INVALID_SAME_POSITIONS')
    expect(deleverage(share, { base: 0n })).toBe('INVALID_ZERO_AMOUNT')
    expect(deleverage(share, { quote: -5_000n })).toBe('INVALID_AMOUNT_SIGN')
  })

  test('sells a spot holding, and does not buy one below zero back', () => {
    expect(deleverage(spot)).toBe('ok')
    const short = { deleveraged: holding('7', -40n, 1_000n), base: 40n, quote: -1_000n }
    expect(deleverage(spot, short)).toBe('INVALID_AMOUNT_SIGN')
    expect(deleverage(spot, { ...short, base: -1n, quote: 1n })).toBe('INVALID_SHRINK_TO_NEGATIVE')
    expect(deleverage(mark, { ...short, deleverager: holding('9', 40n, 10n ** 9n) })).toBe('ok')
  })
})

describe('a liquidation', () => {
  test('of vault shares is refused for that only once orders and interest are in order', () => {
    expect(liquidate(share)).toBe('USE_LIQUIDATE_VAULT_SHARES')
    expect(liquidate({ ...share, status: 'pending' })).toBe('SYNTHETIC_NOT_ACTIVE')
    expect(liquidate(share, { liquidatedFee: 4_000n })).toBe('INVALID_QUOTE_FEE_AMOUNT')
    expect(liquidate(share, { quote: -4_000n })).toBe('INVALID_AMOUNT_SIGN')
    const clock = { now: 10n ** 6n, exchangeTime: 0n, lastUpdate: 0n, maxRatePerSecond: 0n }
    const interest = { clock: { ...clock, divergence: 0n }, lastApplied: {} }
    const early = { interestLiquidated: -1n, interest }
    expect(liquidate(share, early)).toBe('TIMESTAMP_TOO_OLD')
  })

  test('sells a spot holding, and does not buy one below zero back', () => {
    const short = { liquidated: holding('7', -40n, 3_900n), base: 40n, quote: -3_900n }
    expect(liquidate(spot, short)).toBe('INVALID_AMOUNT_SIGN')
    expect(liquidate(mark, short)).toBe('ok')
  })
})

describe('a liquidation of spot collateral', () => {
  const fund = { liquidator: { id: '1', collateral: 10n ** 9n, holdings: [] } }
  const fees = { ...fund.liquidator, id: '0' }

  test('looks at the asset’s type before it looks at the positions, and at the status after them', () => {
    expect(liquidateSpot(spot, fund)).toBe('CANT_LIQUIDATE_IF_POSITION')
    expect(liquidateSpot(mark, fund)).toBe('INVALID_ASSET_TYPE')
    expect(liquidateSpot(spot, { ...fund, asset: 'B' })).toBe('NO_SUCH_ASSET')
    expect(liquidateSpot({ ...spot, status: 'inactive' }, fund)).toBe('CANT_LIQUIDATE_IF_POSITION')
  })

  test('looks at who gets the asset before it looks at who pays', () => {
    expect(liquidateSpot(spot, { ...fund, receiver: fees })).toBe('CANT_LIQUIDATE_WITH_FP')
    expect(liquidateSpot(spot, { liquidator: fees })).toBe('CANT_LIQUIDATE_WITH_FP')
    const itself = { receiver: holding('7', 40n, -3_900n) }
    expect(liquidateSpot(spot, { ...fund, ...itself })).toBe('INVALID_SAME_POSITIONS')
  })
})
