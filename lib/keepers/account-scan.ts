import {
  type CounterpartiesView,
  firstCounterparties,
} from '../domain/liquidation/counterparties.ts'
import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import { fundingScaleOf, marginIn, scanMarksOf } from '../domain/liquidation/margin-in.ts'
import { type Account, healthOf, type Margin } from '../domain/margin/account.ts'
import { accountIn, accountsOf, type AccountTable, type Book } from '../domain/positions/book.ts'
import { type CalmBook, openCalmBook } from '../domain/scan/calm-book.ts'
import type { RowScan } from '../domain/scan/row-scan.ts'

/** Finds accounts of exchanges without asking the exact rule about each of them. */
export type AccountScan = {
  /** All that are below their requirement by the book and the look's marks, the worst first. */
  below(engine: string, book: Book, look: LiquidationLook): Found
  /** By the book, who would be asked first to take over what bankrupt accounts hold. */
  counterparties(engine: string, book: Book, view: CounterpartiesView): readonly string[]
  /** At most so many of those who have collateral, by the book, who has most first. */
  richest(
    engine: string,
    book: Book,
    asked: { readonly look: LiquidationLook; readonly most: number },
  ): readonly string[]
}

export type Found = {
  readonly accounts: readonly { readonly account: Account; readonly margin: Margin }[]
  /** So many were compared with the marks, and so many the exact rule was asked about. */
  readonly looked: number
  readonly candidates: number
  /** What accounts owe that hold nothing any more, in the collateral's smallest units: nothing is left to take but the insurance fund. */
  readonly debt: bigint
}

/** Keeps what it knows of each exchange's accounts from one question to the next. */
export function accountScan(openScan: () => RowScan): AccountScan {
  const known = new Map<string, Known>()

  function rowsOf(engine: string, book: Book, look: LiquidationLook): CalmBook {
    const kept = inStep(known.get(engine), { book, scale: fundingScaleOf(look), openScan })
    known.set(engine, kept)
    return kept.calm
  }

  return {
    below(engine, book, look) {
      const rows = rowsOf(engine, book, look)
      const ids = rows.candidates(scanMarksOf(look))
      let debt = 0n
      const accounts = ids.flatMap((id) => {
        const account = accountIn(book, id)
        if (!account) return []
        if (account.holdings.length === 0) {
          debt += account.collateral < 0n ? -account.collateral : 0n
          return []
        }
        const margin = marginIn(account, look)
        return margin && healthOf(margin) !== 'healthy' ? [{ account, margin }] : []
      })
      return {
        accounts: accounts.toSorted((one, other) => order(one, other)),
        looked: rows.looked(),
        candidates: ids.length,
        debt,
      }
    },
    counterparties(engine, book, view) {
      const holders = rowsOf(engine, book, view.look).holders(() => accountsOf(book))
      return firstCounterparties(holders, (id) => accountIn(book, id), view)
    },
    richest: (engine, book, { look, most }) =>
      rowsOf(engine, book, look)
        .richest(() => accountsOf(book))
        .first(most),
  }
}

type Ranked = Found['accounts'][number]

/** Equals stand by their names, so that every worker has the same list. */
function order({ account: a, margin: one }: Ranked, { account: b, margin: other }: Ranked): number {
  if (one.value !== other.value) return one.value < other.value ? -1 : 1
  return a.id < b.id ? -1 : 1
}

type Known = {
  readonly calm: CalmBook
  readonly scale: bigint
  readonly table: AccountTable
  readonly changed: Book['changed']
}

/** The rows of the book as it is now: only what changed since is written, unless it is another table. */
function inStep(
  known: Known | undefined,
  {
    book,
    scale,
    openScan,
  }: { readonly book: Book; readonly scale: bigint; readonly openScan: () => RowScan },
): Known {
  const { table, changed } = book
  if (known?.table !== table || known.scale !== scale) {
    const calm = openCalmBook(scale, openScan())
    for (const account of table.all()) if (!changed.has(account.id)) calm.upsert(account)
    for (const account of changed.values()) if (account) calm.upsert(account)
    return { calm, scale, table, changed }
  }
  const { calm } = known
  if (known.changed === changed) return known
  for (const [id, account] of changed) {
    const isSame = known.changed.has(id) && known.changed.get(id) === account
    if (!isSame) put(calm, id, account)
  }
  // Taken back to what the table says.
  for (const id of known.changed.keys()) if (!changed.has(id)) put(calm, id, table.get(id))
  return { ...known, changed }
}

function put(calm: CalmBook, id: string, account: Account | undefined): void {
  if (account) calm.upsert(account)
  else calm.remove(id)
}
