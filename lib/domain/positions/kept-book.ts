import type { Book } from './book.ts'
import type { CheckPlan } from './check-plan.ts'
import type { LogRecord } from './log-record.ts'

/** A book as it is stored. */
export type KeptBook = {
  /** Grows by one with every write. */
  readonly version: number
  /** Undefined where its files cannot be read; `trouble` says why. */
  readonly book: Book | undefined
  readonly trouble?: string
  readonly check: CheckPlan
}

/** A book to be stored after the one before. */
export type NextBook = Pick<KeptBook, 'version' | 'check'> & {
  readonly book: Book
  /** All that the stored log lacks. */
  readonly records: readonly LogRecord[]
  /** It does not follow what is stored, which counts no more. */
  readonly anew?: true
}
