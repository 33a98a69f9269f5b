import type { TaskClass } from '../../domain/task.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import { accountScan } from '../../keepers/account-scan.ts'
import { applyInterests } from '../../keepers/apply-interests.ts'
import { keepBooks } from '../../keepers/books/keep-books.ts'
import { chainDoubts } from '../../keepers/chain-doubts.ts'
import { deleverage } from '../../keepers/deleverage.ts'
import type { Messenger } from '../../keepers/deliver-alerts.ts'
import { indexPositions } from '../../keepers/index-positions/index-positions.ts'
import type { KeeperSlot } from '../../keepers/keeper.ts'
import type { LaneWorld } from '../../keepers/lane/lane-world.ts'
import { NoLaneError } from '../../keepers/lane/no-lane-error.ts'
import { liquidate } from '../../keepers/liquidate.ts'
import type { Notify } from '../../keepers/notice.ts'
import { performer } from '../../keepers/perform.ts'
import { proveBatches } from '../../keepers/prove/prove-batches.ts'
import type { ProveWorld } from '../../keepers/prove/prove-world.ts'
import { publishPrices } from '../../keepers/publish-prices.ts'
import { pushPrices } from '../../keepers/push-prices.ts'
import { type KeeperRun, runKeeper, runTick, type TickEnd } from '../../keepers/run-keeper.ts'
import { settleFunding } from '../../keepers/settle-funding.ts'
import { sweep } from '../../keepers/sweep.ts'
import { updateExchangeTime } from '../../keepers/update-exchange-time.ts'
import { tellUptime } from '../../keepers/watch/tell-uptime.ts'
import { watchLiveness } from '../../keepers/watch/watch-liveness.ts'
import { watchSystems } from '../../keepers/watch/watch-systems.ts'
import type { Job } from '../../ports.ts'
import type { World } from '../compose.ts'
import { type JobName, jobNames } from '../network/job-names.ts'
import { channelRules } from './channel-rules.ts'
import { feeMarkets } from './fee-markets.ts'
import { configHashes } from './feeds-of.ts'
import { fundingSettings } from './funding-settings.ts'
import { exchangeTimeSettings, interestSettings } from './interest-settings.ts'
import { laneLeftBehind, lanesOf, type SendingLane, slotBy } from './lanes.ts'
import { deleverageSettings, liquidationSettings } from './liquidation-settings.ts'
import { provenBy } from './proven-by.ts'
import { provingRules } from './proving-rules.ts'
import { pushRules } from './push-rules.ts'
import { schedulesOf } from './schedules.ts'
import { tellSettings } from './uptime-feeds.ts'
import { watchRules } from './watch-rules.ts'

export type Workers = {
  readonly lanes: readonly LaneWorld[]
  readonly messenger: Messenger
  /** Does one slot of one job, and is done by `until`, or soon after `signal`. Throws where the deployment has no such job. */
  work(job: Job, until: Timestamp, signal?: AbortSignal): Promise<TickEnd>
}

/** A slot that begins later than this is left to the next one, whatever its job's own length. */
const maxLateMs = 60_000

/** Everything that does a network's work. */
export function workersOf(
  world: World,
  { notify, worker }: { readonly notify: Notify; readonly worker: string },
): Workers {
  const { network, ports } = world
  const { clock, store } = ports
  const lanes = lanesOf(world, notify)
  const leftBehind = {
    store,
    laneOf: (id: string) => laneLeftBehind(world, { id, slotAt: slotBy(network), notify }),
  }
  const messenger = messengerOf(world, notify)
  const prove: ProveWorld = {
    clock,
    store,
    blobs: ports.blobs,
    sidecars: ports.sidecars,
    chains: ports.chains,
    proving: ports.proving,
    rules: provingRules(network),
    random: Math.random,
  }
  const perform = performer({
    ports,
    laneOf: laneBy(lanes),
    messenger,
    notify,
    prove,
    lifeline: ports.lifeline,
  })
  const schedules = schedulesOf(network)
  const scan = accountScan(ports.openScan)
  const runs = (job: JobName, engine: string): boolean =>
    schedules.some((one) => one.job === job && one.subjects.includes(engine))
  const doubts = chainDoubts(store, {
    clock,
    provenBy: provenBy(network),
    chainOf: Object.fromEntries(
      Object.entries(network.engines).map(([name, { chain }]) => [name, chain]),
    ),
  })
  const run: KeeperRun = { clock, store, worker, notify, maxLateMs, perform }

  const keepers = {
    'publish-prices': publishPrices({
      clock,
      quotes: ports.quotes,
      store,
      feeds: world.feeds,
      configHashes: configHashes(world.feeds),
    }),
    'push-prices': pushPrices({
      clock,
      store,
      engines: ports.engines,
      peers: ports.peers,
      laneOf: laneBy(lanes),
      rules: pushRules(network),
    }),
    'settle-funding': settleFunding({
      clock,
      store,
      orderBooks: ports.orderBooks,
      engines: ports.engines,
      nodes: network.oracles.map(({ name }) => name),
      laneOf: laneBy(lanes),
      settings: fundingSettings(network),
      doubts,
    }),
    'update-exchange-time': updateExchangeTime({
      clock,
      store,
      engines: ports.engines,
      laneOf: laneBy(lanes),
      settings: exchangeTimeSettings(network),
    }),
    'apply-interests': applyInterests({
      clock,
      store,
      books: ports.positions,
      engines: ports.engines,
      laneOf: laneBy(lanes),
      settings: interestSettings(network),
      doubts,
    }),
    'index-positions': indexPositions({
      clock,
      store,
      books: ports.positions,
      chains: ports.chains,
      engines: ports.engines,
      shares: network.jobs['index-positions']?.checkSlots ?? 1,
    }),
    liquidate: liquidate({
      clock,
      store,
      books: ports.positions,
      scan,
      engines: ports.engines,
      laneOf: laneBy(lanes),
      everySeconds: network.jobs.liquidate?.everySeconds ?? 1,
      settings: liquidationSettings(network),
      runs,
      doubts,
      nodes: network.oracles.map(({ name }) => name),
      feeMarkets: feeMarkets(network),
    }),
    'keep-books': keepBooks({
      clock,
      store,
      engines: ports.engines,
      chains: ports.chains,
      nodes: network.oracles.map(({ name }) => name),
      laneOf: laneBy(lanes),
      feeMarkets: feeMarkets(network),
    }),
    deleverage: deleverage({
      clock,
      store,
      books: ports.positions,
      scan,
      engines: ports.engines,
      laneOf: laneBy(lanes),
      everySeconds: network.jobs.deleverage?.everySeconds ?? 1,
      settings: deleverageSettings(network),
      runs,
      doubts,
    }),
    'prove-batches': proveBatches(prove),
    'watch-systems': watchSystems({
      clock,
      store,
      watched: ports.watched,
      nodes: network.oracles.map(({ name }) => name),
    }),
    'watch-liveness': watchLiveness({
      clock,
      store,
      chains: ports.chains,
      engines: ports.engines,
      nodes: network.oracles.map(({ name }) => name),
      lanes: lanes.map(({ id, account, chain }) => ({ id, account, chain: chain.name })),
      jobs: schedules.flatMap(({ job, subjects }) => subjects.map((subject) => ({ job, subject }))),
      rules: watchRules(network),
    }),
    'tell-uptime': tellUptime({
      clock,
      store,
      feeds: ports.uptimeFeeds,
      laneOf: laneBy(lanes),
      settings: tellSettings(network),
    }),
  }

  function slotOf({ job, subject, slot }: Job): Pick<KeeperSlot, 'subject' | 'slot' | 'slotAt'> {
    const schedule = schedules.find((one) => one.job === job && one.subjects.includes(subject))
    if (!schedule) throw new UnknownJobError(job, subject)
    const slotAt = timestamp(slot * schedule.everySeconds * 1000 + schedule.offsetMs)
    return { subject, slot, slotAt }
  }

  return {
    lanes,
    messenger,
    async work(job, until, signal) {
      const slot = { ...slotOf(job), until, signal }
      const name = jobNames.find((known) => known === job.job)
      if (!name) throw new UnknownJobError(job.job, job.subject)
      return await begin(name, slot)
    },
  }

  async function begin(name: JobName, slot: KeeperSlot): Promise<TickEnd> {
    switch (name) {
      case 'publish-prices':
        return await runKeeper(run, keepers[name], slot)
      case 'push-prices':
        return await runKeeper(run, keepers[name], slot)
      case 'settle-funding':
        return await runKeeper(run, keepers[name], slot)
      case 'update-exchange-time':
        return await runKeeper(run, keepers[name], slot)
      case 'apply-interests':
        return await runKeeper(run, keepers[name], slot)
      case 'index-positions':
        return await runKeeper(run, keepers[name], slot)
      case 'liquidate':
        return await runKeeper(run, keepers[name], slot)
      case 'deleverage':
        return await runKeeper(run, keepers[name], slot)
      case 'prove-batches':
        return await runKeeper(run, keepers[name], slot)
      case 'watch-systems':
        return await runKeeper(run, keepers[name], slot)
      case 'watch-liveness':
        return await runKeeper(run, keepers[name], slot)
      case 'tell-uptime':
        return await runKeeper(run, keepers[name], slot)
      case 'keep-books':
        return await runKeeper(run, keepers[name], slot)
      case 'deliver-outbox':
        return await runTick(run, { ...slot, job: name }, async () =>
          sweep({ lanes, leftBehind, messenger }),
        )
    }
  }
}

function messengerOf({ network, ports }: World, notify: Notify): Messenger {
  const { subjects, routes, fallback } = network.alerts
  return {
    clock: ports.clock,
    incidents: ports.store.incidents,
    desk: ports.store.desk,
    channels: ports.alerts,
    rules: channelRules(network),
    routing: { network: network.network, subjects, routes, fallback },
    notify,
  }
}

function laneBy(lanes: readonly SendingLane[]): (engine: string, task: TaskClass) => LaneWorld {
  return (engine, task) => {
    const lane = lanes.find(
      ({ engines, tasks }) => Object.hasOwn(engines, engine) && tasks.includes(task),
    )
    if (!lane) throw new NoLaneError(engine)
    return lane
  }
}

/** A message names a job that this deployment does not run. */
export class UnknownJobError extends Error {
  override readonly name = 'UnknownJobError'

  constructor(job: string, subject: string) {
    super(`this deployment does not run ${job} of ${subject}; its network file decides that`)
  }
}
