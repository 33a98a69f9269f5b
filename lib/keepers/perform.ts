import type {
  Action,
  AdvanceBatches,
  EngineAction,
  KeepReports,
  SettleBatch,
} from '../domain/action.ts'
import { type Piece, piecesOf } from '../domain/liquidation/apart.ts'
import type { Market } from '../domain/market.ts'
import type { GovernanceRules } from '../domain/parameters/governance.ts'
import type { GuardCommand } from '../domain/parameters/guard-command.ts'
import type { Batch } from '../domain/proving/batch.ts'
import { settleIntent } from '../domain/proving/settle-intent.ts'
import type { Report, SignedReport } from '../domain/report.ts'
import { type TaskClass, taskOf } from '../domain/task.ts'
import { timestamp, type Timestamp } from '../domain/time.ts'
import { tellIntent } from '../domain/watch/uptime-report.ts'
import type { Engine, Lifeline, OracleKeys, Ports } from '../ports.ts'
import { storeBooks } from './books/store-books.ts'
import { deliverAlerts, type Messenger } from './deliver-alerts.ts'
import { exactJson } from './exact-json.ts'
import { guarded } from './govern/guarded.ts'
import { keepPositions } from './index-positions/keep-positions.ts'
import type { KeeperSlot } from './keeper.ts'
import { driveLane } from './lane/drive-lane.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import { messageOf } from './message-of.ts'
import type { Notify } from './notice.ts'
import { performPacking } from './pack-history.ts'
import { performBatches } from './prove/perform-batches.ts'
import { type ProveWorld, UnknownProvingLaneError } from './prove/prove-world.ts'
import { raiseIncidents } from './raise-incidents.ts'
import { fundingIntent } from './settle-funding.ts'

export type Perform = (action: Action, slot: KeeperSlot) => Promise<void>

export type PerformWorld = {
  readonly ports: Pick<Ports, 'clock' | 'store' | 'engines' | 'oracles' | 'positions'>
  /** The lane that sends for an engine. */
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  readonly messenger: Messenger
  readonly notify: Notify
  /** Absent where nobody outside waits for a sign of life. */
  readonly lifeline?: Lifeline | undefined
  /** Absent where nothing is proved. */
  readonly prove?: ProveWorld
  /** How careful the network is with its parameters; absent where nobody looks after them. */
  readonly governance?: GovernanceRules
}

/**
 * How long work is worth sending. After a minute a newer price is; funding is due until its epoch is over, and late then; what
 * interest comes to changes with positions and prices; who is to be liquidated is decided anew in every slot.
 */
const lifeMs = {
  'push-prices': 60_000,
  'settle-funding': 600_000,
  'update-exchange-time': 600_000,
  'apply-interests': 120_000,
  liquidate: 30_000,
  deleverage: 30_000,
} as const

/** Nothing is begun for a batch that could not be ended in the slot: a prover takes some seconds to take one. */
const effectMs = 5_000

/** Does what was decided. Repeating an action that was done, or half done, changes nothing more. */
export function performer(world: PerformWorld): Perform {
  return async (action, slot) => {
    switch (action.kind) {
      case 'publish-reports':
        return await publish(world, action)
      case 'report-findings':
        if (action.measures)
          world.notify({
            kind: 'measured',
            at: world.ports.clock.now(),
            measures: action.measures,
          })
        await raiseIncidents(world.messenger, action)
        return await deliverAlerts(world.messenger)
      case 'keep-reports':
        return await keep(world, action)
      case 'keep-positions':
        return await keepPositions(world.ports, action)
      case 'keep-books': {
        const rows = await storeBooks(world.ports.store, action)
        const { engine, cursor } = action
        world.notify({ kind: 'booked', at: world.ports.clock.now(), engine, rows, cursor })
        return undefined
      }
      case 'keep-uptimes':
        for (const uptime of action.uptimes) await world.ports.store.uptimes.write(uptime)
        return undefined
      case 'show-life':
        return await showLife(world, action.text)
      case 'keep-memory':
        await world.ports.store.systems.write(action.memory)
        return undefined
      case 'govern':
        return await govern(world, action.command)
      case 'pack-history':
        return await performPacking(world.ports, action.due, slot)
      case 'vote-funding': {
        const { engine, epoch, vote } = action
        await world.ports.store.fundingVotes.cast(engine, epoch, vote)
        return undefined
      }
      case 'note-peers':
        return await note(world, action, slot)
      case 'advance-batches':
        return await advance(world, action, slot)
      case 'push-prices':
      case 'settle-funding':
      case 'update-exchange-time':
      case 'apply-interests':
      case 'liquidate':
      case 'deleverage':
      case 'settle-batch':
      case 'tell-uptime':
        return await send(world, action, slot)
    }
  }
}

async function govern(
  { ports: { clock, store }, governance: rules }: PerformWorld,
  command: GuardCommand | undefined,
): Promise<void> {
  if (rules) await guarded({ clock, store, rules }, command)
}

/** Who waits for it outside notices by itself where it does not come: a look is not undone by that. */
async function showLife({ ports, lifeline, notify }: PerformWorld, text: string): Promise<void> {
  try {
    await lifeline?.show(text)
  } catch (error) {
    const at = ports.clock.now()
    notify({ kind: 'trouble', at, where: 'the sign of life', message: messageOf(error) })
  }
}

async function advance(
  world: PerformWorld,
  action: AdvanceBatches,
  slot: KeeperSlot,
): Promise<void> {
  const { ports, prove, notify } = world
  if (!prove) throw new UnknownProvingLaneError(action.lane)
  const { clock } = ports
  const performing = {
    ...prove,
    send: async (settle: SettleBatch) => send(world, settle, slot),
    tell: (batch: Batch) => notify({ kind: 'batch', at: clock.now(), batch }),
    isOver: () => slot.signal?.aborted === true || clock.now() + effectMs >= slot.until,
  }
  await performBatches(performing, action)
}

async function publish(
  { ports, notify }: PerformWorld,
  action: Extract<Action, { kind: 'publish-reports' }>,
): Promise<void> {
  const { node, round, reports, snapshot, qualities } = action
  const keys = ports.oracles.find((one) => one.node === node)
  if (!keys) throw new UnknownNodeError(node)
  const onTrouble = (where: string, error: unknown): void =>
    notify({ kind: 'trouble', at: ports.clock.now(), where, message: messageOf(error) })
  try {
    const signed = await signedBy(Object.values(ports.engines), reports, { keys, onTrouble })
    if (signed.length > 0) await ports.store.reports.publish(node, round, signed)
  } finally {
    // What was seen is known to the next round and to people, whether it could be signed or not.
    await ports.store.prices.write(node, round, snapshot)
    notify({ kind: 'priced', at: ports.clock.now(), node, round, feeds: qualities })
  }
}

/**
 * The reports, each with this node's signature for every engine that lists its feed. An engine whose chain does not answer
 * goes without this round, and keeps no other from it; where none can be signed for, that is an error.
 */
async function signedBy(
  engines: readonly Engine[],
  reports: readonly Report[],
  {
    keys,
    onTrouble,
  }: {
    readonly keys: OracleKeys
    readonly onTrouble: (where: string, error: unknown) => void
  },
): Promise<readonly SignedReport[]> {
  const ends = await Promise.allSettled(
    engines.map(async (engine) => await engine.signAll(reports, keys)),
  )
  const failures = ends.flatMap((end, at) =>
    end.status === 'rejected'
      ? [{ engine: engines[at]?.name ?? '', error: end.reason as unknown }]
      : [],
  )
  const [first] = failures
  if (first && failures.length === engines.length) throw first.error
  for (const { engine, error } of failures) onTrouble(`signing for ${engine}`, error)
  const signed = ends.flatMap((end, at) =>
    end.status === 'fulfilled' ? [{ engine: engines[at]?.name ?? '', signatures: end.value }] : [],
  )
  return reports.map((report, at) => {
    const entries = signed.flatMap(({ engine, signatures }) => {
      const signature = signatures[at]
      return signature ? [[engine, signature] as const] : []
    })
    return { ...report, node: keys.node, signatures: Object.fromEntries(entries) }
  })
}

/** Under a name of its own for each exchange: they are what counts there, and their signatures for others are not known. */
async function keep(
  { ports }: PerformWorld,
  { engine, node, round, reports }: KeepReports,
): Promise<void> {
  await ports.store.reports.publish(`${engine}/${node}`, round, forOne(engine, reports))
}

function forOne(engine: string, reports: readonly SignedReport[]): readonly SignedReport[] {
  return reports.flatMap(({ signatures: { [engine]: signature }, ...report }) =>
    signature ? [{ ...report, signatures: { [engine]: signature } }] : [],
  )
}

/** Kept as long as reports are: who lied is proved by what they signed. */
async function note(
  { ports, notify }: PerformWorld,
  { engine, look }: Extract<Action, { kind: 'note-peers' }>,
  { slot }: KeeperSlot,
): Promise<void> {
  const at = ports.clock.now()
  const view = exactJson(look)
  await ports.store.history.record({
    keeper: 'peers',
    subject: engine,
    slot,
    at,
    view,
    decided: exactJson({}),
  })
  for (const { node, detail } of look.lies)
    notify({ kind: 'trouble', at, where: `reports of ${node}`, message: detail })
}

/** All of it is stored before any of it is sent: other slots decide beside it, and must not decide it again. */
async function send(world: PerformWorld, action: EngineAction, slot: KeeperSlot): Promise<void> {
  const lane = world.laneOf(action.engine, taskOf(action))
  const createdAt = world.ports.clock.now()
  const added = await Promise.all(
    piecesOf(action).map(async (piece) => ({
      piece,
      added: await stored(world, lane, { ...piece, createdAt }),
    })),
  )
  const known = added.flatMap((one) => (one.added === 'already-there' ? [one.piece] : []))
  await driveLane(lane, slot)
  for (const piece of known) await checkSame(world.ports, intentId(piece), piece.action)
}

async function stored(
  { ports, notify }: PerformWorld,
  lane: LaneWorld,
  { createdAt, ...piece }: Piece & { readonly createdAt: Timestamp },
): Promise<'added' | 'already-there'> {
  const { action } = piece
  const intent = {
    id: intentId(piece),
    lane: lane.id,
    action,
    createdAt,
    deadline: 'until' in action ? action.until : timestamp(createdAt + lifeMs[action.kind]),
    state: { kind: 'waiting' },
  } as const
  const added = await ports.store.intents.add(intent)
  if (added === 'added')
    notify({
      kind: 'transaction',
      at: createdAt,
      chain: lane.chain.name,
      intent,
      slotAt: lane.slotAt(action),
    })
  return added
}

/** Names the work, so that deciding it twice is doing it once. */
function intentId({ action, suffix }: Piece): string {
  switch (action.kind) {
    case 'push-prices':
      return `push-prices:${action.engine}:round-${action.round}`
    case 'settle-funding':
      return fundingIntent(action)
    case 'liquidate':
    case 'deleverage':
      return `${action.kind}:${action.engine}:slot-${action.round}${suffix}`
    case 'update-exchange-time':
    case 'apply-interests':
      return `${action.kind}:${action.engine}:slot-${action.round}`
    case 'settle-batch':
      return settleIntent(action.engine, action.round, action.attempt)
    case 'tell-uptime':
      return tellIntent(action)
  }
}

/** A round is sent once. Where an earlier slot decided less of it, what was added is not sent, and nobody may think so. */
async function checkSame(
  { store }: PerformWorld['ports'],
  id: string,
  { updates }: EngineAction,
): Promise<void> {
  const sent = new Set((await store.intents.get(id))?.action.updates.map(({ market }) => market))
  const left = updates.flatMap(({ market }) => (sent.has(market) ? [] : [market]))
  if (left.length > 0) throw new RoundSentError(id, left)
}

/** A round's prices went out before without some that are due now; the next round carries them. */
export class RoundSentError extends Error {
  override readonly name = 'RoundSentError'
  readonly markets: readonly Market[]

  constructor(intent: string, markets: readonly Market[]) {
    super(`${intent} went out before without ${markets.join(', ')}; they wait for the next round`)
    this.markets = markets
  }
}

/** Reports were decided for a node whose keys are not here. */
export class UnknownNodeError extends Error {
  override readonly name = 'UnknownNodeError'
  readonly node: string

  constructor(node: string) {
    super(`there are no keys of the oracle node ${node} here`)
    this.node = node
  }
}
