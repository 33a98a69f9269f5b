import { Decimal } from '../../lib/domain/decimal.ts'
import type { Account } from '../../lib/domain/margin/account.ts'
import type { EvmBook } from '../../lib/domain/margin/evm-margin.ts'

/**
 * The margin rule as most would write it in decimals: value less requirement, in the collateral's smallest units, rounded
 * where the contract rounds.
 */
export function decimalSurplus(
  { collateral, holdings }: Account,
  { marks, unit }: EvmBook,
): Decimal {
  const scale = new Decimal(String(unit))
  let surplus = new Decimal(String(collateral))
  for (const { asset, balance, fundingIndex } of holdings) {
    const mark = marks[asset]
    if (!mark) throw new RangeError(`${asset} has no price`)
    const size = new Decimal(String(balance))
    const worth = size.mul(String(mark.price)).div(scale).floor()
    const change = new Decimal(String(fundingIndex)).minus(String(mark.fundingIndex))
    const needed = worth.abs().mul(String(mark.maintenanceMarginBps)).div(10_000).ceil()
    surplus = surplus.plus(worth).plus(change.mul(size).div(scale).floor()).minus(needed)
  }
  return surplus
}
