import { describe, expect, test } from 'vitest'

import { memoryStore, type MemoryStore } from '../../../lib/adapters/store/memory.ts'
import { bookRows } from '../../../lib/domain/pnl/book-rows.ts'
import { weeksOfBooks } from '../../../lib/keepers/books/week-of-books.ts'
import { exactJson } from '../../../lib/keepers/exact-json.ts'
import {
  booksFindings,
  booksMeasures,
  unseenBooks,
} from '../../../lib/keepers/watch/books-findings.ts'
import { booksSeen } from '../../../lib/keepers/watch/books-seen.ts'
import type { BooksSeen, WatchRules, WatchView } from '../../../lib/keepers/watch/watch-view.ts'
import { steppedClock } from '../../adapters/store/samples.ts'
import { aBlock, aBooking, anEvent, at, them } from '../../domain/pnl/samples.ts'

const rules = {
  booked: { dex: { chain: 'l1', finalMs: 60_000 } },
  everySeconds: { liquidate: 2 },
  fundFloorUsd: 10_000,
  fundDays: 3,
  missedPercent: 50,
  booksBehindMs: 900_000,
} as unknown as WatchRules

const now = at(3_600_000)

function viewOf(books: readonly BooksSeen[], head: 'seen' | 'unseen' = 'seen'): WatchView {
  const block = { number: 99, hash: '0x1', time: now }
  const l1 = head === 'seen' ? { kind: 'seen', value: block } : { kind: 'unseen', reason: 'none' }
  return { now, chains: { l1 }, books } as unknown as WatchView
}

/** Ten that others had just now, the books up to the tenth second after noon, and a slot of a moment ago. */
async function aStore(slotMs = 3_599_000): Promise<MemoryStore> {
  const store = memoryStore({ clock: steppedClock() })
  const events = Array.from({ length: 10 }, (_, place) =>
    anEvent({ liquidator: them, place, cover: 1_000_000_000n, block: aBlock(10) }),
  )
  for (const row of bookRows(aBooking({ events }))) await store.ledger.add('dex', row)
  await store.ledger.move('dex', {
    block: aBlock(10),
    blockAt: at(10_000),
    workBefore: at(10_000),
    fund: 0n,
    fundDays: [],
    decimals: { collateral: 6, fee: 18 },
    version: 1,
  })
  await store.history.record({
    keeper: 'liquidate',
    subject: 'dex',
    slot: 1,
    at: at(slotMs),
    view: exactJson({
      look: { insuranceFund: 15_000_000_000n, dollar: 1_000_000n },
      index: { block: 9, accounts: 26 },
      candidates: [{}, {}],
      unasked: 1,
      looked: { accounts: 26, candidates: 5 },
      inFlight: ['anna'],
    }),
    decided: exactJson({ plan: { liquidatable: 2, bankrupt: 1 } }),
  })
  return store
}

async function seenIn(store: MemoryStore): Promise<BooksSeen | undefined> {
  return await booksSeen(store, weeksOfBooks(), { engine: 'dex', now })
}

describe('of an exchange that is liquidated here the watch', () => {
  test('sees who is below, the fund and how long it lasts, and what others had of the last hour', async () => {
    expect(await seenIn(await aStore())).toEqual({
      engine: 'dex',
      slot: {
        at: at(3_599_000),
        accounts: 26,
        candidates: 5,
        liquidatable: 3,
        bankrupt: 1,
        inFlight: 1,
      },
      // 10,000 USD a day out of 15,000, and a few units in.
      fund: { balance: 15_000_000_000n, decimals: 6, lastsDays: 1 },
      lately: { since: at(0), won: 0, missed: 10, why: { idle: 10 } },
      booked: { block: 10, blockAt: at(10_000) },
    })
  })

  test('sees nothing where nothing was looked at and nothing booked', async () => {
    expect(await seenIn(memoryStore({ clock: steppedClock() }))).toBeUndefined()
  })

  test('tells of a fund that will not last, of opportunities missed, and of books that are behind', async () => {
    const seen = await seenIn(await aStore())
    const view = viewOf(seen ? [seen] : [])
    expect(booksFindings(view, rules).map(({ rule, subject }) => [rule, subject])).toEqual([
      ['fund-low', 'dex'],
      ['opportunities-missed', 'dex'],
      ['books-behind', 'dex'],
    ])
    expect(unseenBooks(view, rules)).toEqual([])
  })

  test('says neither good nor bad of the fund by a slot of old, nor of books without a chain', async () => {
    const seen = await seenIn(await aStore(3_500_000))
    const view = viewOf(seen ? [seen] : [], 'unseen')
    expect(booksFindings(view, rules).map(({ rule }) => rule)).toEqual(['opportunities-missed'])
    expect(unseenBooks(view, rules).map(({ rule }) => rule)).toEqual(['fund-low', 'books-behind'])
    expect(unseenBooks(viewOf([]), rules).map(({ rule }) => rule)).toEqual([
      'fund-low',
      'opportunities-missed',
      'books-behind',
    ])
  })

  test('tells no one of the fund of an exchange that has no accounts yet', async () => {
    const seen = await seenIn(await aStore())
    if (!seen?.slot) throw new TypeError('there is a slot')
    const empty = { ...seen, slot: { ...seen.slot, accounts: 0 } }
    expect(booksFindings(viewOf([empty]), rules).map(({ rule }) => rule)).not.toContain('fund-low')
  })

  test('without a fund hears nothing of one, and books behind where a batch that counts has waited', async () => {
    const store = memoryStore({ clock: steppedClock() })
    await store.ledger.move('dex', {
      block: aBlock(10),
      batch: { id: 9, nextTransaction: 7 },
      blockAt: at(10_000),
      workBefore: at(10_000),
      fund: undefined,
      fundDays: [],
      decimals: { collateral: 6, fee: 18 },
      version: 1,
    })
    await store.history.record({
      keeper: 'liquidate',
      subject: 'dex',
      slot: 1,
      at: at(3_599_000),
      view: exactJson({
        look: { dollar: 1_000_000n },
        index: { block: 9, accounts: 26 },
        candidates: [],
        unasked: 0,
        inFlight: [],
      }),
      decided: exactJson({ plan: { liquidatable: 0, bankrupt: 0 } }),
    })
    const batched = { ...rules, booked: { dex: { chain: 'gateway' } } }
    const lookAt = async (countedSince: () => Promise<ReturnType<typeof at> | undefined>) => {
      const seen = await booksSeen(store, weeksOfBooks(), {
        engine: 'dex',
        now,
        counted: { countedSince },
      })
      const view = viewOf(seen ? [seen] : [])
      return {
        seen,
        found: booksFindings(view, batched),
        unseen: unseenBooks(view, batched),
        measured: booksMeasures(view).map(({ name }) => name),
      }
    }
    const calm = await lookAt(async () => Promise.resolve(undefined))
    expect(calm.seen).toMatchObject({ fund: undefined, slot: { accounts: 26 } })
    expect([calm.found, calm.unseen]).toEqual([[], []])
    expect(calm.measured).not.toContain('insurance-fund-days')
    const young = await lookAt(async () => Promise.resolve(at(3_600_000 - 900_000)))
    expect(young.found).toEqual([])
    const late = await lookAt(async () => Promise.resolve(at(3_600_000 - 901_000)))
    expect(late.found).toMatchObject([
      {
        rule: 'books-behind',
        severity: 'warning',
        since: at(3_600_000 - 1_000),
        summary:
          'the books of dex end at 2026-01-01 12:00:10 UTC; what comes after has been final for 901 s',
      },
    ])
    const silent = await lookAt(async () => Promise.reject(new Error('the feeder is down')))
    expect([silent.found, silent.unseen]).toEqual([[], [{ rule: 'books-behind', subject: 'dex' }]])
  })

  test('measures each number by exchange', async () => {
    const seen = await seenIn(await aStore())
    const measures = booksMeasures(viewOf(seen ? [seen] : []))
    expect(measures.every(({ of }) => of['engine'] === 'dex')).toBe(true)
    expect(Object.fromEntries(measures.map(({ name, value }) => [name, value]))).toEqual({
      'accounts-indexed': 26,
      candidates: 5,
      liquidatable: 3,
      bankrupt: 1,
      'in-flight': 1,
      'insurance-fund-days': 1,
      'books-lag-s': 3_590,
    })
  })
})
