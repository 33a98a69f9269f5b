import { describe, expect, test } from 'vitest'

import type {
  StarkexDeleverage,
  StarkexLiquidate,
} from '../../../../lib/domain/starkex/transaction.ts'
import {
  aBook,
  aPosition,
  bookStart,
  btcAsset,
  collateralAsset,
  ethAsset,
  liquidatorKey,
  riskyConfig,
  signedOrder,
} from './a-book.ts'

const key = BigInt(liquidatorKey.publicKey)

/** BTC at one collateral a unit: worth 50 where 125 are required; -100 of 125; short, with plenty; ours; healthy. */
const positions = new Map([
  [10n, aPosition(-950n, [[btcAsset, 1_000n]])],
  [60n, aPosition(-950n, [[btcAsset, 1_000n]])],
  [30n, aPosition(-1_100n, [[btcAsset, 1_000n]])],
  [40n, aPosition(5_000n, [[btcAsset, -600n]])],
  [20n, aPosition(10_000n, [], key)],
  [50n, aPosition(1_000n, [[btcAsset, 100n]])],
])

async function ready(options: Parameters<typeof aBook>[1] = {}) {
  const it = await aBook(positions, options)
  await it.price()
  it.fund()
  return it
}

async function aLiquidation(
  change: Partial<StarkexLiquidate> = {},
  order: Parameters<typeof signedOrder>[0] = {},
): Promise<StarkexLiquidate> {
  return {
    type: 'LIQUIDATE',
    liquidated: 10n,
    order: await signedOrder(order),
    actualCollateral: 480n,
    actualSynthetic: 500n,
    actualFee: 5n,
    ...change,
  }
}

describe('a liquidation', () => {
  test('moves what was bought, what was paid and the fee', async () => {
    const it = await ready()
    expect(it.add(await aLiquidation())).toBe('taken')
    expect(it.position(10n)).toEqual(aPosition(-470n, [[btcAsset, 500n]]))
    expect(it.position(20n)).toEqual(aPosition(9_515n, [[btcAsset, 500n]], key))
    expect(it.position(1n)).toEqual(aPosition(5n, [], 0xfeen))
  })

  test('fills an order once, in as many parts as there are', async () => {
    const it = await ready()
    expect(it.add(await aLiquidation())).toBe('taken')
    expect(it.add(await aLiquidation({ actualSynthetic: 501n }))).toBe(
      'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS',
    )
    const last = await aLiquidation({ actualSynthetic: 500n })
    expect(it.add(last)).toBe('taken')
    expect(it.position(10n)).toEqual(aPosition(10n))
    const more = await aLiquidation({
      liquidated: 60n,
      actualSynthetic: 1n,
      actualCollateral: 1n,
      actualFee: 0n,
    })
    expect(it.add(more)).toBe('INVALID_FULFILLMENT_INFO')
  })

  test.for<readonly [string, Partial<StarkexLiquidate>, Parameters<typeof signedOrder>[0], string]>(
    [
      [
        'of a healthy position',
        { liquidated: 50n, actualSynthetic: 50n, actualCollateral: 48n },
        {},
        'UNLIQUIDATABLE_POSITION',
      ],
      ['of oneself', { liquidated: 20n }, {}, 'INVALID_LIQUIDATE'],
      [
        'beyond the order’s price',
        { actualCollateral: 482n },
        {},
        'INVALID_FULFILLMENT_ASSETS_RATIO',
      ],
      ['beyond the order’s fee', { actualFee: 6n }, {}, 'INVALID_FULFILLMENT_FEE_RATIO'],
      [
        'that leaves the position worse',
        { actualCollateral: 470n, actualFee: 4n },
        {},
        'ILLEGAL_POSITION_TRANSITION_REDUCING_TOTAL_VALUE_RISK_RATIO',
      ],
      [
        'of more than is held',
        { actualSynthetic: 1_001n, actualCollateral: 960n },
        { synthetic: 2_000n, collateral: 1_920n, fee: 20n },
        'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS',
      ],
      [
        'of a long by a seller',
        {},
        { isBuying: false },
        'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS',
      ],
      ['in another collateral', {}, { collateralAsset: 5n }, 'INVALID_COLLATERAL_ASSET_ID'],
      [
        'of an asset that nobody ticked',
        {},
        { syntheticAsset: 5n },
        'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS',
      ],
      [
        'by an order that has run out',
        {},
        { expirationHours: BigInt(Math.floor(bookStart / 3_600) - 1) },
        'OUT_OF_RANGE_EXPIRATION_TIMESTAMP',
      ],
      ['for the position of another key', {}, { position: 50n }, 'INVALID_PUBLIC_KEY'],
    ],
  )('%s is refused', async ([, change, order, code]) => {
    const it = await ready()
    const before = it.exchange.state()
    expect(it.add(await aLiquidation(change, order))).toBe(code)
    expect(it.exchange.state()).toBe(before)
  })

  test('may be rounded up to a whole unit of collateral, to the loss of whoever signed', async () => {
    const it = await ready()
    expect(it.add(await aLiquidation({ actualCollateral: 481n, actualFee: 5n }))).toBe(
      'INVALID_FULFILLMENT_ASSETS_RATIO',
    )
    const odd = { actualSynthetic: 501n, actualCollateral: 481n, actualFee: 5n }
    // 501 · 0.96 is 480.96.
    expect(it.add(await aLiquidation(odd))).toBe('taken')
  })

  test('with a signature that is not right is refused', async () => {
    const it = await ready()
    const liquidation = await aLiquidation()
    const order = { ...liquidation.order, nonce: 2n }
    expect(it.add({ ...liquidation, order })).toBe('INVALID_SIGNATURE')
  })

  test('with an order that the liquidator cannot afford is refused', async () => {
    const poor = new Map([...positions, [20n, aPosition(10n, [], key)] as const])
    const it = await aBook(poor)
    await it.price()
    it.fund()
    expect(it.add(await aLiquidation())).toBe(
      'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS',
    )
  })

  test('waits for fresh funding', async () => {
    const it = await aBook(positions, { config: riskyConfig({ fundingValiditySeconds: 60 }) })
    await it.price()
    expect(it.add(await aLiquidation())).toBe('INVALID_FUNDING_TICK_TIMESTAMP')
    it.fund()
    it.pass(61)
    await it.price()
    expect(it.add(await aLiquidation())).toBe('INVALID_FUNDING_TICK_TIMESTAMP')
    it.fund()
    expect(it.add(await aLiquidation())).toBe('taken')
  })

  test('counts the funding that is due, rounded down once', async () => {
    const long = aPosition(-800n, [
      [btcAsset, 1_000n],
      [ethAsset, 1n],
    ])
    const it = await aBook(new Map([...positions, [10n, long] as const]))
    await it.price()
    it.fund()
    // 1,120 a second, of 2^32 for one: 1/8 takes five days and a half.
    it.pass(3_600 * 24 * 15)
    await it.price()
    expect(it.fund(2n ** 29n + 1n)).toBe('taken')
    // 1,000 · (1/8 + 2^-32) is 125 and a little: 126 are paid.
    const expirationHours = BigInt(Math.floor(bookStart / 3_600) + 24 * 30)
    expect(it.add(await aLiquidation({}, { expirationHours }))).toBe('taken')
    expect(it.position(10n)?.collateral).toBe(-800n - 126n + 480n)
    expect([...(it.position(10n)?.assets ?? [])]).toEqual([
      [btcAsset, { balance: 500n, cachedIndex: 2n ** 29n + 1n }],
      [ethAsset, { balance: 1n, cachedIndex: 0n }],
    ])
  })
})

function aDeleverage(change: Partial<StarkexDeleverage> = {}): StarkexDeleverage {
  return {
    type: 'DELEVERAGE',
    deleveraged: 30n,
    deleverager: 40n,
    asset: btcAsset,
    synthetic: 500n,
    collateral: 550n,
    isDeleveragerBuying: true,
    ...change,
  }
}

describe('a deleverage', () => {
  test('leaves the bankrupt one as bankrupt for its risk as it was, and no better', async () => {
    const it = await ready()
    // From -100 of 125 to -50 of 62.5: (c - 600) / 62.5 = -100 / 125.
    expect(it.add(aDeleverage())).toBe('taken')
    expect(it.position(30n)).toEqual(aPosition(-550n, [[btcAsset, 500n]]))
    expect(it.position(40n)).toEqual(aPosition(4_450n, [[btcAsset, -100n]]))
  })

  test.for<readonly [string, Partial<StarkexDeleverage>, string]>([
    ['for more than is fair', { collateral: 551n }, 'UNFAIR_DELEVERAGE'],
    [
      'for less than is fair',
      { collateral: 549n },
      'ILLEGAL_POSITION_TRANSITION_REDUCING_TOTAL_VALUE_RISK_RATIO',
    ],
    ['against oneself', { deleverager: 30n }, 'SAME_POSITION_ID'],
    [
      'beyond the other’s holding',
      { synthetic: 700n, collateral: 770n },
      'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS',
    ],
    [
      'in the wrong direction',
      { isDeleveragerBuying: false, collateral: 450n },
      'ILLEGAL_POSITION_TRANSITION_ENLARGING_SYNTHETIC_HOLDINGS',
    ],
    [
      'of one that is only liquidatable',
      { deleveraged: 10n, collateral: 475n },
      'UNDELEVERAGABLE_POSITION',
    ],
    ['of one that is not there', { deleveraged: 99n }, 'INVALID_PUBLIC_KEY'],
    ['in an asset that nobody ticked', { asset: 5n }, 'MISSING_ORACLE_PRICE'],
  ])('%s is refused', async ([, change, code]) => {
    const it = await ready()
    expect(it.add(aDeleverage(change))).toBe(code)
  })
})

test('the collateral’s id is that of the configuration', () => {
  expect(riskyConfig().collateralAssetId).toBe(`0x${collateralAsset.toString(16)}`)
})
