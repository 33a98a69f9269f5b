import { afterEach, beforeEach, expect, test } from 'vitest'

import { feltOfSigned, selectorOf } from '../../../lib/adapters/starknet-felt.ts'
import { perpetualCoreWatch } from '../../../lib/adapters/watched/perpetual-core.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { remember } from '../../../lib/domain/watch/remember.ts'
import { lookedBefore, type SystemMemory } from '../../../lib/domain/watch/system-memory.ts'
import { btc, eth } from '../../infra/local/starknet-box/a-box.ts'
import { anExchange, fundingIndexIs, readers } from './an-exchange.ts'
import { placesOf, realClock } from './places.ts'

const day = 86_400_000

let world: Awaited<ReturnType<typeof anExchange>>
let memory: SystemMemory | undefined
beforeEach(async () => {
  world = await anExchange('D', {
    positions: [
      // What all others are insured by.
      { id: 1, ownerPublicKey: '0x1', collateral: 5_000_250_000 },
      // Bankrupt, and somebody who is on the other side of it.
      { id: 7, ownerPublicKey: '0x7', collateral: 2_000, holdings: [holding(-40)] },
      { id: 8, ownerPublicKey: '0x8', collateral: 100_000, holdings: [holding(40)] },
    ],
  })
  memory = undefined
  await world.price()
  await world.fund()
}, 60_000)
afterEach(async () => world.stop())

function holding(balance: number) {
  return { assetId: String(btc), balance }
}

/** One more look, by a process of its own. */
async function look() {
  const system = perpetualCoreWatch({
    name: 'perps',
    l2: placesOf(...world.l2.map(({ url }) => url)),
    core: world.box.coreAddress,
    assets: [],
    accounts: [],
    windowMs: 30 * day,
    clock: { ...realClock, now: () => timestamp(Date.now() + world.aheadMs()) },
    readers,
  })
  const until = timestamp(Date.now() + world.aheadMs() + 20_000)
  const sight = await system.look(lookedBefore(memory), until)
  expect(sight.unseen).toEqual([])
  memory = remember('perps', memory, sight, watchNumbers)
  return Object.fromEntries(sight.levels.map((level) => [level.name, level]))
}

const jumped = () =>
  Object.values(memory?.levels ?? {}).flatMap((level) => (level.jumped ? [level] : []))

test('a funding index is told in USD for a coin, with the time of its tick and the bound of an hour', async () => {
  world.wait(3_600)
  await world.price()
  // Of 100 USD a coin. An index has 2^32 for each USD, for an asset of a million units a coin.
  const ticked = await world.fund({ btcIndex: 3n * 2n ** 31n, ethIndex: -(2n ** 30n) })
  const levels = await look()
  // As it was verified of the contract: at 100 USD and this rate it takes 12 885 120 000 in an hour.
  const bound = { unit: 'USD', mostPerHour: 12_885_120_000 / 2 ** 32, writtenAt: ticked * 1_000 }
  expect(levels['funding-index:BTC-6']).toEqual({
    name: 'funding-index:BTC-6',
    value: 1.5,
    ...bound,
  })
  expect(levels['funding-index:ETH-4']).toEqual({
    name: 'funding-index:ETH-4',
    value: -0.25,
    ...bound,
  })
})

test('an index that takes all that the contract lets it take at each tick never jumps', async () => {
  let ticked = (await world.newest()).timestamp
  let index = 0n
  await look()
  for (const [sign, seconds] of [
    [1n, 60],
    [1n, 40_000],
    [-1n, 7_200],
  ] as const) {
    world.wait(seconds)
    await world.price()
    const { timestamp: now } = await world.newest()
    // floor(price · rate / 2^28) for each second since the tick before.
    index += sign * 100n * 35_792n * BigInt(now - ticked)
    ticked = await world.fund({ btcIndex: index })
    const levels = await look()
    expect(levels['funding-index:BTC-6']?.value).toBe(Number(index) / 2 ** 32)
    expect(jumped()).toEqual([])
  }
})

test('an index that changed without a tick jumped, and it alone', async () => {
  world.wait(3_600)
  await world.price()
  await world.fund({ btcIndex: 2n ** 32n, ethIndex: 2n ** 32n })
  await look()
  for (const node of world.l2) node.lie = fundingIndexIs(btc, 0n)
  await look()
  expect(jumped().map(({ last, jumped: jump }) => ({ name: last.name, ...jump }))).toEqual([
    { name: 'funding-index:BTC-6', at: memory?.lookedAt, from: 1, to: 0, most: 0 },
  ])
})

test('the insurance fund is what its position is worth', async () => {
  const { 'insurance-fund': fund } = await look()
  expect(fund).toEqual({ name: 'insurance-fund', value: 5_000.25, unit: 'USD', pays: true })
})

test('deleverages count for an hour', async () => {
  expect((await look())['deleverages']).toMatchObject({ value: 0, bursts: true })
  for (let part = 0; part < 3; part += 1)
    await world.operate('deleverage', [7n, 8n, btc, 10n, feltOfSigned(-500n), 0n, 0n])
  expect((await look())['deleverages']?.value).toBe(3)
  world.wait(1_800)
  await world.price()
  await world.operate('deleverage', [7n, 8n, btc, 10n, feltOfSigned(-500n), 0n, 0n])
  expect((await look())['deleverages']?.value).toBe(4)
  world.wait(2_400)
  await world.price()
  expect((await look())['deleverages']?.value).toBe(1)
  expect((await look())['liquidations']?.value).toBe(0)
})

test('liquidations are counted, those of one block too', async () => {
  const { block_number: head } = await world.newest()
  const liquidation = (block: number) => ({
    from_address: world.box.coreAddress,
    keys: [selectorOf('Liquidate'), '0x7', '0x8', '0xabc'],
    data: Array.from({ length: 14 }, () => '0x1'),
    block_number: block,
    block_hash: '0x1',
    transaction_hash: `0x${block.toString(16)}`,
  })
  for (const node of world.l2)
    node.lie = ({ method, params }) =>
      method === 'starknet_getEvents' && JSON.stringify(params).includes(selectorOf('Liquidate'))
        ? { events: [liquidation(head), liquidation(head), liquidation(head - 1)] }
        : undefined
  const levels = await look()
  expect(levels['liquidations']).toEqual({
    name: 'liquidations',
    value: 3,
    unit: 'in an hour',
    bursts: true,
  })
  // The same blocks are read again each time.
  expect((await look())['liquidations']?.value).toBe(3)
})

test('an inactive asset keeps its index, and one that never had a price has none', async () => {
  const sol = 0x534f4c2d3300000000000000000000n
  await world.call('add_synthetic_asset', [sol, 1n, 100n, 10n, 10n, 1n, 1_000n])
  await world.call('deactivate_synthetic', [eth])
  const names = Object.keys(await look()).filter((name) => name.startsWith('funding-index:'))
  expect(names.toSorted()).toEqual(['funding-index:BTC-6', 'funding-index:ETH-4'])
})
