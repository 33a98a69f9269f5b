import type { ApplyInterests } from '../domain/action.ts'
import { type ChainDoubt, whyDoubted } from '../domain/chain-doubt.ts'
import { isTooOld } from '../domain/head-age.ts'
import type { InterestLook } from '../domain/interest/interest-look.ts'
import {
  cashRates,
  type CashRule,
  type HoldingRates,
  type Lent,
  lentBy,
} from '../domain/interest/interest-rates.ts'
import {
  type InterestPlan,
  type InterestPosition,
  planInterests,
} from '../domain/interest/plan-interests.ts'
import type { Market } from '../domain/market.ts'
import { accountCount, accountsOf, type Book, idsOf } from '../domain/positions/book.ts'
import type { TaskClass } from '../domain/task.ts'
import type { Timestamp } from '../domain/time.ts'
import type { Clock, Engine, EnginePositions, PositionBooks, Store } from '../ports.ts'
import type { ChainDoubts } from './chain-doubts.ts'
import type { Decision, Keeper } from './keeper.ts'
import type { LaneWorld } from './lane/lane-world.ts'
import { settingsIn, withoutSettings } from './settings-in.ts'

/** What one exchange's interest goes by, from the network file. */
export type InterestSettings = {
  /** What cash is counted in there. */
  readonly collateral: Market
  readonly everySeconds: bigint
  /** In the collateral's smallest units. */
  readonly leastAmount: bigint
  readonly rule: CashRule
  /** By asset, as holdings name them. */
  readonly holdings: Readonly<Record<string, HoldingRates>>
}

export type InterestView = {
  readonly engine: string
  readonly now: Timestamp
  readonly slot: number
  readonly blockSeconds: number
  readonly settings: InterestSettings
  readonly look: InterestLook
  /** The index's newest block, how many accounts it has, and what they have and owe; undefined where it has none yet. */
  readonly index: ({ readonly block: number; readonly accounts: number } & Lent) | undefined
  /** This slot's share of all accounts, as the contract had them in the look's block. */
  readonly positions: readonly InterestPosition[]
  /** Whether payments of ours are under way. */
  readonly isOnItsWay: boolean
  /** Absent where nothing speaks against the chain. */
  readonly doubt?: ChainDoubt
}

/** So many positions are looked at in a slot; where there are more, each has its turn in one of the next. */
const mostAsked = 400

/** Pays accounts of an exchange what their money earns, and takes from them what their debts cost. */
export function applyInterests(world: {
  readonly clock: Clock
  readonly store: Pick<Store, 'intents'>
  readonly books: Pick<PositionBooks, 'read'>
  readonly engines: Readonly<Record<string, Engine>>
  readonly laneOf: (engine: string, task: TaskClass) => LaneWorld
  readonly settings: Readonly<Record<string, InterestSettings>>
  /** Absent where nothing of it is proved here. */
  readonly doubts?: ChainDoubts
}): Keeper<InterestView> {
  const { clock, store, books } = world
  return {
    job: 'apply-interests',
    async observe({ subject, slot }) {
      const engine = world.engines[subject]
      const settings = world.settings[subject]
      if (!engine?.interest || !engine.positions || !settings)
        throw new RangeError(`${subject} has no interest that could be paid here`)
      const lane = world.laneOf(subject, 'funding')
      const [stored, open, doubt] = await Promise.all([
        books.read(subject),
        store.intents.open(lane.id),
        world.doubts?.(subject),
      ])
      const book = stored?.book
      const look = await engine.interest.look([...(book?.indexes.keys() ?? [])])
      const asked = book ? turnOf(book, engine.positions, slot) : []
      const [{ accounts }, lastApplied] = await Promise.all([
        engine.positions.read(asked, look.block),
        engine.interest.lastApplied(asked, look.block),
      ])
      return {
        engine: subject,
        now: clock.now(),
        slot,
        blockSeconds: lane.chain.blockSeconds,
        settings,
        look,
        index: book && {
          block: book.block.number,
          accounts: accountCount(book),
          ...lentBy(othersIn(book, engine.positions), look.marks),
        },
        positions: [...accounts.values()].flatMap((read) =>
          read.kind === 'account'
            ? [{ account: read.account, lastApplied: lastApplied.get(read.account.id) ?? 0n }]
            : [],
        ),
        isOnItsWay: open.some(
          ({ action, state }) =>
            action.kind === 'apply-interests' &&
            action.engine === subject &&
            ['waiting', 'claimed'].includes(state.kind),
        ),
        ...(doubt && { doubt }),
      }
    },
    settings: world.settings,
    decide: (view) => decideInterests({ ...view, settings: settingsIn(world, view) }),
    recorded: withoutSettings,
    kept: withoutSettings,
  }
}

/** Some of the accounts: all of them where they are few, or those whose turn it is. The exchange's own get nothing. */
function turnOf(book: Book, { given }: EnginePositions, slot: number): readonly string[] {
  const ids = [...idsOf(book)].filter((id) => !given.includes(id))
  const turns = Math.max(1, Math.ceil(ids.length / mostAsked))
  const first = (slot % turns) * mostAsked
  return ids.toSorted(byNumber).slice(first, first + mostAsked)
}

function byNumber(one: string, other: string): number {
  return one.length - other.length || (one < other ? -1 : 1)
}

function* othersIn(book: Book, { given }: EnginePositions) {
  for (const account of accountsOf(book)) if (!given.includes(account.id)) yield account
}

/** Whom to pay in this slot, or why nobody can be. */
export function decideInterests(view: InterestView): Decision {
  const { engine, look, index, settings, slot: round, now: at } = view
  const { number, time } = look.block
  if (isTooOld(look.block, view)) {
    const detail = `the newest block is ${number}, of ${new Date(time).toISOString()}`
    return nothing('refused', 'chain-stalled', detail)
  }
  if (view.doubt) {
    const { reason, detail } = whyDoubted(view.doubt)
    return nothing('refused', reason, detail)
  }
  if (!index) return nothing('refused', 'no-positions', 'its accounts are not indexed yet')
  if (view.isOnItsWay) return nothing('done', 'in-flight', 'the payments before are on their way')
  const { collateral, everySeconds, leastAmount, rule, holdings } = settings
  const rates = { ...cashRates(rule, index), holdings }
  const plan = planInterests({
    look,
    collateral,
    everySeconds,
    leastAmount,
    rates,
    positions: view.positions,
  })
  if (plan.kind === 'refused')
    return nothing('refused', plan.reason, `${engine} takes no interest now`)
  const detail = [
    ...planWords(plan, view),
    `money earns ${rates.credit.mul(100).toFixed(2)} %, debts cost ${rates.debit.mul(100).toFixed(2)} %`,
  ].join('; ')
  if (plan.parts.length === 0) {
    const reason = plan.refused.length === 0 ? 'nothing-due' : 'nothing-possible'
    return { actions: [], outcome: { kind: 'done', reason, detail }, recorded: { plan } }
  }
  const action: ApplyInterests = {
    kind: 'apply-interests',
    engine,
    round,
    at,
    ...(plan.exchangeTime !== undefined && { exchangeTime: plan.exchangeTime }),
    updates: plan.parts,
  }
  return {
    actions: [action],
    outcome: { kind: 'done', reason: 'applied', detail },
    recorded: { plan },
  }
}

function planWords(
  { parts, capped, refused, waiting, exchangeTime }: Extract<InterestPlan, { kind: 'plan' }>,
  { positions, index }: InterestView,
): readonly string[] {
  const refusals = [...Map.groupBy(refused, ({ why }) => why)].map(
    ([why, all]) => `left out ${all.map(({ account }) => account).join(', ')}: ${why}`,
  )
  return [
    `${parts.length} of ${positions.length} positions`,
    ...(exchangeTime === undefined ? [] : ['with the exchange’s time']),
    ...(capped.length > 0 ? [`at the contract’s limit ${capped.join(', ')}`] : []),
    ...refusals,
    ...(waiting > 0 ? [`${waiting} wait for the next transaction`] : []),
    `${index?.accounts ?? 0} accounts`,
  ]
}

function nothing(kind: 'done' | 'refused', reason: string, detail: string): Decision {
  return { actions: [], outcome: { kind, reason, detail }, recorded: {} }
}
