import { describe, expect, test } from 'vitest'

import { starkexRuns } from '../../../infra/local/program-runs/starkex-runs.ts'
import { starkexBatches } from '../../../lib/adapters/batches/starkex-batches.ts'
import { starkexFeeder } from '../../../lib/adapters/chains/starkex-feeder.ts'
import { parseApplicationData } from '../../../lib/adapters/settlement/stark-perpetual/application-data.ts'
import { parseProgramOutput } from '../../../lib/adapters/settlement/stark-perpetual/program-output.ts'
import type { BatchAnswer, BatchInfo } from '../../../lib/adapters/starkex-feeder.ts'
import type { Standing } from '../../../lib/domain/proving/settlement-place.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { BatchInput } from '../../../lib/ports.ts'
import {
  aBook,
  aPosition,
  bookStart,
  btcAsset,
  ethAsset,
  riskyConfig,
} from '../../infra/local/starkex-gateway/a-book.ts'
import { servedRuns } from './served-runs.ts'
import { sourceContract } from './source-contract.ts'

const positions = new Map([
  [30n, aPosition(-1_100n, [[btcAsset, 1_000n]])],
  [40n, aPosition(5_000n, [[btcAsset, -600n]])],
])
const layout = { readOutput: parseProgramOutput, readApplicationData: parseApplicationData }
const configurations = [
  { asset: btcAsset, hash: 0xb7cn },
  { asset: ethAsset, hash: 0xe7en },
]

async function ready(options: { tellsLast?: boolean; availability?: 'validium' | 'rollup' } = {}) {
  const { tellsLast = true, availability = 'validium' } = options
  const batches = { transactions: 2, seconds: 3_600, gap: 2, tellsLast }
  const book = await aBook(positions, { config: riskyConfig({ batches }) })
  const exchangeUrl = new URL(book.url).origin
  const feeder = starkexFeeder({
    chain: 'starkex',
    tls: undefined,
    feederUrl: `${exchangeUrl}/feeder_gateway`,
    availabilityUrl: `${exchangeUrl}/availability_gateway`,
  })
  const { service, runs } = await servedRuns(
    starkexRuns({
      exchangeUrl,
      globalConfigurationHash: 0x6c0bn,
      assetConfigurations: configurations,
      availability,
    }),
  )
  // Those that were there from the start are its first batch, which the contract was set up with.
  const start: Standing = { number: book.exchange.lastBatchId() }
  const open = () => starkexBatches({ name: 'starkex', feeder, runs, layout })
  let steps = 0
  return {
    ...book,
    service,
    start,
    source: open(),
    open,
    /** Prices and funding that were not there before: a batch, which changes no position. */
    async grow() {
      // Funding may move so far only in so much time.
      if (steps > 0) book.pass(60)
      steps += 1
      await book.price('10000')
      book.fund(BigInt(-steps), BigInt(steps))
    },
    deleverage: () =>
      book.add({
        type: 'DELEVERAGE',
        deleveraged: 30n,
        deleverager: 40n,
        asset: btcAsset,
        synthetic: 100n,
        collateral: 110n,
        isDeleveragerBuying: true,
      }),
  }
}

describe('a source of batches', () => {
  sourceContract(async () => {
    const it = await ready()
    await it.price('10000')
    it.fund()
    const start = { number: it.exchange.lastBatchId() }
    return {
      source: it.source,
      afresh: async () => Promise.resolve(it.open()),
      start,
      grow: () => {
        it.deleverage()
        it.exchange.closeBatch()
        it.pass(1)
      },
      reorganise: () => {
        it.exchange.abortBatch()
        it.exchange.closeBatch()
      },
      fail: async () => it.stop(),
      service: it.service,
    }
  })
})

describe("a StarkEx exchange's batches", () => {
  test.for([true, false])(
    'are followed by what each says came before it; the newest is told: %s',
    async (tellsLast) => {
      const it = await ready({ tellsLast })
      await it.grow()
      await it.grow()
      await it.grow()
      const all = await it.source.closed(it.start, 9)
      expect(all).toHaveLength(3)
      expect(all.at(-1)?.last.number).toBe(it.exchange.lastBatchId())
      for (const { last, previous, size, closedBy, closedAt, newRoot } of all) {
        const info = (await it.get(`/feeder_gateway/get_batch_info?batch_id=${last.number}`)) as {
          previous_batch_id: number
          time_created: string
          position_root: string
        }
        expect(previous.number).toBe(info.previous_batch_id)
        expect(BigInt(newRoot)).toBe(BigInt(`0x${info.position_root}`))
        expect(last.hash).toBe(newRoot)
        expect({ size, closedBy, closedAt }).toEqual({
          size: 2,
          closedBy: 'source',
          closedAt: timestamp(Number(info.time_created) * 1000),
        })
      }
    },
  )

  test.for(['validium', 'rollup'] as const)(
    'have a run whose states follow each other, as the contract will read it: %s',
    async (availability) => {
      const it = await ready({ availability })
      await it.grow()
      expect(it.deleverage()).toBe('taken')
      it.exchange.closeBatch()
      const [first, second] = await it.source.closed(it.start, 9)
      if (!first || !second) throw new Error('there are two batches')
      const [one, two] = [await it.source.input(first), await it.source.input(second)]
      const [read, next] = [one, two].map((run) =>
        parseProgramOutput(run?.output.programOutput ?? []),
      )
      expect(read).toMatchObject({
        globalConfigurationHash: 0x6c0bn,
        configurations,
        availability: { kind: availability },
        previous: { funding: [], prices: [], systemTime: BigInt(bookStart), positionsHeight: 64n },
        next: {
          funding: [
            { asset: btcAsset, index: -1n },
            { asset: ethAsset, index: 1n },
          ],
          fundingTime: BigInt(bookStart),
          systemTime: BigInt(bookStart),
        },
        expirationHour: BigInt(Math.floor(bookStart / 3_600) + 168),
      })
      // BTC-10 at 10,000 USD of six digits: 10^10 of 10^10 is one unit, 2^32 of the scale.
      expect(read?.next.prices).toMatchObject([{ asset: btcAsset, price: 2n ** 32n }, {}])
      expect(next?.previous).toEqual(read?.next)
      expect(parseApplicationData(two?.output.applicationData ?? [])).toEqual({
        batchId: BigInt(second.last.number),
        previousBatchId: BigInt(first.last.number),
        conditions: [],
      })
    },
  )

  test.for([
    ['batch id', [7n, 4n, 0n]],
    ['previous batch id', [6n, 5n, 0n]],
    ['application data', [6n, 4n]],
    ['application data', undefined],
  ] as const)('a run that names another %s is refused', async ([word, applicationData]) => {
    const { feeder } = told([
      [4, -1],
      [6, 4],
    ])
    const open = (data: readonly bigint[] | undefined) =>
      starkexBatches({
        name: 'starkex',
        feeder,
        runs: { run: async () => Promise.resolve(aRun(data)) },
        layout: {
          ...layout,
          readOutput: () => ({
            previous: { positionsRoot: 1_004n },
            next: { positionsRoot: 1_006n },
          }),
        },
      })
    const [batch] = await open(undefined).closed({ number: 4 }, 1)
    if (!batch) throw new Error('there is a batch')
    expect(await open([6n, 4n, 0n]).input(batch)).toBeDefined()
    await expect(open(applicationData).input(batch)).rejects.toMatchObject({
      name: 'BatchInputError',
      batch: 'batch 6',
      word,
    })
  })

  test('the first one begins on the root that the network names', async () => {
    const it = await ready()
    await expect(it.source.closed({ number: -1 }, 1)).rejects.toThrow('before the first batch')
    const { feeder, runs } = told([[7, -1]])
    const source = starkexBatches({ name: 'starkex', feeder, runs, layout, emptyRoot: '0xe0' })
    expect(await source.closed({ number: -1 }, 1)).toMatchObject([
      { name: 'batch 7', previous: { number: -1, hash: '0xe0' }, previousRoot: '0xe0' },
    ])
  })

  test('are none after one that is in no chain of theirs', async () => {
    const { feeder, runs } = told([
      [3, -1],
      [4, 3],
      [6, 3],
    ])
    const source = starkexBatches({ name: 'starkex', feeder, runs, layout })
    // 6 follows 3: 4 was taken back.
    expect(await source.closed({ number: 4 }, 9)).toEqual([])
    expect(await source.closed({ number: 4, hash: '0xbad' }, 9)).toEqual([])
    expect(await source.closed({ number: 60 }, 9)).toEqual([])
  })

  test('a hole that nobody explains is trouble', async () => {
    const { feeder, runs } = told([
      [3, -1],
      [9, 7],
    ])
    const source = starkexBatches({ name: 'starkex', feeder, runs, layout })
    await expect(source.closed({ number: 3 }, 9)).rejects.toThrow('none follows batch 3')
    const far = told([
      [3, -1],
      [90, 3],
    ])
    const other = starkexBatches({ name: 'starkex', feeder: far.feeder, runs, layout })
    await expect(other.closed({ number: 3 }, 9)).rejects.toThrow('no batch from 4 to 36')
  })

  test('one that is not ready any more is trouble: it may still come', async () => {
    const { runs } = told([])
    const feeder = {
      lastBatchId: async () => Promise.resolve(9),
      info: async () => Promise.resolve({ kind: 'not-ready' } as const),
    }
    const source = starkexBatches({ name: 'starkex', feeder, runs, layout })
    await expect(source.has({ number: 3, hash: '0x1' })).rejects.toMatchObject({
      name: 'SourceUnavailableError',
    })
  })
})

/** An exchange with batches of these ids, and what each follows. */
function told(batches: readonly (readonly [id: number, previous: number])[]) {
  const info = async (id: number): Promise<BatchAnswer<BatchInfo>> => {
    const found = batches.find(([one]) => one === id)
    if (!found) return Promise.resolve({ kind: 'none', code: 'INVALID_BATCH_ID' })
    const batch = {
      previousId: found[1],
      positionRoot: (1000 + id).toString(16),
      orderRoot: '01',
      sequence: 1,
      createdAt: timestamp(1_800_000_000_000),
      transactions: [],
    }
    return Promise.resolve({ kind: 'batch', batch })
  }
  const last = Math.max(...batches.map(([id]) => id))
  return {
    feeder: { lastBatchId: async () => Promise.resolve(last), info },
    runs: { run: async () => Promise.resolve(undefined) },
  }
}

function aRun(applicationData: readonly bigint[] | undefined): BatchInput {
  return {
    pie: new Uint8Array(),
    steps: 1,
    programHash: '0x1',
    output: { programOutput: [], ...(applicationData && { applicationData }) },
  }
}
