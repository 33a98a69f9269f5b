import type { CoreAssetConfig, CoreConfig } from '../../contracts/core/core-config.ts'
import { addOracle, addSyntheticAsset } from './core-rules-assets.ts'
import { grantOperator } from './core-rules-roles.ts'
import type { CoreEffect, CoreState } from './core-state.ts'

/** The core as its constructor and its governor's first calls leave it, with the events of both; `now` in seconds. */
export function genesisCore(config: CoreConfig, now: bigint): CoreEffect {
  const governor = config.governor ?? config.operators[0]
  if (governor === undefined) throw new RangeError('a core needs an operator')
  const { maxPriceInterval, maxOraclePriceValidity, maxFundingInterval, maxFundingRate } = config
  const empty: CoreState = {
    governor,
    operators: [],
    paused: false,
    operatorNonce: 0n,
    assets: {},
    activeCount: 0,
    lastFundingTick: now,
    lastPriceValidation: now,
    limits: { maxPriceInterval, maxOraclePriceValidity, maxFundingInterval, maxFundingRate },
  }
  const call = { caller: governor, now }
  const steps = [
    ...config.operators.map(
      (operator) => (core: CoreState) => grantOperator(core, operator, governor),
    ),
    ...config.assets.flatMap((asset) => registrations(asset, call)),
  ]
  return steps.reduce<CoreEffect>(
    ({ core, events }, step) => {
      const next = step(core)
      return { core: next.core, events: [...events, ...next.events] }
    },
    { core: empty, events: [] },
  )
}

function registrations(
  { oracles, quorum, riskFactorTiers, ...asset }: CoreAssetConfig,
  call: { readonly caller: bigint; readonly now: bigint },
): readonly ((core: CoreState) => CoreEffect)[] {
  const added = {
    ...asset,
    quorum: BigInt(quorum),
    riskFactorTiers: riskFactorTiers.map(BigInt),
  }
  return [
    (core) => addSyntheticAsset(core, call, added),
    ...oracles.map(
      (oracle) => (core: CoreState) => addOracle(core, call, { assetId: asset.assetId, ...oracle }),
    ),
  ]
}
