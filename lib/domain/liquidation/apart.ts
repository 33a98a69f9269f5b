import type { Deleverage, Liquidate } from '../action.ts'
import type { LiquidationLook } from './liquidation-look.ts'

/**
 * The transactions of a slot's work, in the order in which its parts were judged. StarkEx takes one account in each, and one
 * that is refused there takes no other with it: its multi-transactions are all or nothing, so they are not used.
 */
export function apart<Work extends Liquidate | Deleverage>(
  action: Work,
  { kind }: Pick<LiquidationLook, 'kind'>,
): readonly Work[] {
  // Each keeps its kind of parts, which the compiler cannot see of a union.
  const parts = action.updates as readonly Work['updates'][number][]
  if (parts.length === 0) return []
  return kind === 'starkex'
    ? parts.map((part) => ({ ...action, apart: true, updates: [part] }))
    : [action]
}
