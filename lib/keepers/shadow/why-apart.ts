import { isBeyondBps, percentOf } from '../../domain/bps.ts'
import type { FeedResult } from '../../domain/price-round.ts'
import type { Report } from '../../domain/report.ts'
import type { Decision } from '../keeper.ts'

/** Why a decision is not performed while its set is on probation. */
export type Apart = {
  readonly why: string
  /** The markets that it is about. */
  readonly feeds: readonly string[]
  /** Its price is another one, and not only where the set before has none: the set is to be taken back. */
  readonly trips: boolean
}

/**
 * How far the reports of one decision are from what the set before makes of the same quotes: from its price, or from the median
 * that it holds. Where that has neither, nobody can say that the price is right. Undefined where all are near enough.
 */
export function whyApart(
  own: Decision,
  previous: Decision & { readonly feeds: readonly FeedResult[] },
  mostBps: number,
): Apart | undefined {
  const reports = own.actions.flatMap((action) =>
    action.kind === 'publish-reports' ? action.reports : [],
  )
  const found = reports.flatMap((report) => apartOf(report, previous.feeds, mostBps) ?? [])
  if (found.length === 0) return undefined
  return {
    feeds: found.flatMap(({ feeds: of }) => of),
    trips: found.some(({ trips }) => trips),
    why: found
      .map(({ why }) => why)
      .slice(0, told)
      .join('; '),
  }
}

/** What a decision tells but for these markets. */
export function withoutReports(own: Decision, { feeds, why }: Apart): Decision {
  const isTold = ({ feed }: Report): boolean => !feeds.includes(feed)
  const actions = own.actions.map((action) =>
    action.kind === 'publish-reports'
      ? { ...action, reports: action.reports.filter(isTold) }
      : action,
  )
  const isAny = actions.some((one) => one.kind === 'publish-reports' && one.reports.length > 0)
  const outcome: Decision['outcome'] = isAny
    ? { ...own.outcome, detail: `${own.outcome.detail}; not told: ${why}` }
    : { kind: 'refused', reason: 'withheld', detail: why }
  return { ...own, actions, outcome }
}

/** Of hundreds of markets a line tells the first ones. */
const told = 4

function apartOf(
  { feed, price }: Report,
  feeds: readonly FeedResult[],
  mostBps: number,
): Apart | undefined {
  const result = feeds.find((one) => one.role === 'market' && one.feed === feed)
  // Not listed before: there is nothing to compare it with, and nobody was told another price.
  if (!result) return undefined
  const { outcome } = result
  if (outcome.kind === 'refused')
    return {
      feeds: [feed],
      why: `${feed}: the set before has no price (${outcome.reason}), and this one has ${price.toSD(7).toString()}`,
      trips: false,
    }
  const reference = outcome.kind === 'price' ? outcome.price : outcome.median
  const distance = price.sub(reference).abs()
  if (!isBeyondBps(distance, reference, mostBps)) return undefined
  return {
    feeds: [feed],
    why: `${feed}: ${price.toSD(7).toString()} is ${percentOf(distance, reference)} from ${reference.toSD(7).toString()}, which the set before makes of the same quotes`,
    trips: true,
  }
}
