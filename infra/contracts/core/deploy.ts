import { type CairoCall, type CairoDeployer, CairoDeploymentError } from '../cairo/deploy-cairo.ts'
import { coreSource } from './core-class.ts'
import type { CoreAssetConfig, CoreConfig } from './core-config.ts'

/** Deploys our core, which the account governs, and registers its operators, assets and oracles. */
export async function deployCore(
  deployer: CairoDeployer,
  /** `governor` is ignored: the deploying account is it. */
  config: CoreConfig,
): Promise<`0x${string}`> {
  const address = await deployer.deploy(coreSource, constructorCalldata(deployer.account, config))
  for (const calls of registrations(config)) await deployer.tell(address, calls)
  return address
}

function constructorCalldata(governor: string, config: CoreConfig): readonly bigint[] {
  const [operator] = config.operators
  if (operator === undefined) throw new CairoDeploymentError('a core needs an operator')
  return [
    BigInt(governor),
    operator,
    config.maxPriceInterval,
    config.maxOraclePriceValidity,
    config.maxFundingInterval,
    config.maxFundingRate,
  ]
}

/** One transaction for the other operators, then one per ten assets: few enough for any node's limits. */
function registrations(config: CoreConfig): readonly (readonly CairoCall[])[] {
  const operators = config.operators
    .slice(1)
    .map((operator) => ({ entrypoint: 'register_operator', calldata: [operator] }))
  const batches: CairoCall[][] = operators.length > 0 ? [operators] : []
  for (let at = 0; at < config.assets.length; at += 10)
    batches.push(config.assets.slice(at, at + 10).flatMap(assetRegistration))
  return batches
}

function assetRegistration(asset: CoreAssetConfig): readonly CairoCall[] {
  const { assetId, riskFactorTiers, firstTierBoundary, tierSize, quorum, resolutionFactor } = asset
  return [
    {
      entrypoint: 'add_synthetic_asset',
      calldata: [
        assetId,
        ...[riskFactorTiers.length, ...riskFactorTiers].map(BigInt),
        firstTierBoundary,
        tierSize,
        BigInt(quorum),
        resolutionFactor,
      ],
    },
    ...asset.oracles.map(({ publicKey, oracleName, assetName }) => ({
      entrypoint: 'add_oracle_to_asset',
      calldata: [assetId, publicKey, oracleName, assetName],
    })),
  ]
}
