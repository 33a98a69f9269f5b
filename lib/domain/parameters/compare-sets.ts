import { encode } from '../exact-text.ts'
import type { PushPolicy } from '../push-policy.ts'
import { compareMarkets, pushesOf, type ToldAt } from './compare-markets.ts'
import { type ComparedSlot, type SlotDecision, feedsOf, refusalOf } from './compared-slot.ts'
import type {
  Compared,
  ShadowDifference,
  ShadowLiquidations,
  ShadowReport,
} from './shadow-report.ts'
import { wouldHaveTold } from './would-have-told.ts'

export type Comparison = Pick<
  ShadowReport,
  'network' | 'candidate' | 'active' | 'proposed' | 'changes'
> & {
  /** Of all jobs, each in the order of time. */
  readonly slots: readonly ComparedSlot[]
  /** That the candidate could not decide. */
  readonly failed: number
  readonly activeMs: number
  readonly candidateMs: number
  readonly policies: Compared<Readonly<Record<string, PushPolicy>>>
  /** What so many prices cost to tell, in USD; null where nobody knows. */
  readonly costOf: (count: number) => string | null
}

/** The first ones are enough to see what it is about. */
const mostDifferences = 50
const mostAccounts = 50

/** What a candidate would have done otherwise, by what both sets decided on the same views. */
export function compareSets(comparison: Comparison): ShadowReport {
  const { slots, policies, costOf, failed, activeMs, candidateMs } = comparison
  const times = slots.map(({ at }) => at)
  // Not spread: there may be more slots than a call takes arguments.
  const from = times.reduce((one, other) => Math.min(one, other), Infinity)
  const to = times.reduce((one, other) => Math.max(one, other), 0)
  const told = toldBy(slots, policies)
  const publishing = slots.filter(({ job }) => job === 'publish-prices')
  const [first] = publishing
  const ofOneNode = publishing.filter(({ subject }) => subject === first?.subject)
  const differing = slots.filter(isOtherwise)
  const { network, candidate, active, proposed, changes } = comparison
  return {
    network,
    candidate,
    active,
    proposed,
    changes,
    from: Number.isFinite(from) ? from : to,
    to,
    slots: { compared: slots.length, differ: differing.length, failed, activeMs, candidateMs },
    markets: compareMarkets(ofOneNode, { span: { from, to }, told, costOf }),
    pushes: pushesOf(undefined, told, costOf),
    refusals: {
      active: refusalsIn(ofOneNode, ({ active: one }) => one),
      candidate: refusalsIn(ofOneNode, ({ candidate: one }) => one),
    },
    liquidations: {
      active: liquidationsIn(slots, ({ active: one }) => one),
      candidate: liquidationsIn(slots, ({ candidate: one }) => one),
    },
    differences: differing
      .toSorted((one, other) => one.at - other.at)
      .slice(0, mostDifferences)
      .map(differenceOf),
  }
}

function toldBy(
  slots: readonly ComparedSlot[],
  policies: Comparison['policies'],
): Compared<readonly ToldAt[]> {
  const byEngine = [
    ...Map.groupBy(
      slots.filter(({ job }) => job === 'push-prices'),
      ({ subject }) => subject,
    ).values(),
  ]
  return {
    active: byEngine.flatMap((own) => wouldHaveTold(own, policies.active)),
    candidate: byEngine.flatMap((own) => wouldHaveTold(own, policies.candidate)),
  }
}

/** Whether the two decided otherwise: not only in the name of the set that reports carry. */
export function isOtherwise({ active, candidate }: Compared<SlotDecision>): boolean {
  return encode(withoutNames(active)) !== encode(withoutNames(candidate))
}

/** Each report names the parameters that it was made by: that these differ is what the comparison is about, and no difference. */
function withoutNames({ actions, ...decision }: SlotDecision): unknown {
  const alike = actions.map((action) =>
    action.kind === 'publish-reports'
      ? { ...action, reports: action.reports.map((report) => ({ ...report, configHash: '' })) }
      : action,
  )
  return { ...decision, actions: alike }
}

function refusalsIn(
  slots: readonly ComparedSlot[],
  which: (slot: ComparedSlot) => SlotDecision,
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const slot of slots)
    for (const feed of feedsOf(which(slot))) {
      const reason = feed.role === 'market' ? refusalOf(feed) : undefined
      if (reason !== undefined) found[reason] = (found[reason] ?? 0) + 1
    }
  return found
}

function liquidationsIn(
  slots: readonly ComparedSlot[],
  which: (slot: ComparedSlot) => SlotDecision,
): ShadowLiquidations {
  const parts = slots
    .filter(({ job }) => job === 'liquidate' || job === 'deleverage')
    .flatMap((slot) => which(slot).actions)
    .flatMap((action): readonly string[] => {
      if (action.kind === 'liquidate') return action.updates.map(({ account }) => account)
      return action.kind === 'deleverage' ? action.updates.map(({ account }) => account) : []
    })
  return { count: parts.length, accounts: [...new Set(parts)].slice(0, mostAccounts) }
}

function differenceOf({
  at,
  slot,
  job,
  subject,
  active,
  candidate,
}: ComparedSlot): ShadowDifference {
  const feeds = feedsOf(active)
  const others = new Map(feedsOf(candidate).map((one) => [`${one.role} ${one.feed}`, one]))
  const apart = feeds.find(
    (one) => encode(one.outcome) !== encode(others.get(`${one.role} ${one.feed}`)?.outcome ?? null),
  )
  if (!apart) return { at, slot, job, subject, active: words(active), candidate: words(candidate) }
  const other = others.get(`${apart.role} ${apart.feed}`)
  return {
    at,
    slot,
    job,
    subject: apart.feed,
    active: feedWords(apart.outcome),
    candidate: other ? feedWords(other.outcome) : 'not listed',
  }
}

function feedWords(outcome: ReturnType<typeof feedsOf>[number]['outcome']): string {
  return outcome.kind === 'price' ? outcome.price.toFixed() : `${outcome.kind}: ${outcome.detail}`
}

function words({ outcome: { kind, reason, detail } }: SlotDecision): string {
  const said = kind === 'done' ? reason : `${kind}: ${reason}`
  return detail === '' ? said : `${said} (${detail.slice(0, 200)})`
}
