import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { BlockEvents } from '../../../lib/domain/positions/account-event.ts'
import { applyBlocks } from '../../../lib/domain/positions/apply-blocks.ts'
import {
  accountCount,
  accountIn,
  accountsOf,
  type Book,
  idsOf,
} from '../../../lib/domain/positions/book.ts'
import { replayed, stepsBetween } from '../../../lib/domain/positions/log-record.ts'
import { compare } from '../../../lib/domain/positions/reading.ts'
import { knownBlocks, rollBack, settled } from '../../../lib/domain/positions/roll-back.ts'
import { aBlock, aBook, contentsOf, genesis, someBlocks } from './some-blocks.ts'

function followed(book: Book, blocks: readonly BlockEvents[]): Book {
  return applyBlocks(book, blocks, blocks.at(-1)?.block ?? book.block)
}

function back(book: Book, number: number): Book {
  const rolled = rollBack(book, number)
  if (!rolled) throw new Error(`block ${number} is out of reach`)
  return rolled
}

describe('a book', () => {
  test('goes back to how it was', () => {
    fc.assert(
      fc.property(someBlocks(), fc.nat(), (blocks, cut) => {
        const kept = blocks.slice(0, cut % (blocks.length + 1))
        const then = followed(aBook(), kept)
        const rolled = back(followed(aBook(), blocks), then.block.number)
        expect(contentsOf(rolled)).toEqual(contentsOf(then))
        expect(knownBlocks(rolled)).toEqual(knownBlocks(then))
      }),
    )
  })

  test('is the same in whatever portions blocks come', () => {
    fc.assert(
      fc.property(someBlocks(), fc.array(fc.nat(), { maxLength: 4 }), (blocks, cuts) => {
        const ends = [...cuts.map((cut) => cut % (blocks.length + 1)), blocks.length].toSorted(
          (one, other) => one - other,
        )
        let book = aBook()
        let from = 0
        for (const end of ends) {
          book = followed(book, blocks.slice(from, end))
          from = end
        }
        expect(contentsOf(book)).toEqual(contentsOf(followed(aBook(), blocks)))
      }),
    )
  })

  test('is not changed by blocks that it has', () => {
    fc.assert(
      fc.property(someBlocks(), fc.nat(), (blocks, again) => {
        const book = followed(aBook(), blocks)
        const repeated = followed(book, blocks.slice(again % (blocks.length + 1)))
        expect(contentsOf(repeated)).toEqual(contentsOf(book))
      }),
    )
  })

  test('after a reorganisation is as if it had never seen the other blocks', () => {
    const branches = someBlocks().chain((common) => {
      const fork = common.at(-1)?.block ?? genesis
      return fc.tuple(fc.constant(common), someBlocks(fork, 'b'), someBlocks(fork, 'c'))
    })
    fc.assert(
      fc.property(branches, ([common, lost, won]) => {
        const fork = followed(aBook(), common)
        const seen = followed(fork, lost)
        const rejoined = followed(back(seen, fork.block.number), won)
        expect(contentsOf(rejoined)).toEqual(contentsOf(followed(fork, won)))
      }),
    )
  })

  test('is told again by its log, whatever happened', () => {
    const story = someBlocks().chain((first) => {
      const fork = first[0]?.block ?? genesis
      return fc.tuple(fc.constant(first), someBlocks(fork, 'b'))
    })
    fc.assert(
      fc.property(story, ([first, second]) => {
        const one = followed(aBook(), first)
        const number = first[0]?.block.number ?? 0
        const two = back(one, number)
        const three = followed(two, second)
        const log = [
          ...stepsBetween(aBook(), one),
          { kind: 'back', number } as const,
          ...stepsBetween(two, three),
        ]
        const told = replayed(aBook(), log)
        expect(contentsOf(told)).toEqual(contentsOf(three))
        expect(contentsOf(back(told, 0))).toEqual(contentsOf(aBook()))
      }),
    )
  })

  test('never changes one that it came from', () => {
    fc.assert(
      fc.property(someBlocks(), (blocks) => {
        const book = aBook()
        const half = followed(book, blocks.slice(0, 3))
        const before = contentsOf(half)
        followed(half, blocks.slice(3))
        back(half, 0)
        expect(contentsOf(half)).toEqual(before)
        expect(contentsOf(book)).toEqual(contentsOf(aBook()))
      }),
    )
  })

  test('names each account once, and knows it by its name', () => {
    fc.assert(
      fc.property(someBlocks(), (blocks) => {
        const book = followed(aBook(), blocks)
        const ids = [...idsOf(book)]
        expect(new Set(ids).size).toBe(ids.length)
        expect([...accountsOf(book)].map(({ id }) => id)).toEqual(ids)
        for (const account of accountsOf(book)) expect(accountIn(book, account.id)).toBe(account)
        expect(accountCount(book)).toBe(ids.length)
        for (const { holdings } of accountsOf(book)) {
          expect(new Set(holdings.map(({ asset }) => asset)).size).toBe(holdings.length)
          expect(holdings.some(({ balance }) => balance === 0n)).toBe(false)
        }
      }),
    )
  })
})

describe('what is final', () => {
  test('is not gone back to, and all later blocks are', () => {
    fc.assert(
      fc.property(someBlocks(), fc.nat({ max: 30 }), (blocks, final) => {
        const whole = followed(aBook(), blocks)
        const book = settled(whole, final)
        expect(contentsOf(book)).toEqual(contentsOf(whole))
        expect(rollBack(book, book.floor.number - 1)).toBeUndefined()
        expect(contentsOf(back(book, book.floor.number))).toEqual(
          contentsOf(back(whole, book.floor.number)),
        )
      }),
    )
  })
})

describe('what the contract was asked at a block that is gone', () => {
  test('is asked again, since it was wrong before that block too', () => {
    const book = followed(aBook(), [{ block: aBlock(5), events: [] }])
    const account = { id: '0', collateral: 7n, holdings: [] }
    const { book: corrected } = compare(book, {
      block: book.block,
      accounts: new Map([['0', { kind: 'account', account }]]),
      indexes: new Map(),
    })
    expect(accountIn(corrected, '0')).toEqual(account)
    expect(corrected.doubts.size).toBe(0)
    const rolled = back(corrected, 4)
    expect(accountIn(rolled, '0')).toEqual({ id: '0', collateral: 0n, holdings: [] })
    expect(rolled.doubts.get('0')?.why).toBe('taken-back')
  })
})
