import type { Deleverage } from '../domain/action.ts'
import { carried, type Intent } from '../domain/intent.ts'
import type { CoreOffer } from '../domain/liquidation/core-offer.ts'
import { firstCounterparties } from '../domain/liquidation/counterparties.ts'
import type { DeleveragePlan } from '../domain/liquidation/deleverage-in-turn.ts'
import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import { marginIn } from '../domain/liquidation/margin-in.ts'
import { planCoreDeleverage } from '../domain/liquidation/plan-core-deleverage.ts'
import { planCoreLiquidations } from '../domain/liquidation/plan-core-liquidations.ts'
import { planEvmDeleverage } from '../domain/liquidation/plan-evm-deleverage.ts'
import type { Account } from '../domain/margin/account.ts'
import type { AdlRule } from '../domain/margin/adl-ranking.ts'
import { accountsOf } from '../domain/positions/book.ts'
import type { TaskClass } from '../domain/task.ts'
import type { Clock, Engine, PositionBooks, Store } from '../ports.ts'
import type { AccountScan } from './account-scan.ts'
import type { Decision, Keeper } from './keeper.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import {
  formOf,
  heldIn,
  isOnItsWay,
  type LiquidationState,
  offersFor,
  whyNobody,
} from './liquidate.ts'

export type DeleverageSettings = { readonly rule: AdlRule; readonly mostPerSlot: number }

export type DeleverageView = LiquidationState & {
  readonly slot: number
  readonly settings: DeleverageSettings
  /** Both as the contract had them in the look's block. */
  readonly bankrupt: readonly Account[]
  readonly counterparties: readonly Account[]
  /** What liquidators would still take over, and their accounts in that block. */
  readonly offers: readonly CoreOffer[]
  readonly liquidators: readonly Account[]
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
  readonly store: Pick<Store, 'intents'>
  readonly books: Pick<PositionBooks, 'read'>
  readonly scan: AccountScan
  readonly engines: Readonly<Record<string, Engine>>
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  readonly settings: Readonly<Record<string, DeleverageSettings>>
}): Keeper<DeleverageView> {
  const { clock, store, books, scan } = world
  return {
    job: 'deleverage',
    async observe({ subject, slot }) {
      const engine = world.engines[subject]
      const settings = world.settings[subject]
      if (!engine?.liquidation || !engine.positions || !settings)
        throw new RangeError(`${subject} has no accounts that could be deleveraged here`)
      const lane = world.laneOf(subject, 'deleverage')
      const [stored, open] = await Promise.all([books.read(subject), store.intents.open(lane.id)])
      const book = stored?.book
      const look = await engine.liquidation.look(heldIn(book))
      const below = book ? scan.below(subject, book, look).accounts : []
      const bankrupt = below
        .filter(({ margin }) => margin.value < 0n)
        .slice(0, mostBankrupt)
        .map(({ account }) => account)
      const { rule } = settings
      const others =
        book && bankrupt.length > 0
          ? firstCounterparties(accountsOf(book), { look, bankrupt, rule, slot })
          : []
      const { offers } = await offersFor(engine.liquidation, { accounts: bankrupt, look, slot })
      const liquidators = offers.map(({ order }) => order.position)
      const asked = [...bankrupt.map(({ id }) => id), ...others, ...liquidators]
      const read = await engine.positions.read([...new Set(asked)], look.block)
      const accountOf = (id: string): readonly Account[] => {
        const found = read.accounts.get(id)
        return found?.kind === 'account' ? [found.account] : []
      }
      return {
        engine: subject,
        now: clock.now(),
        slot,
        blockSeconds: lane.chain.blockSeconds,
        settings,
        look,
        index: book && { block: book.block.number, accounts: book.table.size + book.changed.size },
        bankrupt: bankrupt.flatMap(({ id }) => accountOf(id)).filter((one) => hasLess(one, look)),
        counterparties: others.flatMap(accountOf),
        offers,
        liquidators: [...new Set(liquidators)].flatMap(accountOf),
        inFlight: open.flatMap((intent) =>
          intent.action.engine === subject && isOnItsWay(intent) ? accountsIn(intent) : [],
        ),
      }
    },
    decide: decideDeleverage,
    recorded: ({ settings: _settings, ...view }) => view,
  }
}

function hasLess(account: Account, look: LiquidationLook): boolean {
  const margin = marginIn(account, look)
  return margin !== undefined && margin.value < 0n && account.holdings.length > 0
}

function accountsIn(intent: Intent): readonly string[] {
  const action = carried(intent)
  return action.kind === 'deleverage' || action.kind === 'liquidate'
    ? action.updates.map(({ account }) => account)
    : []
}

/** Whose loss is shared in this slot, and by whom; or why not. */
export function decideDeleverage(view: DeleverageView): Decision {
  const why = whyNobody(view)
  if (why) return nothing('refused', why.reason, why.detail)
  if (view.bankrupt.length === 0)
    return nothing('done', 'nobody', 'no account has less than nothing left')
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
    updates: plan.parts,
  }
  return { actions: [action], outcome: { kind: 'done', reason: 'deleveraged', detail }, recorded }
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
