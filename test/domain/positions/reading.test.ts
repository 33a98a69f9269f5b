import { describe, expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import type { AccountEvent } from '../../../lib/domain/positions/account-event.ts'
import { applyBlocks } from '../../../lib/domain/positions/apply-blocks.ts'
import { accountIn, type Book } from '../../../lib/domain/positions/book.ts'
import { withCosts } from '../../../lib/domain/positions/costs.ts'
import { type AccountRead, compare } from '../../../lib/domain/positions/reading.ts'
import { aBlock, aBook } from './some-blocks.ts'

const block = aBlock(9)

function bookOf(...events: readonly AccountEvent[]): Book {
  const placed = events.map((event, place) => ({ place, event }))
  return applyBlocks(aBook(), [{ block, events: placed }], block)
}

function compared(book: Book, reads: Readonly<Record<string, AccountRead>>, indexes = {}) {
  return compare(book, {
    block: book.block,
    accounts: new Map(Object.entries(reads)),
    indexes: new Map<string, bigint>(Object.entries(indexes)),
  })
}

function read(account: Account): AccountRead {
  return { kind: 'account', account }
}

const held = { asset: '0xb', balance: 5n, fundingIndex: 0n }
const ours = bookOf(
  { kind: 'opened', account: '2' },
  { kind: 'exchanged', account: '2', asset: '0xb', base: 5n, quote: -50n },
)

describe('what the contract says', () => {
  test('changes nothing where it is what the events say', () => {
    const account = { id: '2', collateral: -50n, holdings: [held] }
    expect(compared(ours, { 2: read(account) }, { '0xb': 0n })).toEqual({ book: ours, apart: [] })
  })

  test('does not depend on the order of holdings', () => {
    const other = { asset: '0xe', balance: -1n, fundingIndex: 4n }
    const both = bookOf(
      { kind: 'position', account: '2', holding: held, collateral: 0n },
      { kind: 'position', account: '2', holding: other, collateral: 0n },
    )
    const account = { id: '2', collateral: 0n, holdings: [other, held] }
    expect(compared(both, { 2: read(account) }).apart).toEqual([])
  })

  test.each<[string, AccountRead, string]>([
    [
      'cash',
      read({ id: '2', collateral: -49n, holdings: [held] }),
      'its cash is -49, by events -50',
    ],
    [
      'a balance',
      read({ id: '2', collateral: -50n, holdings: [{ ...held, balance: 6n }] }),
      'its 0xb is 6 paid up to 0, by events 5 paid up to 0',
    ],
    [
      'paid funding',
      read({ id: '2', collateral: -50n, holdings: [{ ...held, fundingIndex: 1n }] }),
      'its 0xb is 5 paid up to 1, by events 5 paid up to 0',
    ],
    [
      'a cost',
      read({ id: '2', collateral: -50n, holdings: [{ ...held, cost: 9n }] }),
      'its 0xb is 5 for 9 paid up to 0, by events 5 for 50 paid up to 0',
    ],
    [
      'an asset',
      read({ id: '2', collateral: -50n, holdings: [] }),
      'its 0xb is none, by events 5 paid up to 0',
    ],
    ['all of it', { kind: 'none' }, 'it is not there, by events it is there'],
  ])('wins where %s differs, and is told', (_, theirs, detail) => {
    const { book, apart } = compared(ours, { 2: theirs })
    expect(apart).toEqual([{ of: '2', why: 'apart', detail }])
    const account = theirs.kind === 'account' ? theirs.account : undefined
    expect(accountIn(book, '2')).toEqual(account && withCosts(account, accountIn(ours, '2')))
    expect(compared(book, { 2: theirs }).apart).toEqual([])
  })

  test('wins where a funding index differs', () => {
    const { book, apart } = compared(ours, {}, { '0xb': 4n })
    expect(apart).toEqual([
      { of: '0xb', why: 'apart', detail: 'its funding index is 4, by events 0' },
    ])
    expect(book.indexes.get('0xb')).toBe(4n)
  })

  test('ends a doubt without a word where no event could say it', () => {
    const doubtful = bookOf({ kind: 'unsaid', account: '0', what: 'interest of a deposit' })
    const account = { id: '0', collateral: 8n, holdings: [] }
    const { book, apart } = compared(doubtful, { 0: read(account) })
    expect(apart).toEqual([])
    expect(book.doubts.size).toBe(0)
    expect(accountIn(book, '0')).toEqual(account)
  })

  test('ends a doubt about an event, which is told whether it did harm or not', () => {
    const doubtful = bookOf({ kind: 'cash', account: '2', amount: 1n })
    const account = { id: '2', collateral: 1n, holdings: [] }
    const { book, apart } = compared(doubtful, { 2: read(account) })
    expect(apart).toEqual([
      {
        of: '2',
        why: 'unknown-account',
        detail:
          'an event (cash) of an account that nothing opened; it is there, by events it is not there',
      },
    ])
    expect(accountIn(book, '2')).toEqual(account)
    const none = compared(doubtful, { 2: { kind: 'none' } })
    expect(none.apart.map(({ why }) => why)).toEqual(['unknown-account'])
    expect(none.book.doubts.size).toBe(0)
  })

  test('that cannot be read leaves that account in doubt, and all others are compared', () => {
    const { book, apart } = compared(ours, {
      0: { kind: 'unreadable', detail: 'it panicked' },
      2: read({ id: '2', collateral: 0n, holdings: [held] }),
    })
    expect(apart.map(({ of, why }) => [of, why])).toEqual([
      ['0', 'unreadable'],
      ['2', 'apart'],
    ])
    expect(book.doubts.get('0')).toEqual({ why: 'unreadable', detail: 'it panicked' })
    expect(accountIn(book, '2')?.collateral).toBe(0n)
  })

  test('of another block is no answer', () => {
    expect(() =>
      compare(ours, { block: aBlock(9, 'b'), accounts: new Map(), indexes: new Map() }),
    ).toThrow('the book is of block 9, what was read is of 9 or of another chain')
  })
})
