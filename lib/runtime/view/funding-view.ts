import * as z from 'zod'

import { Decimal } from '../../domain/decimal.ts'
import { type FundingPolicy, epochAt } from '../../domain/funding/plan-funding.ts'
import { type RateSoFar, rateSoFar } from '../../domain/funding/rate-so-far.ts'
import { carried, type Intent, isFinal } from '../../domain/intent.ts'
import { fundingLate } from '../../domain/liveness-funding.ts'
import { type Timestamp, timestamp } from '../../domain/time.ts'
import { fundingIntent } from '../../keepers/settle-funding.ts'
import { fundingSettings } from '../world/funding-settings.ts'
import type { Look } from './look.ts'
import { newestSlots, outcomeSchema } from './newest-slots.ts'

/** What longs and shorts of one exchange pay each other. Rates are fractions of notional; above zero longs pay. */
export type FundingView = {
  readonly engine: string
  readonly epochSeconds: number
  readonly epoch: number
  /** When the next epoch begins, and this one's samples are settled. */
  readonly nextAt: number
  /** Of the market that waits longest, by the exchange itself; undefined where it never was, or nobody looked yet. */
  readonly settledAt: number | undefined
  /** How long its silence has been too long; absent while it is not. */
  readonly late?: 'warning' | 'critical'
  /** Work for this epoch is on its way. */
  readonly onItsWay: boolean
  /** How the newest slot ended; undefined where there was none. */
  readonly newest:
    | { readonly at: number; readonly reason: string; readonly detail: string }
    | undefined
  readonly markets: readonly MarketFunding[]
}

export type MarketFunding = {
  readonly market: string
  /** What the rate of the epoch that is now will be if it goes on like this. */
  readonly now:
    | { readonly rate: string; readonly sampled: number; readonly slots: number }
    | undefined
  /** What was settled last: of a whole epoch by the rules, and what was paid of it. */
  readonly last:
    | { readonly epoch: number; readonly at: number; readonly rate: string; readonly paid: string }
    | undefined
  /** Time that is still to be paid for. */
  readonly owedSeconds: number
}

const decimal = z
  .string()
  .regex(/^-?\d+(\.\d+)?$/, 'expected a decimal number')
  .transform((text) => new Decimal(text))

const settledSchema = z.object({
  market: z.string(),
  epoch: z.int(),
  epochRate: decimal,
  rate: decimal,
  owed: z.object({ seconds: z.number() }),
  lastSample: decimal,
})

type Settled = z.output<typeof settledSchema>

const viewSchema = z.object({
  look: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('evm-engine'),
      engine: z.object({
        epochSeconds: z.int(),
        markets: z.array(z.object({ fundingEpoch: z.int() })),
      }),
    }),
    z.object({
      kind: z.literal('starknet-perpetual'),
      core: z.object({ lastFundingTick: z.int() }),
    }),
  ]),
  last: z.array(settledSchema),
})

type View = z.output<typeof viewSchema>

const decidedSchema = z.object({ outcome: outcomeSchema })

/** Every exchange whose funding is settled here. */
export async function fundingView(look: Look): Promise<readonly FundingView[]> {
  if (!look.network.jobs['settle-funding']) return []
  const settings = Object.entries(fundingSettings(look.network))
  return await Promise.all(
    settings.map(async ([engine, { policy }]) => engineFunding(look, engine, policy)),
  )
}

async function engineFunding(
  look: Look,
  engine: string,
  policy: FundingPolicy,
): Promise<FundingView> {
  const { store, now, problems } = look
  const { epochSeconds } = policy
  const epoch = epochAt(now, epochSeconds)
  const [[slot], votes, tries] = await Promise.all([
    newestSlots(look, {
      keeper: 'settle-funding',
      subject: engine,
      limit: 1,
      view: viewSchema,
      decided: decidedSchema,
    }),
    problems.attempt(
      `funding votes of ${engine}`,
      () => store.fundingVotes.ofEpoch(engine, epoch),
      [],
    ),
    problems.attempt(`funding of ${engine}`, () => triesOf(look, engine, epoch), []),
  ])
  const settledAt = slot && settledBy(slot.view)
  const late = slot && fundingLate({ engine, settledAt, now, epochSeconds })
  const last = [...tries.flatMap(settledIn), ...(slot?.view.last ?? [])]
  const newest = tries.at(-1)
  return {
    engine,
    epochSeconds,
    epoch,
    nextAt: (epoch + 1) * epochSeconds * 1000,
    settledAt,
    // One that was never settled is late only after some epochs, which the watch counts.
    ...(late && settledAt !== undefined && late.severity !== 'info' && { late: late.severity }),
    onItsWay: newest !== undefined && !isFinal(newest.state),
    newest: slot && {
      at: slot.at,
      reason: slot.decided.outcome.reason,
      detail: slot.decided.outcome.detail,
    },
    markets: Object.keys(policy.markets).map((market) => {
      const before = last.find((one) => one.market === market)
      return {
        market,
        now: rateNow(rateSoFar(policy, { market, epoch, votes, last: before })),
        last: before && {
          epoch: before.epoch,
          at: before.epoch * epochSeconds * 1000,
          rate: before.epochRate.toFixed(),
          paid: before.rate.toFixed(),
        },
        owedSeconds: before?.owed.seconds ?? 0,
      }
    }),
  }
}

function rateNow(seen: RateSoFar | undefined): MarketFunding['now'] {
  return seen && { rate: seen.rate.toFixed(), sampled: seen.sampled, slots: seen.slots }
}

function settledBy({ look }: View): Timestamp | undefined {
  if (look.kind === 'starknet-perpetual') return timestamp(look.core.lastFundingTick)
  const { epochSeconds, markets } = look.engine
  const oldest = Math.min(...markets.map(({ fundingEpoch }) => fundingEpoch))
  return Number.isFinite(oldest) && oldest > 0 ? timestamp(oldest * epochSeconds * 1000) : undefined
}

/** More tries than these for one epoch nobody needs to see. */
const mostTries = 20

async function triesOf({ store }: Look, engine: string, round: number): Promise<readonly Intent[]> {
  const found: Intent[] = []
  for (let attempt = 1; attempt <= mostTries; attempt += 1) {
    const intent = await store.intents.get(fundingIntent({ engine, round, attempt }))
    if (!intent) return found
    found.push(intent)
  }
  return found
}

function settledIn(intent: Intent): readonly Settled[] {
  const { state } = intent
  const took = state.kind === 'settled' || (state.kind === 'included' && !state.reverted)
  const action = carried(intent)
  if (!took || action.kind !== 'settle-funding') return []
  return action.updates.map((update) => ({ ...update, epoch: action.round }))
}
