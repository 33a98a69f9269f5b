import type { Account } from '../margin/account.ts'
import { type AccountRows, openRows, type Row } from './account-rows.ts'
import type { RowScan } from './row-scan.ts'
import { openColumns, type ScanColumns, type ScanMarks } from './scan-marks.ts'
import { factorsAt, foundAt, openMemory, type ScanMemory } from './scan-memory.ts'

/** Accounts as rows of numbers, and the newest marks beside them. */
export type FlatBook = {
  readonly rows: AccountRows
  readonly columns: ScanColumns
  readonly memory: ScanMemory
  /** The account's row; undefined where it has none and is always named. */
  readonly upsert: (account: Account) => number | undefined
  readonly remove: (id: string) => void
  /** Takes the marks that `found` reckons by. */
  readonly mark: (marks: ScanMarks) => void
  /** Of all rows, those that are not surely safe. */
  readonly found: () => readonly number[]
  /** The accounts of these rows, and all that have no row. */
  readonly named: (slots: readonly number[]) => readonly string[]
}

/** Accounts with more are few, and a group of rows for each number of holdings would be mostly empty. */
const mostHoldings = 32

export function openFlatBook(fundingScale: bigint, scan: RowScan): FlatBook {
  const memory = openMemory(scan.grow)
  const rows = openRows(memory)
  const columns = openColumns(fundingScale)
  const always = new Set<string>()

  function remove(id: string): void {
    always.delete(id)
    rows.drop(id)
  }

  return {
    rows,
    columns,
    memory,
    upsert: (account) => {
      remove(account.id)
      const row = rowOf(account, columns, fundingScale)
      if (row) return rows.put(account.id, row)
      always.add(account.id)
      return undefined
    },
    remove,
    mark: (marks) => {
      const from = factorsAt / 8
      columns.write(marks, memory.views.doubles.subarray(from, from + columns.count))
    },
    found: () => {
      const { views } = memory
      return rows.chunks.flatMap((chunk) => {
        const count = scan.scan(chunk, views)
        const found = views.words.subarray(foundAt / 4, foundAt / 4 + count)
        return Array.from(found, (row) => chunk.firstSlot + row)
      })
    },
    named: (slots) => [...slots.map((slot) => rows.idAt(slot)), ...always],
  }
}

/** Undefined where the account does not fit: too many holdings, too large numbers, no column left. */
function rowOf(account: Account, columns: ScanColumns, fundingScale: bigint): Row | undefined {
  if (account.holdings.length > mostHoldings) return undefined
  let constant = account.collateral
  const balances: number[] = []
  const placed: number[] = []
  for (const { asset, balance, fundingIndex } of account.holdings) {
    const double = Number(balance)
    const column = columns.columnOf(asset, double, fundingIndex !== 0n)
    if (column === undefined) return undefined
    constant += (balance * fundingIndex) / fundingScale
    balances.push(double)
    placed.push(column)
  }
  const row = { constant: Number(constant), balances, columns: placed }
  return [row.constant, ...balances].every(Number.isFinite) ? row : undefined
}
