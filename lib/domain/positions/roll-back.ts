import type { BlockId } from './account-event.ts'
import { type Book, type Doubt, draftOf, put, step } from './book.ts'

/**
 * The book as it was after block `number`, or after the last one before it. Accounts that the contract was asked about since
 * are in doubt: what was found wrong then was wrong before. Undefined where the book does not go back that far.
 */
export function rollBack(book: Book, number: number): Book | undefined {
  if (number < book.floor.number) return undefined
  if (number >= book.block.number) return book
  const draft = draftOf(book)
  const corrected = new Set<string>()
  for (let last = draft.journal.at(-1); last && last.block.number > number;) {
    draft.journal.pop()
    put(draft, last.before)
    if (last.kind === 'reading') for (const id of last.after.accounts.keys()) corrected.add(id)
    last = draft.journal.at(-1)
  }
  draft.block = draft.journal.at(-1)?.block ?? book.floor
  if (corrected.size > 0) {
    const doubts = new Map([...corrected].map((id) => [id, takenBack]))
    const after = { accounts: new Map(), indexes: new Map(), doubts }
    step(draft, { kind: 'block', block: draft.block, after })
  }
  return draft
}

const takenBack: Doubt = {
  why: 'taken-back',
  detail: 'it was corrected at a block that is no longer in the chain',
}

/** The blocks that it can go back to, newest first: the chain has one of them, or the book is of another chain. */
export function knownBlocks({
  journal,
  floor,
}: Pick<Book, 'journal' | 'floor'>): readonly BlockId[] {
  const numbers = new Set<number>()
  return [...journal.map(({ block }) => block).toReversed(), floor].filter(({ number }) => {
    if (numbers.has(number)) return false
    numbers.add(number)
    return true
  })
}

/** Forgets how to go back before `number`: what is final is never taken back. */
export function settled(book: Book, number: number): Book {
  const kept = book.journal.findIndex(({ block }) => block.number > number)
  const gone = kept < 0 ? book.journal : book.journal.slice(0, kept)
  const floor = gone.at(-1)?.block
  return floor ? { ...book, floor, journal: book.journal.slice(gone.length) } : book
}

/** The book as it was at its floor: what the journal begins with. */
export function unwound(book: Book): Book {
  const draft = draftOf(book)
  for (const { before } of draft.journal.toReversed()) put(draft, before)
  return { ...draft, block: book.floor, journal: [] }
}
