/**
 * What is known of each market's price over the last minutes, for its chart.
 *
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {import('../../view/price-history.ts').PriceHistory} PriceHistory
 * @typedef {{
 *   round: number, at: number, mark: number | null, sources: Record<string, number>, posted: Record<string, number>
 * }} Point
 */

const keptMs = 15 * 60_000
/** More points than pixels help nobody. */
const maxPoints = 900

/** @type {Map<string, Point[]>} */
const history = new Map()

/**
 * The rounds before the page was opened.
 *
 * @returns {Promise<void>}
 */
export async function recall() {
  const response = await fetch('api/history', { cache: 'no-store' })
  // Without it charts begin with the next round, as they say.
  if (!response.ok) return
  const past = /** @type {PriceHistory} */ (await response.json())
  for (const [market, points] of Object.entries(past)) {
    const live = history.get(market) ?? []
    const firstLive = live[0]?.round ?? Infinity
    const before = points
      .filter(({ round }) => round < firstLive)
      .map(({ round, at, mark, sources, posted }) => ({
        round,
        at,
        mark: mark === undefined ? null : Number(mark),
        sources: numbers(sources),
        posted: numbers(posted),
      }))
    history.set(market, [...before, ...live])
  }
}

/**
 * The newest round of every market, where it is a new one.
 *
 * @param {NetworkView} view
 */
export function remember(view) {
  for (const feed of view.feeds) {
    const [node] = feed.nodes
    if (feed.role !== 'market' || !node) continue
    const points = history.get(feed.feed) ?? []
    const point = pointOf(feed, node)
    const known = points.findIndex(({ round }) => round >= point.round)
    const kept = known < 0 ? points : points.slice(0, known)
    const horizon = point.at - keptMs
    history.set(feed.feed, [...kept, point].filter(({ at }) => at >= horizon).slice(-maxPoints))
  }
}

/**
 * Oldest first.
 *
 * @param {string} market
 * @returns {readonly Point[]}
 */
export function seen(market) {
  return history.get(market) ?? []
}

/**
 * @param {NetworkView['feeds'][number]} feed
 * @param {NetworkView['feeds'][number]['nodes'][number]} node
 * @returns {Point}
 */
function pointOf({ mark, posted }, { round, at, sources }) {
  return {
    round,
    at,
    mark: mark.kind === 'price' && !mark.stale ? Number(mark.price) : null,
    sources: Object.fromEntries(
      sources.flatMap(({ venue, instrument, price, counted }) =>
        counted && price !== undefined ? [[`${venue} ${instrument}`, Number(price)]] : [],
      ),
    ),
    posted: Object.fromEntries(
      posted.flatMap(({ engine, price }) => (price === undefined ? [] : [[engine, Number(price)]])),
    ),
  }
}

/**
 * A chart's line needs no more digits than a float has.
 *
 * @param {Readonly<Record<string, string>>} texts
 * @returns {Record<string, number>}
 */
function numbers(texts) {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, Number(text)]))
}
