import { existingAsset, useOperatorNonce, withAsset } from './core-rules-access.ts'
import { checkPriceAges } from './core-rules-integrity.ts'
import type { CoreCall, CoreEffect, CoreEvent, CoreState } from './core-state.ts'
import { felt } from './felt.ts'
import { assertBytes, assertFelt } from './panic.ts'
import { selectorOf } from './selectors.ts'

export type FundingTick = { readonly assetId: bigint; readonly fundingIndex: bigint }

export type FundingTicks = {
  readonly operatorNonce: bigint
  readonly fundingTicks: readonly FundingTick[]
  /** Seconds; checked for its range only. */
  readonly timestamp: bigint
}

/** `funding_tick` for exactly the active assets, ascending, each within the cap (starknet-perpetual assets.cairo, `_process_funding_tick`). */
export function fundingTick(core: CoreState, call: CoreCall, ticks: FundingTicks): CoreEffect {
  const used = useOperatorNonce(core, call.caller, ticks.operatorNonce)
  assertFelt(ticks.timestamp < 1n << 56n, 'INVALID_TIMESTAMP')
  assertFelt(ticks.fundingTicks.length === used.activeCount, 'INVALID_FUNDING_TICK_LEN')
  let next = checkPriceAges(used, call.now)
  const events: CoreEvent[] = []
  let previous = 0n
  for (const { assetId, fundingIndex } of ticks.fundingTicks) {
    assertFelt(assetId > previous, 'FUNDING_TICKS_NOT_SORTED')
    next = setFundingIndex(next, { assetId, fundingIndex }, call.now - used.lastFundingTick)
    events.push({ keys: [selectorOf('FundingTick'), assetId], data: [felt(fundingIndex)] })
    previous = assetId
  }
  return { core: { ...next, lastFundingTick: call.now }, events }
}

function setFundingIndex(
  core: CoreState,
  { assetId, fundingIndex }: FundingTick,
  elapsed: bigint,
): CoreState {
  const asset = existingAsset(core, assetId)
  assertFelt(asset.kind === 'synthetic', 'NOT_SYNTHETIC')
  assertFelt(asset.status === 'ACTIVE', 'SYNTHETIC_NOT_ACTIVE')
  const change = distance(fundingIndex - asset.fundingIndex)
  const cap = ((asset.price * core.limits.maxFundingRate) >> 28n) * elapsed
  assertBytes(change <= cap, `INVALID_FUNDING_RATE synthetic_id: AssetId { value: ${assetId} }`)
  return withAsset(core, { ...asset, fundingIndex })
}

/** The contract's arithmetic is checked i64, and the smallest i64 has no positive twin. */
function distance(change: bigint): bigint {
  assertFelt(change < 1n << 63n, 'i64_sub Overflow')
  assertFelt(change >= -(1n << 63n), 'i64_sub Underflow')
  assertFelt(change !== -(1n << 63n), 'i64_neg Underflow')
  return change < 0n ? -change : change
}
