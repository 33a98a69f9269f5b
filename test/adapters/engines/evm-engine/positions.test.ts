import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { evmChain } from '../../../../lib/adapters/chains/evm.ts'
import { decodeEngineRevert } from '../../../../lib/adapters/engines/evm-engine/decode-revert.ts'
import { evmPositions } from '../../../../lib/adapters/engines/evm-engine/positions.ts'
import type { Requests, Rpc } from '../../../../lib/adapters/rpc.ts'
import type { Account } from '../../../../lib/domain/margin/account.ts'
import { parseMarket } from '../../../../lib/domain/market.ts'
import type { BlockId } from '../../../../lib/domain/positions/account-event.ts'
import { applyBlocks } from '../../../../lib/domain/positions/apply-blocks.ts'
import {
  accountIn,
  type Book,
  emptyBook,
  newAccount,
} from '../../../../lib/domain/positions/book.ts'
import { rollBack } from '../../../../lib/domain/positions/roll-back.ts'
import { operator } from '../../../infra/contracts/evm-engine/actors.ts'
import {
  aMarket,
  type Engine,
  someRules,
  startEngine,
} from '../../../infra/contracts/evm-engine/engine.ts'
import { e18, setPrice, trade, usd } from '../../../infra/contracts/evm-engine/moves.ts'
import { people, symbols } from '../../../infra/contracts/evm-engine/random-step.ts'
import { feedOf } from '../../../infra/contracts/evm-engine/typed-data.ts'
import { wallClock } from '../../chains/keys.ts'

const market = aMarket({
  initialMarginBps: 500,
  maintenanceMarginBps: 300,
  penaltyBps: 150,
  maxPriceAgeSeconds: 86_400,
  maxFundingRate: 10n ** 17n,
})

let engine: Engine
let back: () => Promise<void>
beforeAll(async () => {
  engine = await startEngine({
    markets: Object.fromEntries(symbols.map((symbol) => [symbol, market])),
    rules: someRules({ tradeFeeBps: 3, closeFactorBps: 4_000, smallPosition: usd(50) }),
    epochSeconds: 60,
  })
  for (const { address } of people) {
    await engine.token(address, 'mint', address, 10n ** 30n)
    await engine.token(address, 'approve', engine.address, 2n ** 256n - 1n)
  }
})
afterAll(async () => engine.node.stop())
beforeEach(async () => {
  await back?.()
  back = await engine.save()
})

function chain() {
  return evmChain({
    name: 'l1',
    rpcUrls: [engine.node.url],
    chainId: 31_337,
    blockSeconds: 1,
    finalityBlocks: 64,
    keys: [],
    clock: wallClock,
    decodeRevert: decodeEngineRevert,
  })
}

function open(rpc: Rpc = chain().rpc) {
  const { address } = engine
  return evmPositions({ address, rpc, markets: symbols.map(parseMarket), from: 0 })
}

async function begun(): Promise<Book> {
  const block = await chain().block(0)
  if (!block) throw new Error('there is no block yet')
  return emptyBook(block, [])
}

async function followed(book: Book, positions = open()): Promise<Book> {
  const head = await chain().head()
  let now = book
  while (now.block.number < head.number) {
    const found = await positions.events(now.block, head)
    if (found.kind === 'gone') throw new Error(`block ${now.block.number} is gone`)
    now = applyBlocks(now, found.blocks, found.through)
  }
  expect(now.block).toMatchObject({ number: head.number, hash: head.hash })
  return now
}

/** By the contract's views, asked without the adapter. */
async function byViews(owner: `0x${string}`): Promise<Account> {
  const [[collateral, feeds]] = (await engine.views([['accountOf', [owner]]])) as [
    [bigint, `0x${string}`[]],
  ]
  const asked = feeds.map((id) => ['position', [owner, id]] as const)
  const held = (asked.length === 0 ? [] : await engine.views(asked)) as {
    size: bigint
    cost: bigint
    fundingIndex: bigint
  }[]
  const holdings = held.map(({ size, cost, fundingIndex }, at) => ({
    asset: feeds[at] ?? '',
    balance: size,
    fundingIndex,
    cost,
  }))
  return { id: owner.toLowerCase(), collateral, holdings: inOrder(holdings) }
}

function inOrder<T extends { readonly asset: string }>(holdings: readonly T[]): readonly T[] {
  return holdings.toSorted((one, other) => (one.asset < other.asset ? -1 : 1))
}

async function expectAsViews(book: Book): Promise<void> {
  for (const { address } of people) {
    const id = address.toLowerCase()
    // The contract knows everybody, and of most that they have nothing.
    const ours = accountIn(book, id) ?? newAccount(id)
    expect({ ...ours, holdings: inOrder(ours.holdings) }).toEqual(await byViews(address))
  }
  expect(book.doubts.size).toBe(0)
}

/** Whether the contract took it. */
async function tried(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof Error && error.message.includes('was refused')) return false
    throw error
  }
}

/** Always the same numbers, evenly from 0 up to `below`. */
function dice(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

test('after every step of an unruly market the book is what the contract’s views say', async () => {
  const roll = dice(7)
  const price = new Map(symbols.map((symbol) => [symbol, e18(1_000)]))
  for (const symbol of symbols) await setPrice(engine, symbol, e18(1_000))
  for (const { address } of people) await engine.act(address, 'deposit', address, usd(200))
  const positions = open()
  let book = await followed(await begun(), positions)
  const done = new Map<string, number>()

  for (let at = 0; at < 160; at += 1) {
    const symbol = symbols[roll(symbols.length)] ?? ''
    const one = people[roll(people.length)]
    const other = people[roll(people.length)]
    if (!one || !other) throw new RangeError('there is nobody')
    const { address } = one
    const kinds = [
      'trade',
      'trade',
      'trade',
      'price',
      'fund',
      'deposit',
      'withdraw',
      'close',
      'close',
    ]
    const kind = kinds[roll(kinds.length)] ?? ''
    const now = price.get(symbol) ?? 0n
    const isDone = await tried(async () => {
      switch (kind) {
        case 'trade': {
          const size = e18((roll(30) + 1) / 10)
          return trade(engine, { buyer: one, seller: other, symbol, size, price: now })
        }
        case 'price': {
          const next = (now * BigInt(850 + roll(300))) / 1_000n
          price.set(symbol, next)
          return setPrice(engine, symbol, next)
        }
        case 'fund': {
          await engine.warp(60)
          const rate = e18((roll(2_000) - 1_000) / 100_000)
          const epoch = await engine.ask('currentEpoch')
          return engine.act(operator.address, 'tickFunding', epoch, [feedOf(symbol)], [rate])
        }
        case 'deposit':
          return engine.act(address, 'deposit', address, usd(roll(90) + 1))
        case 'withdraw':
          return engine.act(address, 'withdraw', usd(roll(90) + 1), address)
        default: {
          const size = e18((roll(10) + 1) / 10)
          const args = [address, feedOf(symbol), size]
          return engine.act(other.address, 'liquidate', ...args)
        }
      }
    })
    if (isDone) done.set(kind, (done.get(kind) ?? 0) + 1)
    book = await followed(book, positions)
    await expectAsViews(book)
  }
  for (const kind of ['trade', 'price', 'fund', 'deposit', 'withdraw', 'close'])
    expect([kind, (done.get(kind) ?? 0) > 0]).toEqual([kind, true])
  // All at once is the same.
  const whole = await followed(await begun())
  for (const { address } of people) {
    const id = address.toLowerCase()
    expect(accountIn(whole, id)).toEqual(accountIn(book, id))
  }
}, 120_000)

describe('a reorganisation', () => {
  test('shows in what is asked, and the book goes back and on', async () => {
    const [one] = people
    if (!one) throw new RangeError('there is nobody')
    const { address } = one
    await engine.act(address, 'deposit', address, usd(5))
    const before = await followed(await begun())
    const lost = await engine.save()
    await engine.act(address, 'deposit', address, usd(7))
    const seen = await followed(before)
    expect(accountIn(seen, address.toLowerCase())?.collateral).toBe(usd(12))

    await lost()
    await engine.node.rpc('anvil_mine', '0x1')
    await engine.act(address, 'deposit', address, usd(11))
    const head = await chain().head()
    expect(await open().events(seen.block, head)).toEqual({ kind: 'gone' })
    const fork = rollBack(seen, before.block.number)
    if (!fork) throw new Error('it does not go back')
    const rejoined = await followed(fork)
    expect(accountIn(rejoined, address.toLowerCase())?.collateral).toBe(usd(16))
    await expectAsViews(rejoined)
  })

  test('while it is asked is no answer either', async () => {
    const book = await begun()
    const head: BlockId = { ...(await chain().head()), hash: `0x${'ab'.repeat(32)}` }
    expect(await open().events(book.block, head)).toEqual({ kind: 'gone' })
  })
})

describe('a node', () => {
  test('that refuses long ranges is asked for shorter ones', async () => {
    const [one] = people
    if (!one) throw new RangeError('there is nobody')
    for (const amount of [1, 2, 3]) {
      await engine.act(one.address, 'deposit', one.address, usd(amount))
      await engine.node.rpc('anvil_mine', '0x10')
    }
    const spans: number[] = []
    const book = await followed(await begun(), open(shortSighted(chain().rpc, 7, spans)))
    expect(Math.max(...spans)).toBeLessThanOrEqual(7)
    expect(spans.reduce((sum, span) => sum + span, 0)).toBe(book.block.number)
    expect(accountIn(book, one.address.toLowerCase())?.collateral).toBe(usd(6))
  })
})

/** Takes no more than `most` blocks at once, as hosted nodes do. */
function shortSighted(rpc: Rpc, most: number, taken: number[]): Rpc {
  return {
    ...rpc,
    answers: async <const R extends Requests>(requests: R) => {
      const answers = await rpc.answers(requests)
      const refused = requests.map((request, at) => {
        if (request.method !== 'eth_getLogs') return answers[at]
        const [{ fromBlock, toBlock }] = request.params as [{ fromBlock: string; toBlock: string }]
        const count = Number(toBlock) - Number(fromBlock) + 1
        if (count <= most) {
          taken.push(count)
          return answers[at]
        }
        const message = 'query exceeds max block range'
        return { kind: 'error', error: { code: -32_602, message, data: undefined } } as const
      })
      return refused as unknown as typeof answers
    },
  }
}

describe('what the contract is asked', () => {
  test('is its views, of that block and no later one, and every market’s funding index', async () => {
    for (const symbol of symbols) await setPrice(engine, symbol, e18(1_000))
    const [one, other] = people
    if (!one || !other) throw new RangeError('there is nobody')
    for (const { address } of [one, other])
      await engine.act(address, 'deposit', address, usd(5_000))
    const [symbol = ''] = symbols
    await trade(engine, { buyer: one, seller: other, symbol, size: e18(1), price: e18(1_000) })
    const book = await followed(await begun())
    const then = await byViews(one.address)
    await engine.warp(60)
    const epoch = await engine.ask('currentEpoch')
    await engine.act(operator.address, 'tickFunding', epoch, [feedOf(symbol)], [e18(0.01)])
    await engine.act(one.address, 'deposit', one.address, usd(1))

    const ids = [one, other].map(({ address }) => address.toLowerCase())
    const read = await open().read(ids, book.block)
    expect(read.block).toEqual(book.block)
    expect(read.accounts.get(ids[0] ?? '')).toEqual({ kind: 'account', account: then })
    expect(read.indexes).toEqual(new Map(symbols.map((each) => [feedOf(each), 0n])))

    const later = await followed(book)
    const now = await open().read(ids, later.block)
    // One per cent of a thousand dollars, at 18 decimals.
    expect(now.indexes.get(feedOf(symbol))).toBe(e18(10))
    expect(later.indexes.get(feedOf(symbol))).toBe(e18(10))
  })
})
