import type { Account } from '../margin/account.ts'
import { openFlatBook } from './flat-book.ts'
import { plainScan, type RowScan } from './row-scan.ts'
import type { ScanMarks } from './scan-marks.ts'

/** The accounts of one exchange, kept so that all of them can be compared with new marks. */
export type MarginBook = {
  readonly upsert: (account: Account) => void
  readonly remove: (id: string) => void
  /** The accounts that may be below their requirement, and never fewer than are: ask the exact rule about each. */
  readonly candidates: (marks: ScanMarks) => readonly string[]
}

/** An empty book, which looks at every account each time. */
export function openBook(fundingScale: bigint, scan: RowScan = plainScan()): MarginBook {
  const book = openFlatBook(fundingScale, scan)
  return {
    upsert: (account) => void book.upsert(account),
    remove: book.remove,
    candidates: (marks) => {
      book.mark(marks)
      return book.named(book.found())
    },
  }
}
