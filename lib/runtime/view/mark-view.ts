import { Decimal } from '../../domain/decimal.ts'
import type { FeedOutcome } from '../../domain/price-round.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Network } from '../network/schema.ts'
import type { NodePrices } from './node-prices.ts'

/** The price that the network stands for now, or why there is none. */
export type MarkView =
  | {
      readonly kind: 'price'
      /** The plain median of the nodes' prices; of an even count the floor of the two middles' average at 18 decimals. */
      readonly price: string
      /** The widest of the nodes. */
      readonly confidence: string
      /** When the newest of them was decided. */
      readonly at: number
      readonly ageMs: number
      /** No node has made a new one for three rounds. */
      readonly stale: boolean
      /** How many nodes it is made of. */
      readonly nodes: number
    }
  | { readonly kind: 'none'; readonly reason: string }

type Priced = { readonly at: Timestamp; readonly outcome: FeedOutcome & { readonly kind: 'price' } }

/** Rounds without a new price after which the last one is shown as old. */
const staleRounds = 3

export function markView(look: {
  readonly feed: string
  readonly network: Network
  readonly nodes: readonly NodePrices[]
  readonly now: Timestamp
}): MarkView {
  const { feed, network, nodes, now } = look
  const newest = Math.max(...nodes.map(({ round }) => round.round))
  // A node may be one round behind the others; older ones no longer speak of the same moment.
  const current = nodes.filter(({ round }) => round.round >= newest - 1)
  const results = current.flatMap(({ node, round }) =>
    round.feeds
      .filter((one) => one.feed === feed)
      .map(({ outcome }) => ({ node, at: round.at, outcome })),
  )
  const priced = results.flatMap(({ at, outcome }): Priced[] =>
    outcome.kind === 'price' ? [{ at, outcome }] : [],
  )
  if (priced.length === 0) return { kind: 'none', reason: whyNone(results, network) }
  const at = Math.max(...priced.map((one) => one.at))
  const ageMs = Math.max(0, now - at)
  const everySeconds = network.jobs['publish-prices']?.everySeconds
  return {
    kind: 'price',
    price: median(priced.map(({ outcome }) => outcome.price)).toFixed(),
    confidence: Decimal.max(...priced.map(({ outcome }) => outcome.confidence)).toFixed(),
    at,
    ageMs,
    stale: everySeconds !== undefined && ageMs > staleRounds * everySeconds * 1000,
    nodes: priced.length,
  }
}

function whyNone(
  results: readonly { readonly node: string; readonly outcome: FeedOutcome }[],
  { oracles }: Network,
): string {
  if (oracles.length === 0) return 'this deployment runs no oracle node'
  const reasons = results.flatMap(({ node, outcome }) =>
    outcome.kind === 'price'
      ? []
      : [oracles.length > 1 ? `${node}: ${said(outcome)}` : said(outcome)],
  )
  return reasons.join('; ') || 'no round has priced it yet'
}

function said(outcome: Exclude<FeedOutcome, { readonly kind: 'price' }>): string {
  const words = outcome.detail || outcome.reason.replaceAll('-', ' ')
  return outcome.kind === 'hold' ? `held until it is confirmed, ${words}` : words
}

function median(prices: readonly Decimal[]): Decimal {
  const sorted = prices.toSorted((one, other) => one.comparedTo(other))
  const [low, high] = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1)
  if (!low) throw new RangeError('there is no median of no prices')
  return high ? low.plus(high).div(2).toDecimalPlaces(18, Decimal.ROUND_FLOOR) : low
}
