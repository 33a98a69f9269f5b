import type { Finding } from '../../domain/incident.ts'
import { peerLying, peerSilent, reportsApart } from '../../domain/liveness-peers.ts'
import { quorumOf } from './price-findings.ts'
import type { NodeSight, PeersSeen, WatchRules, WatchView } from './watch-view.ts'

/** What is wrong with other operators' nodes, and between all of them. */
export function peerFindings(view: WatchView, rules: WatchRules): readonly Finding[] {
  return [...silentPeers(view, rules), ...lyingNodes(view, rules), ...marketsApart(view, rules)]
}

/** Where no prices are collected, nothing is known of who would give some. */
export function unseenPeers(
  view: WatchView,
  rules: WatchRules,
): readonly Pick<Finding, 'rule' | 'subject'>[] {
  if (newestLooks(view, rules).length > 0) return []
  return view.peers.flatMap(({ engine, sights, apart }) => [
    ...sights.map(({ node: subject }) => ({ rule: 'peer-silent', subject })),
    ...apart.map((market) => ({ rule: 'reports-apart', subject: `${engine}:${market}` })),
  ])
}

/** Slots after which a look is history. */
const currentSlots = 3

/** Of each exchange the newest look, where it is not of old. */
function newestLooks({ peers, now }: WatchView, rules: WatchRules): readonly PeersSeen[] {
  const slotMs = (rules.everySeconds['push-prices'] ?? 0) * 1000
  const byEngine = Map.groupBy(peers, ({ engine }) => engine)
  return [...byEngine.values()].flatMap(([newest]) =>
    newest && now - newest.at <= slotMs * currentSlots ? [newest] : [],
  )
}

/** A peer is silent where no exchange has reports of it: it may sign for some of them only. */
function silentPeers(view: WatchView, rules: WatchRules): readonly Finding[] {
  const looks = newestLooks(view, rules)
  const sights = Map.groupBy(
    looks.flatMap(({ at, sights: all }) => all.map((sight) => ({ at, sight }))),
    ({ sight }) => sight.node,
  )
  const present = [...sights.values()].filter((all) => all.some(({ sight }) => sight.usable > 0))
  const roundSeconds = roundOf(rules)
  return [...sights.values()].flatMap((all) => {
    const [first] = all
    if (!first || all.some(({ sight }) => sight.usable > 0)) return []
    return (
      peerSilent({
        sight: first.sight,
        since: first.at,
        othersPresent: present.length + ownPresent(view, rules).length,
        quorum: quorumOf(view),
        roundSeconds,
        rounds: rules.oracleMissingRounds,
      }) ?? []
    )
  })
}

function ownPresent({ nodes, now }: WatchView, rules: WatchRules): readonly NodeSight[] {
  const limitMs = rules.oracleMissingRounds * roundOf(rules) * 1000
  return nodes.filter(({ prices }) => prices && now - prices.at <= limitMs)
}

/** For how many slots after it a lie is told of: a watch that looks less often must not miss it. */
const liesLast = 6

/** Of each node the worst of lately. */
function lyingNodes({ peers, now }: WatchView, rules: WatchRules): readonly Finding[] {
  const lately = now - (rules.everySeconds['push-prices'] ?? 0) * 1000 * liesLast
  const lies = Map.groupBy(
    peers.flatMap(({ at, lies: all }) =>
      at < lately ? [] : all.map((lie) => ({ since: at, lie })),
    ),
    ({ lie }) => lie.node,
  )
  return [...lies.values()].flatMap((all) => {
    const worst = all.find(({ lie }) => lie.what === 'equivocated') ?? all[0]
    return worst ? [peerLying(worst)] : []
  })
}

function marketsApart(view: WatchView, rules: WatchRules): readonly Finding[] {
  const roundSeconds = roundOf(rules)
  return newestLooks(view, rules).flatMap(({ engine, apart, at }) =>
    apart.map((market) => reportsApart({ engine, market, since: at, roundSeconds })),
  )
}

/** Who runs no node counts rounds by the slots of the push. */
function roundOf({ everySeconds }: WatchRules): number {
  return everySeconds['publish-prices'] ?? everySeconds['push-prices'] ?? 1
}
