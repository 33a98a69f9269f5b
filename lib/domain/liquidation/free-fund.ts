import type { LiquidationLook } from './liquidation-look.ts'

/**
 * The look with only that of the insurance fund which no debt stands against. On starknet-perpetual nothing is paid by itself: what
 * a liquidation has left behind stays on the account until the operator moves money of the fund there.
 */
export function withFreeFund(look: LiquidationLook, debt: bigint): LiquidationLook {
  if (look.kind !== 'starknet-perpetual') return look
  const free = look.insuranceFund - debt
  return { ...look, insuranceFund: free > 0n ? free : 0n }
}
