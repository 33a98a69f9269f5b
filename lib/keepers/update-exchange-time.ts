import type { UpdateExchangeTime } from '../domain/action.ts'
import { isTooOld } from '../domain/head-age.ts'
import type { Intent } from '../domain/intent.ts'
import { planExchangeTime, type TimeLook } from '../domain/interest/exchange-time.ts'
import type { Market } from '../domain/market.ts'
import type { TaskClass } from '../domain/task.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Block } from '../domain/transaction.ts'
import type { Clock, Engine, Store } from '../ports.ts'
import type { Decision, Keeper } from './keeper.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import { settingsIn, withoutSettings } from './settings-in.ts'

/** What one exchange's own time goes by, from the network file. */
export type ExchangeTimeSettings = {
  /** What cash is counted in there. */
  readonly collateral: Market
  /** Of the contract's limit, in thousandths: how much of it may pass. */
  readonly sharePermille: bigint
}

export type ExchangeTimeView = {
  readonly engine: string
  readonly now: Timestamp
  readonly slot: number
  readonly blockSeconds: number
  readonly settings: ExchangeTimeSettings
  readonly look: TimeLook & { readonly block: Block }
  /** Whether one of ours is under way. */
  readonly isOnItsWay: boolean
}

/** Keeps an exchange's own time well within the limit after which it pays and takes no interest any more. */
export function updateExchangeTime(world: {
  readonly clock: Clock
  readonly store: Pick<Store, 'intents'>
  readonly engines: Readonly<Record<string, Engine>>
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  readonly settings: Readonly<Record<string, ExchangeTimeSettings>>
}): Keeper<ExchangeTimeView> {
  const { clock, store } = world
  return {
    job: 'update-exchange-time',
    async observe({ subject, slot }) {
      const engine = world.engines[subject]
      const settings = world.settings[subject]
      if (!engine?.interest || !settings)
        throw new RangeError(`${subject} has no time of its own that could be kept here`)
      const lane = world.laneOf(subject, 'funding')
      const [look, open] = await Promise.all([engine.interest.time(), store.intents.open(lane.id)])
      return {
        engine: subject,
        now: clock.now(),
        slot,
        blockSeconds: lane.chain.blockSeconds,
        settings,
        look,
        isOnItsWay: open.some((intent) => bringsTime(intent, subject)),
      }
    },
    settings: world.settings,
    decide: (view) => decideExchangeTime({ ...view, settings: settingsIn(world, view) }),
    recorded: withoutSettings,
    kept: withoutSettings,
  }
}

/** Payments may bring the time with them. What is in a block is in what the newest block shows. */
function bringsTime({ action, state }: Intent, engine: string): boolean {
  const brings =
    action.kind === 'update-exchange-time' ||
    (action.kind === 'apply-interests' && action.exchangeTime !== undefined)
  return brings && action.engine === engine && ['waiting', 'claimed'].includes(state.kind)
}

/** Whether to send the time in this slot. */
export function decideExchangeTime(view: ExchangeTimeView): Decision {
  const { engine, look, slot: round, now: at, settings } = view
  if (isTooOld(look.block, view)) {
    const { number, time } = look.block
    const detail = `the newest block is ${number}, of ${new Date(time).toISOString()}`
    return nothing('refused', 'chain-stalled', detail)
  }
  const plan = planExchangeTime(look, settings.sharePermille)
  const age = `it is ${plan.ageSeconds} s old`
  switch (plan.kind) {
    case 'fresh':
      return nothing('done', 'nothing-due', `${age}, due after ${plan.dueAfterSeconds} s`)
    case 'refused':
      return nothing('refused', plan.reason, age)
    case 'due': {
      if (view.isOnItsWay) return nothing('done', 'in-flight', `${age}, and on its way`)
      const updates = [{ market: settings.collateral, to: plan.to }]
      const action: UpdateExchangeTime = {
        kind: 'update-exchange-time',
        engine,
        round,
        at,
        updates,
      }
      const outcome = { kind: 'done', reason: 'updated', detail: age } as const
      return { actions: [action], outcome, recorded: { plan } }
    }
  }
}

function nothing(kind: 'done' | 'refused', reason: string, detail: string): Decision {
  return { actions: [], outcome: { kind, reason, detail }, recorded: {} }
}
