import type { Severity } from './alert.ts'
import { Decimal } from './decimal.ts'
import type { Finding } from './incident.ts'
import { dollars } from './pnl/row-usd.ts'
import { timestamp, type Timestamp } from './time.ts'

/** An exchange that has just begun is given a fund, and liquidations of one slot pay out and in. */
const fundMs = 60_000

/**
 * An exchange's insurance fund is below the floor, or at its pace will be empty within days; critical where it is empty, since
 * then others lose what the next bankrupt account lacks.
 */
export function fundLow(look: {
  readonly engine: string
  /** In the collateral's smallest units. */
  readonly balance: bigint
  readonly decimals: number
  readonly floorUsd: number
  /** For how many whole days it lasts; undefined where it does not shrink. */
  readonly lastsDays: number | undefined
  readonly warnDays: number
  readonly now: Timestamp
}): Finding | undefined {
  const { engine, balance, decimals, floorUsd, lastsDays, warnDays, now } = look
  const usd = dollars(balance, decimals)
  const isShort = lastsDays !== undefined && lastsDays < warnDays
  if (usd.gte(floorUsd) && !isShort && balance > 0n) return undefined
  const lasts = isShort ? `, which lasts ${lastsDays} days if all goes on as lately` : ''
  return {
    rule: 'fund-low',
    subject: engine,
    severity: balance <= 0n ? 'critical' : 'warning',
    summary: `the insurance fund of ${engine} is ${usd.toFixed(0)} USD${lasts}; the floor is ${new Decimal(floorUsd).toFixed(0)} USD, and ${warnDays} days`,
    since: now,
    afterMs: fundMs,
  }
}

/** Of fewer liquidations than these a share says nothing. */
const fewestTold = 10

/** Of the liquidations of an hour others had more than a share. Says nothing of whether accounts were liquidated: they were. */
export function opportunitiesMissed(look: {
  readonly engine: string
  readonly won: number
  readonly missed: number
  /** Why, as words, and how many of each. */
  readonly why: Readonly<Record<string, number>>
  readonly mostPercent: number
  readonly since: Timestamp
}): Finding | undefined {
  const { engine, won, missed, why, mostPercent, since } = look
  const all = won + missed
  if (all < fewestTold || missed * 100 <= mostPercent * all) return undefined
  const reasons = Object.entries(why)
    .toSorted(([, one], [, other]) => other - one)
    .map(([word, count]) => `${count} ${word}`)
  return {
    rule: 'opportunities-missed',
    subject: engine,
    severity: 'warning',
    summary: `others had ${missed} of the last hour's ${all} liquidations on ${engine} (${reasons.join(', ')}); the limit is ${mostPercent} %`,
    since,
    afterMs: 0,
  }
}

/** Past so many times the limit nobody can believe what the books say of today. */
const pageTimes = 4

/** What liquidations brought is not booked although its blocks, or its batches, are final. */
export function booksBehind(look: {
  readonly engine: string
  /** Of the last block that is booked. */
  readonly blockAt: Timestamp
  /** When what comes after it was final, and when that was seen: by the chain's own time where it has one. */
  readonly finalAt: Timestamp
  readonly seenAt: Timestamp
  readonly limitMs: number
}): Finding | undefined {
  const { engine, blockAt, finalAt, seenAt, limitMs } = look
  const behindMs = seenAt - finalAt
  if (behindMs <= limitMs) return undefined
  const severity: Severity = behindMs > pageTimes * limitMs ? 'critical' : 'warning'
  const when = `${new Date(blockAt).toISOString().slice(0, 19).replace('T', ' ')} UTC`
  return {
    rule: 'books-behind',
    subject: engine,
    severity,
    summary: `the books of ${engine} end at ${when}; what comes after has been final for ${Math.floor(behindMs / 1000)} s`,
    since: timestamp(finalAt + limitMs),
    afterMs: 0,
  }
}
