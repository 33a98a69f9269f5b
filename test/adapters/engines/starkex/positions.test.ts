import { describe, expect, test } from 'vitest'

import { starkexFeeder } from '../../../../lib/adapters/chains/starkex-feeder.ts'
import { memoryStore } from '../../../../lib/adapters/store/memory.ts'
import { accountIn, accountsOf } from '../../../../lib/domain/positions/book.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import { follow } from '../../../../lib/keepers/index-positions/follow.ts'
import { indexPositions } from '../../../../lib/keepers/index-positions/index-positions.ts'
import { keepPositions } from '../../../../lib/keepers/index-positions/keep-positions.ts'
import {
  aBook,
  aPosition,
  btcAsset,
  ethAsset,
  riskyConfig,
} from '../../../infra/local/starkex-gateway/a-book.ts'
import { memoryBooks } from '../../positions/memory-books.ts'
import { openStarkex } from './a-starkex.ts'

const positions = new Map([
  [30n, aPosition(-1_100n, [[btcAsset, 1_000n]])],
  [40n, aPosition(5_000n, [[btcAsset, -600n]])],
  [50n, aPosition(7n)],
])

const deleverage = {
  type: 'DELEVERAGE',
  deleveraged: 30n,
  deleverager: 40n,
  asset: btcAsset,
  synthetic: 500n,
  collateral: 550n,
  isDeleveragerBuying: true,
} as const

const btc = `0x${btcAsset.toString(16)}`

async function ready({ tellsLast = true, batchesFrom = 0, gap = 2 } = {}) {
  const batches = { transactions: 100, seconds: 3_600, gap, tellsLast }
  const it = await aBook(positions, { config: riskyConfig({ batches }) })
  const { origin } = new URL(it.url)
  const feeder = starkexFeeder({
    chain: 'starkex',
    feederUrl: `${origin}/feeder_gateway`,
    availabilityUrl: `${origin}/availability_gateway/`,
    tls: undefined,
  })
  const { engine } = openStarkex({ url: it.url, clock: it.clock, feeder, batchesFrom })
  const followed = engine.positions
  if (!followed?.blocks) throw new Error('its batches are told')
  const world = { chain: followed.blocks, positions: followed, clock: it.clock }
  return {
    ...it,
    feeder,
    engine,
    follow: async (start?: Awaited<ReturnType<typeof follow>>['book']) =>
      follow(world, start, timestamp(it.clock.now() + 60_000)),
  }
}

type Followed = Awaited<ReturnType<Awaited<ReturnType<typeof ready>>['follow']>>

function shown({ book }: Followed) {
  return Object.fromEntries(
    [...accountsOf(book)].map(({ id, collateral, holdings }) => [
      id,
      [
        collateral,
        ...holdings.map(({ asset, balance, fundingIndex }) => ({ asset, balance, fundingIndex })),
      ],
    ]),
  )
}

const planted = {
  '30': [-1_100n, { asset: btc, balance: 1_000n, fundingIndex: 0n }],
  '40': [5_000n, { asset: btc, balance: -600n, fundingIndex: 0n }],
  '50': [7n],
}

const after = {
  ...planted,
  '30': [-550n, { asset: btc, balance: 500n, fundingIndex: 0n }],
  '40': [4_450n, { asset: btc, balance: -100n, fundingIndex: 0n }],
}

describe.each([
  ['a feeder that tells its newest batch', true],
  ['a feeder whose newest batch must be looked for', false],
])('the accounts of a StarkEx exchange, by %s', (_, tellsLast) => {
  test('are those of its batches, across the gaps between their ids', async () => {
    const it = await ready({ tellsLast })
    const first = await it.follow()
    expect(shown(first)).toEqual(planted)
    await it.price()
    it.fund()
    it.exchange.closeBatch()
    for (let more = 0; more < 4; more += 1) {
      it.pass(1)
      await it.price()
      it.exchange.closeBatch()
    }
    const calm = await it.follow(first.book)
    expect(shown(calm)).toEqual(planted)
    expect(calm.isNew).toBe(false)
    expect(it.add(deleverage)).toBe('taken')
    it.exchange.closeBatch()
    const moved = await it.follow(calm.book)
    expect(shown(moved)).toEqual(after)
    expect(moved.book.block).toEqual({ number: moved.head.number, hash: moved.head.hash })
    // Whoever begins now finds the same.
    expect(shown(await it.follow())).toEqual(after)
  })

  test('go back where a batch is aborted, and on with the one in its place', async () => {
    const it = await ready({ tellsLast })
    await it.price()
    it.fund()
    it.exchange.closeBatch()
    const before = await it.follow()
    it.add(deleverage)
    it.exchange.closeBatch()
    const moved = await it.follow(before.book)
    expect(shown(moved)).toEqual(after)
    it.exchange.abortBatch()
    // What only says less takes nothing back.
    expect(shown(await it.follow(moved.book))).toEqual(after)
    it.exchange.replace(2, [])
    it.exchange.closeBatch()
    const back = await it.follow(moved.book)
    expect(shown(back)).toEqual(planted)
    expect(back.wentBackTo).toBe(before.book.block.number)
    it.pass(10)
    expect(it.add({ ...deleverage, synthetic: 100n, collateral: 110n })).toBe('taken')
    it.exchange.closeBatch()
    const again = await it.follow(back.book)
    expect(accountIn(again.book, '30')).toMatchObject({ collateral: -990n })
  })
})

test('funding indexes are those of the batches’ own ticks, unless they were replaced', async () => {
  const it = await ready()
  await it.price()
  it.fund()
  it.pass(600)
  await it.price()
  // 1,120 a second, of 2^32 for one.
  expect(it.fund(600_000n, -5n)).toBe('taken')
  it.exchange.closeBatch()
  const { book } = await it.follow()
  expect(Object.fromEntries(book.indexes)).toEqual({
    [btc]: 600_000n,
    [`0x${ethAsset.toString(16)}`]: -5n,
  })
  it.pass(600)
  it.fund(700_000n, -5n)
  it.exchange.replace(it.exchange.firstUnused() - 1, [])
  it.exchange.closeBatch()
  expect((await it.follow(book)).book.indexes.get(btc)).toBe(600_000n)
})

test('batches before the one that is named are not read', async () => {
  const all = await ready({ gap: 0 })
  await all.price()
  all.fund()
  all.exchange.closeBatch()
  all.add(deleverage)
  all.exchange.closeBatch()
  const last = (await all.feeder.lastBatchId()) ?? 0
  const { engine } = openStarkex({
    url: all.url,
    clock: all.clock,
    feeder: all.feeder,
    batchesFrom: last,
  })
  if (!engine.positions?.blocks) throw new Error('its batches are told')
  const world = { chain: engine.positions.blocks, positions: engine.positions, clock: all.clock }
  const { book } = await follow(world, undefined, timestamp(all.clock.now() + 60_000))
  expect([...accountsOf(book)].map(({ id }) => id)).toEqual(['30', '40'])
})

test('the keeper keeps the book of it, and compares nothing', async () => {
  const it = await ready()
  const store = memoryStore({ clock: it.clock })
  const books = memoryBooks(store, it.clock)
  const chain = openStarkex({ url: it.url, clock: it.clock }).chain
  const keeper = indexPositions({
    clock: it.clock,
    store,
    books,
    chains: { starkex: chain },
    engines: { perps: it.engine },
    shares: 4,
  })
  const slot = {
    subject: 'perps',
    slot: 7,
    slotAt: it.clock.now(),
    until: timestamp(it.clock.now() + 60_000),
  }
  const decision = keeper.decide(await keeper.observe(slot))
  expect(decision.outcome).toMatchObject({ kind: 'done', reason: 'followed' })
  for (const action of decision.actions)
    if (action.kind === 'keep-positions') await keepPositions({ positions: books, store }, action)
  const kept = await books.read('perps')
  if (!kept?.book) throw new Error('there is a book')
  expect([...accountsOf(kept.book)].map(({ id }) => id)).toEqual(['30', '40', '50'])
})
