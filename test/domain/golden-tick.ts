import type { TickPrice } from '../../lib/domain/oracle-prices-tick.ts'
import { timestamp } from '../../lib/domain/time.ts'

/**
 * The documented ORACLE_PRICES_TICK of StarkEx perpetual (also the mock of threesigmaxyz/starkex-dotnet-sdk): its three
 * signatures are right, its prices come of them, its times are random.
 */
export const goldenPrices: readonly (TickPrice & { readonly resolution: bigint })[] = [
  {
    assetId: 0x0n,
    resolution: 10n ** 10n,
    price: 4_345_629_098_988_793_194n,
    signed: [
      {
        key: 0x2ae10445c08f66270cd8d3a71cdac5630a541b1f7d13e47ec1d0373ce3e8fd3n,
        externalAssetId: 0x425443555344000000000000000000004d616b6572n,
        wire: 10_117_956_201_985_462_554_675_959_028_152n,
        at: timestamp(3_618_339_112_000),
        r: 0x6f301f84b4622bcd472a0f375469ce1118d0ce45cb8f9f089ce403981ce5154n,
        s: 0xd17a6912b8dd4110ff9f643422448f3a9e725a07be3108aeeccf4a9e9dbdd0n,
      },
    ],
  },
  {
    assetId: 0x1n,
    resolution: 10n ** 8n,
    // The upper of its two.
    price: 14_829_673_561_266_596_382n,
    signed: [
      {
        key: 0x35007be34c2c3d47d2216cb3e13f61d65f4c3c76bb4c57bf1afbe7388bc3238n,
        externalAssetId: 0x455448555344000000000000000000004d616b6572n,
        wire: 216_314_955_048_675_504_460_053_108_771n,
        at: timestamp(4_265_854_110_000),
        r: 0x7272c78aab3a1d59cde4cec98630ea164ba79a7efd07dd987f0c4eb3b32d6e3n,
        s: 0x6b86d1c1d08bb9b3bb9dde346bf76a1bf5b4c8a13cf875ba194080756312932n,
      },
      {
        key: 0x4722c15415ba4ab0a1b3a516be64b94846e9257d25e619c6014f8af08acf90cn,
        externalAssetId: 0x455448555344000000000000000000004d616b6572n,
        wire: 345_280_244_044_647_467_828_513_979_784n,
        at: timestamp(2_685_496_293_000),
        r: 0x7912daf400f5d87299b2f9f7593f99015835b62cd15efe74f2a31a590c59773n,
        s: 0x57eed714363fc4cae375a0adb938651d5e450fc6efaf61ce73ec64f578f0566n,
      },
    ],
  },
]

/** Of USDC, in every example. */
export const goldenCollateral = 10n ** 6n

/** What its signers signed, in its order. */
export const goldenMessages = [
  0xc833149fbac6da14c672492f03787b88a2e19a3f9beb8899220367e3b7d84fn,
  0x3967bde86f1f9a2286d6c1fc6a6d64af29fa886fa85556ab2cffcec2cdf80c6n,
  0x2889d82a6cb85bd5530563e98ea1b19b4f9d601a5a11910933a4b809826c429n,
]
