import { encodePacked, keccak256 } from 'viem/utils'
import { describe, expect, test } from 'vitest'

import { engineRuns } from '../../../infra/local/program-runs/engine-runs.ts'
import {
  type EngineClosing,
  ownEngine,
  type OwnEngineOptions,
} from '../../../lib/adapters/batches/own-engine.ts'
import { parseProgramOutput } from '../../../lib/adapters/settlement/starknet-core/program-output.ts'
import type { BatchContent } from '../../../lib/domain/proving/batch.ts'
import type { Standing } from '../../../lib/domain/proving/settlement-place.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { anAction, anEvm, engine, type ToldLog } from './an-evm.ts'
import { handClock, servedRuns } from './served-runs.ts'
import { sourceContract } from './source-contract.ts'

const beforeAll: Standing = { number: -1, hash: '0x0', root: '0x5eed' }

async function ready(
  options: {
    readonly nodes?: number
    readonly rules?: Partial<EngineClosing>
    readonly confirmations?: number
  } = {},
) {
  const clock = handClock(1_800_000_000)
  const evm = await anEvm({ nodes: options.nodes ?? 1, clock })
  const node = evm.nodes[0]
  if (!node) throw new Error('there is a node')
  const { service, runs } = await servedRuns(
    engineRuns({ nodeUrl: node.url, engine, configHash: 0xc0f1n }),
    { clock },
  )
  const { confirmations = 0 } = options
  const rules: OwnEngineOptions['rules'] = {
    maxActions: 4,
    maxBytes: 10_000,
    maxAgeMs: 60_000,
    ...options.rules,
  }
  const open = () =>
    ownEngine({
      name: 'own-engine',
      chain: evm.open(),
      engine,
      clock,
      rules,
      confirmations,
      runs,
      readOutput: parseProgramOutput,
    })
  const add = (told: Parameters<typeof evm.add>[0] = {}) => {
    const block = evm.add(told)
    clock.set(block.seconds)
    return block
  }
  return { ...evm, add, clock, service, source: open(), open }
}

describe('a source of batches', () => {
  sourceContract(async () => {
    const it = await ready({ nodes: 2 })
    return {
      source: it.source,
      afresh: async () => Promise.resolve(it.open()),
      start: beforeAll,
      grow: () => {
        it.add({ actions: 0 })
        it.add({ actions: 3 })
        it.add({ actions: 1 })
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

/** The low 250 bits, by the words' own text: 62 digits and the lowest half of the 63rd. */
function cut(hash: `0x${string}`): bigint {
  const [top = '0'] = hash.slice(-63)
  return BigInt(`0x${(Number.parseInt(top, 16) % 4).toString(16)}${hash.slice(-62)}`)
}

function rootBy(root: bigint, logs: readonly ToldLog[]): bigint {
  return logs.reduce((before, { topics, data }) => {
    const packed = encodePacked(
      ['uint256', 'uint256', 'bytes32[]', 'bytes'],
      [before, BigInt(topics.length), [...topics], data],
    )
    return cut(keccak256(packed))
  }, root)
}

describe("the engine's batches", () => {
  test('have hashes cut to 250 bits, and a root that follows from the one before and the actions alone', async () => {
    const it = await ready()
    const blocks = [2, 0, 2, 1, 3].map((actions) => it.add({ actions }))
    const logs = blocks.map((block) => block.logs)
    const [first, second] = await it.source.closed(beforeAll, 9)
    const hashes = blocks.map(({ hash }) => cut(hash))
    expect(
      hashes.every((hash, at) => hash < 2n ** 250n && blocks[at]?.hash.startsWith('0xfc')),
    ).toBe(true)
    const firstRoot = rootBy(
      0x5eedn,
      [logs[0], logs[2]].flat().filter((log) => log !== undefined),
    )
    const secondRoot = rootBy(
      firstRoot,
      [logs[3], logs[4]].flat().filter((log) => log !== undefined),
    )
    expect(summary(first)).toEqual({
      name: 'blocks 0-2',
      last: hashes[2],
      previousRoot: 0x5eedn,
      newRoot: firstRoot,
      size: 4,
      closedBy: 'count',
    })
    expect(summary(second)).toEqual({
      name: 'blocks 3-4',
      last: hashes[4],
      previousRoot: firstRoot,
      newRoot: secondRoot,
      size: 4,
      closedBy: 'count',
    })
  })

  test('another action, or the same ones in another order, make another root', async () => {
    const orders = [
      [1, 2, 3, 4],
      [1, 2, 4, 3],
      [1, 2, 3, 5],
    ]
    const roots = await Promise.all(
      orders.map(async (seeds) => {
        const it = await ready()
        it.add({ logs: seeds.map(anAction) })
        return (await it.source.closed(beforeAll, 1))[0]?.newRoot
      }),
    )
    expect(new Set(roots).size).toBe(3)
  })

  test('take along blocks without actions, and end with one that has some', async () => {
    const it = await ready()
    for (const actions of [0, 0, 1, 0, 0, 0, 3, 0, 0]) it.add({ actions })
    expect(await it.source.closed(beforeAll, 9)).toMatchObject([{ name: 'blocks 0-6', size: 4 }])
    it.add({ actions: 4 })
    expect(await it.source.closed(beforeAll, 9)).toMatchObject([
      { name: 'blocks 0-6' },
      { name: 'blocks 7-9', size: 4 },
    ])
  })

  test('are closed by how many bytes their actions have', async () => {
    // Each action has 96 bytes.
    const it = await ready({ rules: { maxActions: 100, maxBytes: 96 * 3 } })
    for (const actions of [1, 1, 2, 5, 1]) it.add({ actions })
    expect(await it.source.closed(beforeAll, 9)).toMatchObject([
      { name: 'blocks 0-1', closedBy: 'size', size: 2 },
      { name: 'blocks 2-2', closedBy: 'size', size: 2 },
      { name: 'blocks 3-3', closedBy: 'size', size: 5 },
    ])
  })

  test('are closed by age of their first action', async () => {
    const it = await ready()
    it.add({ actions: 0, after: 500 })
    const { seconds } = it.add()
    it.add({ after: 30 })
    expect(await it.source.closed(beforeAll, 9)).toEqual([])
    it.add({ actions: 0, after: 30 })
    expect(await it.source.closed(beforeAll, 9)).toMatchObject([
      { name: 'blocks 0-2', size: 2, closedBy: 'age', closedAt: timestamp((seconds + 60) * 1000) },
    ])
  })

  test('are never empty unless the network says after how long', async () => {
    const quiet = await ready()
    for (let times = 0; times < 50; times += 1) quiet.add({ actions: 0, after: 60 })
    expect(await quiet.source.closed(beforeAll, 9)).toEqual([])
  })

  test('are empty after as long as the network says, and the same whenever that is seen', async () => {
    const it = await ready({ rules: { emptyAfterMs: 300_000 } })
    const first = it.add({ actions: 0 })
    for (let times = 0; times < 6; times += 1) it.add({ actions: 0, after: 60 })
    const early = await it.source.closed(beforeAll, 9)
    expect(early).toMatchObject([
      {
        name: 'blocks 0-4',
        size: 0,
        closedBy: 'age',
        closedAt: timestamp((first.seconds + 300) * 1000),
        previousRoot: '0x5eed',
        newRoot: '0x5eed',
      },
    ])
    it.add({ actions: 4, after: 60 })
    const late = await it.source.closed(beforeAll, 9)
    expect(late).toMatchObject([...early, { name: 'blocks 5-7', size: 4, previousRoot: '0x5eed' }])
    expect(late).toEqual(await it.open().closed(beforeAll, 9))
  })

  test('are not empty while an action waits for its age', async () => {
    const it = await ready({ rules: { emptyAfterMs: 300_000, maxAgeMs: 3_600_000 } })
    it.add({ actions: 0 })
    it.add({ actions: 0, after: 60 })
    it.add({ actions: 1, after: 60 })
    for (let times = 0; times < 20; times += 1) it.add({ actions: 0, after: 60 })
    expect(await it.source.closed(beforeAll, 9)).toEqual([])
  })

  test('are the same where not all that there is was read at once', async () => {
    const it = await ready()
    // The first block is a batch by itself; with the next two, two batches' worth of actions is read.
    for (const actions of [10, 1, 1, 1, 0]) it.add({ actions })
    it.add({ actions: 0, after: 600 })
    const whole = await it.source.closed(beforeAll, 9)
    expect(whole).toMatchObject([{ name: 'blocks 0-0' }, { name: 'blocks 1-3', closedBy: 'age' }])
    const some = await it.open().closed(beforeAll, 2)
    expect(some).toEqual(whole.slice(0, some.length))
    expect(some.length).toBeGreaterThan(0)
  })

  test('are the same where one call does not come to the end of their age', async () => {
    const it = await ready({ rules: { maxAgeMs: 3_600_000 } })
    const [node] = it.nodes
    if (!node) throw new Error('there is a node')
    node.state.mostBlocks = 1
    it.add({ actions: 1 })
    for (let times = 0; times < 99; times += 1) it.add({ actions: 0 })
    it.add({ actions: 1 })
    it.clock.set(1_800_000_000 + 3_600 + 120)
    // Nobody knows yet what is in the blocks that were not read.
    expect(await it.source.closed(beforeAll, 1)).toEqual([])
    const found: BatchContent[] = []
    for (let call = 0; call < 9 && found.length === 0; call += 1)
      found.push(...(await it.source.closed(beforeAll, 1)))
    expect(found).toMatchObject([{ name: 'blocks 0-100', size: 2, closedBy: 'age' }])
  })

  test('leave the newest blocks alone as long as the chain may lose them', async () => {
    const it = await ready({ confirmations: 3 })
    it.add({ actions: 4 })
    it.add()
    it.add()
    expect(await it.source.closed(beforeAll, 9)).toEqual([])
    it.add()
    expect(await it.source.closed(beforeAll, 9)).toMatchObject([{ name: 'blocks 0-0' }])
  })

  test('are found behind tens of thousands of quiet blocks, with what one host allows', async () => {
    const it = await ready()
    const [node] = it.nodes
    if (!node) throw new Error('there is a node')
    node.state.mostBlocks = 1_000
    for (let times = 0; times < 30_000; times += 1) it.add({ actions: 0, after: 1 })
    it.add({ actions: 4 })
    const found: BatchContent[] = []
    for (let call = 0; call < 4 && found.length === 0; call += 1)
      found.push(...(await it.source.closed(beforeAll, 1)))
    expect(found).toMatchObject([{ name: 'blocks 0-30000', size: 4 }])
  })

  test('are none where the contract does not tell its root', async () => {
    const it = await ready()
    it.add({ actions: 4 })
    await expect(it.source.closed({ number: -1 }, 1)).rejects.toMatchObject({
      name: 'SourceUnavailableError',
    })
  })

  test('are none after a block of another chain', async () => {
    const it = await ready()
    for (let times = 0; times < 4; times += 1) it.add({ actions: 4 })
    expect(await it.source.closed({ number: 1, hash: '0xbad', root: '0x1' }, 9)).toEqual([])
    const hash = `0x${cut(it.blocks[1]?.hash ?? '0x0').toString(16)}` as const
    expect(await it.source.closed({ number: 1, hash, root: '0x1' }, 9)).toHaveLength(2)
    // As the chain itself writes it, it is no hash that the contract could have.
    expect(await it.source.has({ number: 1, hash })).toBe(true)
    expect(await it.source.has({ number: 2, hash })).toBe(false)
  })
})

function summary(batch: BatchContent | undefined) {
  if (!batch) return undefined
  const { name, last, previousRoot, newRoot, size, closedBy } = batch
  return {
    name,
    last: BigInt(last.hash),
    previousRoot: BigInt(previousRoot),
    newRoot: BigInt(newRoot),
    size,
    closedBy,
  }
}
