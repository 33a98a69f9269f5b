import { describe, expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import { type AccountTable, emptyBook } from '../../../lib/domain/positions/book.ts'
import type { AccountRead } from '../../../lib/domain/positions/reading.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { decisionText } from '../../../lib/keepers/decision-text.ts'
import {
  decideIndex,
  indexPositions,
  type IndexView,
} from '../../../lib/keepers/index-positions/index-positions.ts'
import { viewText } from '../../../lib/keepers/run-keeper.ts'
import { replays } from '../replay/replays.ts'

const block = { number: 9, hash: '0x09' } as const

function anAccount(at: number, collateral = BigInt(at)): Account {
  const holdings = [{ asset: 'BTC', balance: 5n, fundingIndex: 2n, cost: 7n }]
  return { id: String(at), collateral, holdings }
}

/** A book of so many accounts, of which the first ones were asked about. */
function aView(many: number, asked: ReadonlyMap<string, AccountRead>): IndexView {
  const accounts = new Map(
    Array.from({ length: many }, (_, at) => [String(at), anAccount(at)] as const),
  )
  const table: AccountTable = {
    size: many,
    get: (id) => accounts.get(id),
    ids: () => accounts.keys(),
    all: () => accounts.values(),
  }
  const book = { ...emptyBook(block, []), table, indexes: new Map([['BTC', 2n]]) }
  return {
    kind: 'followed',
    engine: 'core',
    slot: 3,
    fence: 1,
    version: 4,
    trouble: undefined,
    full: undefined,
    followed: {
      book: { ...book, doubts: new Map([['1', { why: 'unreadable', detail: 'odd' }]]) },
      records: [],
      isNew: false,
      head: { ...block, time: timestamp(9_000) },
      wentBackTo: undefined,
      events: 0,
    },
    shares: 4,
    plan: { next: 0, owed: 0, slot: 2 },
    asked: {
      reading: { block, accounts: asked, indexes: new Map([['BTC', 3n]]) },
      shares: 1,
      stopped: undefined,
    },
  }
}

const asked = new Map<string, AccountRead>([
  ['0', { kind: 'account', account: anAccount(0) }],
  ['1', { kind: 'account', account: anAccount(1, 99n) }],
  ['2', { kind: 'none' }],
  ['3', { kind: 'unreadable', detail: 'half an answer' }],
  ['new', { kind: 'account', account: { ...anAccount(0), id: 'new' } }],
])

const nothing = undefined as never
const keeper = indexPositions({
  clock: nothing,
  store: nothing,
  books: nothing,
  chains: {},
  engines: {},
  shares: 4,
})

describe('what a slot of index-positions keeps', () => {
  test('is decided as the whole book is, with as many accounts', () => {
    const decision = replays(keeper).decide(aView(100, asked))
    // One is gone, and one came.
    expect(decisionText(decision)).toContain('"accounts":100')
    expect(decisionText(decideIndex(aView(100, new Map())))).toContain('"accounts":100')
    const gone = new Map([['2', { kind: 'none' } as const]])
    expect(decisionText(replays(keeper).decide(aView(100, gone)))).toContain('"accounts":99')
  })

  test('is no more where the exchange has more accounts', () => {
    const [few, many] = [100, 100_000].map((size) => viewText(keeper, aView(size, asked)))
    expect(many?.replace('100000', '100')).toBe(few)
    expect(many).not.toContain('"id":"4"')
  })
})
