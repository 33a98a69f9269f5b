import type { Deleverage } from '../domain/action.ts'
import type { Intent } from '../domain/intent.ts'
import { isApart } from '../domain/liquidation/apart.ts'
import type { CoreOffer } from '../domain/liquidation/core-offer.ts'
import type { DeleveragePlan } from '../domain/liquidation/deleverage-in-turn.ts'
import { withFreeFund } from '../domain/liquidation/free-fund.ts'
import {
  type FreshnessRules,
  unpricedIn,
  withoutOldPrices,
} from '../domain/liquidation/freshness.ts'
import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import { marginIn } from '../domain/liquidation/margin-in.ts'
import { planCoreDeleverage } from '../domain/liquidation/plan-core-deleverage.ts'
import { planCoreLiquidations } from '../domain/liquidation/plan-core-liquidations.ts'
import { planEvmDeleverage } from '../domain/liquidation/plan-evm-deleverage.ts'
import { firstSpotTakers } from '../domain/liquidation/plan-spot-deleverage.ts'
import { planStarkexDeleverage } from '../domain/liquidation/plan-starkex-deleverage.ts'
import { planStarkexLiquidations } from '../domain/liquidation/plan-starkex-liquidations.ts'
import { type Recovery, type RecoveryRules } from '../domain/liquidation/recovery.ts'
import type { Account } from '../domain/margin/account.ts'
import type { AdlRule } from '../domain/margin/adl-ranking.ts'
import { accountCount, accountIn } from '../domain/positions/book.ts'
import { withCosts } from '../domain/positions/costs.ts'
import type { TaskClass } from '../domain/task.ts'
import type { Clock, Engine, PositionBooks, Store } from '../ports.ts'
import type { AccountScan } from './account-scan.ts'
import type { ChainDoubts } from './chain-doubts.ts'
import { heldIn, offersFor, partiesOf } from './core-offers.ts'
import type { Decision, Keeper } from './keeper.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import { NoLaneError } from './lane/no-lane-error.ts'
import { formOf, stageWords } from './liquidate.ts'
import { type LiquidationState, whyNobody } from './liquidation-state.ts'
import { accountsUnderWay } from './liquidation-work.ts'
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

export type DeleverageSettings = {
  readonly rule: AdlRule
  readonly mostPerSlot: number
  readonly recovery: RecoveryRules
  readonly freshness: FreshnessRules
}

export type DeleverageView = LiquidationState &
  RecoveryRecords & {
    readonly slot: number
    readonly everySeconds: number
    readonly settings: DeleverageSettings
    /** Both as the contract had them in the look's block. */
    readonly bankrupt: readonly Account[]
    readonly counterparties: readonly Account[]
    /** What liquidators would still take over, and their accounts in that block. */
    readonly offers: readonly CoreOffer[]
    readonly liquidators: readonly Account[]
    /** The same on a StarkEx exchange. */
    readonly starkex?: StarkexOffers
    readonly inFlight: readonly string[]
  }

/** So many are read again from the contract in a slot. */
const mostBankrupt = 50

/**
 * Shares the loss of accounts that have less than nothing among those who won it, where the insurance fund cannot pay: the
 * last thing to do, and the minimum of it.
 */
export function deleverage(world: {
  readonly clock: Clock
  readonly store: Pick<Store, 'intents' | 'ticks'>
  readonly books: Pick<PositionBooks, 'read'>
  readonly scan: AccountScan
  readonly engines: Readonly<Record<string, Engine>>
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  readonly everySeconds: number
  readonly settings: Readonly<Record<string, DeleverageSettings>>
  /** Whether this deployment does that for an exchange. */
  readonly runs: (job: RecoveryJob, engine: string) => boolean
  /** Absent where nothing of it is proved here. */
  readonly doubts?: ChainDoubts
}): Keeper<DeleverageView> {
  const { clock, store, books, scan, everySeconds } = world
  return {
    job: 'deleverage',
    async observe({ subject, slot }) {
      const engine = world.engines[subject]
      const settings = world.settings[subject]
      if (!engine?.liquidation || !engine.positions || !settings)
        throw new RangeError(`${subject} has no accounts that could be deleveraged here`)
      const lane = world.laneOf(subject, 'deleverage')
      const { recovery: rules, freshness, rule } = settings
      const asks = { subject, slot, everySeconds, rules, now: clock.now(), runs: world.runs }
      const [stored, open, records, doubt] = await Promise.all([
        books.read(subject),
        openWork(world, subject),
        recoveryRecords(store, { job: 'deleverage', ...asks }),
        world.doubts?.(subject),
      ])
      const book = stored?.book
      const seen = await engine.liquidation.look(heldIn(book))
      const look = withoutOldPrices(seen, { ...freshness, now: clock.now() })
      const found = book && scan.below(subject, book, look)
      const bankrupt = (found?.accounts ?? [])
        .filter(({ margin }) => margin.value < 0n)
        .slice(0, mostBankrupt)
        .map(({ account }) => account)
      const others =
        book && bankrupt.length > 0
          ? [
              ...scan.counterparties(subject, book, { look, bankrupt, rule, slot }),
              ...(look.kind === 'starknet-perpetual'
                ? firstSpotTakers((most) => scan.richest(subject, book, { look, most }), {
                    look,
                    bankrupt,
                  })
                : []),
            ]
          : []
      const { offers } = await offersFor(engine.liquidation, { accounts: bankrupt, look, slot })
      const liquidators = partiesOf(offers)
      const asked = [...bankrupt.map(({ id }) => id), ...others, ...liquidators]
      const read = await engine.positions.read([...new Set(asked)], look.block)
      const byBatches = await starkexAccounts(store, lane.id, { engine: subject, look, book })
      const starkex = await starkexOffersFor(engine.liquidation, {
        accounts: bankrupt,
        look,
        accountOf: byBatches,
        slot,
      })
      const accountOf = (id: string): readonly Account[] => {
        if (byBatches) return byBatches(id)
        const one = read.accounts.get(id)
        if (one?.kind !== 'account') return []
        // Where the exchange does not tell what a holding cost, its events did.
        return [withCosts(one.account, book && accountIn(book, id))]
      }
      return {
        engine: subject,
        now: clock.now(),
        slot,
        everySeconds,
        blockSeconds: lane.chain.blockSeconds,
        settings,
        look: withFreeFund(look, found?.debt ?? 0n),
        index: book && { block: book.block.number, accounts: accountCount(book) },
        bankrupt: bankrupt.flatMap(({ id }) => accountOf(id)).filter((one) => hasLess(one, look)),
        counterparties: [...new Set(others)].flatMap(accountOf),
        offers,
        ...(look.kind === 'starkex' && { starkex }),
        liquidators: liquidators.flatMap(accountOf),
        inFlight: accountsUnderWay(open, subject).inFlight,
        ...records,
        ...(doubt && { doubt }),
      }
    },
    settings: world.settings,
    decide: (view) => decideDeleverage({ ...view, settings: settingsIn(world, view) }),
    recorded: withoutSettings,
    kept: withoutSettings,
  }
}

function hasLess(account: Account, look: LiquidationLook): boolean {
  const margin = marginIn(account, look)
  return margin !== undefined && margin.value < 0n && account.holdings.length > 0
}

/** Of the lane that deleverages and of the one that liquidates: a deployment may have only one of them. */
async function openWork(
  { store, laneOf }: Parameters<typeof deleverage>[0],
  engine: string,
): Promise<readonly Intent[]> {
  const lanes = (['deleverage', 'liquidation'] as const).flatMap((task) => {
    try {
      return [laneOf(engine, task).id]
    } catch (error) {
      if (error instanceof NoLaneError) return []
      throw error
    }
  })
  const open = [...new Set(lanes)].map(async (id) => store.intents.open(id))
  return (await Promise.all(open)).flat()
}

/** Whose loss is shared in this slot, and by whom; or why not. */
export function decideDeleverage(view: DeleverageView): Decision {
  if (view.overlaps) return nothing('done', 'busy', 'another slot is still at work')
  const why = whyNobody(view)
  if (why) return nothing('refused', why.reason, why.detail)
  if (view.bankrupt.length === 0)
    return nothing('done', 'nobody', 'no account has less than nothing left')
  const recovery = recoveryOfView(view)
  // Liquidations on their ramp may still fill the fund: to take from winners is the last thing.
  if (recovery.stage !== 'well')
    return nothing(
      'done',
      'recovering',
      `${view.bankrupt.length} with less than nothing; after a stall ${stageWords[recovery.stage]}`,
    )
  const { engine, slot, now } = view
  const plan = planDeleverage(view)
  const detail = planWords(plan, view.bankrupt.length)
  const recorded = { plan }
  if (plan.parts.length === 0) {
    const outcome =
      plan.records.length > 0
        ? ({ kind: 'refused', reason: 'nobody-can-take', detail } as const)
        : ({
            kind: 'done',
            reason: plan.covered.length > 0 ? 'fund-pays' : 'in-flight',
            detail,
          } as const)
    return { actions: [], outcome, recorded }
  }
  const action: Deleverage = {
    kind: 'deleverage',
    engine,
    round: slot,
    at: now,
    ...formOf(view.look),
    ...(isApart(view.look) && { apart: true }),
    updates: plan.parts,
  }
  return { actions: [action], outcome: { kind: 'done', reason: 'deleveraged', detail }, recorded }
}

function recoveryOfView(view: DeleverageView): Recovery {
  const { settings, everySeconds, now, look } = view
  const unpriced = unpricedIn(look).length
  return recoveryIn(view, { rules: settings.recovery, everySeconds, now, unpriced })
}

/** By the rules of the exchange's kind. */
function planDeleverage(view: DeleverageView): DeleveragePlan {
  const { look, bankrupt, counterparties, offers, liquidators, slot } = view
  const { rule, mostPerSlot } = view.settings
  const inFlight = new Set(view.inFlight)
  const asked = { bankrupt, counterparties, inFlight, rule, mostPerSlot, slot }
  switch (look.kind) {
    case 'evm-engine':
      return planEvmDeleverage({ ...asked, look })
    case 'starknet-perpetual': {
      const { parts } = planCoreLiquidations({
        look,
        candidates: bankrupt,
        inFlight: new Set(),
        resting: new Set(),
        budgetPermille: 1_000,
        policy: { mostPerSlot: bankrupt.length, mostNotionalUsd: 0, leastRewardUsd: 0 },
        terms: { feeBps: 0n, discountBps: 0n, targetBps: 10_000n },
        offers,
        liquidators,
        slot,
      })
      return planCoreDeleverage({ ...asked, look }, new Set(parts.map(({ account }) => account)))
    }
    case 'starkex': {
      const { starkex = noStarkexOffers } = view
      const { parts } = planStarkexLiquidations({
        look,
        candidates: bankrupt,
        inFlight: new Set(),
        resting: new Set(),
        budgetPermille: 1_000,
        policy: { mostPerSlot: bankrupt.length, mostNotionalUsd: 0, leastRewardUsd: 0 },
        terms: { feeBps: 0n, discountBps: 0n, targetBps: 10_000n },
        ...starkex,
        slot,
      })
      return planStarkexDeleverage({ ...asked, look }, new Set(parts.map(({ account }) => account)))
    }
  }
}

function planWords({ parts, records, covered }: DeleveragePlan, bankrupt: number): string {
  const loss = records.reduce((sum, one) => sum + one.loss, 0n)
  const missing = records.filter((one) => one.missing > 0n).length
  return [
    `${bankrupt} with less than nothing`,
    ...(covered.length > 0 ? [`the insurance fund pays for ${covered.length}`] : []),
    ...(parts.length > 0 ? [`${parts.length} parts, loss ${loss} smallest units`] : []),
    ...(missing > 0 ? [`${missing} positions without enough counterparties`] : []),
  ].join('; ')
}

function nothing(kind: 'done' | 'refused', reason: string, detail: string): Decision {
  return { actions: [], outcome: { kind, reason, detail }, recorded: {} }
}
