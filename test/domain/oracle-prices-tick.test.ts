import { pedersen } from '@scure/starknet'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { starkCurve } from '../../lib/adapters/signers/stark-wasm/stark-curve.ts'
import { oraclePricesTick } from '../../lib/domain/oracle-prices-tick.ts'
import { PriceRangeError, priceMessage, starkexPrice } from '../../lib/domain/price-message.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { goldenCollateral, goldenMessages, goldenPrices } from './golden-tick.ts'

const signedPrices = goldenPrices.flatMap(({ signed }) => signed)

describe('the tick of StarkEx’s own documents', () => {
  test('has our messages and, by our curve, right signatures', () => {
    const words = signedPrices.map(({ externalAssetId, wire, at }) => {
      const names = {
        assetName: externalAssetId >> 40n,
        oracleName: externalAssetId & ((1n << 40n) - 1n),
      }
      return priceMessage(names, wire, at)
    })
    expect(starkCurve.pedersen(words)).toEqual(goldenMessages)
    expect(words.map(({ first, second }) => BigInt(pedersen(first, second)))).toEqual(
      goldenMessages,
    )
    const claims = signedPrices.map(({ key, r, s }, at) => ({
      key,
      r,
      s,
      hash: goldenMessages[at] ?? 0n,
    }))
    expect(starkCurve.verify(claims)).toEqual([true, true, true])
    expect(starkCurve.verify(claims.map((one) => ({ ...one, hash: one.hash + 1n })))).toEqual([
      false,
      false,
      false,
    ])
  })

  test('has the prices that its oracles’ become, rounded half up', () => {
    const stored = goldenPrices.map(({ signed, resolution }) =>
      signed.map(({ wire }) =>
        starkexPrice(wire, { asset: resolution, collateral: goldenCollateral }),
      ),
    )
    expect(stored[0]).toEqual([4_345_629_098_988_793_194n])
    expect(stored[1]?.[1]).toBe(14_829_673_561_266_596_382n)
    // Rounded down, each would be one less.
    const floors = goldenPrices.map(
      ({ signed, resolution }) =>
        ((signed.at(-1)?.wire ?? 0n) * goldenCollateral * 2n ** 32n) / (resolution * 10n ** 18n),
    )
    expect(floors).toEqual([4_345_629_098_988_793_193n, 14_829_673_561_266_596_381n])
  })

  test('is what we would write', () => {
    const text = oraclePricesTick(goldenPrices, timestamp(0))
    expect(JSON.parse(text)).toEqual({
      type: 'ORACLE_PRICES_TICK',
      oracle_prices: {
        '0x0': {
          price: '4345629098988793194',
          signed_prices: {
            '0x2ae10445c08f66270cd8d3a71cdac5630a541b1f7d13e47ec1d0373ce3e8fd3': {
              external_asset_id: '0x425443555344000000000000000000004d616b6572',
              price: '10117956201985462554675959028152',
              timestamped_signature: {
                signature: {
                  r: '0x6f301f84b4622bcd472a0f375469ce1118d0ce45cb8f9f089ce403981ce5154',
                  s: '0xd17a6912b8dd4110ff9f643422448f3a9e725a07be3108aeeccf4a9e9dbdd0',
                },
                timestamp: '3618339112',
              },
            },
          },
        },
        '0x1': {
          price: '14829673561266596382',
          signed_prices: {
            '0x35007be34c2c3d47d2216cb3e13f61d65f4c3c76bb4c57bf1afbe7388bc3238': {
              external_asset_id: '0x455448555344000000000000000000004d616b6572',
              price: '216314955048675504460053108771',
              timestamped_signature: {
                signature: {
                  r: '0x7272c78aab3a1d59cde4cec98630ea164ba79a7efd07dd987f0c4eb3b32d6e3',
                  s: '0x6b86d1c1d08bb9b3bb9dde346bf76a1bf5b4c8a13cf875ba194080756312932',
                },
                timestamp: '4265854110',
              },
            },
            '0x4722c15415ba4ab0a1b3a516be64b94846e9257d25e619c6014f8af08acf90c': {
              external_asset_id: '0x455448555344000000000000000000004d616b6572',
              price: '345280244044647467828513979784',
              timestamped_signature: {
                signature: {
                  r: '0x7912daf400f5d87299b2f9f7593f99015835b62cd15efe74f2a31a590c59773',
                  s: '0x57eed714363fc4cae375a0adb938651d5e450fc6efaf61ce73ec64f578f0566',
                },
                timestamp: '2685496293',
              },
            },
          },
        },
      },
      // Never before its newest signature.
      timestamp: '4265854110',
    })
  })
})

describe('a tick', () => {
  test('is of the moment where that is later than its signatures, rounded down to a second', () => {
    const { timestamp: time } = JSON.parse(
      oraclePricesTick(goldenPrices, timestamp(4_280_000_000_999)),
    ) as { timestamp: string }
    expect(time).toBe('4280000000')
  })

  test('has assets and signers in ascending order, however they come', () => {
    const mixed = goldenPrices
      .map((one) => ({ ...one, signed: one.signed.toReversed() }))
      .toReversed()
    expect(oraclePricesTick(mixed, timestamp(0))).toBe(oraclePricesTick(goldenPrices, timestamp(0)))
  })

  test('without prices only moves the time', () => {
    expect(oraclePricesTick([], timestamp(1_700_000_000_500))).toBe(
      '{"type":"ORACLE_PRICES_TICK","oracle_prices":{},"timestamp":"1700000000"}',
    )
  })
})

const link = { asset: 10n ** 7n, collateral: 10n ** 6n }

const price = (wire: bigint, asset = 1n) => starkexPrice(wire, { asset, collateral: 10n ** 6n })

describe('a price as StarkEx stores it', () => {
  // l2beat/starkex-explorer, a tick of ApeX: LINK-7.
  test.for([
    ['6.617', 6_617_000_000_000_000_000n, 2_841_979_860n],
    ['6.614', 6_614_000_000_000_000_000n, 2_840_691_370n],
  ] as const)('LINK at %s', ([, wire, stored]) => {
    expect(starkexPrice(wire, link)).toBe(stored)
  })

  test('is half a unit off at most, and just half goes up', () => {
    const resolution = { asset: 2n ** 32n, collateral: 1n }
    expect(starkexPrice(5n * 10n ** 17n, resolution)).toBe(1n)
    expect(starkexPrice(15n * 10n ** 17n, resolution)).toBe(2n)
    expect(starkexPrice(15n * 10n ** 17n - 1n, resolution)).toBe(1n)
    fc.assert(
      fc.property(
        fc.bigInt(10n ** 15n, 10n ** 25n),
        fc.bigInt(1n, 10n ** 10n),
        fc.bigInt(1n, 10n ** 6n),
        (wire, asset, collateral) => {
          const exact = wire * collateral * 2n ** 32n
          const unit = asset * 10n ** 18n
          fc.pre(exact >= unit && exact < unit * 2n ** 63n)
          const off = starkexPrice(wire, { asset, collateral }) * unit - exact
          expect(2n * off <= unit && 2n * off > -unit).toBe(true)
        },
      ),
    )
  })

  test('is refused where the exchange’s program would refuse it', () => {
    expect(() => price(0n)).toThrow(PriceRangeError)
    expect(() => price(1n, 10n ** 10n)).toThrow(PriceRangeError)
    expect(() => price(10n ** 40n)).toThrow(PriceRangeError)
    expect(() => price(10n ** 30n)).toThrow(PriceRangeError)
    expect(() => price(10n ** 18n, 0n)).toThrow(PriceRangeError)
    expect(() => price(10n ** 18n, 2n ** 64n)).toThrow(PriceRangeError)
  })
})
