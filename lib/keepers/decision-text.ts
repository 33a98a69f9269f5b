import type { Action } from '../domain/action.ts'
import { encode, type KnownTexts } from '../domain/exact-text.ts'
import { accountCount } from '../domain/positions/book.ts'
import type { SignedReport } from '../domain/report.ts'
import type { Decision } from './keeper.ts'
import { lieWithoutWords, withoutWords } from './reports/without-words.ts'

/**
 * A decision as exact text: what is compared when it is decided again. Of an exchange's accounts only how they changed, since
 * they have files of their own; and of a report who signed it. `known` as for `encode`.
 */
export function decisionText({ actions, outcome, recorded }: Decision, known?: KnownTexts): string {
  return encode({ actions: actions.map(plain), outcome, recorded }, known)
}

function plain(action: Action): unknown {
  if (action.kind === 'keep-positions') {
    const { book, ...next } = action.next
    return { ...action, next: { ...next, block: book.block, accounts: accountCount(book) } }
  }
  if (action.kind === 'push-prices') {
    const { updates } = action
    return { ...action, updates: updates.map((one) => ({ ...one, ...reportsOf(one) })) }
  }
  if (action.kind === 'keep-reports') return { ...action, ...reportsOf(action) }
  if (action.kind === 'note-peers') {
    const { lies } = action.look
    return { ...action, look: { ...action.look, lies: lies.map(lieWithoutWords) } }
  }
  return action
}

function reportsOf({ reports }: { readonly reports: readonly SignedReport[] }) {
  return { reports: reports.map(withoutWords) }
}
