import type { Deleverage } from '../domain/action.ts'
import { carried, type Intent } from '../domain/intent.ts'
import type { LiquidationLook } from '../domain/liquidation/liquidation-look.ts'
import { marginIn } from '../domain/liquidation/margin-in.ts'
import {
  type DeleveragePlan,
  planEvmDeleverage,
} from '../domain/liquidation/plan-evm-deleverage.ts'
import type { Account } from '../domain/margin/account.ts'
import type { AdlRule } from '../domain/margin/adl-ranking.ts'
import { evmProfit } from '../domain/margin/evm-liquidation.ts'
import { accountsOf, type Book } from '../domain/positions/book.ts'
import type { TaskClass } from '../domain/task.ts'
import type { Clock, Engine, PositionBooks, Store } from '../ports.ts'
import type { AccountScan } from './account-scan.ts'
import type { Decision, Keeper } from './keeper.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import { isOnItsWay, type LiquidationState, whyNobody } from './liquidate.ts'

export type DeleverageSettings = { readonly rule: AdlRule; readonly mostPerSlot: number }

export type DeleverageView = LiquidationState & {
  readonly slot: number
  readonly settings: DeleverageSettings
  /** Both as the contract had them in the look's block. */
  readonly bankrupt: readonly Account[]
  readonly counterparties: readonly Account[]
  readonly inFlight: readonly string[]
}

/** So many of each are read again from the contract in a slot. */
const mostBankrupt = 50
const mostCounterparties = 200

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
      const [look, stored, open] = await Promise.all([
        engine.liquidation.look(),
        books.read(subject),
        store.intents.open(lane.id),
      ])
      const book = stored?.book
      const below = book ? scan.below(subject, book, look).accounts : []
      const bankrupt = below
        .filter(({ margin }) => margin.value < 0n)
        .slice(0, mostBankrupt)
        .map(({ account }) => account)
      const others = book && bankrupt.length > 0 ? winnersIn(book, look, bankrupt) : []
      const read = await engine.positions.read(
        [...bankrupt.map(({ id }) => id), ...others],
        look.block,
      )
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

type Winner = { readonly id: string; readonly profit: bigint }

/** Those with the greatest profit on the other side of a bankrupt account's holdings. */
function winnersIn(
  book: Book,
  look: LiquidationLook,
  bankrupt: readonly Account[],
): readonly string[] {
  const sides = new Set(
    bankrupt.flatMap(({ holdings }) =>
      holdings.map(({ asset, balance }) => `${asset} ${balance > 0n ? 'short' : 'long'}`),
    ),
  )
  const losers = new Set(bankrupt.map(({ id }) => id))
  const found: Winner[] = []
  for (const account of accountsOf(book)) {
    if (losers.has(account.id)) continue
    let profit = 0n
    for (const { asset, balance } of account.holdings) {
      const mark = look.book.marks[asset]
      if (!mark || !sides.has(`${asset} ${balance > 0n ? 'long' : 'short'}`)) continue
      const gained = evmProfit(account, { asset, mark, unit: look.book.unit })
      if (gained > profit) profit = gained
    }
    if (profit > 0n) found.push({ id: account.id, profit })
  }
  return found
    .toSorted(byProfit)
    .slice(0, mostCounterparties)
    .map(({ id }) => id)
}

/** Equals stand by their names, so that every worker has the same list. */
function byProfit(one: Winner, other: Winner): number {
  if (one.profit !== other.profit) return one.profit > other.profit ? -1 : 1
  return one.id < other.id ? -1 : 1
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
  const { engine, look, slot, now, settings } = view
  const plan = planEvmDeleverage({
    look,
    bankrupt: view.bankrupt,
    counterparties: view.counterparties,
    inFlight: new Set(view.inFlight),
    rule: settings.rule,
    mostPerSlot: settings.mostPerSlot,
    slot,
  })
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
    updates: plan.parts,
  }
  return { actions: [action], outcome: { kind: 'done', reason: 'deleveraged', detail }, recorded }
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
