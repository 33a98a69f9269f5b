import type { Liquidate } from '../domain/action.ts'
import { isTooOld } from '../domain/head-age.ts'
import { carried, type Intent } from '../domain/intent.ts'
import type { CoreOffer } from '../domain/liquidation/core-offer.ts'
import { coreWishes } from '../domain/liquidation/core-wishes.ts'
import type {
  LiquidationPlan,
  LiquidationView as LiquidationInput,
} from '../domain/liquidation/in-turn.ts'
import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import type { LiquidationPolicy } from '../domain/liquidation/liquidation-policy.ts'
import {
  type CoreTerms,
  planCoreLiquidations,
} from '../domain/liquidation/plan-core-liquidations.ts'
import { planEvmLiquidations } from '../domain/liquidation/plan-evm-liquidations.ts'
import { rampPermille, type RampRules, revertWindow } from '../domain/liquidation/ramp.ts'
import { type Attempt, restingAccounts } from '../domain/liquidation/resting.ts'
import type { Account } from '../domain/margin/account.ts'
import type { Book } from '../domain/positions/book.ts'
import type { TaskClass } from '../domain/task.ts'
import { timestamp, type Timestamp } from '../domain/time.ts'
import type { Clock, Engine, EngineLiquidation, PositionBooks, Store, Tick } from '../ports.ts'
import type { AccountScan } from './account-scan.ts'
import type { Decision, Keeper } from './keeper.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import { messageOf } from './message-of.ts'

export type LiquidationSettings = {
  readonly policy: LiquidationPolicy
  readonly ramp: RampRules
  /** Where the exchange leaves the price to us. */
  readonly terms?: CoreTerms
}

/** What must be fresh before anybody is liquidated or deleveraged. */
export type LiquidationState = {
  readonly engine: string
  readonly now: Timestamp
  readonly blockSeconds: number
  readonly look: LiquidationLook
  /** The index's newest block, and how many accounts it has; undefined where it has none yet. */
  readonly index: { readonly block: number; readonly accounts: number } | undefined
}

export type LiquidateView = LiquidationState & {
  readonly slot: number
  readonly everySeconds: number
  readonly settings: LiquidationSettings
  /** Accounts that the index shows to be below their requirement, as the contract had them in the look's block. */
  readonly candidates: readonly Account[]
  /** What liquidators would take over, and their accounts in that block; empty where no order is wanted. */
  readonly offers: readonly CoreOffer[]
  readonly liquidators: readonly Account[]
  /** Sources of orders that could not be asked, and why. */
  readonly silent: readonly string[]
  /** How many accounts the scan compared with the marks, and of how many it asked the exact rule. */
  readonly looked: { readonly accounts: number; readonly candidates: number } | undefined
  /** Beyond those that were asked about. */
  readonly unasked: number
  readonly inFlight: readonly string[]
  readonly attempts: readonly Attempt[]
  /** Of the newest transactions, whether each reverted. */
  readonly reverted: readonly boolean[]
  /** The job's newest slots before this one, newest first. */
  readonly before: readonly Pick<Tick, 'claimedAt' | 'outcome'>[]
}

/** So many accounts are read again from the contract in a slot: several times of what can be sent. */
const mostAsked = 400

/** Blocks by which the index may be behind: what is found by it is read again, but who is not found is not. */
const mostIndexLagSeconds = 60

/** Enough slots to see the end of a grace and of all stages. */
const slotsBack = 60

/** Finds the accounts of an exchange that are below their maintenance margin, and takes over their positions. */
export function liquidate(world: {
  readonly clock: Clock
  readonly store: Pick<Store, 'intents' | 'ticks'>
  readonly books: Pick<PositionBooks, 'read'>
  readonly scan: AccountScan
  readonly engines: Readonly<Record<string, Engine>>
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  readonly everySeconds: number
  readonly settings: Readonly<Record<string, LiquidationSettings>>
}): Keeper<LiquidateView> {
  const { clock, store, books, scan, everySeconds } = world
  return {
    job: 'liquidate',
    async observe({ subject, slot }) {
      const engine = world.engines[subject]
      const settings = world.settings[subject]
      if (!engine?.liquidation || !engine.positions || !settings)
        throw new RangeError(`${subject} has no accounts that could be liquidated here`)
      const lane = world.laneOf(subject, 'liquidation')
      const [stored, open, recent, before] = await Promise.all([
        books.read(subject),
        store.intents.open(lane.id),
        store.intents.recent(lane.id, 100),
        store.ticks.recent('liquidate', subject, slotsBack),
      ])
      const book = stored?.book
      const look = await engine.liquidation.look(heldIn(book))
      const found = book && scan.below(subject, book, look)
      const below = (found?.accounts ?? [])
        .map(({ account }) => account)
        .filter(({ id }) => id !== look.liquidator?.id)
      const asked = below.slice(0, mostAsked)
      const { offers, silent } = await offersFor(engine.liquidation, {
        accounts: asked,
        look,
        slot,
      })
      const liquidators = [...new Set(offers.map(({ order }) => order.position))]
      const { accounts } = await engine.positions.read(
        [...new Set([...asked.map(({ id }) => id), ...liquidators])],
        look.block,
      )
      const readOf = (id: string): readonly Account[] => {
        const read = accounts.get(id)
        return read?.kind === 'account' ? [read.account] : []
      }
      const ours = recent.filter(({ action }) => action.engine === subject)
      return {
        engine: subject,
        now: clock.now(),
        slot,
        everySeconds,
        blockSeconds: lane.chain.blockSeconds,
        settings,
        look,
        index: book && { block: book.block.number, accounts: book.table.size + book.changed.size },
        candidates: asked.flatMap(({ id }) => readOf(id)),
        offers,
        silent,
        liquidators: liquidators.flatMap(readOf),
        looked: found ? { accounts: found.looked, candidates: found.candidates } : undefined,
        unasked: below.length - asked.length,
        inFlight: open.flatMap((intent) =>
          intent.action.engine === subject && isOnItsWay(intent) ? accountsIn(intent) : [],
        ),
        attempts: ours.flatMap(attemptsIn),
        reverted: ours.flatMap(revertedIn).slice(0, revertWindow),
        before: before.filter(({ job }) => job.slot < slot),
      }
    },
    decide: decideLiquidations,
    recorded: ({ settings: _settings, ...view }) => view,
  }
}

/** What is in a block has had its effect already, by what the newest block shows. */
export function isOnItsWay({ state }: Intent): boolean {
  return state.kind === 'waiting' || state.kind === 'claimed'
}

function accountsIn(intent: Intent): readonly string[] {
  const action = carried(intent)
  return action.kind === 'liquidate' ? action.updates.map(({ account }) => account) : []
}

function attemptsIn(intent: Intent): readonly Attempt[] {
  const { state, createdAt } = intent
  const action = carried(intent)
  const isDone = state.kind === 'included' || state.kind === 'settled' || state.kind === 'failed'
  if (action.kind !== 'liquidate' || !isDone) return []
  if (state.kind === 'failed' && state.why !== 'reverted') return []
  return action.updates.map(({ account, size }) => ({ account, size, at: createdAt }))
}

function revertedIn({ action, state }: Intent): readonly boolean[] {
  if (action.kind !== 'liquidate') return []
  switch (state.kind) {
    case 'included':
      return [state.reverted !== undefined]
    case 'settled':
      return [false]
    case 'failed':
      return state.why === 'reverted' ? [true] : []
    case 'waiting':
    case 'claimed':
      return []
  }
}

/** Whom to liquidate in this slot, or why nobody may be. */
export function decideLiquidations(view: LiquidateView): Decision {
  const { engine, now, slot } = view
  const why = whyNobody(view)
  if (why) return nothing('refused', why.reason, why.detail)
  const budgetPermille = rampPermille(view.settings.ramp, {
    wellSince: wellSince(view),
    now,
    reverted: view.reverted,
  })
  const plan = planLiquidations(view, {
    candidates: view.candidates,
    inFlight: new Set(view.inFlight),
    resting: restingAccounts(view.attempts, now),
    budgetPermille,
    policy: view.settings.policy,
    slot,
  })
  const recorded = { budgetPermille, plan }
  const detail = planWords(plan, view, budgetPermille)
  if (plan.parts.length === 0) {
    const reason = plan.liquidatable === 0 ? 'nobody' : 'nothing-possible'
    return { actions: [], outcome: { kind: 'done', reason, detail }, recorded }
  }
  const action: Liquidate = {
    kind: 'liquidate',
    engine,
    round: slot,
    at: now,
    ...formOf(view.look),
    updates: plan.parts,
  }
  return { actions: [action], outcome: { kind: 'done', reason: 'liquidated', detail }, recorded }
}

/** By the rules of the exchange's kind. */
function planLiquidations(
  { look, offers, liquidators, settings }: LiquidateView,
  rest: Omit<LiquidationInput, 'look'>,
): LiquidationPlan {
  switch (look.kind) {
    case 'evm-engine':
      return planEvmLiquidations({ ...rest, look })
    case 'starknet-perpetual': {
      const { terms = noTerms } = settings
      return planCoreLiquidations({ ...rest, look, offers, liquidators, terms })
    }
  }
}

/** Nothing for anybody, and just healthy. */
const noTerms: CoreTerms = { feeBps: 0n, discountBps: 0n, targetBps: 10_000n }

/** The assets that somebody holds, as far as the index has heard of them. */
export function heldIn(book: Book | undefined): readonly string[] {
  return book ? [...book.indexes.keys()] : []
}

/** Signed orders for all that these accounts hold, where the exchange wants such. */
export async function offersFor(
  liquidation: EngineLiquidation,
  {
    accounts,
    look,
    slot,
  }: {
    readonly accounts: readonly Account[]
    readonly look: LiquidationLook
    readonly slot: number
  },
): Promise<{ readonly offers: readonly CoreOffer[]; readonly silent: readonly string[] }> {
  const { orders = [] } = liquidation
  if (look.kind !== 'starknet-perpetual' || accounts.length === 0) return { offers: [], silent: [] }
  const wishes = coreWishes(accounts, look)
  const asked = await Promise.allSettled(orders.map(async (source) => source.offers(wishes, slot)))
  return {
    offers: asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])),
    silent: asked.flatMap((one, at) =>
      one.status === 'rejected' ? [`${orders[at]?.name ?? ''}: ${messageOf(one.reason)}`] : [],
    ),
  }
}

/** For which form of its calls, where the exchange has several. */
export function formOf(look: LiquidationLook): Pick<Liquidate, 'form'> {
  return look.kind === 'starknet-perpetual' ? { form: look.generation } : {}
}

/** Fresh data or none: nobody is liquidated by what was. */
export function whyNobody(
  view: LiquidationState,
): { readonly reason: string; readonly detail: string } | undefined {
  const { look, index, blockSeconds, engine } = view
  const { number, time } = look.block
  if (isTooOld(look.block, view)) {
    const detail = `the newest block is ${number}, of ${new Date(time).toISOString()}`
    return { reason: 'chain-stalled', detail }
  }
  if (look.paused) return { reason: 'paused', detail: `${engine} is paused` }
  if (look.kind === 'starknet-perpetual' && look.blocked !== undefined)
    return { reason: 'blocked', detail: `${engine} would refuse everything: ${look.blocked}` }
  if (time < look.from) {
    const detail = `${engine} takes none before ${new Date(look.from).toISOString()}`
    return { reason: 'grace', detail }
  }
  if (!index) return { reason: 'no-positions', detail: 'its accounts are not indexed yet' }
  if ((number - index.block) * blockSeconds > mostIndexLagSeconds)
    return {
      reason: 'positions-behind',
      detail: `its accounts are indexed up to block ${index.block}, the newest is ${number}`,
    }
  const marks = look.kind === 'evm-engine' ? look.book.marks : look.marks
  const stale = Object.keys(look.markets).filter((asset) => !Object.hasOwn(marks, asset))
  if (stale.length === Object.keys(look.markets).length)
    return {
      reason: 'stale-prices',
      detail: `no market of ${engine} has a price that is new enough`,
    }
  return undefined
}

/** Since when this job has found all well, without a slot that was refused, failed or missing. */
function wellSince({ before, now, everySeconds }: LiquidateView): Timestamp | undefined {
  const mostGapMs = Math.max(3 * everySeconds * 1_000, 30_000)
  let since = now
  for (const { claimedAt, outcome } of before) {
    if (since - claimedAt > mostGapMs || (outcome && outcome.kind !== 'done')) return since
    since = timestamp(Math.min(since, claimedAt))
  }
  return before.length < slotsBack - 1 ? since : undefined
}

function planWords(plan: LiquidationPlan, view: LiquidateView, permille: number): string {
  const { parts, skipped, liquidatable, bankrupt, uncovered } = plan
  const skips = [...Map.groupBy(skipped, ({ why }) => why)].map(
    ([why, all]) => `${all.length} not: ${why}`,
  )
  return [
    `${parts.length} of ${liquidatable + view.unasked} below their margin`,
    ...(bankrupt > 0 ? [`${bankrupt} with less than nothing`] : []),
    ...(uncovered.length > 0 ? [`${uncovered.length} to be deleveraged`] : []),
    ...skips,
    ...view.silent.map((why) => `no orders of ${why}`),
    ...(permille < 1_000 ? [`budget ${permille / 10} %`] : []),
    `${view.index?.accounts ?? 0} accounts`,
  ].join('; ')
}

function nothing(kind: 'done' | 'refused', reason: string, detail: string): Decision {
  return { actions: [], outcome: { kind, reason, detail }, recorded: {} }
}
