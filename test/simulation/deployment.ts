import type { EngineAction } from '../../lib/domain/action.ts'
import type { Intent } from '../../lib/domain/intent.ts'
import { lanePolicy } from '../../lib/domain/lane-follow.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Messenger } from '../../lib/keepers/deliver-alerts.ts'
import { laneId, type LaneWorld, type LeaseToHold } from '../../lib/keepers/lane/lane-world.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { publishPrices } from '../../lib/keepers/publish-prices.ts'
import { type PushRules, pushPrices } from '../../lib/keepers/push-prices.ts'
import { type KeeperRun, runKeeper, runTick } from '../../lib/keepers/run-keeper.ts'
import { sweep } from '../../lib/keepers/sweep.ts'
import type { Chain, Clock, Engine, Intents, Job, Store } from '../../lib/ports.ts'
import { memoryBooks } from '../adapters/positions/memory-books.ts'
import { aProcess, type Process, type Simulation } from './calls.ts'
import type { ChainTruth } from './chain-truth.ts'
import { worthOf } from './fees.ts'
import { markets } from './markets.ts'
import type { Mutant } from './mutant.ts'
import { oracles, pricedIn, quotesFor, signatureOf } from './oracles.ts'
import { pricePush } from './price-push.ts'
import { roundSeconds, sweepSeconds } from './rounds.ts'
import type { Rules } from './rules.ts'
import { seenChain, seenEngine, type Told } from './seen-chain.ts'
import { type Held, seenStore } from './seen-store.ts'
import { accounts, type Registry } from './transactions.ts'

/** What all deployments of a schedule live in. */
export type Surroundings = {
  readonly sim: Simulation
  readonly truths: ReadonlyMap<string, ChainTruth>
  readonly registry: Registry
  readonly rules: Rules
  readonly mutant: Mutant | undefined
}

export type Table = {
  readonly number: number
  readonly store: Store
  /** What the index of open work said last, by lane. */
  readonly lists: Map<string, readonly Intent[]>
}

const pushRules: PushRules = {
  policy: Object.fromEntries(
    markets.map((market) => [market, { deviationBps: 10, heartbeatSeconds: 25 }]),
  ),
  quorum: {},
  agreeWithinBps: {},
  roundSeconds,
  collectMs: 300,
  nodes: oracles.length,
}

/** A process of a deployment with the keepers in it. */
export type Worker = {
  readonly process: Process
  work(job: Job): Promise<void>
}

export function aWorker(
  around: Surroundings,
  table: Table,
  number: number,
  onEnd: () => void,
): Worker {
  const { sim } = around
  const process = aProcess(sim, number, onEnd)
  const ports = portsOf(around, table, process)
  const { clock, store, engines } = ports
  const lanes = lanesOf(around, ports, process.name)
  const messenger = messengerOf(ports)
  // Which of a chain's accounts sends prices was changed lately: not every process has the newer file.
  const preferred = (number + Math.floor(number / 1_000)) % 2
  const laneBy = (engine: string): LaneWorld => {
    const ours = lanes.filter(({ chain }) => chain.name === engine)
    const lane = ours[preferred] ?? ours[0]
    if (!lane) throw new RangeError(`there is no lane for ${engine}`)
    return lane
  }
  const perform = performer({
    ports: { clock, store, engines, oracles, positions: memoryBooks(store, clock) },
    laneOf: laneBy,
    messenger,
    notify: silent,
  })
  const { name: worker } = process
  const run: KeeperRun = { clock, store, worker, notify: silent, maxLateMs: 60_000, perform }
  const push = pushPrices({ clock, store, engines, peers: [], laneOf: laneBy, rules: pushRules })
  const publish = (node: string) =>
    publishPrices({
      clock,
      store,
      quotes: quotesFor(sim.plan, node, process),
      ...pricedIn(sim.plan),
    })

  return {
    process,
    async work({ job, subject, slot }) {
      const until = timestamp(clock.now() + sim.plan.slotMs)
      const seconds = job === 'deliver-outbox' ? sweepSeconds : roundSeconds
      const at = { subject, slot, slotAt: timestamp(slot * seconds * 1000), until }
      switch (job) {
        case 'push-prices':
          await runKeeper(run, push, at)
          return
        case 'publish-prices':
          await runKeeper(run, publish(subject), at)
          return
        default:
          await runTick(run, { ...at, job }, async () => sweep({ lanes, messenger }))
      }
    },
  }
}

type ProcessPorts = {
  readonly clock: Clock
  readonly store: Store
  readonly chains: Readonly<Record<string, Chain>>
  readonly engines: Readonly<Record<string, Engine>>
}

/** What is outside, as this process reaches it. */
export function portsOf(around: Surroundings, table: Table, process: Process): ProcessPorts {
  const { mutant } = around
  const name = `table ${table.number}`
  const held: Held = new Map()
  const seen = seenStore(process, table.store, { name, lists: table.lists, held })
  const told = new Map<string, Told>()
  const chains: Record<string, Chain> = {}
  const engines: Record<string, Engine> = {}
  for (const [kind, truth] of around.truths) {
    const mine: Told = []
    told.set(kind, mine)
    const anyFee = mutant?.feeCap === false
    const of = { ...around, process, truth, table: table.number, held, anyFee }
    const chain = seenChain(of)
    const engine = seenEngine({
      ...of,
      told: mine,
      signatureOf: (node, round) => signatureOf(around.sim.plan, node, round),
    })
    chains[kind] = mutant?.chain?.(chain) ?? chain
    engines[kind] = mutant?.engine?.(engine) ?? engine
  }
  const intents = checkedIntents(around, { intents: seen.intents, told, process: process.name })
  return {
    clock: { now: () => timestamp(process.now()), sleep: process.sleep },
    store: { ...seen, intents },
    chains,
    engines,
  }
}

/** One lane for each account that sends on a chain, as the runtime makes them. */
export function lanesOf(
  { sim, truths, mutant }: Surroundings,
  { clock, store, chains, engines }: ProcessPorts,
  worker: string,
): readonly LaneWorld[] {
  let holds = 0
  return Object.entries(chains).flatMap(([name, chain]) => {
    const senders = accounts.slice(0, truths.get(name)?.plan.accounts)
    const leaseOf = (): LeaseToHold | undefined => {
      if (chain.kind !== 'starknet') return undefined
      holds += 1
      return { name: `engine/${name}/0x5a`, holder: `${worker} ${holds}` }
    }
    return senders.map((account) => {
      const lane: LaneWorld = {
        id: laneId(name, account),
        account,
        chain,
        engines: { [name]: engines[name] as Engine },
        store,
        clock,
        policy: { ...lanePolicy, ...mutant?.policy },
        ...(senders.length > 1 && { leaseOf }),
        ...(sim.plan.thrifty && { worthOf: worthBy(truths) }),
        slotAt: ({ round }) => timestamp(round * sim.plan.roundSeconds * 1000),
        notify: silent,
      }
      return mutant?.lane?.(lane) ?? lane
    })
  })
}

function worthBy(truths: Surroundings['truths']) {
  return ({ engine, updates }: EngineAction): bigint | undefined => {
    const truth = truths.get(engine)
    return truth && worthOf(truth.kind, updates.length)
  }
}

/** Nobody is to be told of anything: alerts are not what is simulated. */
export function messengerOf({ clock, store }: ProcessPorts): Messenger {
  const routes = { info: [], warning: [], critical: [] }
  return {
    clock,
    incidents: store.incidents,
    desk: store.desk,
    rules: {},
    channels: {},
    routing: { network: 'simulated', routes, fallback: [] },
    notify: silent,
  }
}

/** Nobody listens: losing a notice loses nothing but words. */
function silent(): void {}

/** What is decided must follow from what the process was told: prices that are newer, and enough true reports. */
function checkedIntents(
  { rules, mutant }: Surroundings,
  of: {
    readonly intents: Intents
    readonly told: ReadonlyMap<string, Told>
    readonly process: string
  },
): Intents {
  const { intents, told, process } = of
  let attempts = 0
  return {
    ...intents,
    add(intent) {
      const { engine, updates } = pricePush(intent.action)
      const known = told.get(engine) ?? []
      for (const { market: name, reports } of updates) {
        const at = Math.min(...reports.map(({ observedAt }) => observedAt))
        if (!known.some((prices) => (prices[name]?.publishedAt ?? 0) < at))
          rules.broken('a price not newer than the posted one', intent.id)
        const good = reports.filter(({ signatures }) => signatures[engine]?.signature[0] === '0x01')
        if (good.length < reports.length || good.length < 2)
          rules.broken('too few reports, or forged ones', intent.id)
      }
      attempts += 1
      const attempt = `${process}-${attempts}`
      return intents.add(mutant?.intent?.(intent, attempt) ?? intent)
    },
  }
}
