import * as z from 'zod/mini'

import { lastSettledAt } from '../../domain/funding/funding-look.ts'
import type { TimeLook } from '../../domain/interest/exchange-time.ts'
import type { Lane } from '../../domain/lane.ts'
import type { PriceRound } from '../../domain/price-round.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import { correlate } from '../../domain/watch/correlate.ts'
import type {
  Chain,
  Clock,
  Engine,
  EngineFunding,
  EngineInterest,
  Store,
  VenueFailure,
} from '../../ports.ts'
import { type WeeksOfBooks, weeksOfBooks } from '../books/week-of-books.ts'
import { eachOf } from '../each-of.ts'
import type { Decision, Keeper } from '../keeper.ts'
import { lanesLeftBehind } from '../lane/left-behind.ts'
import { PriceSnapshotError, readPriceSnapshot } from '../price-snapshot.ts'
import { batchFindings, batchMeasures, unseenBatches } from './batch-findings.ts'
import { batchesSeen } from './batches-seen.ts'
import { booksFindings, booksMeasures, unseenBooks } from './books-findings.ts'
import { booksSeen } from './books-seen.ts'
import { chainFindings, unseenBy } from './chain-findings.ts'
import { governedSeen } from './governed-seen.ts'
import { historyFindings } from './history-findings.ts'
import { historySeen, unpackedSeen } from './history-seen.ts'
import { keptWatch } from './kept-watch.ts'
import { laneFindings, unseenLanes } from './lane-findings.ts'
import { parameterFindings } from './parameter-findings.ts'
import { peerFindings, unseenPeers } from './peer-findings.ts'
import { peersSeen } from './peers-seen.ts'
import { positionFindings, unseenPositions } from './position-findings.ts'
import { positionsSeen } from './positions-seen.ts'
import { priceFindings, unseenPrices } from './price-findings.ts'
import { seen } from './seen.ts'
import { unseenWatched, watchedFindings } from './system-findings.ts'
import { chainUptimes, signOfLife } from './uptimes.ts'
import type { LaneSeen, NodeSight, Seen, WatchRules, WatchView } from './watch-view.ts'

export type WatchWorld = {
  readonly clock: Clock
  readonly chains: Readonly<Record<string, Chain>>
  readonly engines: Readonly<Record<string, Engine>>
  readonly store: Pick<
    Store,
    | 'batches'
    | 'governance'
    | 'history'
    | 'incidents'
    | 'lanes'
    | 'ledger'
    | 'prices'
    | 'systems'
    | 'ticks'
    | 'uptimes'
  >
  readonly nodes: readonly string[]
  readonly lanes: readonly {
    readonly id: string
    readonly account: string
    readonly chain: string
  }[]
  /** The jobs of this deployment that must not fall silent. */
  readonly jobs: readonly { readonly job: string; readonly subject: string }[]
  readonly rules: WatchRules
  /** How what the active set comes to here differs from what it says, in words; absent where nobody governs parameters. */
  readonly differsHere?: (at: Timestamp) => Promise<string | undefined>
}

/** Looks at everything that may stall, and says what is wrong. */
export function watchLiveness(world: WatchWorld): Keeper<WatchView> {
  const weekOf = weeksOfBooks()
  return {
    job: 'watch-liveness',
    observe: async () => observe(world, weekOf),
    settings: world.rules,
    decide: (view) => decideWatch(view, world.rules),
    recorded: recordedWatch,
    kept: keptWatch,
  }
}

export function decideWatch(view: WatchView, rules: WatchRules): Decision {
  const found = [
    ...chainFindings(view, rules),
    ...laneFindings(view, rules),
    ...priceFindings(view, rules),
    ...peerFindings(view, rules),
    ...positionFindings(view, rules),
    ...booksFindings(view, rules),
    ...batchFindings(view, rules),
    ...historyFindings(view, rules),
    ...parameterFindings(view),
    ...watchedFindings(view, rules),
  ]
  const { now, open } = view
  const { findings, explained } = correlate(found, { open, links: rules.links, now })
  const unseen = [
    ...explained,
    ...unseenBy(view, rules),
    ...unseenLanes(view),
    ...unseenPrices(view, rules),
    ...unseenPeers(view, rules),
    ...unseenPositions(view, rules),
    ...unseenBooks(view, rules),
    ...unseenBatches(view, rules),
    ...unseenWatched(view, rules),
  ]
  const measures = [...booksMeasures(view), ...batchMeasures(view)]
  const detail = findings.map(({ summary }) => summary).join('; ')
  const reason = findings.length === 0 ? 'all-well' : 'found'
  return {
    actions: [
      { kind: 'report-findings', findings, unseen, ...(measures.length > 0 && { measures }) },
      { kind: 'keep-uptimes', uptimes: chainUptimes(view, rules, found) },
      // Last: it shows that all before it was done.
      ...(rules.showsLife ? [{ kind: 'show-life', text: signOfLife(view, found) } as const] : []),
    ],
    outcome: { kind: 'done', reason, detail },
    recorded: { findings, explained },
  }
}

/** Of one kind: some are a thousand. */
const atOnce = 50

async function observe(world: WatchWorld, weekOf: WeeksOfBooks): Promise<WatchView> {
  const { clock, store, rules } = world
  const now = clock.now()
  const [
    chains,
    engines,
    funding,
    exchangeTimes,
    lanes,
    leftBehind,
    nodes,
    peers,
    positions,
    books,
    batches,
    systems,
    uptimes,
    kept,
    unpacked,
    governed,
    open,
    jobs,
  ] = await Promise.all([
    seenEach(world.chains, async (chain) => chain.head()),
    seenEach(world.engines, async (engine) => engine.state()),
    seenEach(fundedIn(world), async (one) => lastSettledAt(await one.look())),
    seenEach(timedIn(world), async (one) => timeUpdatedAt(await one.time())),
    Promise.all(world.lanes.map(async (lane) => laneSeen(world, lane))),
    othersSeen(world),
    Promise.all(world.nodes.map(async (node) => sightOf(store, node))),
    Promise.all(Object.keys(world.engines).map(async (engine) => peersSeen(store, engine))),
    Promise.all(Object.keys(world.engines).map(async (engine) => positionsSeen(store, engine))),
    Promise.all(
      Object.keys(rules.booked).map(async (engine) => {
        const counted = world.engines[engine]?.liquidation?.batches
        return booksSeen(store, weekOf, { engine, now, counted })
      }),
    ),
    Promise.all(
      Object.entries(rules.proving).map(async ([lane, { deadlineMs }]) =>
        batchesSeen(store, lane, { deadlineMs, now }),
      ),
    ),
    eachOf(Object.keys(rules.systems), atOnce, async (name) => store.systems.read(name)),
    eachOf(Object.keys(rules.chains), atOnce, async (name) => store.uptimes.read(name)),
    eachOf(world.jobs, atOnce, async (job) => historySeen(store, job)),
    rules.packs ? unpackedSeen(store) : [],
    governedSeen(store, now, world.differsHere),
    store.incidents.open(),
    eachOf(world.jobs, atOnce, async (job) => lastSlot(world, job)),
  ])
  // After the heads: asking for those shows how each node is.
  const rpc = Object.fromEntries(
    Object.entries(world.chains).map(([name, chain]) => [name, chain.nodes()]),
  )
  return {
    now: clock.now(),
    chains,
    rpc,
    engines,
    funding,
    exchangeTimes,
    lanes,
    leftBehind,
    nodes,
    peers: peers.flat(),
    positions: positions.flat(),
    books: books.flatMap((one) => one ?? []),
    batches: batches.flatMap((one) => one ?? []),
    systems: systems.flatMap((one) => one ?? []),
    uptimes: uptimes.flatMap((one) => one ?? []),
    kept: kept.flatMap((one) => one ?? []),
    unpacked,
    governed,
    open: open.filter(({ state }) => state === 'open'),
    jobs,
  }
}

function fundedIn({ engines, rules }: WatchWorld): Readonly<Record<string, EngineFunding>> {
  const funded = Object.keys(rules.epochSeconds).flatMap((name) => {
    const funding = engines[name]?.funding
    return funding ? [[name, funding] as const] : []
  })
  return Object.fromEntries(funded)
}

function timedIn({ engines, rules }: WatchWorld): Readonly<Record<string, EngineInterest>> {
  const timed = rules.timed.flatMap((name) => {
    const interest = engines[name]?.interest
    return interest ? [[name, interest] as const] : []
  })
  return Object.fromEntries(timed)
}

function timeUpdatedAt({ clock }: TimeLook): Timestamp {
  return timestamp(Number(clock.lastUpdate) * 1_000)
}

async function seenEach<Thing, Value>(
  things: Readonly<Record<string, Thing>>,
  ask: (thing: Thing) => Promise<Value>,
): Promise<Readonly<Record<string, Seen<Value>>>> {
  const entries = Object.entries(things).map(
    async ([name, thing]) => [name, await seen(async () => ask(thing))] as const,
  )
  return Object.fromEntries<Seen<Value>>(await Promise.all(entries))
}

async function laneSeen(
  { chains, store }: WatchWorld,
  { id, account: address, chain: name }: WatchWorld['lanes'][number],
): Promise<LaneSeen> {
  // The row first: what it has signed the chain may count already, but never the other way round.
  const lane = await store.lanes.read(id)
  const account = await seen(async () => {
    const chain = chains[name]
    if (!chain) throw new RangeError(`there is no chain ${name}`)
    const [balance, { latest }] = await Promise.all([chain.balance(address), chain.nonce(address)])
    return { balance, nonce: latest }
  })
  return { id, lane, account }
}

async function othersSeen({ store, lanes }: WatchWorld): Promise<readonly Lane[]> {
  const ids = await lanesLeftBehind(store, lanes)
  const read = await Promise.all(ids.map(async (id) => store.lanes.read(id)))
  return read.flatMap((lane) => lane ?? [])
}

async function lastSlot(
  { store, rules }: WatchWorld,
  { job, subject }: { readonly job: string; readonly subject: string },
): Promise<WatchView['jobs'][number]> {
  const [newest] = await store.ticks.recent(job, subject, 1)
  const everySeconds = rules.everySeconds[job] ?? 0
  const lastSlotAt = newest && timestamp(newest.job.slot * everySeconds * 1000)
  return { job, subject, lastSlotAt }
}

async function sightOf({ prices, history }: WatchWorld['store'], node: string): Promise<NodeSight> {
  const [stored, entries] = await Promise.all([
    prices.read(node),
    history.recent('publish-prices', node, 1),
  ])
  return {
    node,
    prices: stored && snapshotOf(stored.snapshot),
    failures: failuresOf(entries[0]?.view),
  }
}

/** A snapshot of another version is as good as none: the next round writes one of ours. */
function snapshotOf(text: string): PriceRound | undefined {
  try {
    return readPriceSnapshot(text)
  } catch (error) {
    if (error instanceof PriceSnapshotError) return undefined
    throw error
  }
}

const Failures = z.object({
  failures: z.array(
    z.object({
      venue: z.string(),
      why: z.enum([
        'timeout',
        'network',
        'http',
        'rate-limited',
        'region',
        'unreadable',
        'too-large',
        'cooling',
      ]),
      detail: z.string(),
      instruments: z.array(z.string()),
    }),
  ),
})

/** Only words for an incident's summary: what cannot be read is left out. */
function failuresOf(view: string | undefined): readonly VenueFailure[] {
  const parsed = Failures.safeParse(view === undefined ? undefined : JSON.parse(view))
  return parsed.success ? parsed.data.failures : []
}

/** What the page and `status` show of chains and engines. */
function recordedWatch({ now, chains, rpc, engines }: WatchView): unknown {
  const heads = mapped(chains, (head) => ({ head }))
  return {
    now,
    chains: Object.fromEntries(
      Object.entries(heads).map(([name, head]) => [name, { ...head, nodes: rpc[name] ?? [] }]),
    ),
    engines: mapped(engines, ({ paused, quorum, prices }) => ({ paused, quorum, prices })),
  }
}

function mapped<T>(
  record: Readonly<Record<string, Seen<T>>>,
  of: (value: T) => object,
): Readonly<Record<string, object>> {
  return Object.fromEntries(
    Object.entries(record).map(([name, one]) => [
      name,
      one.kind === 'seen' ? of(one.value) : { error: one.reason },
    ]),
  )
}
