import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import { onePlace } from '../../../lib/adapters/chains/one-place.ts'
import { scanLogs } from '../../../lib/adapters/watched/scan-logs.ts'
import {
  cursorText,
  RangeRefusedError,
  readCursor,
  type ScanCursor,
} from '../../../lib/adapters/watched/scan-ranges.ts'
import { aChainWithLogs } from './a-chain-with-logs.ts'
import { type FaultyNode, faultyNode } from './faulty-node.ts'

const topic = `0x${'a1'.repeat(32)}` as const
const otherTopic = `0x${'b2'.repeat(32)}` as const
const month = 30 * 86_400_000

let chain: Awaited<ReturnType<typeof aChainWithLogs>>
let node: FaultyNode
beforeAll(async () => {
  chain = await aChainWithLogs()
  node = await faultyNode(chain.url)
})
afterAll(async () => {
  await node.stop()
  await chain.stop()
})
beforeEach(() => {
  node.trouble = 'none'
  node.maxRange = Number.POSITIVE_INFINITY
  node.lie = () => undefined
  node.asked.length = 0
})

const scan = async (cursor?: ScanCursor, windowMs = month) =>
  scanLogs(onePlace({ chain: 'l1', url: node.url }).rpc, {
    addresses: [chain.emitter],
    topics: [topic],
    cursor,
    windowMs,
  })

const blocksOf = ({ logs }: { readonly logs: readonly { readonly block: number }[] }) =>
  logs.map(({ block }) => block)

/** Scans until the whole window is read, each scan from the cursor of the one before as a later process would. */
async function scanAll(start?: ScanCursor) {
  const found = new Map<string, number>()
  let cursor = start
  let scans = 0
  for (;;) {
    const one = await scan(cursor)
    scans += 1
    for (const { block, transaction } of one.logs) found.set(transaction, block)
    const next = readCursor(cursorText(one.cursor))
    if (cursor && next?.from === cursor.from) return { found: [...found.values()], scans, cursor }
    cursor = next
  }
}

describe('a month of which nothing is known', () => {
  const blocks: number[] = []
  beforeAll(async () => {
    // An hour a block, so that a month has 720 of them.
    for (const gap of [30, 300, 300, 100, 50]) {
      blocks.push(await chain.log(topic))
      await chain.log(otherTopic)
      await chain.mine(gap, 3_600)
    }
    blocks.push(await chain.log(topic))
    await chain.mine(3, 3_600)
  }, 60_000)

  test('is read from its newest end, piece by piece, and no further back than a month', async () => {
    node.maxRange = 40
    const first = await scan()
    expect(blocksOf(first)).toEqual(blocks.slice(5))
    expect(first.isCaughtUp).toBe(true)
    const { found, scans } = await scanAll()
    // The first two are more than a month old.
    expect(found.toSorted((one, other) => one - other)).toEqual(blocks.slice(2))
    expect(scans).toBeGreaterThan(3)
    expect(scans).toBeLessThan(12)
  })

  test('is told with the times of its blocks, also by a node that does not send them along', async () => {
    node.lie = ({ method }, truth) =>
      method === 'eth_getLogs'
        ? (truth as Record<string, unknown>[]).map(({ blockTimestamp: _left, ...log }) => log)
        : undefined
    const { logs } = await scan()
    const times = await Promise.all(logs.map(async ({ block }) => chain.timeOf(block)))
    expect(logs.map(({ at }) => at)).toEqual(times)
    expect(logs.length).toBeGreaterThan(1)
  })

  test('is read of a node that takes few blocks at once, which is remembered', async () => {
    node.maxRange = 100
    const first = await scan()
    expect(blocksOf(first)).toContain(blocks.at(-1))
    const { width } = first.cursor
    expect(width).toBeLessThanOrEqual(100)
    node.asked.length = 0
    await scan(readCursor(cursorText(first.cursor)))
    const refused = node.asked.filter(({ method }) => method === 'eth_getLogs').length
    // One try of more at most; all the others bring something.
    expect(refused).toBeLessThanOrEqual(6)
    const { found } = await scanAll(first.cursor)
    expect([...new Set([...found, ...blocksOf(first)])].toSorted((a, b) => a - b)).toEqual(
      blocks.slice(2),
    )
  })

  test('is followed even on a node that takes seven blocks at once', async () => {
    node.maxRange = 7
    let { cursor } = await scan()
    for (let round = 0; round < 3; round += 1) {
      const block = await chain.log(topic)
      await chain.mine(4)
      const next = await scan(cursor)
      expect(blocksOf(next)).toContain(block)
      expect(next.isCaughtUp).toBe(true)
      ;({ cursor } = next)
    }
  })

  test('ends where a node tells nothing at all, without having forgotten anything', async () => {
    node.maxRange = 0
    await expect(scan({ from: 1, through: 2, width: 1 })).rejects.toThrow(RangeRefusedError)
  })
})

describe('what a reorg took', () => {
  test.each([
    ['a block was replaced by an empty one', 1],
    ['the last eight blocks were replaced', 8],
  ])('is in the blocks that are read again: %s', async (_what, depth) => {
    const lost = await chain.log(topic)
    await chain.mine(depth - 1)
    const before = await scan()
    expect(blocksOf(before)).toContain(lost)
    await chain.rpc('anvil_reorg', depth, [])
    const after = await scan(before.cursor)
    expect(blocksOf(after)).not.toContain(lost)
    expect(after.ranges.some(({ from, through }) => from <= lost && lost <= through)).toBe(true)
  })

  test('also where the chain is shorter now', async () => {
    await chain.mine(20)
    const snapshot = await chain.rpc('evm_snapshot')
    const height = await chain.height()
    const lost = await chain.log(topic)
    await chain.mine(5)
    const before = await scan()
    await chain.rpc('evm_revert', snapshot)
    const after = await scan(before.cursor)
    expect(after.isCaughtUp).toBe(true)
    expect(after.cursor.through).toBe(height)
    const kept = await chain.log(topic)
    expect(kept).toBe(lost)
    const later = await scan(after.cursor)
    expect(blocksOf(later)).toContain(kept)
  })
})

test('a node that is a little behind loses nothing of what others told', async () => {
  const block = await chain.log(topic)
  await chain.mine(2)
  const before = await scan()
  const height = await chain.height()
  node.lie = ({ method, params }, truth) =>
    method === 'eth_getBlockByNumber' && (params as string[])[0] === 'latest'
      ? { ...(truth as object), number: `0x${(height - 5).toString(16)}` }
      : undefined
  const behind = await scan(before.cursor)
  node.lie = () => undefined
  expect(blocksOf(behind)).not.toContain(block)
  const after = await scan(behind.cursor)
  expect(blocksOf(after)).toContain(block)
})

test('another chain than the one of the cursor is read anew', async () => {
  const height = await chain.height()
  const { cursor } = await scan({ from: height + 1_000, through: height + 2_000 })
  expect(cursor.through).toBe(height)
  expect(cursor.from).toBeLessThan(height)
})

test('a text that is no cursor says that nothing was read', () => {
  expect(readCursor(undefined)).toBeUndefined()
  expect(readCursor('yesterday')).toBeUndefined()
  expect(readCursor('7-9')).toEqual({ from: 7, through: 9 })
  expect(readCursor(cursorText({ from: 7, through: 9, width: 3 }))).toEqual({
    from: 7,
    through: 9,
    width: 3,
  })
})
