import { describe, expect, test } from 'vitest'

import type { AccountEvent } from '../../../lib/domain/positions/account-event.ts'
import { applyBlocks } from '../../../lib/domain/positions/apply-blocks.ts'
import { accountIn } from '../../../lib/domain/positions/book.ts'
import { aBlock, aBook } from './some-blocks.ts'

function after(...events: readonly (AccountEvent | [place: number, AccountEvent])[]) {
  const placed = events.map((one, at) =>
    Array.isArray(one) ? { place: one[0], event: one[1] } : { place: at, event: one },
  )
  const block = aBlock(9)
  return applyBlocks(aBook(), [{ block, events: placed }], block)
}

const opened = { kind: 'opened', account: '137' } as const
const bought = { kind: 'exchanged', account: '137', asset: '0xb', base: 5n, quote: -50n } as const

describe('an asset that is touched', () => {
  test('pays its funding first, rounded down, and no other one does', () => {
    const other = { ...bought, asset: '0xe' } as const
    const book = after(
      opened,
      bought,
      other,
      // 2^32 / 3 of collateral for one unit: five of them pay 1.666…, so 2.
      { kind: 'funding', asset: '0xb', index: 1_431_655_766n },
      { kind: 'funding', asset: '0xe', index: 2n ** 40n },
      { ...bought, base: 1n, quote: -9n },
    )
    expect(accountIn(book, '137')).toEqual({
      id: '137',
      collateral: -50n - 50n - 2n - 9n,
      holdings: [
        { asset: '0xb', balance: 6n, fundingIndex: 1_431_655_766n, cost: 50n + 9n },
        { asset: '0xe', balance: 5n, fundingIndex: 0n, cost: 50n },
      ],
    })
  })

  test('is gone once nothing of it is left', () => {
    const book = after(opened, bought, { ...bought, base: -5n, quote: 60n })
    expect(accountIn(book, '137')).toEqual({ id: '137', collateral: 10n, holdings: [] })
  })

  test('may be the hundredth of its account', () => {
    const legs = Array.from({ length: 100 }, (_, at) => ({ ...bought, asset: `0x${at}` }))
    const book = after(opened, ...legs, { ...bought, asset: '0x42', base: -5n })
    expect(accountIn(book, '137')?.holdings).toHaveLength(99)
  })
})

describe('an event that is not as it must be', () => {
  test('of an account that nothing opened is a doubt about that account alone', () => {
    const book = after({ ...bought, account: '404' }, { kind: 'cash', account: '0', amount: 3n })
    expect(accountIn(book, '404')).toBeUndefined()
    expect(book.doubts.get('404')).toEqual({
      why: 'unknown-account',
      detail: 'an event (exchanged) of an account that nothing opened',
    })
    expect([...book.doubts.keys()]).toEqual(['404'])
    expect(accountIn(book, '0')?.collateral).toBe(3n)
  })

  test('that comes after later ones is a doubt about its account alone', () => {
    const book = after(
      [4, { kind: 'cash', account: '0', amount: 3n }],
      [2, { kind: 'cash', account: '1', amount: 5n }],
      [5, { kind: 'cash', account: '0', amount: 1n }],
    )
    expect([...book.doubts]).toEqual([
      [
        '1',
        {
          why: 'out-of-order',
          detail: 'its event at place 2 of block 9 came after later ones',
        },
      ],
    ])
    expect(accountIn(book, '0')?.collateral).toBe(4n)
  })

  test('that is funding and comes late is a doubt about whoever was touched before', () => {
    const book = after(
      [0, opened],
      [3, bought],
      [2, { kind: 'funding', asset: '0xb', index: 7n }],
      [4, { kind: 'cash', account: '0', amount: 1n }],
    )
    expect([...book.doubts.keys()]).toEqual(['137'])
    expect(book.indexes.get('0xb')).toBe(7n)
  })
})
