import { CoreConfig } from '../../../../infra/contracts/core/core-config.ts'
import { CoreSetup } from '../../../../infra/local/starknet-box/core-setup.ts'
import type { CoreState } from '../../../../infra/local/starknet-box/core-state.ts'
import { genesisCore } from '../../../../infra/local/starknet-box/genesis-core.ts'
import { assetName, governor, operator, oracleName, oraclePublicKey } from './a-core.ts'
import { type Generation, recordings } from './vectors.ts'

/** Where the recorded events have it; of the other asset no event tells. */
const spotTokens: Readonly<Record<string, string>> = {
  'WETH-6': '0x49d36570d4e46f48e99674bd3fcc84644ddd6b96f7c741b1562b82f9e004dc7',
  'WBTC-8': '0x3fe2b97c1fd336e750087d68b9b867997fd64a2661ff3ca5a7c771641e8e7ac',
}

/** A core with the limits and assets of the vectors, all assets PENDING; `oracles`: theirs, or the one of our own for each asset. */
export function recordedCore(
  now: bigint,
  oracles: 'recorded' | 'ours',
  generation: Generation = 'C',
): CoreState {
  const { config = {}, assets = [], spot_assets = [] } = recordings[generation] ?? {}
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
  const setup = CoreSetup.parse({
    generation,
    spotAssets: spot_assets.map((asset) => ({
      assetId: asset.asset_id,
      token: { address: spotTokens[asset.symbol] ?? '0x1', quantum: asset.quantum },
      resolutionFactor: asset.resolution_factor,
      quorum: 1,
      riskFactor: Number(asset.risk_factor),
      oracles: own,
    })),
  })
  return genesisCore(parsed, now, setup).core
}
