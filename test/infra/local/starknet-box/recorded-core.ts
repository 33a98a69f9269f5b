import { CoreConfig } from '../../../../infra/contracts/core/core-config.ts'
import type { CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { genesisCore } from '../../../../infra/local/starknet-box/genesis-core.ts'
import { assetName, governor, operator, oracleName, oraclePublicKey } from './a-core.ts'
import { conformance } from './vectors.ts'

/** A core with the limits and assets of the vectors, all assets PENDING; `oracles`: theirs, or the one of our own for each asset. */
export function recordedCore(now: bigint, oracles: 'recorded' | 'ours'): CoreState {
  const { config = {}, assets = [] } = conformance ?? {}
  const own = [
    { publicKey: oraclePublicKey, assetName: String(assetName), oracleName: String(oracleName) },
  ]
  const parsed = CoreConfig.parse({
    governor: String(governor),
    operators: [String(operator)],
    maxPriceInterval: config['maxPriceInterval'],
    maxOraclePriceValidity: config['maxOracleValidity'],
    maxFundingInterval: config['maxFundingInterval'],
    maxFundingRate: config['maxFundingRate'],
    assets: assets.map((asset) => ({
      assetId: asset.asset_id,
      resolutionFactor: asset.resolution_factor,
      quorum: oracles === 'ours' ? 1 : Number(asset.quorum),
      riskFactorTiers: asset.risk_factor_tiers.map(Number),
      firstTierBoundary: asset.first_tier_boundary,
      tierSize: asset.tier_size,
      oracles:
        oracles === 'ours'
          ? own
          : asset.oracles.map((oracle) => ({
              publicKey: oracle.public_key,
              assetName: oracle.asset_name,
              oracleName: oracle.oracle_name,
            })),
    })),
  })
  return genesisCore(parsed, now).core
}
