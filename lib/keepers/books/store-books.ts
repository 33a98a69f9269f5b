import type { Action } from '../../domain/action.ts'
import type { LedgerRow } from '../../domain/pnl/ledger-row.ts'
import type { Store } from '../../ports.ts'

/** Keeps rows, and how far they go; answers those that were not there before. */
export async function storeBooks(
  { ledger }: Pick<Store, 'ledger'>,
  { engine, rows, cursor }: Extract<Action, { kind: 'keep-books' }>,
): Promise<readonly LedgerRow[]> {
  const added: LedgerRow[] = []
  // The cursor last: whoever comes after a crash books the same rows again, which changes nothing.
  for (const row of rows) if ((await ledger.add(engine, row)) === 'added') added.push(row)
  if ((await ledger.move(engine, cursor)) === 'stale') throw new StaleBooksError(engine)
  return added
}

/** Somebody else booked meanwhile: the next slot goes on from there. */
export class StaleBooksError extends Error {
  override readonly name = 'StaleBooksError'
  readonly engine: string

  constructor(engine: string) {
    super(`the books of ${engine} were kept by another worker meanwhile; the next slot goes on`)
    this.engine = engine
  }
}
