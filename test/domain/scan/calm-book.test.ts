import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import { openCalmBook } from '../../../lib/domain/scan/calm-book.ts'
import { openBook } from '../../../lib/domain/scan/margin-book.ts'
import type { ScanMarks } from '../../../lib/domain/scan/scan-marks.ts'
import { accountAt, happenings, worlds } from './scan-worlds.ts'

test.each(worlds)(
  'tick after tick, it names everybody whom $name would liquidate, and nobody whom a scan of all leaves out',
  (world) => {
    const count = { liquidatable: 0, looked: 0, accounts: 0 }
    const events = happenings(world, 6)
    const law = fc.property(
      world.ticks,
      fc.array(events, { minLength: 1, maxLength: 13 }),
      (ticks, eventsAt) => {
        const calm = openCalmBook(world.fundingScale)
        const full = openBook(world.fundingScale)
        const accounts = new Map<string, Account>()
        for (const [at, tick] of ticks.entries()) {
          // Nothing happens in most ticks but that prices move.
          const now = at % 3 === 0 ? (eventsAt[at] ?? []) : []
          for (const event of now) {
            const account = accountAt(event, tick)
            for (const book of [calm, full]) book.upsert(account)
            accounts.set(account.id, account)
            if (!event.isRemoved) continue
            for (const book of [calm, full]) book.remove(account.id)
            accounts.delete(account.id)
          }
          const named = calm.candidates(tick.marks)
          const due = [...accounts.values()].filter((one) => (tick.surplus(one) ?? 0n) < 0n)
          expect(named).toEqual(expect.arrayContaining(due.map(({ id }) => id)))
          expect(full.candidates(tick.marks)).toEqual(expect.arrayContaining([...named]))
          expect(new Set(named).size).toBe(named.length)
          count.liquidatable += due.length
          count.looked += calm.looked()
          count.accounts += accounts.size
        }
      },
    )
    fc.assert(law, { numRuns: 1_000 })
    expect(count.liquidatable).toBeGreaterThan(1_000)
    expect(count.looked).toBeLessThan(count.accounts)
  },
)

const scale = 1n << 28n

/** Assets at so many millionths of 1,000 units each. */
function marksAt(millionths: readonly number[]): ScanMarks {
  return new Map(
    millionths.map((one, at) => [
      `M${at}`,
      {
        price: (1_000n * scale * BigInt(one)) / 1_000_000n,
        priceScale: scale,
        risks: [{ from: 0n, risk: 20n }],
        riskScale: 1_000n,
        fundingIndex: 0n,
      },
    ]),
  )
}

/** Long in one asset and as much short in the other, with 5 to 35 percent where 4 are required; 20 have 2. */
function hedged(id: number): Account {
  const size = BigInt(1_000 + id)
  const permille = id % 1_000 === 0 ? 20n : BigInt(50 + ((id * 7) % 300))
  return {
    id: String(id),
    collateral: size * permille,
    holdings: [
      { asset: 'M0', balance: size, fundingIndex: 0n },
      { asset: 'M1', balance: -size, fundingIndex: 0n },
    ],
  }
}

test('in calm times it looks at few of many, after a crash at all, and then at few again', () => {
  const calm = openCalmBook(1n << 32n)
  const full = openBook(1n << 32n)
  for (let id = 0; id < 20_000; id++) for (const book of [calm, full]) book.upsert(hedged(id))
  const looks = (at: number, ticks: number): readonly number[] =>
    Array.from({ length: ticks }, (_, tick) => {
      const wobble = (tick % 2) * 100
      const marks = marksAt([at + wobble, at - wobble])
      const named = calm.candidates(marks)
      expect(named).toHaveLength(20)
      expect(named).toEqual(full.candidates(marks))
      return calm.looked()
    })
  // Accounts come to their buckets 256 in a tick.
  const first = looks(1_000_000, 100)
  expect(first[0]).toBeGreaterThanOrEqual(20_000)
  expect(Math.max(...first.slice(80))).toBeLessThan(50)
  const crashed = looks(950_000, 100)
  expect(crashed[0]).toBeGreaterThanOrEqual(20_000)
  expect(Math.max(...crashed.slice(80))).toBeLessThan(50)
  // Whom something happens to is looked at in the next tick.
  const [poor, rich] = [{ ...hedged(1), collateral: 0n }, hedged(1_000)]
  for (const book of [calm, full])
    for (const account of [poor, { ...rich, collateral: 10n ** 9n }]) book.upsert(account)
  expect(looks(950_000, 2).at(-1)).toBeLessThan(50)
})
