import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import { openBook } from '../../../lib/domain/scan/margin-book.ts'
import { plainScan, type RowScan } from '../../../lib/domain/scan/row-scan.ts'
import type { ScanMark } from '../../../lib/domain/scan/scan-marks.ts'
import { factorsAt, foundAt } from '../../../lib/domain/scan/scan-memory.ts'
import { accountAt, happenings, type ScanWorld, worlds } from './scan-worlds.ts'

/** Every account that the exact rule would liquidate is named, and nobody who is not there. */
function law(world: ScanWorld, scan: () => RowScan, count: (liquidatable: number) => void) {
  return fc.property(world.tick, happenings(world, 20), (tick, events) => {
    const book = openBook(world.fundingScale, scan())
    const accounts = new Map<string, Account>()
    for (const event of events) {
      const account = accountAt(event, tick)
      book.upsert(account)
      accounts.set(account.id, account)
      if (!event.isRemoved) continue
      book.remove(account.id)
      accounts.delete(account.id)
    }
    const named = book.candidates(tick.marks)
    const due = [...accounts.values()].filter((one) => (tick.surplus(one) ?? 0n) < 0n)
    count(due.length)
    expect(named).toEqual(expect.arrayContaining(due.map(({ id }) => id)))
    expect([...accounts.keys()]).toEqual(expect.arrayContaining([...named]))
    expect(new Set(named).size).toBe(named.length)
  })
}

test.each(worlds)('every account that $name would liquidate is a candidate', (world) => {
  let liquidatable = 0
  fc.assert(
    law(world, plainScan, (due) => (liquidatable += due)),
    { numRuns: 2_000 },
  )
  expect(liquidatable).toBeGreaterThan(1_000)
})

test.each(worlds)('without the bound, some that $name would liquidate are missed', (world) => {
  const checks = [naiveScan(0), naiveScan(5)].map((units) => law(world, units, ignore))
  // The first miss is enough: making it small takes minutes. Misses are rare, so that a seed is given.
  const patience = { seed: 1, numRuns: 30_000, endOnFailure: true }
  for (const check of checks) expect(fc.check(check, patience).failed).toBe(true)
})

function ignore(): void {}

/** As the plain scan, but that doubles are believed; with or without the whole units. */
function naiveScan(unitsPerHolding: number): () => RowScan {
  return () => ({
    ...plainScan(),
    scan: ({ holdings, rows, ...at }, { doubles, words, halves }) => {
      let count = 0
      for (let row = 0; row < rows; row++) {
        let margin = doubles[at.constantsAt / 8 + row] ?? 0
        for (let holding = 0; holding < holdings; holding++) {
          const place = (row - (row % 2)) * holdings + 2 * holding + (row % 2)
          const factor = doubles[factorsAt / 8 + (halves[at.columnsAt / 2 + place] ?? 0)] ?? 0
          margin += (doubles[at.balancesAt / 8 + place] ?? 0) * factor
        }
        if (margin >= unitsPerHolding * holdings) continue
        words[foundAt / 4 + count] = row
        count += 1
      }
      return count
    },
  })
}

const btc: ScanMark = {
  price: 1n << 40n,
  priceScale: 1n << 28n,
  risks: [
    { from: 0n, risk: 10n },
    { from: 1_000n, risk: 500n },
  ],
  riskScale: 1_000n,
  fundingIndex: 0n,
}
const marks = new Map([['BTC', btc]])

function withBtc(id: string, balance: bigint, collateral: bigint): Account {
  return { id, collateral, holdings: [{ asset: 'BTC', balance, fundingIndex: 0n }] }
}

test('an account with plenty is left out, one with an asset that has no mark is named', () => {
  const book = openBook(1n << 32n)
  const rich = withBtc('rich', -5n, 10n ** 12n)
  book.upsert(rich)
  book.upsert({ ...rich, id: 'odd', holdings: [{ asset: 'X', balance: 1n, fundingIndex: 0n }] })
  expect(book.candidates(marks)).toEqual(['odd'])
})

test('a holding meets the risk of its own size, not that of the largest', () => {
  const book = openBook(1n << 32n)
  // Worth 4,096 each: 500 of them may be 20 times as large as their margin, 1,500 but twice.
  book.upsert(withBtc('small', 500n, -490n * 4_096n))
  book.upsert(withBtc('large', 1_500n, -1_400n * 4_096n))
  expect(book.candidates(marks)).toEqual(['large'])
})

test('who has too many holdings or too large numbers is always named, and no longer once that is over', () => {
  const book = openBook(1n << 32n)
  const holdings = Array.from({ length: 33 }, (_, at) => ({
    asset: `A${at}`,
    balance: 1n,
    fundingIndex: 0n,
  }))
  book.upsert({ id: 'many', collateral: 10n ** 12n, holdings })
  book.upsert(withBtc('huge', 1n, 10n ** 400n))
  book.upsert(withBtc('usual', 1n, 10n ** 12n))
  expect(book.candidates(marks)).toEqual(['many', 'huge'])
  book.upsert(withBtc('many', 1n, 10n ** 12n))
  book.remove('huge')
  expect(book.candidates(marks)).toEqual([])
})

test('where nobody should pay funding and somebody has an index, all who hold the asset are named', () => {
  const book = openBook(1n << 32n)
  const { fundingIndex: _, ...spot } = btc
  book.upsert(withBtc('plain', 1n, 10n ** 12n))
  expect(book.candidates(new Map([['BTC', spot]]))).toEqual([])
  book.upsert({
    ...withBtc('odd', 1n, 0n),
    holdings: [{ asset: 'BTC', balance: 1n, fundingIndex: 7n }],
  })
  expect(book.candidates(new Map([['BTC', spot]]))).toEqual(['plain', 'odd'])
})

test('rows are used again, and thousands of accounts come and go', () => {
  const book = openBook(1n << 32n)
  for (let at = 0; at < 20_000; at++) {
    const poor = at % 100 === 0
    book.upsert(withBtc(`a${at % 5_000}`, at % 3 === 0 ? 2n : -2n, poor ? -(10n ** 9n) : 10n ** 9n))
    if (at % 7 === 0) book.remove(`a${at % 5_000}`)
  }
  const expected = Array.from({ length: 5_000 }, (_, at) => 15_000 + at)
    .filter((at) => at % 100 === 0 && at % 7 !== 0)
    .map((at) => `a${at % 5_000}`)
  expect(book.candidates(marks).toSorted()).toEqual(expected.toSorted())
})
