import type { Liquidate } from '../domain/action.ts'
import { isApart } from '../domain/liquidation/apart.ts'
import { askedFirst } from '../domain/liquidation/asked-first.ts'
import type { CoreOffer } from '../domain/liquidation/core-offer.ts'
import { withFreeFund } from '../domain/liquidation/free-fund.ts'
import {
  type FreshnessRules,
  unpricedIn,
  withoutOldPrices,
} from '../domain/liquidation/freshness.ts'
import type {
  LiquidationPlan,
  LiquidationView as LiquidationInput,
} from '../domain/liquidation/in-turn.ts'
import {
  type KeeperRules,
  type KeeperTurns,
  othersFirst,
  othersTurn,
  turnsAfter,
} from '../domain/liquidation/keeper-turns.ts'
import {
  leastRewardUsd,
  type LiquidationCosts,
  worthOf,
} from '../domain/liquidation/liquidation-costs.ts'
import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import type { LiquidationPolicy } from '../domain/liquidation/liquidation-policy.ts'
import { marginIn } from '../domain/liquidation/margin-in.ts'
import {
  type CoreTerms,
  planCoreLiquidations,
} from '../domain/liquidation/plan-core-liquidations.ts'
import { planEvmLiquidations } from '../domain/liquidation/plan-evm-liquidations.ts'
import { planStarkexLiquidations } from '../domain/liquidation/plan-starkex-liquidations.ts'
import { revertWindow } from '../domain/liquidation/ramp.ts'
import {
  type Recovery,
  recoveryPermille,
  type RecoveryRules,
} from '../domain/liquidation/recovery.ts'
import { type Attempt, restingAccounts, withoutEffect } from '../domain/liquidation/resting.ts'
import type { Account } from '../domain/margin/account.ts'
import type { Market } from '../domain/market.ts'
import { accountCount } from '../domain/positions/book.ts'
import type { TaskClass } from '../domain/task.ts'
import type { Clock, Engine, PositionBooks, Store } from '../ports.ts'
import type { AccountScan } from './account-scan.ts'
import type { ChainDoubts } from './chain-doubts.ts'
import { heldIn, offersFor, partiesOf } from './core-offers.ts'
import { gasCosts } from './gas-costs.ts'
import type { Decision, Keeper } from './keeper.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import { type LiquidationState, whyNobody } from './liquidation-state.ts'
import { accountsUnderWay, attemptsIn, revertedIn } from './liquidation-work.ts'
import {
  recoveryIn,
  type RecoveryJob,
  type RecoveryRecords,
  recoveryRecords,
} from './recovery-records.ts'
import { settingsIn, withoutSettings } from './settings-in.ts'
import {
  noStarkexOffers,
  starkexAccounts,
  type StarkexOffers,
  starkexOffersFor,
} from './starkex-offers.ts'
import { turnsBefore } from './turns-before.ts'

export type LiquidationSettings = {
  readonly policy: LiquidationPolicy
  readonly recovery: RecoveryRules
  readonly freshness: FreshnessRules
  /** Absent where we are alone. */
  readonly keepers?: KeeperRules
  /** After gas; absent where gas is not looked at. */
  readonly leastProfitUsd?: number
  /** Where the exchange leaves the price to us. */
  readonly terms?: CoreTerms
}

export type LiquidateView = LiquidationState &
  RecoveryRecords & {
    readonly slot: number
    readonly everySeconds: number
    readonly settings: LiquidationSettings
    /** Accounts that the index shows to be below their requirement, as the contract had them in the look's block. */
    readonly candidates: readonly Account[]
    /** What liquidators would take over, and their accounts in that block; empty where no order is wanted. */
    readonly offers: readonly CoreOffer[]
    readonly liquidators: readonly Account[]
    /** The same on a StarkEx exchange. */
    readonly starkex?: StarkexOffers
    /** Sources of orders that could not be asked, and why. */
    readonly silent: readonly string[]
    /** How many accounts the scan compared with the marks, and of how many it asked the exact rule. */
    readonly looked: { readonly accounts: number; readonly candidates: number } | undefined
    /** Beyond those that were asked about. */
    readonly unasked: number
    /** Accounts that our work is about: signed, or urgent; and those whose work only waits. */
    readonly inFlight: readonly string[]
    readonly waiting: readonly string[]
    readonly attempts: readonly Attempt[]
    /** Of the newest transactions, whether each reverted. */
    readonly reverted: readonly boolean[]
    /** Where there are several keepers: what the slot before knew of them. */
    readonly turns?: KeeperTurns
    /** Where a profit after gas is asked for, and gas has a price. */
    readonly costs?: LiquidationCosts
  }

/** So many accounts are read again from the contract in a slot: several times of what can be sent. */
const mostAsked = 400

/** Finds the accounts of an exchange that are below their maintenance margin, and takes over their positions. */
export function liquidate(world: {
  readonly clock: Clock
  readonly store: Pick<Store, 'intents' | 'ticks' | 'history' | 'ledger' | 'prices'>
  readonly books: Pick<PositionBooks, 'read'>
  readonly scan: AccountScan
  readonly engines: Readonly<Record<string, Engine>>
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  readonly everySeconds: number
  readonly settings: Readonly<Record<string, LiquidationSettings>>
  /** Whether this deployment does that for an exchange. */
  readonly runs: (job: RecoveryJob, engine: string) => boolean
  /** Absent where nothing of it is proved here. */
  readonly doubts?: ChainDoubts
  /** Oracle nodes whose prices are here, and by chain the market whose price its fee token has. */
  readonly nodes: readonly string[]
  readonly feeMarkets: Readonly<Record<string, Market>>
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
      const { recovery: rules, freshness, keepers, leastProfitUsd } = settings
      const began = clock.now()
      const asks = { subject, slot, everySeconds, rules, now: began, runs: world.runs }
      const [stored, open, recent, records, doubt, turns, costs] = await Promise.all([
        books.read(subject),
        store.intents.open(lane.id),
        store.intents.recent(lane.id, 100),
        recoveryRecords(store, { job: 'liquidate', ...asks }),
        world.doubts?.(subject),
        keepers && turnsBefore(store, subject),
        leastProfitUsd === undefined
          ? undefined
          : gasCosts(world, { engine: subject, chain: engine.chain, now: began }),
      ])
      const book = stored?.book
      const seen = await engine.liquidation.look(heldIn(book))
      const look = withoutOldPrices(seen, { ...freshness, now: clock.now() })
      const found = book && scan.below(subject, book, look)
      const below = (found?.accounts ?? []).filter(
        ({ account }) => account.id !== look.liquidator?.id,
      )
      const asked = askedFirst(below, mostAsked).map(({ account }) => account)
      const { offers, silent } = await offersFor(engine.liquidation, {
        accounts: asked,
        look,
        slot,
      })
      const liquidators = partiesOf(offers)
      const { accounts } = await engine.positions.read(
        [...new Set([...asked.map(({ id }) => id), ...liquidators])],
        look.block,
      )
      const byBatches = await starkexAccounts(store, lane.id, { engine: subject, look, book })
      const starkex = await starkexOffersFor(engine.liquidation, {
        accounts: asked,
        look,
        accountOf: byBatches,
        slot,
      })
      const readOf = (id: string): readonly Account[] => {
        if (byBatches) return byBatches(id)
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
        look: withFreeFund(look, found?.debt ?? 0n),
        index: book && { block: book.block.number, accounts: accountCount(book) },
        candidates: asked.flatMap(({ id }) => readOf(id)),
        offers,
        silent: [...silent, ...starkex.silent],
        ...(look.kind === 'starkex' && { starkex }),
        liquidators: liquidators.flatMap(readOf),
        looked: found ? { accounts: found.looked, candidates: found.candidates } : undefined,
        unasked: below.length - asked.length,
        ...accountsUnderWay(open, subject),
        attempts: ours.flatMap(attemptsIn),
        reverted: ours.flatMap(revertedIn).slice(0, revertWindow),
        ...records,
        ...(doubt && { doubt }),
        ...(turns && { turns }),
        ...(costs && { costs }),
      }
    },
    settings: world.settings,
    decide: (view) => decideLiquidations({ ...view, settings: settingsIn(world, view) }),
    recorded: withoutSettings,
    kept: withoutSettings,
  }
}

/** Whom to liquidate in this slot, or why nobody may be. */
export function decideLiquidations(view: LiquidateView): Decision {
  const { engine, now, slot, candidates } = view
  if (view.overlaps) return nothing('done', 'busy', 'another slot is still at work')
  const why = whyNobody(view)
  // Whoever the index knew then is read again: what it does not know yet is no reason to let negative equity wait.
  if (why && why.reason !== 'positions-behind') return nothing('refused', why.reason, why.detail)
  const recovery = recoveryOfView(view)
  const budgetPermille = why ? 0 : budgetOf(view, recovery)
  const plan = planLiquidations(view, {
    candidates,
    inFlight: new Set(view.inFlight),
    resting: restingAccounts(view.attempts, now),
    spared: sparedIn(view),
    notFirst: notFirstIn(view),
    budgetPermille,
    policy: policyOf(view),
    slot,
  })
  const parts = plan.parts.map((part) => withWorth(part, view))
  const recorded = { budgetPermille, recovery, plan, ...turnsOf(view, plan, recovery) }
  const words = planWords(plan, view, { permille: budgetPermille, recovery })
  const detail = why ? `${why.detail}; ${words}` : words
  const reason =
    parts.length > 0 ? 'liquidated' : plan.liquidatable === 0 ? 'nobody' : 'nothing-possible'
  const bankrupt = bankruptIn(parts, view)
  const action: Liquidate = {
    kind: 'liquidate',
    engine,
    round: slot,
    at: now,
    ...formOf(view.look),
    ...(bankrupt.size > 0 && { urgent: true }),
    ...(isApart(view.look)
      ? {
          apart: true,
          updates: parts.map((part) =>
            bankrupt.has(part.account) ? { ...part, isBankrupt: true } : part,
          ),
        }
      : { updates: parts }),
  }
  return {
    actions: parts.length > 0 ? [action] : [],
    outcome: why
      ? { kind: 'refused', reason: why.reason, detail }
      : { kind: 'done', reason, detail },
    recorded,
  }
}

/** Of these accounts, those with less than nothing left. */
function bankruptIn(
  parts: Liquidate['updates'],
  { candidates, look }: LiquidateView,
): ReadonlySet<string> {
  const taken = new Set(parts.map(({ account }) => account))
  const bankrupt = candidates.filter((one) => {
    const margin = taken.has(one.id) ? marginIn(one, look) : undefined
    return margin !== undefined && margin.value < 0n
  })
  return new Set(bankrupt.map(({ id }) => id))
}

function recoveryOfView(view: LiquidateView): Recovery {
  const { settings, everySeconds, now, look } = view
  const unpriced = unpricedIn(look).length
  return recoveryIn(view, { rules: settings.recovery, everySeconds, now, unpriced })
}

/**
 * In thousandths: by the stage, less where many transactions reverted or many tries changed nothing, and without the places of
 * those that wait already.
 */
function budgetOf(view: LiquidateView, recovery: Recovery): number {
  const { settings, now, reverted, attempts, waiting } = view
  const { mostPerSlot } = settings.policy
  const tried = withoutEffect(attempts).slice(0, revertWindow)
  const [one, other] = [reverted, tried.length < revertWindow ? [] : tried].map((bad) =>
    recoveryPermille(settings.recovery, recovery, { now, reverted: bad }),
  )
  const free = Math.max(0, mostPerSlot - waiting.length)
  return Math.floor((Math.min(one ?? 0, other ?? 0) * free) / mostPerSlot)
}

/** Those with something left that are not for this slot, and why. */
function sparedIn({ settings, turns, candidates, waiting, now }: LiquidateView) {
  const { keepers } = settings
  const ids = candidates.map(({ id }) => id)
  const others = keepers && turns ? othersTurn(ids, { rules: keepers, turns, now }) : []
  return new Map<string, string>([
    ...[...others].map((id) => [id, 'others-turn'] as const),
    ...waiting.map((id) => [id, 'in-flight'] as const),
  ])
}

/** While there is more to do than fits into a slot, two keepers do not begin at the same end. */
function notFirstIn({ settings, turns, candidates, now }: LiquidateView): ReadonlySet<string> {
  const { keepers } = settings
  const ids = candidates.map(({ id }) => id)
  return keepers && turns ? othersFirst(ids, { rules: keepers, turns, now }) : new Set()
}

function policyOf({ settings, costs }: LiquidateView): LiquidationPolicy {
  const { policy, leastProfitUsd } = settings
  return { ...policy, leastRewardUsd: leastRewardUsd(policy, leastProfitUsd, costs) }
}

function withWorth(
  part: Liquidate['updates'][number],
  { look, settings, costs }: LiquidateView,
): Liquidate['updates'][number] {
  const { leastProfitUsd } = settings
  const worth = worthOf(part, { dollar: look.dollar, leastProfitUsd, costs })
  return worth === undefined ? part : { ...part, worth }
}

/** What the next slot must know of the other keepers. */
function turnsOf(
  { settings, turns, now }: LiquidateView,
  { parts, skipped }: LiquidationPlan,
  { stage }: Recovery,
): { readonly turns?: KeeperTurns } {
  const { keepers: rules } = settings
  if (!rules || !turns) return {}
  const below = [...parts, ...skipped].map(({ account }) => account)
  const taken = parts.map(({ account }) => account)
  return { turns: turnsAfter(turns, { rules, now, below, taken, isHeld: stage !== 'well' }) }
}

/** By the rules of the exchange's kind. */
function planLiquidations(
  { look, offers, liquidators, settings, starkex = noStarkexOffers }: LiquidateView,
  rest: Omit<LiquidationInput, 'look'>,
): LiquidationPlan {
  switch (look.kind) {
    case 'evm-engine':
      return planEvmLiquidations({ ...rest, look })
    case 'starknet-perpetual': {
      const { terms = noTerms } = settings
      return planCoreLiquidations({ ...rest, look, offers, liquidators, terms })
    }
    case 'starkex': {
      const { terms = noTerms } = settings
      return planStarkexLiquidations({ ...rest, look, ...starkex, terms })
    }
  }
}

/** Nothing for anybody, and just healthy. */
const noTerms: CoreTerms = { feeBps: 0n, discountBps: 0n, targetBps: 10_000n }

/** For which form of its calls, where the exchange has several. */
export function formOf(look: LiquidationLook): Pick<Liquidate, 'form'> {
  return look.kind === 'starknet-perpetual' ? { form: look.generation } : {}
}

function planWords(
  plan: LiquidationPlan,
  view: LiquidateView,
  { permille, recovery }: { readonly permille: number; readonly recovery: Recovery },
): string {
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
    ...(recovery.stage === 'well' ? [] : [stageWords[recovery.stage]]),
    ...(permille < 1_000 ? [`budget ${permille / 10} %`] : []),
    `${view.index?.accounts ?? 0} accounts`,
  ].join('; ')
}

/** What is said of an exchange that is on its way back. */
export const stageWords = {
  prices: 'prices come first',
  funding: 'funding comes first',
  grace: 'people have time to add margin',
  ramp: 'it begins again slowly',
} as const

function nothing(kind: 'done' | 'refused', reason: string, detail: string): Decision {
  return { actions: [], outcome: { kind, reason, detail }, recorded: {} }
}
