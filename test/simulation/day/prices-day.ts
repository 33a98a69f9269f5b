import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import type { Keeper } from '../../../lib/keepers/keeper.ts'
import { performer } from '../../../lib/keepers/perform.ts'
import type { Schedule } from '../../../lib/keepers/plan-ticks.ts'
import { publishPrices } from '../../../lib/keepers/publish-prices.ts'
import { pushPrices, type PushRules } from '../../../lib/keepers/push-prices.ts'
import { type KeeperRun, runKeeper, runTick } from '../../../lib/keepers/run-keeper.ts'
import { sweep } from '../../../lib/keepers/sweep.ts'
import { watchLiveness, type WatchWorld } from '../../../lib/keepers/watch/watch-liveness.ts'
import type { WatchRules } from '../../../lib/keepers/watch/watch-view.ts'
import type { Engine, Job, Store } from '../../../lib/ports.ts'
import { memoryBooks } from '../../adapters/positions/memory-books.ts'
import { aProcess, type Simulation } from '../calls.ts'
import { chainTruth } from '../chain-truth.ts'
import {
  lanesOf,
  messengerOf,
  portsOf,
  type Surroundings,
  type Table,
  type Worker,
} from '../deployment.ts'
import { happen } from '../events.ts'
import { aDeployment } from '../mail.ts'
import { oracles } from '../oracles.ts'
import { start, sweepSeconds } from '../rounds.ts'
import { rules } from '../rules.ts'
import { everyBlock, planTicks } from '../simulate.ts'
import { watchedTable } from '../table.ts'
import { accounts, registry } from '../transactions.ts'
import { virtualTime } from '../virtual-time.ts'
import { dayFeeds, dayHashes, type DayMarket, dayMarket, listed } from './day-market.ts'
import { dayPlan, hourMs, slotSeconds } from './day-plan.ts'
import { type DayBook, type Followed, followed } from './followed.ts'

const pushRules: PushRules = {
  policy: Object.fromEntries(
    listed.map((market) => [market, { deviationBps: 5, heartbeatSeconds: 20 }]),
  ),
  quorum: {},
  agreeWithinBps: Object.fromEntries(listed.map((market) => [market, 50])),
  roundSeconds: slotSeconds,
  collectMs: 300,
  nodes: oracles.length,
}

const watchSeconds = 15

const nodes = oracles.map(({ node }) => node)
const engines = ['evm', 'starknet'] as const

const watchRules: WatchRules = {
  chains: {
    evm: { blockSeconds: 2, stallFactor: 5 },
    starknet: { blockSeconds: 3, stallFactor: 5 },
  },
  engines: Object.fromEntries(engines.map((name) => [name, listed])),
  legs: { 'USDT-USD': 100 },
  booked: {},
  proving: {},
  numbers: watchNumbers,
  systems: {},
  packs: false,
  historyUnpackedMs: 3 * hourMs,
  showsLife: false,
  links: { engines: { evm: 'evm', starknet: 'starknet' }, proving: {}, provers: {}, systems: {} },
  epochSeconds: {},
  timed: [],
  everySeconds: {
    'publish-prices': slotSeconds,
    'push-prices': slotSeconds,
    'watch-liveness': watchSeconds,
  },
  maxPushAgeMs: Object.fromEntries(listed.map((market) => [market, 60_000])),
  maxTransactionMs: 90_000,
  gasMoneyDays: 3,
  gasMoneyTransactions: 100,
  noPriceMs: 45_000,
  venueDownMs: 120_000,
  venueFrozenMs: 60_000,
  fundFloorUsd: 10_000,
  fundDays: 3,
  missedPercent: 50,
  booksBehindMs: 900_000,
  plannerSilentSlots: 3,
  oracleMissingRounds: 2,
}

const schedules: readonly Schedule[] = [
  { job: 'publish-prices', subjects: nodes, everySeconds: slotSeconds, offsetMs: 0 },
  { job: 'push-prices', subjects: engines, everySeconds: slotSeconds, offsetMs: 1_000 },
  { job: 'watch-liveness', subjects: ['network'], everySeconds: watchSeconds, offsetMs: 3_000 },
  { job: 'deliver-outbox', subjects: ['network'], everySeconds: sweepSeconds, offsetMs: 4_000 },
]

/** What happened to the chains, by kind, and a rule of the simulation that was broken. */
export type PricesDay = {
  readonly happened: Readonly<Record<string, number>>
  readonly violation: { readonly rule: string; readonly what: string } | undefined
}

/** Two oracle nodes, two exchanges on two chains, the watch over all, and whatever goes wrong in that many hours. */
export async function pricesDay(
  book: DayBook,
  asked: { readonly seed: number; readonly hours: number; readonly onHour: (hour: number) => void },
): Promise<PricesDay> {
  const { seed, hours, onHour } = asked
  const plan = dayPlan(seed, hours)
  const time = virtualTime(start)
  const happened: Record<string, number> = {}
  const sim: Simulation = {
    plan,
    time,
    troubled: true,
    out: new Set(),
    frozen: 0,
    pushes: 0,
    happens(id) {
      const kind = kindIn(id)
      happened[kind] = (happened[kind] ?? 0) + 1
      return true
    },
    trace: undefined,
  }
  const signed = registry()
  const truths: Surroundings['truths'] & Map<string, ReturnType<typeof chainTruth>> = new Map()
  const kept = rules({
    registry: signed,
    chainOf: (lane) => lane.slice(0, lane.indexOf('/')),
    truths,
    outsiders: true,
    thrifty: false,
    deep: true,
    apart: false,
  })
  for (const chain of plan.chains)
    truths.set(
      chain.kind,
      chainTruth({ plan: chain, time, registry: signed, witness: kept.witness(chain.kind) }),
    )
  const around: Surroundings = { sim, truths, registry: signed, rules: kept, mutant: undefined }
  const clock = { now: () => timestamp(time.now()), sleep: async () => undefined }
  const following = followed(book, clock, keeperAgain)
  const store = watchedTable({ table: 0, time, rules: kept, change: undefined })
  const table: Table = {
    number: 0,
    store: { ...store, history: following.history },
    lists: new Map(),
  }
  const market = dayMarket(seed)
  const deployment = aDeployment(around, table, 0, (_around, _table, number, onEnd) =>
    aDayWorker({ around, table, market, following }, number, onEnd),
  )
  for (const truth of truths.values()) everyBlock(sim, truth)
  const until = start + hours * hourMs
  planTicks({ around, deployments: [deployment] }, { schedules, from: start, until })
  for (const event of plan.events)
    time.after(event.at, () => {
      const truth = truths.get(engines[event.chain] ?? 'evm')
      if (truth && sim.happens(`${event.id}: ${event.kind} of ${truth.kind}`))
        happen(sim, truth, event)
      return false
    })
  for (let hour = 1; hour <= hours * parts; hour += 1) {
    await time.run(() => time.now() >= start + (hour * hourMs) / parts)
    // Some troubles would not end by themselves.
    for (const truth of truths.values()) {
      truth.reverts = () => undefined
      truth.refused.clear()
    }
    await following.replay()
    onHour(hour / parts)
  }
  return { happened, violation: kept.violation() }
}

/** Slots of a quarter of an hour fit well into memory. */
const parts = 4

/** `p3 call 7 (head): lag 0.2`, `event 4: reorg of evm`, `d0 message 7 (push-prices 1) is lost`. */
function kindIn(id: string): string {
  return (
    /^event \d+: ([a-z-]+) /.exec(id)?.[1] ??
    /: ([a-z-]+) [\d.]+$/.exec(id)?.[1] ??
    /(is lost|is late|comes twice)$/.exec(id)?.[1] ??
    id
  )
}

type DayWorld = {
  readonly around: Surroundings
  readonly table: Table
  readonly market: DayMarket
  readonly following: Followed
}

function aDayWorker(
  { around, table, market, following }: DayWorld,
  number: number,
  onEnd: () => void,
): Worker {
  const { sim } = around
  const process = aProcess(sim, number, onEnd)
  const ports = portsOf(around, table, process)
  const { clock, store, chains } = ports
  const signing = Object.fromEntries(
    Object.entries(ports.engines).map(([name, engine]) => [name, signedBy(engine, market)]),
  )
  const lanes = lanesOf(around, { ...ports, engines: signing }, process.name)
  const messenger = messengerOf(ports)
  const laneOf = (engine: string) => {
    const lane = lanes.find(({ chain }) => chain.name === engine)
    if (!lane) throw new RangeError(`there is no lane for ${engine}`)
    return lane
  }
  const perform = performer({
    ports: { clock, store, engines: signing, oracles, positions: memoryBooks(store, clock) },
    laneOf,
    messenger,
    notify,
  })
  const run: KeeperRun = {
    clock,
    store,
    worker: process.name,
    notify,
    maxLateMs: 60_000,
    perform,
    code: async () => 'day',
  }
  const push = following.keeper(
    pushPrices({ clock, store, engines: signing, peers: [], laneOf, rules: pushRules }),
  )
  const watch = following.keeper(
    watchLiveness({ ...watchWorld(store), clock, chains, engines: signing }),
  )
  const publish = (node: string) =>
    following.keeper(
      publishPrices({
        clock,
        store,
        quotes: market.quotesFor(node, process),
        feeds: dayFeeds,
        configHashes: dayHashes,
      }),
    )

  return {
    process,
    async work({ job, subject, slot }: Job) {
      const until = timestamp(clock.now() + sim.plan.slotMs)
      const schedule = schedules.find((one) => one.job === job)
      const slotAt = timestamp(slot * (schedule?.everySeconds ?? 1) * 1_000)
      const at = { subject, slot, slotAt, until }
      switch (job) {
        case 'push-prices':
          await runKeeper(run, push, at, { parameters: 'day' })
          return
        case 'publish-prices':
          await runKeeper(run, publish(subject), at, { parameters: 'day' })
          return
        case 'watch-liveness':
          await runKeeper(run, watch, at, { parameters: 'day' })
          return
        default:
          await runTick(run, { ...at, job }, async () => sweep({ lanes, messenger }))
      }
    },
  }
}

function signedBy(engine: Engine, market: DayMarket): Engine {
  return {
    ...engine,
    signAll: async (reports, { node }) =>
      reports.map(({ round }) => ({
        signer: `0x${node.slice(1)}a`,
        signature: [market.isForged(node, round) ? '0x00' : '0x01'],
      })),
  }
}

function watchWorld(store: Store): Omit<WatchWorld, 'clock' | 'chains' | 'engines'> {
  const [account] = accounts
  return {
    store,
    nodes,
    lanes: engines.map((chain) => ({ id: `${chain}/${account}`, account, chain })),
    jobs: schedules
      .filter(({ job }) => job !== 'deliver-outbox')
      .flatMap(({ job, subjects }) => subjects.map((subject) => ({ job, subject }))),
    rules: watchRules,
  }
}

/** With nothing to ask: what decides must be in the view. */
function keeperAgain({ keeper }: { readonly keeper: string }): Keeper<never> {
  const nothing = undefined as never
  switch (keeper) {
    case 'publish-prices':
      return publishPrices({
        clock: nothing,
        quotes: nothing,
        store: nothing,
        feeds: dayFeeds,
        configHashes: dayHashes,
      }) as Keeper<never>
    case 'push-prices':
      return pushPrices({
        clock: nothing,
        store: nothing,
        engines: nothing,
        peers: nothing,
        laneOf: nothing,
        rules: pushRules,
      }) as Keeper<never>
    case 'watch-liveness':
      return watchLiveness({
        clock: nothing,
        store: nothing,
        chains: nothing,
        engines: nothing,
        nodes: nothing,
        lanes: nothing,
        jobs: nothing,
        rules: watchRules,
      }) as Keeper<never>
    default:
      throw new RangeError(`nobody does ${keeper} here`)
  }
}

/** Nobody listens: losing a notice loses nothing but words. */
function notify(): void {}
