import * as z from 'zod'

import { Decimal } from '../../domain/decimal.ts'
import { feeTokenDecimals, feeTokens } from '../../domain/fee-token.ts'
import { type PaidPush, pushCosts } from '../../domain/push-costs.ts'
import { feesPerDay, type Spending } from '../../domain/spending.ts'
import type { Network } from '../network/schema.ts'

/** What a lane's transactions cost. Amounts are in whole fee tokens. */
export type CostsView = {
  readonly token: string
  /** What is older than a day counts half in the sums. */
  readonly since: number
  readonly until: number
  readonly spent: string
  readonly transactions: number
  readonly perTransaction: string
  /** Undefined while less than an hour was seen. */
  readonly perDay: string | undefined
  /** Of the newest transactions: what one price in one of them cost; undefined where they told none. */
  readonly perPrice: string | undefined
  /** What each market had of the newest transactions, the dearest first, and of a day as they went. */
  readonly feeds: readonly {
    readonly engine: string
    readonly market: string
    readonly pushes: number
    readonly perPush: string
    readonly perDay: string | undefined
  }[]
}

export function costsView({
  kind,
  spending,
  intents,
}: {
  readonly kind: Network['chains'][string]['kind']
  readonly spending: Spending | undefined
  /** Rows of the newest. */
  readonly intents: readonly unknown[]
}): { readonly costs?: CostsView } {
  const token = feeTokens[kind]
  if (token === undefined || !spending || spending.fees <= 0n) return {}
  const { since, until, fees, transactions } = spending
  const daily = feesPerDay(spending)
  const costs = pushCosts(intents.flatMap(paidBy))
  const sum = costs.reduce((total, one) => total + one.fees, 0n)
  const pushes = costs.reduce((total, one) => total + one.pushes, 0)
  return {
    costs: {
      token,
      since,
      until,
      spent: inTokens(fees),
      transactions: Math.round(transactions),
      perTransaction: inTokens(perOne(fees, transactions)),
      perDay: daily === undefined ? undefined : inTokens(daily),
      perPrice: pushes === 0 ? undefined : inTokens(sum / BigInt(pushes)),
      feeds: costs.map((one) => ({
        engine: one.engine,
        market: one.market,
        pushes: one.pushes,
        perPush: inTokens(one.fees / BigInt(one.pushes)),
        perDay: daily === undefined || sum === 0n ? undefined : inTokens((daily * one.fees) / sum),
      })),
    },
  }
}

/** In thousandths, since what is old counts half. */
function perOne(fees: bigint, transactions: number): bigint {
  return (fees * 1_000n) / BigInt(Math.max(1, Math.round(transactions * 1_000)))
}

const Markets = z.array(z.object({ market: z.string() }))

const Paid = z.object({
  action: z.object({ kind: z.literal('push-prices'), engine: z.string(), updates: Markets }),
  state: z.object({
    kind: z.enum(['included', 'settled']),
    hash: z.string(),
    feePaid: z.bigint(),
    left: Markets.optional(),
  }),
})

/** Nothing of a row that is in no block, or of another version: the list of transactions tells of those. */
function paidBy(row: unknown): readonly PaidPush[] {
  const read = Paid.safeParse(row)
  if (!read.success) return []
  const { action, state } = read.data
  const left = new Set(state.left?.map(({ market }) => market))
  const markets = action.updates.map(({ market }) => market).filter((market) => !left.has(market))
  return [{ hash: state.hash, engine: action.engine, markets, feePaid: state.feePaid }]
}

function inTokens(smallest: bigint): string {
  return new Decimal(smallest.toString()).div(new Decimal(10).pow(feeTokenDecimals)).toFixed()
}
