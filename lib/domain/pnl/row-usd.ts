import { Decimal } from '../decimal.ts'
import type { LedgerRow } from './ledger-row.ts'

/** What a row earned less what it cost, in USD; a reward without a mark and a fee of unknown worth count nothing. */
export function rowUsd(row: LedgerRow, collateralDecimals: number): Decimal {
  switch (row.kind) {
    case 'won':
      return dollars(row.event.reward ?? 0n, collateralDecimals).sub(row.fee.usd?.value ?? 0)
    case 'no-effect':
      return new Decimal(0).sub(row.fee.usd?.value ?? 0)
    case 'missed':
    case 'deleveraged':
      return new Decimal(0)
  }
}

/** The collateral is a dollar. */
export function dollars(amount: bigint, decimals: number): Decimal {
  return new Decimal(amount.toString()).div(new Decimal(10).pow(decimals))
}
