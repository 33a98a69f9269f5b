import { Decimal } from '../decimal.ts'
import type { LedgerRow } from './ledger-row.ts'

/** What a row earned less what it cost, in USD; a fee of unknown worth counts nothing. */
export function rowUsd(row: LedgerRow, collateralDecimals: number): Decimal {
  switch (row.kind) {
    case 'won':
      return dollars(row.event.reward, collateralDecimals).sub(row.fee.usd?.value ?? 0)
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
