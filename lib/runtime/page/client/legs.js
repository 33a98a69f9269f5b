import { byId, fill, keep, mark, row, table } from './dom.js'
import { decimalsOf, fixed, price, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['feeds'][number]} Feed
 */

const columns = [
  { name: 'Conversion' },
  { name: 'Price', numeric: true },
  { name: 'Confidence', numeric: true },
  { name: 'Sources agreeing', numeric: true },
  { name: 'Left out' },
]

/** @type {ReturnType<typeof table> | undefined} */
let made

/**
 * The stablecoins' own prices, by which sources are converted.
 *
 * @param {NetworkView} view
 */
export function showLegs({ feeds }) {
  const legs = feeds.filter(({ role }) => role === 'leg')
  byId('legs-section').hidden = legs.length === 0
  if (!made) {
    made = table({ label: 'Conversions', columns })
    byId('legs').append(made.element)
  }
  keep(made.body, legs, { key: ({ feed }) => feed, create: () => row(columns), update })
}

/**
 * @param {Element} line
 * @param {Feed} feed
 */
function update(line, { feed, mark: now, nodes, minSources }) {
  const [node] = nodes
  const wrong = (node?.sources ?? []).filter(({ verdict }) => verdict !== 'agrees')
  const { dispersionBps } = node?.quality ?? {}
  const apart = dispersionBps === undefined ? '' : `, ${dispersionBps} bps apart`
  mark(line, 'data-state', now.kind === 'price' ? undefined : 'none')
  fill(line, [
    feed,
    now.kind === 'price' ? price(now.price) : '–',
    now.kind === 'price' ? `± ${fixed(now.confidence, decimalsOf(now.price))}` : '',
    node ? `${node.quality.agreeing} of ${node.sources.length}, ${minSources} needed${apart}` : '',
    now.kind === 'none'
      ? now.reason
      : wrong.map(({ venue, verdict, why }) => `${venue}: ${why || words(verdict)}`).join('; '),
  ])
}
