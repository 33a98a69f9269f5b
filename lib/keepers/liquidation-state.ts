import { type ChainDoubt, whyDoubted } from '../domain/chain-doubt.ts'
import { isTooOld } from '../domain/head-age.ts'
import { type FreshnessRules, unpricedIn } from '../domain/liquidation/freshness.ts'
import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import type { Timestamp } from '../domain/time.ts'

/** What must be fresh before anybody is liquidated or deleveraged. */
export type LiquidationState = {
  readonly engine: string
  readonly now: Timestamp
  readonly blockSeconds: number
  readonly look: LiquidationLook
  readonly settings: { readonly freshness: FreshnessRules }
  /** The index's newest block, and how many accounts it has; undefined where it has none yet. */
  readonly index: { readonly block: number; readonly accounts: number } | undefined
  /** Absent where nothing speaks against the chain. */
  readonly doubt?: ChainDoubt
}

/** Fresh data or none: nobody is liquidated by what was, nor by what may be taken back. */
export function whyNobody(
  view: LiquidationState,
): { readonly reason: string; readonly detail: string } | undefined {
  const { look, index, blockSeconds, engine, doubt } = view
  const { number, time } = look.block
  const { maxHeadBlocks: maxBlocks, maxIndexLagSeconds } = view.settings.freshness
  if (isTooOld(look.block, { ...view, maxBlocks })) {
    const detail = `the newest block is ${number}, of ${new Date(time).toISOString()}`
    return { reason: 'chain-stalled', detail }
  }
  if (doubt) return whyDoubted(doubt)
  if (look.paused) return { reason: 'paused', detail: `${engine} is paused` }
  if (look.kind === 'starknet-perpetual' && look.blocked !== undefined)
    return { reason: 'blocked', detail: `${engine} would refuse everything: ${look.blocked}` }
  if (time < look.from) {
    const detail = `${engine} takes none before ${new Date(look.from).toISOString()}`
    return { reason: 'grace', detail }
  }
  if (!index) return { reason: 'no-positions', detail: 'its accounts are not indexed yet' }
  if ((number - index.block) * blockSeconds > maxIndexLagSeconds)
    return {
      reason: 'positions-behind',
      detail: `its accounts are indexed up to block ${index.block}, the newest is ${number}`,
    }
  if (unpricedIn(look).length === Object.keys(look.markets).length)
    return {
      reason: 'stale-prices',
      detail: `no market of ${engine} has a price that is new enough`,
    }
  return undefined
}
