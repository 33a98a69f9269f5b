import type { LedgerRow } from '../../../lib/domain/pnl/ledger-row.ts'

/** By position, what it has of the collateral and of each asset. Nothing of what it has none of. */
export type Balances = Readonly<Record<string, Readonly<Record<string, bigint>>>>

type Moving = Record<string, Record<string, bigint>>

/** How accounts of a StarkEx exchange stand after all that is booked, where no funding was paid. */
export function accounted(
  before: Balances,
  rows: readonly LedgerRow[],
  feePosition: string,
): Balances {
  const after: Moving = Object.fromEntries(
    Object.entries(before).map(([id, balances]) => [id, { ...balances }]),
  )
  const move = (id: string, what: string, by: bigint): void => {
    const had = after[id] ?? {}
    after[id] = { ...had, [what]: (had[what] ?? 0n) + by }
  }
  for (const row of rows) {
    if (row.kind === 'no-effect') continue
    const { event } = row
    const other = event.kind === 'deleveraged' ? event.counterparty : event.liquidator
    move(event.account, 'collateral', event.cash)
    move(event.account, event.asset, event.base)
    move(other, 'collateral', -event.cash)
    move(other, event.asset, -event.base)
    if (event.kind === 'deleveraged') continue
    const { exchangeFee = 0n } = event
    move(other, 'collateral', -exchangeFee)
    move(feePosition, 'collateral', exchangeFee)
  }
  return withoutNothing(after)
}

export function withoutNothing(balances: Balances): Balances {
  return Object.fromEntries(
    Object.entries(balances).map(([id, one]) => [
      id,
      Object.fromEntries(Object.entries(one).filter(([, amount]) => amount !== 0n)),
    ]),
  )
}
