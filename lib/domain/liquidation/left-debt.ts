import type { Account } from '../margin/account.ts'

/** What an account owes that has nothing else any more: generation D lets a liquidation leave that. */
export function leftDebt({ collateral, holdings }: Account): bigint {
  return holdings.length === 0 && collateral < 0n ? -collateral : 0n
}
