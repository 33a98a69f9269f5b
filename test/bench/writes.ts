import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { z } from 'zod'

import { createTable, startDynamo } from '../../infra/local/dynamo.ts'
import { memoryBlobs } from '../../lib/adapters/blobs/memory.ts'
import { dynamoClient } from '../../lib/adapters/store/dynamo-client.ts'
import { dynamoStore } from '../../lib/adapters/store/dynamo.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { publishPrices } from '../../lib/keepers/publish-prices.ts'
import { runKeeper } from '../../lib/keepers/run-keeper.ts'
import type { Blobs, Engine } from '../../lib/ports.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { memoryBooks } from '../adapters/positions/memory-books.ts'
import { benchKeys } from './bench-keys.ts'
import { benchFeeds } from './bench-market.ts'
import { startBenchSimulators } from './simulators.ts'
import { benchEvm, benchStark, IncompleteBenchError, simulatedVenues } from './tick.ts'

export type WritesResult = {
  readonly markets: number
  /** For which the reports are signed. */
  readonly engine: string
  /** By the kind of row, as the table itself counts them: one for each kilobyte begun. */
  readonly writeUnits: Readonly<Record<string, number>>
  /** What is kept beside the table: each is one put into S3. */
  readonly blobs: number
  readonly blobBytes: number
}

/** What one node's price tick writes, counted by the table's own answers; the reason where no table can be had here. */
export async function benchWrites(
  markets: number,
): Promise<readonly WritesResult[] | { readonly reason: string }> {
  const dynamo = await startDynamo()
  if ('reason' in dynamo) return dynamo
  const simulators = await startBenchSimulators(markets)
  const client = dynamoClient({ region: 'local', endpoint: dynamo.endpoint })
  try {
    const feeds = benchFeeds(markets)
    const results: WritesResult[] = []
    for (const engine of [benchStark(feeds), benchEvm(feeds)]) {
      const table = await createTable(client, engine.name)
      const world = { client, table, simulators: simulators.url, markets }
      results.push({ markets, engine: engine.name, ...(await writesOf(world, engine)) })
    }
    return results
  } finally {
    client.destroy()
    await simulators.close()
    await dynamo.stop()
  }
}

/** Of the second tick: the first has no memory yet. */
async function writesOf(
  world: {
    readonly client: DynamoDBClient
    readonly table: string
    readonly simulators: string
    readonly markets: number
  },
  engine: Engine,
): Promise<Pick<WritesResult, 'writeUnits' | 'blobs' | 'blobBytes'>> {
  const { client, table, markets } = world
  const feeds = benchFeeds(markets)
  const puts: number[] = []
  const store = dynamoStore({ client, table, blobs: countedBlobs(puts), clock: wallClock })
  const configHashes = Object.fromEntries(
    feeds.markets.map(({ feed }) => [feed, `0x${'5'.repeat(64)}` as const]),
  )
  const keeper = publishPrices({
    clock: wallClock,
    quotes: simulatedVenues(world.simulators),
    store,
    feeds,
    configHashes,
  })
  const ports = {
    clock: wallClock,
    store,
    engines: { [engine.name]: engine },
    oracles: benchKeys,
    positions: memoryBooks(store, wallClock),
  }
  const perform = performer({
    ports,
    laneOf: () => {
      throw new IncompleteBenchError('write', 'a price tick sends nothing')
    },
    messenger: {
      clock: wallClock,
      incidents: store.incidents,
      desk: store.desk,
      rules: {},
      channels: {},
      routing: { network: 'bench', routes: { info: [], warning: [], critical: [] }, fallback: [] },
      notify,
    },
    notify,
  })
  const units = countUnits(client)
  for (const slot of [1, 2]) {
    units.clear()
    puts.length = 0
    const now = wallClock.now()
    const end = await runKeeper(
      { clock: wallClock, store, worker: 'bench', notify, maxLateMs: 60_000, perform },
      keeper,
      { subject: 'node-0', slot, slotAt: now, until: timestamp(now + 60_000) },
    )
    if (end.kind !== 'done') throw new IncompleteBenchError('write', JSON.stringify(end))
  }
  const blobBytes = puts.reduce((sum, size) => sum + size, 0)
  return { writeUnits: Object.fromEntries(units), blobs: puts.length, blobBytes }
}

/** Blobs in memory, which tell `puts` how large each is. */
function countedBlobs(puts: number[]): Blobs {
  const kept = memoryBlobs({ clock: wallClock })
  return {
    ...kept,
    async put(key, content) {
      puts.push(content.byteLength)
      await kept.put(key, content)
    },
  }
}

const Row = z.object({ pk: z.object({ S: z.string() }) })
const Write = z.object({ Item: Row.optional(), Key: Row.optional() })
const Answer = z.object({ ConsumedCapacity: z.object({ CapacityUnits: z.number() }) })

/** Has the table say of each write what it counts, and adds that up by the first word of the row's key. */
export function countUnits(client: DynamoDBClient): Map<string, number> {
  const units = new Map<string, number>()
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (!/^(?:Put|Update|Delete)Item/.test(commandName)) return next(args)
        const done = await next({
          ...args,
          input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' },
        })
        const { Item, Key } = Write.parse(args.input)
        const { ConsumedCapacity } = Answer.parse(done.output)
        const [kind = ''] = ((Item ?? Key)?.pk.S ?? '').split('#')
        units.set(kind, (units.get(kind) ?? 0) + ConsumedCapacity.CapacityUnits)
        return done
      },
    { step: 'initialize' },
  )
  return units
}

function notify(): void {
  // Nobody looks on.
}
