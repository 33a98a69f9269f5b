import * as fc from 'fast-check'

import type { Account } from '../../../lib/domain/margin/account.ts'
import type {
  AccountEvent,
  BlockEvents,
  BlockId,
} from '../../../lib/domain/positions/account-event.ts'
import { accountsOf, type Book, emptyBook } from '../../../lib/domain/positions/book.ts'

export function aBlock(number: number, branch = 'a'): BlockId {
  const name = `${branch}${number}`
  return { number, hash: `0x${Buffer.from(name).toString('hex').padStart(64, '0')}` }
}

export const genesis = aBlock(0)

/** Nothing happened yet, and accounts 0 and 1 are there. */
export function aBook(): Book {
  return emptyBook(genesis, ['0', '1'])
}

/** All that can be asked of a book: what it holds, not how it came to it. */
export function contentsOf(book: Book) {
  const accounts = [...accountsOf(book)].map(sorted)
  return {
    block: book.block,
    accounts: accounts.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
    indexes: Object.fromEntries(book.indexes),
    doubts: Object.fromEntries(book.doubts),
  }
}

function sorted({ holdings, ...account }: Account): Account {
  const byAsset = holdings.toSorted((one, other) => (one.asset < other.asset ? -1 : 1))
  return { ...account, holdings: byAsset }
}

const account = fc.constantFrom('0', '1', '2', '3', '4')
const asset = fc.constantFrom('0xb', '0xe', '0xd')
const amount = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n })
/** Small too, so that holdings are closed now and then. */
const base = fc.oneof(amount, fc.constantFrom(-2n, -1n, 1n, 2n))
const index = fc.bigInt({ min: -(2n ** 50n), max: 2n ** 50n })

const event: fc.Arbitrary<AccountEvent> = fc.oneof(
  fc.record({ kind: fc.constant('opened' as const), account }),
  fc.record({ kind: fc.constant('cash' as const), account, amount }),
  fc.record({ kind: fc.constant('exchanged' as const), account, asset, base, quote: amount }),
  fc.record({ kind: fc.constant('funding' as const), asset, index }),
  fc.record({ kind: fc.constant('collateral' as const), account, collateral: amount }),
  fc.record({
    kind: fc.constant('position' as const),
    account,
    holding: fc.record({ asset, balance: base, fundingIndex: index, cost: amount }),
    collateral: amount,
  }),
  fc.record({ kind: fc.constant('unsaid' as const), account, what: fc.constant('a fee') }),
)

/** Blocks one after the other, some numbers left out; places rise. */
export function someBlocks(after: BlockId = genesis, branch = 'a'): fc.Arbitrary<BlockEvents[]> {
  const block = fc.record({
    gap: fc.integer({ min: 1, max: 3 }),
    events: fc.array(event, { maxLength: 6 }),
  })
  return fc.array(block, { maxLength: 8 }).map((blocks) => {
    let number = after.number
    return blocks.map(({ gap, events }) => {
      number += gap
      const placed = events.map((one, at) => ({ place: at * 2, event: one }))
      return { block: aBlock(number, branch), events: placed }
    })
  })
}
