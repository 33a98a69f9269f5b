import { existingAsset, onlyGovernor, useOperatorNonce, withAsset } from './core-rules-access.ts'
import type { CoreCall, CoreEffect, CoreEvent, CoreState } from './core-state.ts'
import { hex } from './felt.ts'
import { assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'

export type NewAsset = {
  readonly assetId: bigint
  readonly riskFactorTiers: readonly bigint[]
  readonly firstTierBoundary: bigint
  readonly tierSize: bigint
  readonly quorum: bigint
  readonly resolutionFactor: bigint
}

/** `add_synthetic_asset`: PENDING until its first price. */
export function addSyntheticAsset(core: CoreState, call: CoreCall, added: NewAsset): CoreEffect {
  onlyGovernor(core, call, 'ONLY_APP_GOVERNOR')
  checkNewAsset(core, added)
  const { assetId, riskFactorTiers, firstTierBoundary, tierSize, quorum, resolutionFactor } = added
  const asset = {
    id: assetId,
    kind: 'synthetic' as const,
    status: 'PENDING' as const,
    quorum: Number(quorum),
    resolutionFactor,
    riskFactorTiers: riskFactorTiers.map(Number),
    firstTierBoundary,
    tierSize,
    oracles: {},
    price: 0n,
    lastPriceUpdate: 0n,
    fundingIndex: 0n,
  }
  const tiers = [BigInt(riskFactorTiers.length), ...riskFactorTiers]
  const data = [...tiers, firstTierBoundary, tierSize, resolutionFactor, quorum]
  return { core: withAsset(core, asset), events: [event('SyntheticAdded', [assetId], data)] }
}

function checkNewAsset(core: CoreState, added: NewAsset): void {
  assertFelt(added.assetId !== 0n, 'INVALID_ZERO_ASSET_ID')
  assertFelt(core.assets[hex(added.assetId)] === undefined, 'ASSET_ALREADY_EXISTS')
  checkTiers(added)
  assertFelt(added.quorum !== 0n, 'INVALID_ZERO_QUORUM')
  assertFelt(added.resolutionFactor !== 0n, 'INVALID_ZERO_RESOLUTION_FACTOR')
  checkTierOrder(added)
}

type Tiers = Pick<NewAsset, 'riskFactorTiers' | 'firstTierBoundary' | 'tierSize'>

function checkTiers({ riskFactorTiers, firstTierBoundary, tierSize }: Tiers): void {
  assertFelt(riskFactorTiers.length > 0, 'INVALID_ZERO_RF_TIERS_LEN')
  assertFelt(firstTierBoundary !== 0n, 'INVALID_ZERO_RF_FIRST_BOUNDRY')
  assertFelt(tierSize !== 0n, 'INVALID_ZERO_RF_TIER_SIZE')
}

function checkTierOrder({ riskFactorTiers }: Tiers): void {
  let previous = 0n
  for (const tier of riskFactorTiers) {
    assertFelt(tier <= 1000n, 'Value must be <= 1000')
    assertFelt(tier > previous, 'UNSORTED_RISK_FACTOR_TIERS')
    previous = tier
  }
}

/** `update_asset_risk_factor` of generation D: the operator alone, up or down. Tokens keep their one tier. */
export function updateRiskFactor(
  core: CoreState,
  call: CoreCall,
  changed: Tiers & { readonly operatorNonce: bigint; readonly assetId: bigint },
): CoreEffect {
  const used = useOperatorNonce(core, call.caller, changed.operatorNonce)
  assertFelt(changed.assetId !== 0n, 'INVALID_ZERO_ASSET_ID')
  const asset = existingAsset(used, changed.assetId)
  const { riskFactorTiers, firstTierBoundary, tierSize } = changed
  if (asset.kind === 'synthetic') checkTiers(changed)
  else {
    assertFelt(riskFactorTiers.length === 1, 'INVALID_NON_SYNTHETIC_RF_TIERS')
    assertFelt(tierSize === 0n, 'INVALID_SPOT_RF_TIER_SIZE')
  }
  checkTierOrder(changed)
  const tiers = riskFactorTiers.map(Number)
  const next = { ...asset, riskFactorTiers: tiers, firstTierBoundary, tierSize }
  const { resolutionFactor, quorum } = asset
  const words = [BigInt(tiers.length), ...riskFactorTiers, firstTierBoundary, tierSize]
  const data = [...words, resolutionFactor, BigInt(quorum)]
  return { core: withAsset(used, next), events: [event('AssetChanged', [asset.id], data)] }
}

export function deactivateSynthetic(core: CoreState, call: CoreCall, id: bigint): CoreEffect {
  onlyGovernor(core, call, 'ONLY_APP_GOVERNOR')
  const asset = existingAsset(core, id)
  assertFelt(asset.status === 'ACTIVE', 'SYNTHETIC_NOT_ACTIVE')
  const without = withAsset(core, { ...asset, status: 'INACTIVE' })
  return {
    core: { ...without, activeCount: core.activeCount - 1 },
    events: [event('SyntheticAssetDeactivated', [id], [])],
  }
}

/** Emits nothing: the next price activates the asset and says so. */
export function reactivateSynthetic(core: CoreState, call: CoreCall, id: bigint): CoreEffect {
  onlyGovernor(core, call, 'ONLY_APP_GOVERNOR')
  const asset = existingAsset(core, id)
  assertFelt(asset.status === 'INACTIVE', 'SYNTHETIC_ALREADY_ACTIVE')
  return { core: withAsset(core, { ...asset, status: 'PENDING' }), events: [] }
}

export type NewOracle = {
  readonly assetId: bigint
  readonly publicKey: bigint
  readonly oracleName: bigint
  readonly assetName: bigint
}

export function addOracle(core: CoreState, call: CoreCall, added: NewOracle): CoreEffect {
  onlyGovernor(core, call, 'ONLY_APP_GOVERNOR')
  const { assetId, publicKey, oracleName, assetName } = added
  const asset = existingAsset(core, assetId)
  assertFelt(asset.oracles[hex(publicKey)] === undefined, 'ORACLE_ALREADY_EXISTS')
  assertFelt(publicKey !== 0n, 'INVALID_ZERO_PUBLIC_KEY')
  assertFelt(assetName !== 0n, 'INVALID_ZERO_ASSET_NAME')
  assertFelt(oracleName !== 0n, 'INVALID_ZERO_ORACLE_NAME')
  assertFelt(assetName < 1n << 128n, 'ASSET_NAME_TOO_LONG')
  assertFelt(oracleName < 1n << 40n, 'ORACLE_NAME_TOO_LONG')
  const oracles = { ...asset.oracles, [hex(publicKey)]: { assetName, oracleName } }
  return {
    core: withAsset(core, { ...asset, oracles }),
    events: [event('OracleAdded', [assetId, publicKey], [assetName, oracleName])],
  }
}

export function removeOracle(
  core: CoreState,
  call: CoreCall,
  { assetId, publicKey }: { readonly assetId: bigint; readonly publicKey: bigint },
): CoreEffect {
  onlyGovernor(core, call, 'ONLY_APP_GOVERNOR')
  const asset = core.assets[hex(assetId)]
  assertFelt(asset?.oracles[hex(publicKey)] !== undefined, 'ORACLE_NOT_EXISTS')
  const { [hex(publicKey)]: _removed, ...oracles } = asset.oracles
  return {
    core: withAsset(core, { ...asset, oracles }),
    events: [event('OracleRemoved', [assetId, publicKey], [])],
  }
}

export function updateQuorum(
  core: CoreState,
  call: CoreCall,
  { assetId, quorum }: { readonly assetId: bigint; readonly quorum: bigint },
): CoreEffect {
  onlyGovernor(core, call, 'ONLY_APP_GOVERNOR')
  const asset = existingAsset(core, assetId)
  assertFelt(quorum !== 0n, 'INVALID_ZERO_QUORUM')
  assertFelt(Number(quorum) !== asset.quorum, 'INVALID_SAME_QUORUM')
  return {
    core: withAsset(core, { ...asset, quorum: Number(quorum) }),
    events: [event('AssetQuorumUpdated', [assetId], [quorum, BigInt(asset.quorum)])],
  }
}

function event(name: string, keys: readonly bigint[], data: readonly bigint[]): CoreEvent {
  return { keys: [selectorOf(name), ...keys], data }
}
