import { type Book, idsOf } from '../../domain/positions/book.ts'
import { type CheckPlan, dueShares, shareOf } from '../../domain/positions/check-plan.ts'
import type { AccountRead, Reading } from '../../domain/positions/reading.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Clock, EnginePositions } from '../../ports.ts'
import { messageOf } from '../message-of.ts'

export type Asked = {
  readonly reading: Reading
  /** How many shares were asked to the end. */
  readonly shares: number
  /** Why no more was asked, where that was not for want of time. */
  readonly stopped: string | undefined
}

/** One call for each account and, on some exchanges, for each holding: a few hundred at once is what nodes like. */
const batch = 100

/**
 * What the contract says, at the book's block, of all accounts in doubt and of the shares whose turn it is, as far as there
 * is time. What was answered counts, also where a node then fails.
 */
export async function askContract(
  world: { readonly positions: EnginePositions; readonly clock: Clock },
  book: Book,
  due: { readonly plan: CheckPlan; readonly shares: number; readonly until: Timestamp },
): Promise<Asked> {
  const { positions, clock } = world
  const accounts = new Map<string, AccountRead>()
  const indexes = new Map<string, bigint>()
  const turns = dueShares(due.plan, due.shares)
  const byTurn = Map.groupBy(idsOf(book), (id) => turns.indexOf(shareOf(id, due.shares)))
  let done = 0
  let stopped: string | undefined
  try {
    await ask([...book.doubts.keys()])
    for (const turn of turns.keys()) {
      const whole = await ask(byTurn.get(turn) ?? [])
      if (!whole) break
      done += 1
    }
  } catch (error) {
    stopped = messageOf(error)
  }
  return { reading: { block: book.block, accounts, indexes }, shares: done, stopped }

  /** False where time was up before. */
  async function ask(ids: readonly string[]): Promise<boolean> {
    const open = ids.filter((id) => !accounts.has(id))
    for (let from = 0; from < open.length; from += batch) {
      if (clock.now() >= due.until) return false
      const read = await positions.read(open.slice(from, from + batch), book.block)
      for (const [id, one] of read.accounts) accounts.set(id, one)
      for (const [asset, index] of read.indexes) indexes.set(asset, index)
    }
    return true
  }
}
