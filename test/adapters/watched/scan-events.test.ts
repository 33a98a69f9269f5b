import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { onePlace } from '../../../lib/adapters/chains/one-place.ts'
import { selectorOf } from '../../../lib/adapters/starknet-felt.ts'
import { scanEvents, type SeenHead } from '../../../lib/adapters/watched/scan-events.ts'
import type { ScanCursor } from '../../../lib/adapters/watched/scan-ranges.ts'
import { anExchange } from './an-exchange.ts'

const month = 30 * 86_400_000

let world: Awaited<ReturnType<typeof anExchange>>
beforeAll(async () => {
  world = await anExchange()
}, 60_000)
afterAll(async () => world.stop())
beforeEach(() => {
  const [node] = world.l2
  node.maxRange = Number.POSITIVE_INFINITY
  node.maxPage = Number.POSITIVE_INFINITY
  node.lie = () => undefined
  node.asked.length = 0
})

const scan = async (cursor?: ScanCursor, head?: SeenHead) =>
  scanEvents(onePlace({ chain: 'l2', url: world.l2[0].url }).rpc, {
    address: world.box.coreAddress,
    selectors: [selectorOf('Paused'), selectorOf('Unpaused')],
    cursor,
    windowMs: month,
    head,
  })

/** Two events, each in a block of its own; the block of the second. */
async function twoEvents(): Promise<number> {
  await world.call('pause')
  await world.call('unpause')
  return (await world.newest()).block_number
}

describe('the events of a contract', () => {
  test('are told with the time of their block', async () => {
    world.wait(100)
    const block = await twoEvents()
    const { timestamp } = await world.newest()
    const { events, isCaughtUp } = await scan()
    expect(isCaughtUp).toBe(true)
    expect(events.at(-1)).toMatchObject({ block, at: timestamp * 1000, index: 0 })
    expect(events.at(-1)?.keys).toEqual([BigInt(selectorOf('Unpaused'))])
  })

  test('are read page by page, and of fewer blocks at once where there are too many pages', async () => {
    for (let pairs = 0; pairs < 5; pairs += 1) await twoEvents()
    const whole = await scan()
    expect(whole.events.length).toBeGreaterThan(10)
    world.l2[0].maxPage = 2
    const found = new Map<string, number>()
    let cursor: ScanCursor | undefined
    for (let scans = 0; scans < 8; scans += 1) {
      const one = await scan(cursor)
      for (const { transaction, block } of one.events) found.set(transaction, block)
      ;({ cursor } = one)
    }
    expect([...found.values()].toSorted((one, other) => one - other)).toEqual(
      whole.events.map(({ block }) => block),
    )
    const pages = world.l2[0].asked.filter(({ method }) => method === 'starknet_getEvents')
    expect(JSON.stringify(pages)).toContain('continuation_token')
  })

  test('are found on a node that takes few blocks at once', async () => {
    const block = await twoEvents()
    world.l2[0].maxRange = 3
    let cursor: ScanCursor | undefined
    const found = new Set<number>()
    for (let scans = 0; scans < 6; scans += 1) {
      const one = await scan(cursor)
      for (const event of one.events) found.add(event.block)
      ;({ cursor } = one)
    }
    expect([...found]).toContain(block)
    world.l2[0].maxRange = Number.POSITIVE_INFINITY
    const { events } = await scan()
    expect(new Set(events.map((event) => event.block))).toEqual(found)
  })

  test('are not read again where the chain is known to be the same', async () => {
    for (let blocks = 0; blocks < 60; blocks += 1) world.box.makeBlock()
    const before = await scan()
    const block = await twoEvents()
    const same = await scan(before.cursor, before.head)
    expect(same.events.map((event) => event.block)).toEqual([block - 1, block])
    expect((await scan(before.cursor)).events.length).toBeGreaterThan(2)
    const other = { ...before.head, hash: '0x1' }
    expect((await scan(before.cursor, other)).events.length).toBeGreaterThan(2)
  })

  test('are gone where a reorganisation took their blocks', async () => {
    const block = await twoEvents()
    const before = await scan()
    expect(before.events.map((event) => event.block)).toContain(block)
    world.box.faults.set({ fault: 'reorg', blocks: 2, transactions: 'drop' })
    const after = await scan(before.cursor, before.head)
    expect(after.events.map((event) => event.block)).not.toContain(block)
    expect(
      after.ranges.some(({ from, through }) => from <= block - 2 && block - 2 <= through),
    ).toBe(true)
  })
})
