import type { CoreAsset, CoreCall, CoreState } from './core-state.ts'
import { hex } from './felt.ts'
import { assertBytes, assertFelt } from './panic.ts'

// Texts and orders: starknet-perpetual, generation C.

/** Not paused, an operator, the very next nonce: in this order. */
export function useOperatorNonce(core: CoreState, caller: bigint, received: bigint): CoreState {
  assertNotPaused(core)
  assertBytes(core.operators.includes(caller), 'ONLY_OPERATOR')
  const current = core.operatorNonce
  assertBytes(current === received, `INVALID_NONCE: current!=received ${current}!=${received}`)
  return { ...core, operatorNonce: current + 1n }
}

export function assertNotPaused({ paused }: CoreState): void {
  assertFelt(!paused, 'PAUSED')
}

export function onlyGovernor(core: CoreState, { caller }: CoreCall, refusal: string): void {
  assertBytes(caller === core.governor, refusal)
}

export function existingAsset(core: CoreState, id: bigint): CoreAsset {
  const asset = core.assets[hex(id)]
  assertFelt(asset !== undefined, 'SYNTHETIC_NOT_EXISTS')
  return asset
}

export function withAsset(core: CoreState, asset: CoreAsset): CoreState {
  return { ...core, assets: { ...core.assets, [hex(asset.id)]: asset } }
}
