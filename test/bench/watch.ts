import process from 'node:process'

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

import { createTable, startDynamo } from '../../infra/local/dynamo.ts'
import { memoryBlobs } from '../../lib/adapters/blobs/memory.ts'
import { dynamoClient } from '../../lib/adapters/store/dynamo-client.ts'
import { dynamoStore } from '../../lib/adapters/store/dynamo.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import { watchNumbers } from '../../lib/domain/watch/parameters.ts'
import type { SystemMemory } from '../../lib/domain/watch/system-memory.ts'
import type { KeeperSlot } from '../../lib/keepers/keeper.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { watchLiveness } from '../../lib/keepers/watch/watch-liveness.ts'
import type { Store } from '../../lib/ports.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { aSystemAllWrong, rulesOfAllWrong } from '../domain/watch/a-system-all-wrong.ts'
import { noLimits } from '../keepers/watch/watched-world.ts'
import { IncompleteBenchError } from './tick.ts'

export type WatchResult = {
  readonly subjects: number
  /** Whether nothing is wrong anywhere, or all that the rules know of, of every subject. */
  readonly state: 'all well' | 'all wrong'
  readonly findings: number
  /** Processor time of all rules over all subjects, with what becomes one incident of them. */
  readonly rulesMs: number
  /** A whole sweep that finds what the one before found: from its first read until what it found is written. */
  readonly sweepMs: number
  /** Requests to the table in that sweep. */
  readonly reads: number
  readonly writes: number
  /** The first sweep that finds it, which writes it all down. */
  readonly firstMs: number
  readonly firstWrites: number
}

/** One sweep of the watch over so many watched systems, each with every kind of what is watched; the reason where no table can be had. */
export async function benchWatch(
  counts: Readonly<Record<WatchResult['state'], readonly number[]>>,
): Promise<readonly WatchResult[] | { readonly reason: string }> {
  const dynamo = await startDynamo()
  if ('reason' in dynamo) return dynamo
  const client = dynamoClient({ region: 'local', endpoint: dynamo.endpoint })
  try {
    const results: WatchResult[] = []
    for (const state of ['all well', 'all wrong'] as const)
      for (const subjects of counts[state])
        results.push(await sweepsOf(client, { subjects, state }))
    return results
  } finally {
    client.destroy()
    await dynamo.stop()
  }
}

async function sweepsOf(
  client: DynamoDBClient,
  { subjects, state }: Pick<WatchResult, 'subjects' | 'state'>,
): Promise<WatchResult> {
  const table = await createTable(client, `watch-${subjects}-${state.replace(' ', '-')}`)
  const store = dynamoStore({
    client,
    table,
    blobs: memoryBlobs({ clock: wallClock }),
    clock: wallClock,
  })
  const names = Array.from({ length: subjects }, (_, at) => `system-${at}`)
  await write(store, names, state)
  const sweep = sweepOf(store, names)
  const requests = countRequests(client)
  const first = await sweep()
  const firstWrites = requests.writes
  requests.reads = 0
  requests.writes = 0
  const again = await sweep()
  if ((again.findings === 0) !== (state === 'all well'))
    throw new IncompleteBenchError('watch', `${again.findings} findings where ${state}`)
  return {
    subjects,
    state,
    ...again,
    reads: requests.reads,
    writes: requests.writes,
    firstMs: first.sweepMs,
    firstWrites,
  }
}

async function write(
  store: Store,
  names: readonly string[],
  state: WatchResult['state'],
): Promise<void> {
  const now = wallClock.now()
  const memory = state === 'all well' ? wellOf(aSystemAllWrong(now), now) : aSystemAllWrong(now)
  for (let at = 0; at < names.length; at += atOnce)
    await Promise.all(
      names
        .slice(at, at + atOnce)
        .map(async (system) => store.systems.write({ ...memory, system })),
    )
}

const atOnce = 100

/** The same chains, progress, deadlines, settings, levels, changes and marks, and nothing wrong with any. */
function wellOf(wrong: SystemMemory, now: Timestamp): SystemMemory {
  const day = 86_400_000
  const at = (beforeMs: number): Timestamp => timestamp(now - beforeMs)
  const { chain } = wrong.chains
  if (!chain) throw new IncompleteBenchError('watch', 'there is no chain')
  const steps = Array.from({ length: 24 * 30 }, (_, hour) => {
    const time = at(30 * day - hour * 3_600_000 - 1_800_000)
    return { position: time, at: time, what: 'block' }
  })
  const [deadline] = wrong.deadlines
  const lag = wrong.levels['l1-lag']
  return {
    ...wrong,
    chains: Object.fromEntries(
      Object.keys(wrong.chains).map((name) => [
        name,
        { ...chain, paces: chain.paces.filter(({ ms }) => ms === 2_000) },
      ]),
    ),
    progress: { 'state-update': { since: at(40 * day), steps } },
    deadlines: deadline ? [{ ...deadline, until: at(-30 * day) }] : [],
    settings: { programHash: { value: '0xa', since: at(30 * day) } },
    levels: lag
      ? {
          'l1-lag': {
            ...lag,
            buckets: lag.buckets.map((bucket) => ({ ...bucket, low: 500, high: 500 })),
            last: { ...lag.last, value: 500 },
          },
        }
      : {},
    changes: Object.fromEntries(
      Object.values(wrong.changes).map(({ differs: _differs, doneAt: _doneAt, ...change }) => [
        change.id,
        { ...change, state: 'announced', effectiveAt: at(-20 * day) },
      ]),
    ),
    marks: Object.fromEntries(
      Object.entries(wrong.marks).map(([market, { apartSince: _apart, ...mark }]) => [
        market,
        { ...mark, bps: 1, last: { ...mark.last, mark: '100010' } },
      ]),
    ),
    unseen: {},
  }
}

type Sweep = Pick<WatchResult, 'findings' | 'rulesMs' | 'sweepMs'>

function sweepOf(store: Store, names: readonly string[]): () => Promise<Sweep> {
  const keeper = watchLiveness({
    clock: wallClock,
    store,
    chains: {},
    engines: {},
    nodes: [],
    lanes: [],
    jobs: [],
    rules: {
      ...noLimits,
      packs: false,
      numbers: watchNumbers,
      showsLife: false,
      links: {
        engines: {},
        proving: {},
        provers: {},
        systems: Object.fromEntries(names.map((name) => [name, { chains: {}, lanes: [] }])),
      },
      systems: Object.fromEntries(names.map((name) => [name, rulesOfAllWrong])),
    },
  })
  const perform = performer({
    ports: { clock: wallClock, store, engines: {}, oracles: [], positions: undefined as never },
    laneOf: () => {
      throw new IncompleteBenchError('watch', 'a watcher sends nothing')
    },
    messenger: {
      clock: wallClock,
      incidents: store.incidents,
      desk: store.desk,
      rules: {},
      channels: {},
      routing: {
        network: 'bench',
        subjects: [],
        routes: { info: [], warning: [], critical: [] },
        fallback: [],
      },
      notify,
    },
    notify,
  })
  return async () => {
    const began = performance.now()
    const now = wallClock.now()
    const of: KeeperSlot = {
      subject: 'network',
      slot: 1,
      slotAt: now,
      until: timestamp(now + 600_000),
    }
    const view = await keeper.observe(of)
    const cpu = process.threadCpuUsage()
    const { actions } = keeper.decide(view)
    const { user, system } = process.threadCpuUsage(cpu)
    for (const action of actions) await perform(action, of)
    const findings = actions.flatMap((one) =>
      one.kind === 'report-findings' ? one.findings : [],
    ).length
    return { findings, rulesMs: (user + system) / 1_000, sweepMs: performance.now() - began }
  }
}

function countRequests(client: DynamoDBClient): { reads: number; writes: number } {
  const requests = { reads: 0, writes: 0 }
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        if (/^(?:Get|Query|Scan|BatchGet)/.test(commandName)) requests.reads += 1
        else requests.writes += 1
        return next(args)
      },
    { step: 'initialize' },
  )
  return requests
}

function notify(): void {
  // Nobody looks on.
}
