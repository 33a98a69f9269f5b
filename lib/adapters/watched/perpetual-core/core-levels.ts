import { Decimal } from '../../../domain/decimal.ts'
import { starknetIndexCap } from '../../../domain/funding/index-change.ts'
import { timestamp } from '../../../domain/time.ts'
import type { LevelSight } from '../../../domain/watch/system-sight.ts'
import type { AssetTold, CoreClocks } from './read-core.ts'

/** The exchange's numbers: how many assets it has, what its insurance fund is worth, and each asset's funding index. */
export function coreLevels(clocks: CoreClocks): readonly LevelSight[] {
  const { activeSynthetics, insuranceFund, assets } = clocks
  return [
    { name: 'active-synthetics', value: activeSynthetics, unit: 'assets' },
    ...(insuranceFund === undefined
      ? []
      : [
          {
            name: 'insurance-fund',
            value: new Decimal(String(insuranceFund)).div(1_000_000).toNumber(),
            unit: 'USD',
            pays: true as const,
          },
        ]),
    ...assets
      .filter(({ isSynthetic, lastPriceUpdate }) => isSynthetic && lastPriceUpdate > 0)
      .map((asset) => fundingIndex(asset, clocks)),
  ]
}

/**
 * What one coin held long has paid since the beginning, in USD, and what the contract lets it change by within an hour at the
 * price that it has in this block. It takes no more for each second since the tick before (assets.cairo, validate_funding_rate).
 */
function fundingIndex(
  { name, price, fundingIndex: index, resolutionFactor }: AssetTold,
  { lastFundingTick, maxFundingRate }: CoreClocks,
): LevelSight {
  const usd = (value: bigint) => usdOfCoin(value, resolutionFactor)
  return {
    name: `funding-index:${name}`,
    value: usd(index),
    unit: 'USD',
    writtenAt: timestamp(lastFundingTick * 1000),
    ...(maxFundingRate !== undefined && {
      mostPerHour: usd(starknetIndexCap({ price, maxFundingRate, seconds: 3_600n })),
    }),
  }
}

/** An index counts millionths of a USD for one smallest unit, in parts of 2^32; a coin has so many units. */
function usdOfCoin(index: bigint, resolutionFactor: bigint): number {
  return new Decimal(String(index * resolutionFactor))
    .div(2 ** 32)
    .div(1_000_000)
    .toNumber()
}
