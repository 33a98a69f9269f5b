import type { KeepReports } from '../../domain/action.ts'
import type { Lie, PeerSight } from '../../domain/peer-sight.ts'
import type { SignedReport } from '../../domain/report.ts'
import { timestamp } from '../../domain/time.ts'
import type { Clock, Engine, Peer, Store } from '../../ports.ts'
import type { KeeperSlot } from '../keeper.ts'
import { askPeer, type Wait } from './ask-peer.ts'
import { type JudgedRound, judgeRound } from './judge-round.ts'
import { liesIn, sightOf } from './tell-of-peers.ts'

export type CollectRules = {
  /** Length of a round. */
  readonly roundSeconds: number
  /** How long to wait for the round's reports. */
  readonly collectMs: number
  /** How many nodes publish in our own table; when all have, there is nothing to wait for there. */
  readonly nodes: number
}

export type Collecting = {
  readonly clock: Clock
  readonly store: Pick<Store, 'reports'>
  readonly peers: readonly Peer[]
  readonly rules: CollectRules
}

export type CollectedReports = {
  /** The newest round first; reports that count, whoever gave them. */
  readonly rounds: readonly { readonly round: number; readonly reports: readonly SignedReport[] }[]
  /** What was left out, and why. */
  readonly invalid: readonly string[]
  /** One for each peer. */
  readonly sights: readonly PeerSight[]
  readonly lies: readonly Lie[]
  /** What peers gave that counts and is not in our table yet. */
  readonly pulled: readonly KeepReports[]
}

/** Rounds before the newest that still count: a round may be late, and older prices are no longer worth a push. */
const olderRounds = 2
const pollMs = 150

/**
 * The reports of the newest rounds for one exchange, out of our own table and from every peer at once. Waits until all nodes
 * have reported, as long as it may; then takes what there is. Each report is judged, wherever it comes from.
 */
export async function collectReports(
  world: Collecting,
  engine: Engine,
  { slotAt, signal }: Pick<KeeperSlot, 'slotAt' | 'signal'>,
): Promise<CollectedReports> {
  const { clock, peers, rules } = world
  const newest = Math.floor(slotAt / (rules.roundSeconds * 1000))
  const wait: Wait = { until: timestamp(clock.now() + rules.collectMs), signal }
  const [asked] = await Promise.all([
    Promise.all(peers.map(async (peer) => await askPeer(clock, peer, { ...wait, newest }))),
    waitForOwn(world, newest, wait),
  ])
  const answers = asked.flat()
  const rounds = Array.from({ length: olderRounds + 1 }, (_, back) => newest - back)
  const judged = await Promise.all(
    rounds.map(async (round) => await judgeRound(world, engine, { round, answers })),
  )
  return {
    rounds: judged.map(({ round, reports }) => ({ round, reports })),
    invalid: judged.flatMap(leftOut),
    sights: peers.map(({ node }) => sightOf(node, { newest, answers, judged })),
    lies: liesIn(judged),
    pulled: judged.flatMap(({ pulled }) => pulled),
  }
}

async function waitForOwn(
  { clock, store, peers, rules }: Collecting,
  round: number,
  { until, signal }: Wait,
): Promise<void> {
  const foreign = new Set(peers.map(({ node }) => node))
  for (;;) {
    const reports = await store.reports.ofRound(round)
    const own = new Set(reports.map(({ node }) => node)).difference(foreign)
    if (own.size >= rules.nodes || clock.now() + pollMs > until || signal?.aborted) return
    await clock.sleep(pollMs, signal)
  }
}

function leftOut({ faults }: JudgedRound): readonly string[] {
  return faults.map(
    ({ node, fault, report: { feed, round } }) => `${node} ${feed} round ${round}: ${fault}`,
  )
}
