import type { Action } from '../domain/action.ts'
import { encode } from '../domain/exact-text.ts'
import { accountCount } from '../domain/positions/book.ts'
import type { Decision } from './keeper.ts'

/**
 * A decision as exact text: what is compared when it is decided again. Of an exchange's accounts only how they changed, since
 * they have files of their own.
 */
export function decisionText({ actions, outcome, recorded }: Decision): string {
  return encode({ actions: actions.map(plain), outcome, recorded })
}

function plain(action: Action): unknown {
  if (action.kind !== 'keep-positions') return action
  const { book, ...next } = action.next
  return { ...action, next: { ...next, block: book.block, accounts: accountCount(book) } }
}
