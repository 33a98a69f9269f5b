import { CoreConfig } from '../../../../infra/contracts/core/core-config.ts'
import { boxAccounts } from '../../../../infra/local/starknet-box/box-accounts.ts'
import type { BoxOptionsInput } from '../../../../infra/local/starknet-box/box-options.ts'
import { type Timestamp, timestamp } from '../../../../lib/domain/time.ts'
import { assetName, oracleName, oraclePublicKey } from './a-core.ts'

/** A core as options and files write it. */
export function asInput(config: CoreConfig): BoxOptionsInput['core'] {
  const text = JSON.stringify(config, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return JSON.parse(text) as BoxOptionsInput['core']
}

export const btc = 0x4254432d3600000000000000000000n
export const eth = 0x4554482d3400000000000000000000n

/** Two markets that one oracle of our own may sign for; the box's first account is governor and operator. */
export function aCore(): BoxOptionsInput['core'] {
  const [operator] = boxAccounts({})
  return {
    operators: [operator?.address ?? ''],
    maxPriceInterval: 86_400,
    maxOraclePriceValidity: 600,
    maxFundingInterval: 86_400,
    maxFundingRate: 35_792,
    assets: [btc, eth].map((assetId) => ({
      assetId: String(assetId),
      resolutionFactor: 1_000_000,
      quorum: 1,
      oracles: [
        {
          publicKey: oraclePublicKey,
          assetName: String(assetName),
          oracleName: String(oracleName),
        },
      ],
      riskFactorTiers: [10, 20],
      firstTierBoundary: 1_000_000,
      tierSize: 1_000_000,
    })),
  }
}

/** A clock that moves by hand; it begins at a time of no importance. */
export function handClock() {
  let now = timestamp(1_800_000_000_000)
  return {
    now: (): Timestamp => now,
    advance(seconds: number): void {
      now = timestamp(now + seconds * 1000)
    },
  }
}
