import type { TaskClass } from '../../domain/task.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import { accountScan } from '../../keepers/account-scan.ts'
import type { Messenger } from '../../keepers/deliver-alerts.ts'
import { guarded } from '../../keepers/govern/guarded.ts'
import type { Keeper, KeeperSlot } from '../../keepers/keeper.ts'
import type { LaneWorld } from '../../keepers/lane/lane-world.ts'
import { NoLaneError } from '../../keepers/lane/no-lane-error.ts'
import type { Notify } from '../../keepers/notice.ts'
import { performer } from '../../keepers/perform.ts'
import { runKeeper, runTick, type TickEnd, type Under } from '../../keepers/run-keeper.ts'
import type { Gate } from '../../keepers/shadow/decide-beside.ts'
import { sweep } from '../../keepers/sweep.ts'
import type { Job } from '../../ports.ts'
import { codeVersion } from '../code-version.ts'
import type { World } from '../compose.ts'
import { type JobName, jobNames } from '../network/job-names.ts'
import { onceEach } from '../once-each.ts'
import {
  differsHere,
  type NetworkUnder,
  setsInUse,
  type SetsInUse,
} from '../parameters/sets-in-use.ts'
import { channelRules } from './channel-rules.ts'
import { governanceRules } from './governance-rules.ts'
import {
  type KeeperName,
  type KeeperOf,
  type Keepers,
  keepersUnder,
  proveWorld,
} from './keepers-under.ts'
import { laneLeftBehind, lanesOf, type SendingLane, slotBy } from './lanes.ts'
import { schedulesOf } from './schedules.ts'

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
  const laneOf = laneBy(lanes)
  const schedules = schedulesOf(network)
  const sets = setsInUse(network, store)
  const parts = {
    ports,
    laneOf,
    lanes: lanes.map(({ id, account, chain }) => ({ id, account, chain: chain.name })),
    scan: accountScan(ports.openScan),
    sets,
  }
  const governor = { clock, store, rules: governanceRules(network) }
  const done = { clock, store, worker, notify, maxLateMs, code: codeVersion }
  /** Said once by each process. */
  const told = new Set<string>()

  /** What does the work under one set, and what decides beside it. */
  const staffUnder = onceEach(
    ({ active, shadow }: SetsInUse) => `${active.hash} ${shadow?.hash ?? ''}`,
    async ({ active, shadow }) => ({
      keepers: keepersUnder(parts, active.network, shadow ? [shadow.network] : []),
      beside: shadow && keepersUnder(parts, shadow.network),
      perform: performer({
        ports,
        laneOf,
        messenger,
        notify,
        prove: proveWorld(ports, active.network),
        governance: governor.rules,
        lifeline: ports.lifeline,
      }),
    }),
  )

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
    if (name === 'deliver-outbox')
      return await runTick(done, { ...slot, job: name }, async () =>
        sweep({ lanes, leftBehind, messenger }),
      )
    const using = await inUse(slot)
    if (using.kind === 'unknown')
      // The slot says so: nobody decides by parameters that nobody knows.
      return await runTick(done, { ...slot, job: name }, async () => {
        throw using.error
      })
    const { keepers, beside, perform } = await staffUnder(using.sets)
    return await underway(name, { keepers, beside }, async (keeper, other) =>
      runKeeper({ ...done, perform }, keeper, slot, underOf(using.sets, other)),
    )
  }

  async function inUse({ slotAt }: KeeperSlot) {
    try {
      const using = await sets.at(slotAt)
      tell(differsHere(using.active))
      tell(using.withoutCandidate)
      return { kind: 'known', sets: using } as const
    } catch (error) {
      return { kind: 'unknown', error } as const
    }
  }

  function underOf<View>(
    { active, shadow, isOnProbation }: SetsInUse,
    keeper: Keeper<View> | undefined,
  ): Under<View> {
    return {
      parameters: active.hash,
      ...(shadow && keeper && { shadow: { kind: shadow.kind, parameters: shadow.hash, keeper } }),
      ...(isOnProbation && { gate: gateOf(active) }),
    }
  }

  function gateOf({ set }: NetworkUnder): Gate {
    return {
      mostBps: network.parameters.guards.mostBps,
      tripped: async (why) => {
        await guarded(governor, { kind: 'take-back', of: set?.number ?? 0, why })
      },
    }
  }

  function tell(message: string | undefined): void {
    if (message === undefined || told.has(message)) return
    told.add(message)
    notify({ kind: 'trouble', at: clock.now(), where: 'parameters', message })
  }
}

/** The job's own keeper, and the one of the same views that decides beside it. */
async function underway<Name extends KeeperName>(
  name: Name,
  { keepers, beside }: { readonly keepers: Keepers; readonly beside: Keepers | undefined },
  run: (keeper: KeeperOf<Name>, beside: KeeperOf<Name> | undefined) => Promise<TickEnd>,
): Promise<TickEnd> {
  return await run(keepers[name], beside?.[name])
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
