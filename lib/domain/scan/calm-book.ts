import type { Account } from '../margin/account.ts'
import { openFlatBook } from './flat-book.ts'
import { type Holders, openHolders } from './holders.ts'
import type { MarginBook } from './margin-book.ts'
import { openMoveRadius } from './move-radius.ts'
import { openRichest, type Richest } from './richest.ts'
import { plainScan, type RowScan } from './row-scan.ts'

/** A book that in calm times looks only at accounts near the edge. */
export type CalmBook = MarginBook & {
  /** How many accounts the last `candidates` looked at. */
  readonly looked: () => number
  /** Who holds what. Made of all the book's accounts when it is asked for first, and kept from then on. */
  readonly holders: (all: () => Iterable<Account>) => Holders
  /** Who has how much. The same. */
  readonly richest: (all: () => Iterable<Account>) => Richest
}

/** An empty book, for marks that move a little each time; where they move much, it looks at every account. */
export function openCalmBook(fundingScale: bigint, scan: RowScan = plainScan()): CalmBook {
  const book = openFlatBook(fundingScale, scan)
  const index = openMoveRadius(book)
  let hasScanned = false
  let holders: Holders | undefined
  let richest: Richest | undefined

  function forget(id: string): void {
    const slot = book.rows.slotOf(id)
    holders?.forget(id, slot)
    if (slot !== undefined) index.forget(slot)
  }

  return {
    upsert: (account) => {
      forget(account.id)
      const slot = book.upsert(account)
      holders?.place(account, slot)
      richest?.put(account)
      if (slot !== undefined) index.place(slot)
    },
    remove: (id) => {
      forget(id)
      richest?.forget(id)
      book.remove(id)
    },
    candidates: (marks) => {
      book.mark(marks)
      const near = index.found()
      hasScanned = near === undefined
      return book.named(near?.toSorted((one, other) => one - other) ?? book.found())
    },
    looked: () => (hasScanned ? book.rows.slots : index.looked()),
    holders: (all) => {
      if (holders) return holders
      holders = openHolders(book)
      for (const account of all()) holders.place(account, book.rows.slotOf(account.id))
      return holders
    },
    richest: (all) => {
      if (richest) return richest
      richest = openRichest()
      for (const account of all()) richest.put(account)
      return richest
    },
  }
}
