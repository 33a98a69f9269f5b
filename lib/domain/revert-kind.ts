/**
 * The name of what a contract reverted with, without what it says of this one case, so that few kinds stand for many
 * reverts: `NotLiquidatable` of `NotLiquidatable(0x1c33…)`, `INVALID_NONCE` of `INVALID_NONCE 7`; `other` where there is none.
 */
export function revertKind(reason: string): string {
  return /^[A-Za-z_][A-Za-z0-9_-]{0,63}/.exec(reason.trim())?.[0] ?? 'other'
}
