import * as z from 'zod'

import type { Intent } from '../../domain/intent.ts'
import type { LedgerRow } from '../../domain/pnl/ledger-row.ts'
import type { WeekOfBooks, WeeksOfBooks } from '../../keepers/books/week-of-books.ts'
import { laneId } from '../../keepers/lane/lane-world.ts'
import { accountFor } from '../network/accounts.ts'
import { entry } from '../network/entry.ts'
import { liquidatedEngines } from '../world/schedules.ts'
import { type AttemptView, attemptsView, middleStages, type Stages } from './attempts-view.ts'
import { type DeleverageView, deleverageView } from './deleverage-view.ts'
import type { Look } from './look.ts'
import { type FundSeen, type FundView, fundView, todayView, type TodayView } from './money-view.ts'
import {
  bigText,
  newestSlots,
  outcomeSchema,
  type SlotOutcome,
  type SlotRead,
} from './newest-slots.ts'

/** What is done about the accounts of one exchange that are below their margin, and what came of it. */
export type LiquidationView = {
  readonly engine: string
  /** The newest slot of `liquidate`; undefined while there is none. */
  readonly newest: LiquidationSlot | undefined
  /** Newest first. */
  readonly attempts: readonly AttemptView[]
  /** Of them, those that came into a block. */
  readonly middle: Stages & { readonly of: number }
  readonly deleverage: DeleverageView
  /** Undefined while nobody looked, and where there is none. */
  readonly fund: FundView | undefined
  /** Whether the exchange tells of an insurance fund. */
  readonly tellsFund: boolean
  /** Undefined while nothing is booked. */
  readonly today: TodayView | undefined
}

export type LiquidationSlot = SlotOutcome & {
  /** How many accounts the index has, those that the prefilter could not rule out, and those that the exact rule was asked about. */
  readonly accounts: number | undefined
  readonly candidates: number
  /** Below their requirement, and of them with less than nothing. */
  readonly below: number
  readonly bankrupt: number
  /** Accounts with work that was not in a block yet. */
  readonly inFlight: number
  /** The share of the budgets that may be used, in thousandths; undefined where nobody may be liquidated. */
  readonly budgetPermille: number | undefined
  readonly taken: number
  /** Why others were left, as words, the most first. */
  readonly skipped: readonly { readonly why: string; readonly count: number }[]
}

const lookSchema = z.object({
  block: z.object({ number: z.int() }),
  /** Absent where the exchange tells of none. */
  insuranceFund: bigText.optional(),
  dollar: bigText,
})

const viewSchema = z.object({
  look: lookSchema,
  index: z.object({ accounts: z.int() }).optional(),
  candidates: z.array(z.unknown()),
  unasked: z.int(),
  /** Absent in rows of before it was recorded. */
  looked: z.object({ accounts: z.int(), candidates: z.int() }).optional(),
  inFlight: z.array(z.string()),
})

const decidedSchema = z.object({
  outcome: outcomeSchema,
  budgetPermille: z.int().optional(),
  plan: z
    .object({
      parts: z.array(z.unknown()),
      skipped: z.array(z.object({ why: z.string() })),
      liquidatable: z.int(),
      bankrupt: z.int(),
    })
    .optional(),
})

type Slot = SlotRead<z.output<typeof viewSchema>, z.output<typeof decidedSchema>>

const recentIntents = 60
const recentRows = 40
const shownAttempts = 30

/** Every exchange on which the network file says how far liquidations may go. */
export async function liquidationsView(
  look: Look,
  weekOf: WeeksOfBooks,
): Promise<readonly LiquidationView[]> {
  const engines = liquidatedEngines(look.network)
  return await Promise.all(engines.map(async (engine) => engineView(look, engine, weekOf)))
}

async function engineView(
  look: Look,
  engine: string,
  weekOf: WeeksOfBooks,
): Promise<LiquidationView> {
  const { store, now, problems } = look
  const none: WeekOfBooks = { cursor: undefined, rows: [] }
  const [[slot], intents, week] = await Promise.all([
    newestSlots(look, {
      keeper: 'liquidate',
      subject: engine,
      limit: 1,
      view: viewSchema,
      decided: decidedSchema,
    }),
    problems.attempt(`liquidations of ${engine}`, () => intentsOf(look, engine), []),
    problems.attempt(`books of ${engine}`, () => weekOf(store.ledger, engine, now), none),
  ])
  const seen = slot && fundSeen(slot)
  const decimals = slot ? decimalsIn(slot) : week.cursor?.decimals.collateral
  const rows = newestOf(week.rows)
  const attempts =
    decimals === undefined
      ? []
      : attemptsView({ engine, intents, rows, decimals, limit: shownAttempts })
  return {
    engine,
    newest: slot && slotView(slot),
    attempts,
    middle: middleStages(attempts),
    deleverage: await deleverageView(look, { engine, intents, week, decimals }),
    fund: fundView(week, seen, now),
    tellsFund: entry(look.network.engines, engine)?.kind !== 'starkex',
    today: todayView(week, now),
  }
}

async function intentsOf({ network, store }: Look, engine: string): Promise<readonly Intent[]> {
  const name = entry(network.engines, engine)?.chain ?? ''
  const chain = entry(network.chains, name)
  const sender = chain && accountFor(chain, 'liquidation')
  return sender ? store.intents.recent(laneId(name, sender.account.address), recentIntents) : []
}

function newestOf(rows: readonly LedgerRow[]): readonly LedgerRow[] {
  return rows.toSorted((one, other) => other.at - one.at).slice(0, recentRows)
}

function fundSeen(slot: Slot): FundSeen | undefined {
  const { insuranceFund: balance, block } = slot.view.look
  if (balance === undefined) return undefined
  return { balance, block: block.number, decimals: decimalsIn(slot) }
}

function decimalsIn({ view: { look } }: Slot): number {
  return look.dollar.toString().length - 1
}

function slotView({ at, view, decided }: Slot): LiquidationSlot {
  const { outcome, plan, budgetPermille } = decided
  const skipped = [...Map.groupBy(plan?.skipped ?? [], ({ why }) => why)]
  return {
    at,
    ...outcome,
    accounts: view.index?.accounts,
    candidates: view.looked?.candidates ?? view.candidates.length + view.unasked,
    below: (plan?.liquidatable ?? view.candidates.length) + view.unasked,
    bankrupt: plan?.bankrupt ?? 0,
    inFlight: view.inFlight.length,
    budgetPermille,
    taken: plan?.parts.length ?? 0,
    skipped: skipped
      .map(([why, all]) => ({ why, count: all.length }))
      .toSorted((one, other) => other.count - one.count),
  }
}
