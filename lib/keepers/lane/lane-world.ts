import type { EngineAction } from '../../domain/action.ts'
import type { Intent } from '../../domain/intent.ts'
import type { LanePolicy } from '../../domain/lane-follow.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Chain, Clock, LaneTarget, Store } from '../../ports.ts'
import type { Notify } from '../notice.ts'

/** One sending account and everything that its lane needs. */
export type LaneWorld = {
  /** `chain/account`. */
  readonly id: string
  readonly account: string
  readonly chain: Chain
  /** Those that this account sends for. */
  readonly engines: Readonly<Record<string, LaneTarget>>
  readonly store: Pick<Store, 'intents' | 'lanes' | 'leases'>
  readonly clock: Clock
  readonly policy: LanePolicy
  /** What an action is worth at most, in the fee token's smallest unit; undefined where nobody has said. */
  readonly worthOf?: (action: EngineAction) => bigint | undefined
  /** The lease to hold while sending for an engine that other lanes send for too; undefined where none does. */
  readonly leaseOf?: (engine: string) => LeaseToHold | undefined
  /** When the slot begins in which an action was decided. */
  readonly slotAt: (action: EngineAction) => Timestamp
  readonly notify: Notify
}

export type LeaseToHold = {
  readonly name: string
  /** Another one each time: of two workers of the lane only one may sign, and what it does not use it may give back. */
  readonly holder: string
}

export function laneId(chain: string, account: string): string {
  return `${chain}/${account}`
}

export function engineOf(world: LaneWorld, action: EngineAction): LaneTarget {
  const engine = Object.hasOwn(world.engines, action.engine)
    ? world.engines[action.engine]
    : undefined
  if (!engine) throw new UnknownEngineError(world.id, action.engine)
  return engine
}

/** Tells of an intent's new state. */
export function tell(world: LaneWorld, intent: Intent): void {
  world.notify({
    kind: 'transaction',
    at: world.clock.now(),
    chain: world.chain.name,
    intent,
    slotAt: world.slotAt(intent.action),
  })
}

/** A stored intent is for an engine that this deployment no longer has on the lane. */
export class UnknownEngineError extends Error {
  override readonly name = 'UnknownEngineError'
  readonly engine: string

  constructor(lane: string, engine: string) {
    super(`${lane} holds work for the engine ${engine}, which the network file does not name there`)
    this.engine = engine
  }
}
