import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { openBook, packBook } from '../../../lib/adapters/positions/packed-book.ts'
import { openLog, packLog } from '../../../lib/adapters/positions/packed-log.ts'
import { UnreadableBookError } from '../../../lib/adapters/positions/sealed.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import { applyBlocks } from '../../../lib/domain/positions/apply-blocks.ts'
import { accountIn, type Book, emptyBook, idsOf } from '../../../lib/domain/positions/book.ts'
import { stepsBetween } from '../../../lib/domain/positions/log-record.ts'
import { unwound } from '../../../lib/domain/positions/roll-back.ts'
import { aBlock, aBook, contentsOf, someBlocks } from '../../domain/positions/some-blocks.ts'

const id = fc.oneof(
  fc.nat({ max: 2 ** 31 }).map(String),
  fc.bigInt({ min: 0n, max: 2n ** 160n - 1n }).map((n) => `0x${n.toString(16).padStart(40, '0')}`),
  fc.string({ minLength: 1 }),
)
/** From nothing to far beyond what any contract holds, on both sides of zero. */
const integer = fc.oneof(
  fc.bigInt({ min: -3n, max: 3n }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n }),
  fc.bigInt({ min: -(2n ** 256n), max: 2n ** 256n }),
  fc
    .integer({ min: 0, max: 300 })
    .chain((bits) =>
      fc.constantFrom(2n ** BigInt(bits), -(2n ** BigInt(bits)), 2n ** BigInt(bits) - 1n),
    ),
)
const asset = fc.constantFrom('0x4254432d3600000000000000000000', '0xe', 'ü')
const account: fc.Arbitrary<Account> = fc.record({
  id,
  collateral: integer,
  holdings: fc.uniqueArray(
    fc.oneof(
      fc.record({ asset, balance: integer, fundingIndex: integer }),
      fc.record({ asset, balance: integer, fundingIndex: integer, cost: integer }),
    ),
    { selector: (one) => one.asset },
  ),
})
const accounts = fc.uniqueArray(account, { selector: (one) => one.id, maxLength: 40 })

function bookOf(all: readonly Account[]): Book {
  return {
    ...emptyBook(aBlock(7), []),
    changed: new Map(all.map((one) => [one.id, one])),
    indexes: new Map([
      ['0xe', -5n],
      ['0xother', 2n ** 70n],
    ]),
    doubts: new Map([['9', { why: 'out-of-order', detail: 'late – “é”' }]]),
  }
}

describe('a packed book', () => {
  test('is the book, to the last unit, wherever it is looked at', () => {
    fc.assert(
      fc.property(accounts, fc.array(id), (all, others) => {
        const book = bookOf(all)
        const opened = openBook(packBook(book))
        expect(contentsOf(opened)).toEqual(contentsOf(book))
        expect(opened.floor).toEqual(book.block)
        for (const one of all) expect(accountIn(opened, one.id)).toEqual(one)
        const known = new Set(all.map((one) => one.id))
        for (const one of others) expect(accountIn(opened, one) !== undefined).toBe(known.has(one))
        expect(new Set(idsOf(opened))).toEqual(known)
      }),
    )
  })

  test('is the same file whatever order its accounts came in', () => {
    fc.assert(
      fc.property(accounts, (all) => {
        expect(packBook(bookOf(all.toReversed()))).toEqual(packBook(bookOf(all)))
      }),
    )
  })

  test('holds an account with hundreds of holdings', () => {
    const holdings = Array.from({ length: 300 }, (_, at) => {
      return { asset: `0x${at.toString(16)}`, balance: BigInt(at + 1), fundingIndex: 0n }
    })
    const opened = openBook(packBook(bookOf([{ id: '1', collateral: 0n, holdings }])))
    expect(accountIn(opened, '1')?.holdings).toEqual(holdings)
  })

  test('may be gone through while accounts of it are looked up', () => {
    const all = Array.from({ length: 9 }, (_, at) => ({
      id: String(at),
      collateral: BigInt(at),
      holdings: [],
    }))
    const opened = openBook(packBook(bookOf(all)))
    const seen = [...opened.table.all()].length
    const met: string[] = []
    for (const one of opened.table.all()) {
      expect(accountIn(opened, '3')?.collateral).toBe(3n)
      met.push(one.id)
    }
    expect([seen, met.length]).toEqual([9, 9])
  })

  test('of which any byte was changed, or the end is gone, is not read', () => {
    const file = packBook(bookOf([{ id: '1', collateral: 5n, holdings: [] }]))
    fc.assert(
      fc.property(
        fc.nat({ max: file.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, bits) => {
          const changed = file.slice()
          changed[at] = (changed[at] ?? 0) ^ bits
          expect(() => openBook(changed)).toThrow(UnreadableBookError)
          expect(() => openBook(file.slice(0, at))).toThrow(UnreadableBookError)
        },
      ),
    )
  })

  test('is no log, and a log is no book', () => {
    expect(() => openBook(packLog([]))).toThrow('it is no SKPB')
    expect(() => openLog(packBook(bookOf([])))).toThrow('it is no SKPL')
  })
})

describe('a packed log', () => {
  test('tells what it was told', () => {
    fc.assert(
      fc.property(someBlocks(), fc.nat(), (blocks, number) => {
        const end = blocks.at(-1)?.block ?? aBook().block
        const book = applyBlocks(aBook(), blocks, end)
        const records = [
          ...stepsBetween(aBook(), book),
          { kind: 'back' as const, number },
          ...book.journal.map(({ before, block }) => {
            return { kind: 'reading' as const, block, after: before }
          }),
        ]
        expect(openLog(packLog(records))).toEqual(records)
      }),
    )
  })
})

test('a book is what its floor holds and its journal does', () => {
  fc.assert(
    fc.property(someBlocks(), (blocks) => {
      const book = applyBlocks(aBook(), blocks, blocks.at(-1)?.block ?? aBook().block)
      expect(contentsOf(unwound(book))).toEqual(contentsOf(aBook()))
    }),
  )
})
