import { evmFundingPayment } from '../funding/index-change.ts'
import type { Account, Holding, Margin } from './account.ts'
import { ceilDiv, floorDiv } from './floor-div.ts'

/** One market as the EVM engine reckons with it. */
export type EvmMark = {
  /** USD at 18 decimals. */
  readonly price: bigint
  /** USD at 18 decimals that a whole unit held long has paid. */
  readonly fundingIndex: bigint
  readonly initialMarginBps: bigint
  readonly maintenanceMarginBps: bigint
  /** Of the notional that a liquidation takes over. */
  readonly penaltyBps: bigint
}

/** All that decides about accounts in one block; markets whose price is too old are absent, as the contract reverts there. */
export type EvmBook = {
  readonly marks: Readonly<Record<string, EvmMark>>
  /** 10^(36 - decimals of the collateral): price times size in one smallest unit of it. */
  readonly unit: bigint
}

export type EvmMargin =
  | ({ readonly kind: 'margin'; readonly initial: bigint } & Margin)
  | { readonly kind: 'unknown'; readonly reason: 'StalePrice'; readonly asset: string }

/** The account's margin, by `marginOf` (Accounts.sol): value rounded down, requirements rounded up, each holding for itself. */
export function evmMargin(account: Account, { marks, unit }: EvmBook): EvmMargin {
  let value = account.collateral
  let initial = 0n
  let requirement = 0n
  for (const holding of account.holdings) {
    const mark = Object.hasOwn(marks, holding.asset) ? marks[holding.asset] : undefined
    if (!mark) return { kind: 'unknown', reason: 'StalePrice', asset: holding.asset }
    const worth = evmValue(holding.balance, mark.price, unit)
    value += worth + evmFundingDue(holding, mark, unit)
    initial += share(worth, mark.initialMarginBps)
    requirement += share(worth, mark.maintenanceMarginBps)
  }
  return { kind: 'margin', value, initial, requirement }
}

/** Rounded down: against the holder, long or short. */
export function evmValue(balance: bigint, price: bigint, unit: bigint): bigint {
  return floorDiv(balance * price, unit)
}

/** A part of an amount's size, rounded up. */
export function share(amount: bigint, bps: bigint): bigint {
  return ceilDiv((amount < 0n ? -amount : amount) * bps, 10_000n)
}

export function evmFundingDue(
  { balance, fundingIndex }: Holding,
  mark: EvmMark,
  unit: bigint,
): bigint {
  return evmFundingPayment({ from: fundingIndex, to: mark.fundingIndex, balance }, unit)
}
