import { performance } from 'node:perf_hooks'

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import { createTable, startDynamo } from '../../infra/local/dynamo.ts'
import { memoryBlobs } from '../../lib/adapters/blobs/memory.ts'
import { dynamoClient } from '../../lib/adapters/store/dynamo-client.ts'
import { dynamoStore } from '../../lib/adapters/store/dynamo.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Store } from '../../lib/ports.ts'
import { type BatchWorld, batchWorld, benchClock, proveMs, slotMs } from './batch-world.ts'
import { median } from './measure.ts'
import { IncompleteBenchError } from './tick.ts'
import { countUnits } from './writes.ts'

export type BatchesResult = BatchesWay | BatchesSlots

/** All of so many batches from closed to final, which is begun at once. */
export type BatchesWay = {
  readonly kind: 'way'
  readonly inFlight: number
  readonly store: StoreKind
  /** Until the last one is final, in slots of the job and by their clock. */
  readonly hours: number
  /** Of the batches' own rows. */
  readonly writesPerBatch: number
  /** As the table counts them; absent where the store is no table. */
  readonly unitsPerBatch?: number
  readonly proverCallsPerBatch: number
  /** What one slot writes besides: its own row, the lease's, the lane's and history. */
  readonly unitsPerSlot?: number
  /** How often Madara's orchestrator would ask within the same proof: {@link madaraPollMs}. */
  readonly madaraPolls: number
}

/** How long one slot takes, with so many rows that are not final. */
export type BatchesSlots = {
  readonly kind: 'slots'
  readonly inFlight: number
  readonly store: StoreKind
  readonly allDueMs: number
  readonly noneDueMs: number
}

type StoreKind = 'memory' | 'table'

/**
 * Madara asks its prover for a proof each 30 s, as often as 900 times: computed from its own settings, not measured.
 * https://github.com/madara-alliance/madara/tree/e6743217/orchestrator
 */
const madaraPollMs = 30_000

/**
 * What batches cost on their way and how long slots take, on the store in memory and on the table, for each number in
 * flight; the reason where no table can be had here.
 */
export async function benchBatches(wanted: {
  readonly ways: Readonly<Record<StoreKind, readonly number[]>>
  readonly slots: readonly number[]
  readonly rounds: number
}): Promise<{ readonly results: readonly BatchesResult[]; readonly reason?: string }> {
  const { ways, slots, rounds } = wanted
  const results: BatchesResult[] = []
  for (const inFlight of ways.memory) results.push(await memoryWay(inFlight))
  for (const inFlight of slots)
    results.push(await slotsOf(inMemory(inFlight), { inFlight, store: 'memory', rounds }))
  const dynamo = await startDynamo()
  if ('reason' in dynamo) return { results, reason: dynamo.reason }
  const client = dynamoClient({ region: 'local', endpoint: dynamo.endpoint })
  try {
    const units = countUnits(client)
    for (const inFlight of ways.table) {
      units.clear()
      const world = await onTable(client, inFlight, `way-${inFlight}`)
      results.push(await tableWay(world, inFlight, units))
    }
    for (const inFlight of slots) {
      const world = await onTable(client, inFlight, `slots-${inFlight}`)
      results.push(await slotsOf(world, { inFlight, store: 'table', rounds }))
    }
    return { results }
  } finally {
    client.destroy()
    await dynamo.stop()
  }
}

function inMemory(inFlight: number, seen: (store: Store) => Store = (store) => store): BatchWorld {
  const clock = benchClock()
  const full = { ...clock, sleep: async () => undefined }
  const store = seen(memoryStore({ clock: full }))
  return batchWorld({ inFlight, store, blobs: memoryBlobs({ clock: full }), clock })
}

async function onTable(
  client: DynamoDBClient,
  inFlight: number,
  name: string,
): Promise<BatchWorld> {
  const table = await createTable(client, name)
  const clock = benchClock()
  const full = { ...clock, sleep: async () => undefined }
  const blobs = memoryBlobs({ clock: full })
  const store = dynamoStore({ client, table, blobs, clock: full })
  return batchWorld({ inFlight, store, blobs, clock })
}

/** A week: by then something is stuck. */
const mostSlots = (7 * 24 * 60 * 60_000) / slotMs

/** Slot after slot until all are final; gives back how many that took. */
async function untilFinal(world: BatchWorld, inFlight: number): Promise<number> {
  for (let slots = 1; slots <= mostSlots; slots += 1) {
    await world.slot()
    if ((await world.lane())?.finalized === inFlight) return slots
    world.clock.advance(slotMs)
  }
  throw new IncompleteBenchError('prove', 'a batch is not final after a week')
}

async function memoryWay(inFlight: number): Promise<BatchesWay> {
  let writes = 0
  const world = inMemory(inFlight, (store) => ({
    ...store,
    batches: {
      ...store.batches,
      async write(batch) {
        writes += 1
        return store.batches.write(batch)
      },
    },
  }))
  const slots = await untilFinal(world, inFlight)
  return {
    ...(await wayOf(world, { inFlight, store: 'memory', slots })),
    writesPerBatch: writes / inFlight,
  }
}

async function tableWay(
  world: BatchWorld,
  inFlight: number,
  units: ReadonlyMap<string, number>,
): Promise<BatchesWay> {
  const slots = await untilFinal(world, inFlight)
  const versions = (await world.rows()).map(({ version }) => version)
  const sum = (kinds: readonly string[]): number =>
    kinds.reduce((total, kind) => total + (units.get(kind) ?? 0), 0)
  return {
    ...(await wayOf(world, { inFlight, store: 'table', slots })),
    // Each write of a row makes a version of it.
    writesPerBatch: versions.reduce((total, version) => total + version, 0) / inFlight,
    unitsPerBatch: sum(['BATCH']) / inFlight,
    unitsPerSlot: sum(['PROVING', 'LEASE', 'TICK', 'HISTORY']) / slots,
  }
}

async function wayOf(
  world: BatchWorld,
  of: { readonly inFlight: number; readonly store: StoreKind; readonly slots: number },
): Promise<Omit<BatchesWay, 'writesPerBatch'>> {
  const { inFlight, store, slots } = of
  const rows = await world.rows()
  const odd = rows.find(
    ({ state, history }) =>
      state.kind !== 'finalized' || history.some(({ to }) => to === 'needs-human'),
  )
  if (odd)
    throw new IncompleteBenchError('prove', `batch ${odd.number}: ${JSON.stringify(odd.history)}`)
  const { find, submit } = world.asked
  return {
    kind: 'way',
    inFlight,
    store,
    hours: (slots * slotMs) / 3_600_000,
    proverCallsPerBatch: (find + submit) / inFlight,
    madaraPolls: Math.ceil(proveMs / madaraPollMs),
  }
}

/** Longer than any pause between two looks. */
const pauseMs = 130_000

async function slotsOf(
  world: BatchWorld,
  of: { readonly inFlight: number; readonly store: StoreKind; readonly rounds: number },
): Promise<BatchesSlots> {
  const { inFlight, store, rounds } = of
  await world.plant()
  const due: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    world.clock.advance(pauseMs)
    due.push(await timed(world))
  }
  await lookAtAll(world)
  const none: number[] = []
  for (let round = 0; round < rounds; round += 1) none.push(await timed(world))
  return { kind: 'slots', inFlight, store, allDueMs: median(due), noneDueMs: median(none) }
}

async function timed(world: BatchWorld): Promise<number> {
  const start = performance.now()
  await world.slot()
  return performance.now() - start
}

/** Slots at one time, until nobody is due. */
async function lookAtAll(world: BatchWorld): Promise<void> {
  const now = world.clock.now()
  for (;;) {
    const rows = await world.rows()
    if (rows.every(({ nextActionAt }) => nextActionAt > now)) return
    for (let slots = 0; slots < rows.length / 100; slots += 1) await world.slot()
  }
}
