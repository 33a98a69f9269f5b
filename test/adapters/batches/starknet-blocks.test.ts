import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { starknetRuns } from '../../../infra/local/program-runs/starknet-runs.ts'
import {
  type StarknetBlocksOptions,
  starknetBlocks,
} from '../../../lib/adapters/batches/starknet-blocks.ts'
import { parseProgramOutput } from '../../../lib/adapters/settlement/starknet-core/program-output.ts'
import type { Standing } from '../../../lib/domain/proving/settlement-place.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { aStarknet, hex } from './a-starknet.ts'
import { handClock, servedRuns } from './served-runs.ts'
import { sourceContract } from './source-contract.ts'

const beforeAll: Standing = { number: -1, hash: '0x0', root: '0x0' }
const begin = 1_800_000_000

async function ready(
  options: Partial<Pick<StarknetBlocksOptions, 'rules' | 'mostBlocks'>> & { nodes?: number } = {},
) {
  const { nodes = 1, rules, ...rest } = options
  const clock = handClock(begin)
  const starknet = await aStarknet({ nodes, clock })
  const node = starknet.nodes[0]
  if (!node) throw new Error('there is a node')
  const { service, runs } = await servedRuns(
    starknetRuns({ nodeUrl: node.url, configHash: 0xc0f1n }),
    { clock },
  )
  const open = (chain = starknet.open()) =>
    starknetBlocks({
      name: 'appchain',
      chain,
      clock,
      rules: { maxBlocks: 3, maxTransactions: 100, maxAgeMs: 60_000, ...rules },
      runs,
      readOutput: parseProgramOutput,
      ...rest,
    })
  /** The clock is the chain's. */
  const add = (told: Parameters<typeof starknet.add>[0] = {}) => {
    const block = starknet.add(told)
    clock.set(block.seconds)
    return block
  }
  return { ...starknet, add, clock, service, runs, source: open(), open }
}

describe('a source of batches', () => {
  sourceContract(async () => {
    const it = await ready({ nodes: 2 })
    return {
      source: it.source,
      afresh: async () => Promise.resolve(it.open()),
      start: beforeAll,
      grow: () => {
        for (let times = 0; times < 3; times += 1) it.add()
      },
      reorganise: () => it.reorganise(2),
      lag: () => {
        const [, other] = it.nodes
        if (other) other.state.behind = 2
      },
      fail: async () => {
        for (const { state } of it.nodes) state.isDown = true
        return Promise.resolve()
      },
      service: it.service,
    }
  })
})

describe("an appchain's batches", () => {
  test('have numbers, hashes and roots of their headers', async () => {
    const it = await ready()
    const blocks = [1, 2, 3].map((transactions) => it.add({ transactions }))
    const [first, , last] = blocks
    const [batch] = await it.source.closed(beforeAll, 1)
    expect(batch).toEqual({
      name: 'blocks 0-2',
      previous: { number: -1, hash: '0x0' },
      last: { number: 2, hash: hex(last?.hash ?? 0n) },
      previousRoot: '0x0',
      newRoot: hex(last?.root ?? 0n),
      size: 6,
      closedAt: timestamp((last?.seconds ?? 0) * 1000),
      closedBy: 'count',
    })
    for (let times = 0; times < 3; times += 1) it.add()
    const after = { number: 0, hash: hex(first?.hash ?? 0n) }
    expect(await it.source.closed(after, 1)).toMatchObject([
      { name: 'blocks 1-3', previous: after, previousRoot: hex(first?.root ?? 0n) },
    ])
  })

  test('are closed by how many transactions they have', async () => {
    const it = await ready({ rules: { maxBlocks: 10, maxTransactions: 5, maxAgeMs: 60_000 } })
    for (const transactions of [2, 2, 2, 9, 0]) it.add({ transactions })
    expect(await it.source.closed(beforeAll, 9)).toMatchObject([
      { name: 'blocks 0-1', closedBy: 'size', size: 4 },
      { name: 'blocks 2-2', closedBy: 'size', size: 2 },
      { name: 'blocks 3-3', closedBy: 'size', size: 9 },
    ])
  })

  test('are closed by age, also while the chain stands still', async () => {
    const it = await ready({ rules: { maxBlocks: 10, maxTransactions: 100, maxAgeMs: 60_000 } })
    const { seconds } = it.add()
    it.add({ after: 10 })
    expect(await it.source.closed(beforeAll, 9)).toEqual([])
    it.clock.set(seconds + 119)
    expect(await it.source.closed(beforeAll, 9)).toEqual([])
    it.clock.set(seconds + 120)
    const still = await it.source.closed(beforeAll, 9)
    expect(still).toMatchObject([
      { name: 'blocks 0-1', closedBy: 'age', closedAt: timestamp((seconds + 60) * 1000) },
    ])
    it.add({ after: 300 })
    expect(await it.source.closed(beforeAll, 9)).toEqual(still)
  })

  test('never have blocks of two versions', async () => {
    const it = await ready()
    it.add({ version: '0.13.6' })
    it.add({ version: '0.13.6' })
    it.add({ version: '0.14.0' })
    expect(await it.source.closed(beforeAll, 9)).toMatchObject([
      { name: 'blocks 0-1', closedBy: 'source' },
    ])
  })

  test.for(['PRE_CONFIRMED', 'REJECTED', 'PENDING'])(
    'end before a block that is %s',
    async (status) => {
      const it = await ready()
      it.add()
      it.add()
      it.add({ status })
      it.add()
      expect(await it.source.closed(beforeAll, 9)).toEqual([])
      const block = it.blocks[2]
      if (block) block.status = 'ACCEPTED_ON_L1'
      expect(await it.source.closed(beforeAll, 9)).toMatchObject([{ name: 'blocks 0-2' }])
    },
  )

  test('are none where a parent does not fit', async () => {
    const it = await ready()
    for (let times = 0; times < 5; times += 1) it.add()
    const block = it.blocks[1]
    if (block) block.parentHash = 0xbadn
    await expect(it.source.closed(beforeAll, 9)).rejects.toThrow('no child of block 0')
  })

  test('are none after a block of another chain, nor before a first block that is not theirs', async () => {
    const it = await ready()
    for (let times = 0; times < 6; times += 1) it.add()
    expect(await it.source.closed({ number: 2, hash: '0xbad' }, 9)).toEqual([])
    expect(await it.source.closed({ number: -1, hash: '0xbad' }, 9)).toEqual([])
    expect(await it.source.closed({ number: 99, hash: '0x1' }, 9)).toEqual([])
  })

  test('of a long chain are read in parts, and a part is always enough for one', async () => {
    const rules = { maxBlocks: 60, maxTransactions: 1_000, maxAgeMs: 3_600_000 }
    const it = await ready({ rules, mostBlocks: 5 })
    for (let times = 0; times < 200; times += 1) it.add()
    const some = await it.source.closed(beforeAll, 20)
    expect(some.map(({ name }) => name)).toEqual(['blocks 0-59'])
  })

  test('a block that is not there now is trouble, since a node may only be behind', async () => {
    const it = await ready()
    for (let times = 0; times < 3; times += 1) it.add()
    const [batch] = await it.source.closed(beforeAll, 1)
    const node = it.nodes[0]
    if (!batch || !node) throw new Error('there is a batch')
    node.state.behind = 1
    // A process that has never seen the block knows of no better node.
    const fresh = await aStarknet({ clock: it.clock })
    fresh.add()
    await expect(it.open(fresh.open()).has(batch.last)).rejects.toMatchObject({
      name: 'SourceUnavailableError',
    })
    // Nor is one of that number that is only being built.
    fresh.add()
    fresh.add({ status: 'PRE_CONFIRMED' })
    await expect(it.open(fresh.open()).has(batch.last)).rejects.toThrow('not accepted now')
  })
})

test('any chain is cut as the rules say, whatever is asked at once', async () => {
  const rules = { maxBlocks: 4, maxTransactions: 12, maxAgeMs: 20_000 }
  const steps = fc.array(
    fc.record({ transactions: fc.nat(8), after: fc.integer({ min: 1, max: 9 }) }),
    { minLength: 1, maxLength: 25 },
  )
  const it = await ready({ rules })
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 5 }), async (told, limit) => {
      it.blocks.splice(0)
      for (const step of told) it.add(step)
      const ends = endsOf(told, rules)
      const found: number[] = []
      for (let after = beforeAll; ;) {
        const some = await it.source.closed(after, limit)
        const last = some.at(-1)
        if (!last) break
        expect(some.length).toBeLessThanOrEqual(limit)
        found.push(...some.map((batch) => batch.last.number))
        after = { ...last.last, root: last.newRoot }
      }
      expect(found).toEqual(ends)
    }),
    { numRuns: 25 },
  )
})

/** Counted by hand, block by block: the last number of each batch that is closed. */
function endsOf(
  told: readonly { readonly transactions: number; readonly after: number }[],
  rules: StarknetBlocksOptions['rules'],
): readonly number[] {
  const ends: number[] = []
  let open: { readonly since: number; blocks: number; transactions: number } | undefined
  let seconds = 0
  for (const [number, { transactions, after }] of told.entries()) {
    seconds += after
    const isOver =
      open &&
      ((seconds - open.since) * 1000 >= rules.maxAgeMs ||
        open.transactions + transactions > rules.maxTransactions)
    if (isOver) {
      ends.push(number - 1)
      open = undefined
    }
    open ??= { since: seconds, blocks: 0, transactions: 0 }
    open.blocks += 1
    open.transactions += transactions
    if (open.blocks === rules.maxBlocks || open.transactions >= rules.maxTransactions) {
      ends.push(number)
      open = undefined
    }
  }
  return ends
}
