import { checkAssetsIntegrity } from './core-rules-integrity.ts'
import type { CoreAsset, CoreCall, CoreState } from './core-state.ts'
import { hex } from './felt.ts'
import { assertBytes, assertFelt } from './panic.ts'

// Texts and orders: starknet-perpetual, generations C and D.

/** Not paused, an operator, the very next nonce: in this order. */
export function useOperatorNonce(core: CoreState, caller: bigint, received: bigint): CoreState {
  assertNotPaused(core)
  assertBytes(core.operators.includes(caller), 'ONLY_OPERATOR')
  const current = core.operatorNonce
  assertBytes(current === received, `INVALID_NONCE: current!=received ${current}!=${received}`)
  return { ...core, operatorNonce: current + 1n }
}

/** As flows between positions have it: stale funding or prices hide a caller without the role and a wrong nonce. */
export function useFreshAssets(
  core: CoreState,
  { caller, now }: CoreCall,
  operatorNonce: bigint,
): CoreState {
  assertNotPaused(core)
  return useOperatorNonce(checkAssetsIntegrity(core, now), caller, operatorNonce)
}

/** The other order, which generation D has for trades and both for reductions: the nonce first. */
export function useNonceThenFreshAssets(
  core: CoreState,
  { caller, now }: CoreCall,
  operatorNonce: bigint,
): CoreState {
  return checkAssetsIntegrity(useOperatorNonce(core, caller, operatorNonce), now)
}

function assertNotPaused({ paused }: CoreState): void {
  assertFelt(!paused, 'PAUSED')
}

export function onlyGovernor(core: CoreState, { caller }: CoreCall, refusal: string): void {
  assertBytes(caller === core.governor, refusal)
}

export function existingAsset(core: CoreState, id: bigint): CoreAsset {
  const asset = core.assets[hex(id)]
  assertFelt(
    asset !== undefined,
    core.generation === 'D' ? 'ASSET_NOT_EXISTS' : 'SYNTHETIC_NOT_EXISTS',
  )
  return asset
}

export function withAsset(core: CoreState, asset: CoreAsset): CoreState {
  return { ...core, assets: { ...core.assets, [hex(asset.id)]: asset } }
}
