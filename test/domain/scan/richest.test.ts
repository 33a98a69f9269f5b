import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import { openRichest } from '../../../lib/domain/scan/richest.ts'

/** Around where floats tell whole numbers apart no more, and small ones that are often equal. */
const collateral = fc.oneof(
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt({ min: 2n ** 62n - 600n, max: 2n ** 62n + 600n }),
)

const change = fc.record({
  id: fc.integer({ min: 0, max: 30 }).map(String),
  collateral: fc.option(collateral, { nil: undefined }),
})

function byCollateral(one: Account, other: Account): number {
  if (one.collateral !== other.collateral) return one.collateral > other.collateral ? -1 : 1
  return one.id < other.id ? -1 : 1
}

test('whatever comes and goes, the first are those that sorting all of them gives', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 120 }),
      fc.integer({ min: 0, max: 12 }),
      (all, most) => {
        const index = openRichest()
        const book = new Map<string, Account>()
        for (const { id, collateral: has } of all) {
          if (has === undefined) {
            index.forget(id)
            book.delete(id)
            continue
          }
          const account: Account = { id, collateral: has, holdings: [] }
          index.put(account)
          book.set(id, account)
          const sorted = [...book.values()]
            .filter((one) => one.collateral > 0n)
            .toSorted(byCollateral)
          expect(index.first(most)).toEqual(sorted.slice(0, most).map((one) => one.id))
        }
      },
    ),
  )
})

test('nobody is asked for where nobody has anything', () => {
  const index = openRichest()
  index.put({ id: '1', collateral: 0n, holdings: [] })
  index.put({ id: '2', collateral: -5n, holdings: [] })
  expect(index.first(50)).toEqual([])
})
