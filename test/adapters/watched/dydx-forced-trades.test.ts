import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { dydxInsuranceFund, dydxWatch } from '../../../lib/adapters/watched/dydx.ts'
import { restPlace } from '../../../lib/adapters/watched/rest-place.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { aDydx } from './a-dydx.ts'
import { realClock } from './places.ts'

let world: Awaited<ReturnType<typeof aDydx>>
let cursor: Readonly<Record<string, string>>
beforeEach(async () => {
  world = await aDydx()
  cursor = {}
})
afterEach(async () => world.stop())

async function look(markets: readonly [string, ...string[]] = ['BTC-USD']) {
  const system = dydxWatch({
    name: 'dydx',
    nodes: world.nodes.map(({ url }) => restPlace({ url, timeoutMs: 1_000 })),
    indexer: restPlace({ url: world.indexer.url, timeoutMs: 1_000 }),
    chainId: world.chainId,
    markets,
    insuranceFund: dydxInsuranceFund,
    clock: realClock,
  })
  world.indexer.asked.length = 0
  const sight = await system.look({ cursor, heads: {} }, timestamp(Date.now() + 20_000))
  ;({ cursor } = sight)
  const pages = world.indexer.asked.filter(({ path }) => path.startsWith('/v4/trades/')).length
  const count = (name: string) => sight.levels.find((level) => level.name === name)?.value
  return { ...sight, pages, found: [count('liquidations'), count('deleverages')] }
}

/** So many trades of one kind in one block, which is the next one. */
function trade(type: string, count = 1, ticker = 'BTC-USD'): void {
  world.goOn(1)
  for (let at = 0; at < count; at += 1) world.trades.push({ ticker, height: world.head(), type })
}

describe('trades that close a position against somebody’s will', () => {
  test('are counted from the first look on, among all others', async () => {
    trade('LIQUIDATED', 7)
    expect((await look()).found).toEqual([0, 0])
    trade('LIQUIDATED', 3)
    trade('LIMIT', 40)
    trade('DELEVERAGED', 2)
    const { levels, found, unseen } = await look()
    expect(found).toEqual([3, 2])
    expect(unseen).toEqual([])
    expect(levels).toContainEqual({
      name: 'liquidations',
      value: 3,
      unit: 'trades in an hour',
      bursts: true,
    })
    // Nothing is counted again.
    expect((await look()).found).toEqual([3, 2])
  })

  test('count for an hour of the indexer’s own time', async () => {
    await look()
    trade('LIQUIDATED', 3)
    await look()
    world.goOn(1_800)
    trade('LIQUIDATED', 4)
    expect((await look()).found).toEqual([7, 0])
    world.goOn(1_800)
    expect((await look()).found).toEqual([4, 0])
    world.goOn(1_800)
    expect((await look()).found).toEqual([0, 0])
  })

  test('are those of all markets that are watched', async () => {
    const markets = ['BTC-USD', 'MOG-USD'] as const
    await look(markets)
    trade('LIQUIDATED', 3)
    trade('LIQUIDATED', 4, 'MOG-USD')
    trade('LIQUIDATED', 5, 'DOGE-USD')
    expect((await look(markets)).found).toEqual([7, 0])
  })

  test('are found behind many others, page by page, and none is counted twice', async () => {
    await look()
    for (let block = 0; block < 30; block += 1) {
      trade('LIMIT', 12)
      trade('LIQUIDATED', 2)
    }
    // 420 trades, of which each page begins with the block that the one before ends in.
    const { found, pages } = await look()
    expect(found).toEqual([60, 0])
    expect(pages).toBeGreaterThanOrEqual(5)
    // Where nothing was traded since, there is nothing to ask for.
    expect((await look()).pages).toBe(0)
  })

  test('are said to be unseen where there are more than can be read, and counted again after', async () => {
    await look()
    for (let block = 0; block < 30; block += 1) trade('LIMIT', 50)
    const { found, unseen, pages } = await look()
    expect(found).toEqual([undefined, undefined])
    expect(unseen.map(({ part }) => part)).toEqual(['level:liquidations', 'level:deleverages'])
    expect(unseen[0]?.reason).toContain('BTC-USD had more trades than one look reads')
    expect(pages).toBe(10)
    trade('LIQUIDATED', 2)
    expect((await look()).found).toEqual([2, 0])
  })

  test('of a block with more than a page do not keep a look from going on', async () => {
    await look()
    trade('LIQUIDATED', 150)
    trade('LIQUIDATED', 1)
    const { found, unseen } = await look()
    expect(unseen).toEqual([])
    // Of one block the indexer shows no more than a page.
    expect(found[0]).toBeGreaterThanOrEqual(100)
  })

  test('wait for a block that the indexer has not taken in yet', async () => {
    await look()
    world.indexerBehind = 5
    trade('LIQUIDATED', 3)
    expect((await look()).found).toEqual([0, 0])
    world.indexerBehind = 0
    expect((await look()).found).toEqual([3, 0])
  })

  test.each([
    [{ trades: [{ id: '1', type: 'LIQUIDATED', createdAt: 'today', createdAtHeight: '7301' }] }],
    [{ trades: [{ id: '1', type: 'LIQUIDATED' }] }],
    [{ trades: null }],
    [[]],
  ])('are not made of %j', async (body) => {
    await look()
    world.goOn(1)
    world.indexer.spoil = ({ path }) => (path.startsWith('/v4/trades/') ? { body } : undefined)
    const { found, unseen } = await look()
    expect(found).toEqual([undefined, undefined])
    expect(unseen.map(({ part }) => part)).toEqual(['level:liquidations', 'level:deleverages'])
  })
})
