import { Decimal } from '../decimal.ts'
import type { Liquidated } from '../liquidation/liquidation-event.ts'
import type { LedgerRow } from './ledger-row.ts'

/** What a day brought, or all days. Money is in the collateral's smallest units, fees in the fee token's. */
export type Sums = {
  readonly won: number
  readonly reward: bigint
  /** What orders of ours paid to the exchange, which rewards are without. */
  readonly exchangeFees: bigint
  /** Liquidations, ours and missed ones, whose rewards are in no sum, since nobody tells the mark of their time. */
  readonly unmarked: number
  /** What positions cost more than when they were decided. */
  readonly slippage: bigint
  /** Parts of work that changed nothing, by outcome. */
  readonly noEffect: Readonly<Record<string, number>>
  /** Of all that was tried, in thousandths; undefined where nothing was. */
  readonly hitPermille: number | undefined
  readonly fees: bigint
  /** Of fees whose worth is known; and how many are not. */
  readonly feesUsd: Decimal
  readonly feesUnknown: number
  /** Of `fees`: paid for what changed nothing. */
  readonly failureFees: bigint
  readonly failureFeesUsd: Decimal
  /** What others earned where we might have, and for what reasons. */
  readonly missed: number
  readonly missedReward: bigint
  readonly missedWhy: Readonly<Record<string, number>>
  readonly deleveraged: number
  /** The insurance fund's, of everybody's liquidations. */
  readonly fundIn: bigint
  readonly fundOut: bigint
}

export type DailySums = Sums & {
  /** UTC, as 2026-11-26. */
  readonly day: string
}

/** What of a penalty is the insurance fund's: nothing where the exchange itself takes its part. */
export function fundShare({
  penalty = 0n,
  reward = 0n,
  exchangeFee,
}: Pick<Liquidated, 'penalty' | 'reward' | 'exchangeFee'>): bigint {
  return exchangeFee === undefined ? penalty - reward : 0n
}

/** By day, oldest first; days without a row are absent. */
export function dailySums(rows: readonly LedgerRow[]): readonly DailySums[] {
  return [...Map.groupBy(rows, ({ at }) => dayOf(at))]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([day, all]) => ({ day, ...sumsOf(all) }))
}

export function sumsOf(rows: readonly LedgerRow[]): Sums {
  const won = rows.filter((row) => row.kind === 'won')
  const failed = rows.filter((row) => row.kind === 'no-effect')
  const missed = rows.filter((row) => row.kind === 'missed')
  const paid = [...won, ...failed].map(({ fee }) => fee)
  const tried = won.length + failed.length
  const events = [...won, ...missed].map(({ event }) => event)
  return {
    won: won.length,
    reward: sum(won, ({ event }) => event.reward ?? 0n),
    exchangeFees: sum(won, ({ event }) => event.exchangeFee ?? 0n),
    unmarked: events.filter(({ price }) => price === undefined).length,
    slippage: sum(won, ({ work }) => work?.slippage?.cash ?? 0n),
    noEffect: counted(failed, ({ outcome }) => outcome),
    hitPermille: tried === 0 ? undefined : Math.floor((won.length * 1_000) / tried),
    fees: sum(paid, (fee) => fee.paid ?? 0n),
    feesUsd: usdOf(paid),
    feesUnknown: paid.filter(({ paid: amount, usd }) => amount !== 0n && !usd).length,
    failureFees: sum(failed, ({ fee }) => fee.paid ?? 0n),
    failureFeesUsd: usdOf(failed.map(({ fee }) => fee)),
    missed: missed.length,
    missedReward: sum(missed, ({ event }) => event.reward ?? 0n),
    missedWhy: counted(missed, ({ why }) => why),
    deleveraged: rows.filter(({ kind }) => kind === 'deleveraged').length,
    fundIn: sum(events, fundShare),
    fundOut: sum(events, ({ cover }) => cover),
  }
}

/** From the first day with a row until that time, that day included; without any row, one. */
export function daysBooked(
  rows: readonly Pick<LedgerRow, 'at'>[],
  now: number,
  most: number,
): number {
  const first = Math.min(now, ...rows.map(({ at }) => at))
  const days = (Date.parse(dayOf(now)) - Date.parse(dayOf(first))) / dayMs + 1
  return Math.min(most, days)
}

/** The day of a time in UTC. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}

export const dayMs = 24 * 60 * 60_000

function sum<T>(all: readonly T[], of: (one: T) => bigint): bigint {
  return all.reduce((total, one) => total + of(one), 0n)
}

function usdOf(
  fees: readonly { readonly usd: { readonly value: Decimal } | undefined }[],
): Decimal {
  return fees.reduce((total, { usd }) => (usd ? total.add(usd.value) : total), new Decimal(0))
}

function counted<T>(all: readonly T[], of: (one: T) => string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...Map.groupBy(all, of)].map(([name, some]) => [name, some.length] as const),
  )
}
