import type { CoreState } from './core-state.ts'
import { assertFelt } from './panic.ts'

// Texts, orders and inclusive limits: starknet-perpetual assets.cairo, `validate_assets_integrity`.

/** Funding and every active price are young enough for positions to change; `now` in seconds. */
export function checkAssetsIntegrity(core: CoreState, now: bigint): CoreState {
  const isFunded = now - core.lastFundingTick <= core.limits.maxFundingInterval
  assertFelt(isFunded, 'FUNDING_EXPIRED')
  return checkPriceAges(core, now)
}

/** Every active price is young enough, looked at only once per interval. */
export function checkPriceAges(core: CoreState, now: bigint): CoreState {
  const interval = core.limits.maxPriceInterval
  if (now - core.lastPriceValidation <= interval) return core
  for (const { status, lastPriceUpdate } of Object.values(core.assets))
    assertFelt(status !== 'ACTIVE' || now - lastPriceUpdate <= interval, 'SYNTHETIC_EXPIRED_PRICE')
  return { ...core, lastPriceValidation: now }
}
