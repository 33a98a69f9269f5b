import type { Account } from '../margin/account.ts'
import { openHeap } from './top-heap.ts'

/** A book's accounts by their collateral, so that the first are found without a look at all accounts. */
export type Richest = {
  readonly put: (account: Account) => void
  readonly forget: (id: string) => void
  /** At most so many of those with more than nothing, who has most first, equals by their names. */
  readonly first: (most: number) => readonly string[]
}

export function openRichest(): Richest {
  const places = { at: new Uint32Array(0) }
  const heap = openHeap(places)
  const items = new Map<string, number>()
  const accounts: Account[] = []
  const free: number[] = []
  // A heap keeps keys once it was asked for some.
  heap.rekey(() => 0)

  function forget(id: string): void {
    const item = items.get(id)
    if (item === undefined) return
    heap.drop(item)
    items.delete(id)
    free.push(item)
  }

  function room(item: number): void {
    if (item < places.at.length) return
    const at = new Uint32Array(Math.max(64, 2 * places.at.length))
    at.set(places.at)
    places.at = at
  }

  return {
    put: (account) => {
      forget(account.id)
      if (account.collateral <= 0n) return
      const item = free.pop() ?? accounts.length
      room(item)
      accounts[item] = account
      items.set(account.id, item)
      heap.add(item, Number(account.collateral))
    },
    forget,
    first: (most) => {
      const found: Account[] = []
      let last = Infinity
      for (const { item, key } of heap.descending()) {
        // Amounts that are one number as a float may stand in any order.
        if (found.length >= most && key < last) break
        const account = accounts[item]
        if (account) found.push(account)
        last = key
      }
      return found
        .toSorted(byCollateral)
        .slice(0, most)
        .map(({ id }) => id)
    },
  }
}

function byCollateral(one: Account, other: Account): number {
  if (one.collateral !== other.collateral) return one.collateral > other.collateral ? -1 : 1
  return one.id < other.id ? -1 : 1
}
