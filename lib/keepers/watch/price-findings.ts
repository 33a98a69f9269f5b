import type { Finding } from '../../domain/incident.ts'
import { pricesStalled, venueDown, venueFrozen } from '../../domain/liveness-venues.ts'
import { oracleMissing } from '../../domain/liveness-workers.ts'
import { noPrice, offPeg } from '../../domain/liveness.ts'
import type { FeedResult, PriceRound } from '../../domain/price-round.ts'
import { verdictRound } from '../../domain/source-verdicts.ts'
import { timestamp } from '../../domain/time.ts'
import type { NodeSight, WatchRules, WatchView } from './watch-view.ts'

/** What is wrong with prices before they reach an exchange: nodes, venues, markets. */
export function priceFindings(view: WatchView, rules: WatchRules): readonly Finding[] {
  const rounds = current(view, rules)
  const ofVenues = [...frozenVenues(view, rounds, rules), ...silentVenues(view, rounds, rules)]
  return [
    ...missingNodes(view, rules),
    ...marketsWithout(rounds, rules),
    ...legsOffPeg(rounds, rules),
    ...ofVenues,
    ...stalledPrices(rounds, ofVenues, rules),
  ]
}

function stalledPrices(
  rounds: readonly PriceRound[],
  found: readonly Finding[],
  { noPriceMs: afterMs }: WatchRules,
): readonly Finding[] {
  const sources = rounds.flatMap(({ feeds }) => feeds.flatMap((feed) => feed.sources))
  const venues = new Set(sources.map(({ venue }) => venue)).size
  const stalled = pricesStalled({ venues, found, afterMs })
  return stalled ? [stalled] : []
}

type Judged = Pick<Finding, 'rule' | 'subject'>

/**
 * What only rounds of old speak of: a node that fell silent takes back nothing of what it said of markets and venues,
 * and a conversion without a price is not back at its peg. No incident of these ends by it.
 */
export function unseenPrices(view: WatchView, rules: WatchRules): readonly Judged[] {
  const now = new Set(current(view, rules).flatMap(judgedBy).map(nameOf))
  const ever = view.nodes.flatMap(({ prices }) =>
    prices ? [...judgedBy(prices), ...pegs(prices)] : [],
  )
  const unseen = ever.filter((one) => !now.has(nameOf(one)))
  return [...new Map(unseen.map((one) => [nameOf(one), one])).values()]
}

function judgedBy({ feeds }: PriceRound): readonly Judged[] {
  return feeds.flatMap(({ feed, role, outcome, sources }) => [
    { rule: 'no-price', subject: feed },
    ...(role === 'leg' && outcome.kind === 'price' ? [{ rule: 'off-peg', subject: feed }] : []),
    { rule: 'prices-stalled', subject: 'venues' },
    ...sources.flatMap(({ venue: subject }) => [
      { rule: 'venue-down', subject },
      { rule: 'venue-frozen', subject },
    ]),
  ])
}

function pegs({ feeds }: PriceRound): readonly Judged[] {
  return feeds.flatMap(({ feed, role }) =>
    role === 'leg' ? [{ rule: 'off-peg', subject: feed }] : [],
  )
}

function nameOf({ rule, subject }: Judged): string {
  return `${rule} ${subject}`
}

/** Rounds older than a few are history: the node that made them is missing, and says nothing about prices now. */
const currentRounds = 3

function current({ nodes, now }: WatchView, rules: WatchRules): readonly PriceRound[] {
  const roundMs = (rules.everySeconds['publish-prices'] ?? 0) * 1000
  return nodes.flatMap(({ prices }) =>
    prices && now - prices.at <= roundMs * currentRounds ? [prices] : [],
  )
}

function missingNodes(view: WatchView, rules: WatchRules): readonly Finding[] {
  const roundSeconds = rules.everySeconds['publish-prices']
  if (roundSeconds === undefined) return []
  // The running round may still be in the making.
  const newestRound = Math.floor(view.now / (roundSeconds * 1000)) - 1
  const { oracleMissingRounds: rounds } = rules
  const present = ({ prices }: NodeSight) =>
    prices !== undefined && newestRound - prices.round <= rounds
  const quorum = quorumOf(view)
  return view.nodes.flatMap((node) => {
    const othersPresent =
      view.nodes.filter((other) => other !== node && present(other)).length + presentPeers(view)
    const lastRound = node.prices?.round
    const { now } = view
    return (
      oracleMissing({
        node: node.node,
        lastRound,
        newestRound,
        now,
        roundSeconds,
        rounds,
        othersPresent,
        quorum,
      }) ?? []
    )
  })
}

export function quorumOf({ engines }: WatchView): number {
  const quorums = Object.values(engines).flatMap((engine) =>
    engine.kind === 'seen' ? Object.values(engine.value.quorum) : [],
  )
  return Math.max(1, ...quorums)
}

/** Of other operators' nodes, how many gave reports that count when an exchange's were last looked at. */
function presentPeers({ peers }: WatchView): number {
  const newest = Map.groupBy(peers, ({ engine }) => engine)
  const counts = [...newest.values()].map(
    ([look]) => look?.sights.filter(({ usable }) => usable > 0).length ?? 0,
  )
  return Math.min(...(counts.length > 0 ? counts : [0]))
}

/** A market has no price where no node has one. */
function marketsWithout(rounds: readonly PriceRound[], rules: WatchRules): readonly Finding[] {
  const results = Map.groupBy(
    rounds.flatMap(({ at, feeds }) => feeds.map((result) => ({ at, result }))),
    ({ result }) => result.feed,
  )
  return [...results].flatMap(([market, all]) => {
    if (all.some(({ result }) => result.outcome.kind === 'price')) return []
    const [first] = all
    if (!first) return []
    return noPrice({
      market,
      reason: reasonOf(first.result),
      since: first.at,
      afterMs: rules.noPriceMs,
    })
  })
}

function reasonOf({ outcome }: FeedResult): string {
  return outcome.kind === 'price' ? '' : outcome.detail || outcome.reason
}

function legsOffPeg(rounds: readonly PriceRound[], { legs }: WatchRules): readonly Finding[] {
  const [round] = rounds
  if (!round) return []
  return round.feeds.flatMap(({ feed: leg, role, outcome }) => {
    const warnBandBps = role === 'leg' ? legs[leg] : undefined
    if (outcome.kind !== 'price' || warnBandBps === undefined) return []
    return offPeg({ leg, price: outcome.price, warnBandBps, since: round.at }) ?? []
  })
}

function frozenVenues(
  { now }: WatchView,
  rounds: readonly PriceRound[],
  { venueFrozenMs: afterMs }: WatchRules,
): readonly Finding[] {
  const [round] = rounds
  return round ? venueFrozen({ rounds: [verdictRound(round)], now, afterMs }) : []
}

function silentVenues(
  { nodes }: WatchView,
  rounds: readonly PriceRound[],
  { venueDownMs: afterMs }: WatchRules,
): readonly Finding[] {
  const sources = rounds.flatMap(({ feeds }) => feeds.flatMap((feed) => feed.sources))
  const since = timestamp(Math.min(...rounds.map(({ at }) => at), Number.MAX_SAFE_INTEGER))
  const failures = nodes.flatMap((node) => node.failures)
  const venues = Map.groupBy(sources, ({ venue }) => venue)
  return [...venues].flatMap(([venue, all]) => {
    if (all.some(({ verdict }) => verdict !== 'missing')) return []
    const { why = 'no answer', detail = 'nothing came' } =
      failures.find((failure) => failure.venue === venue) ?? {}
    return venueDown({ venue, why, detail, since, afterMs })
  })
}
