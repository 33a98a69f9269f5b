import { type Book, type Draft, draftOf, isEmpty, type Step, step } from './book.ts'
import { rollBack } from './roll-back.ts'

/** One line of a book's log: a step, or that the book went back to a block. */
export type LogRecord = Omit<Step, 'before'> | { readonly kind: 'back'; readonly number: number }

/** The steps that `after` has and `before`, which it was made of, has not. */
export function stepsBetween(before: Book, after: Book): readonly LogRecord[] {
  return after.journal
    .slice(before.journal.length)
    .map(({ kind, block, after: patch }) => ({ kind, block, after: patch }))
}

/** Whether nothing came of it but later blocks. */
export function isCalm(records: readonly LogRecord[]): boolean {
  return records.every((record) => record.kind === 'block' && isEmpty(record.after))
}

/** The book after all that its log says. Throws where the log is of another book. */
export function replayed(book: Book, records: readonly LogRecord[]): Book {
  let now: Draft = draftOf(book)
  for (const record of records) {
    if (record.kind !== 'back') {
      step(now, record)
      continue
    }
    const back = rollBack(now, record.number)
    if (!back) throw new RangeError(`the log goes back to block ${record.number}, before its book`)
    now = draftOf(back)
  }
  return now
}
