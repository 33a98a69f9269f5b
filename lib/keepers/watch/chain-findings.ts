import type { Finding } from '../../domain/incident.ts'
import { exchangeTimeLate } from '../../domain/liveness-exchange-time.ts'
import { fundingLate } from '../../domain/liveness-funding.ts'
import { nodesUnhealthy } from '../../domain/liveness-nodes.ts'
import { plannerSilent } from '../../domain/liveness-workers.ts'
import { chainStalled, chainUnreachable, priceLate } from '../../domain/liveness.ts'
import type { WatchRules, WatchView } from './watch-view.ts'

/** What is wrong with chains, with what exchanges were told, and with our own workers. */
export function chainFindings(view: WatchView, rules: WatchRules): readonly Finding[] {
  return [
    ...stalledChains(view, rules),
    ...Object.entries(view.rpc).flatMap(([chain, nodes]) =>
      nodesUnhealthy({ chain, nodes, now: view.now }),
    ),
    ...latePrices(view, rules),
    ...lateFunding(view, rules),
    ...lateTimes(view),
    ...silentJobs(view, rules),
  ]
}

/** What a look says nothing of, since a node did not answer: no incident of these ends by it. */
export function unseenBy(
  view: WatchView,
  rules: WatchRules,
): readonly Pick<Finding, 'rule' | 'subject'>[] {
  const chains = Object.entries(view.chains).flatMap(([subject, head]) =>
    head.kind === 'unseen' ? [{ rule: 'chain-stalled', subject }] : [],
  )
  const prices = Object.entries(view.engines).flatMap(([engine, state]) =>
    state.kind === 'unseen'
      ? (rules.engines[engine] ?? []).map((market) => ({
          rule: 'price-late',
          subject: `${engine}:${market}`,
        }))
      : [],
  )
  const funding = Object.entries(view.funding).flatMap(([subject, settled]) =>
    settled.kind === 'unseen' ? [{ rule: 'funding-late', subject }] : [],
  )
  const times = Object.entries(view.exchangeTimes).flatMap(([subject, updated]) =>
    updated.kind === 'unseen' ? [{ rule: 'exchange-time-late', subject }] : [],
  )
  return [...chains, ...prices, ...funding, ...times]
}

function stalledChains({ chains, now }: WatchView, rules: WatchRules): readonly Finding[] {
  return Object.entries(chains).flatMap(([chain, head]) => {
    const rule = rules.chains[chain]
    if (!rule) return []
    if (head.kind === 'unseen') return chainUnreachable({ chain, reason: head.reason, now })
    const { blockSeconds, stallFactor: factor } = rule
    return chainStalled({ chain, head: head.value, now, blockSeconds, factor }) ?? []
  })
}

function latePrices({ engines, now }: WatchView, rules: WatchRules): readonly Finding[] {
  return Object.entries(engines).flatMap(([engine, state]) => {
    if (state.kind === 'unseen') return []
    const markets = rules.engines[engine] ?? []
    return markets.flatMap((market) => {
      const publishedAt = state.value.prices[market]?.publishedAt
      const maxPushAgeMs = rules.maxPushAgeMs[market]
      if (maxPushAgeMs === undefined) return []
      return priceLate({ market, engine, publishedAt, now, maxPushAgeMs }) ?? []
    })
  })
}

function lateFunding({ funding, now }: WatchView, rules: WatchRules): readonly Finding[] {
  return Object.entries(funding).flatMap(([engine, settled]) => {
    const epochSeconds = rules.epochSeconds[engine]
    if (settled.kind === 'unseen' || epochSeconds === undefined) return []
    return fundingLate({ engine, settledAt: settled.value, now, epochSeconds }) ?? []
  })
}

function lateTimes({ exchangeTimes, now }: WatchView): readonly Finding[] {
  return Object.entries(exchangeTimes).flatMap(([engine, updated]) =>
    updated.kind === 'unseen'
      ? []
      : (exchangeTimeLate({ engine, updatedAt: updated.value, now }) ?? []),
  )
}

function silentJobs({ jobs, now }: WatchView, rules: WatchRules): readonly Finding[] {
  const { plannerSilentSlots: slots } = rules
  const newest = Map.groupBy(jobs, ({ job }) => job)
  return [...newest].flatMap(([job, subjects]) => {
    const everySeconds = rules.everySeconds[job]
    if (everySeconds === undefined) return []
    const times = subjects.flatMap(({ lastSlotAt }) => lastSlotAt ?? [])
    // One subject that falls silent is enough: the oldest decides.
    const lastSlotAt =
      times.length < subjects.length
        ? undefined
        : times.reduce((least, one) => (one < least ? one : least))
    return plannerSilent({ job, lastSlotAt, now, everySeconds, slots }) ?? []
  })
}
