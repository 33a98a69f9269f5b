import { priceChart } from './chart.js'
import { byId, h, keep, mark, say } from './dom.js'
import { ago, clock, counted, decimalsOf, fixed, price, span, words } from './format.js'
import { postedList } from './posted.js'
import { seen } from './price-history.js'
import { sourcesOf } from './sources.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['feeds'][number]} Feed
 * @typedef {(feed: Feed, elapsedMs: number) => void} Update
 */

/** @type {WeakMap<Element, Update>} */
const updates = new WeakMap()

/**
 * One card per market.
 *
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showMarkets({ feeds }, elapsedMs) {
  const markets = feeds.filter(({ role }) => role === 'market')
  keep(byId('markets'), markets, {
    key: ({ feed }) => feed,
    create: card,
    update: (element, feed) => updates.get(element)?.(feed, elapsedMs),
  })
}

/** @param {Feed} feed */
function card({ feed: name }) {
  const chip = h('span', { class: 'chip' })
  const big = h('p', { class: 'price' })
  const under = h('p', { class: 'under' })
  const canvas = h('div', { class: 'chart', role: 'img' })
  const waiting = h('p', { class: 'waiting' }, 'The chart begins with the next round.')
  const legend = h('p', { class: 'legend' }, ...legendKeys(), h('span', { class: 'readout' }))
  const posted = postedList(name)
  const sources = sourcesOf(name)
  const element = h(
    'article',
    { class: 'card', 'aria-label': name },
    h('header', {}, h('h3', {}, name), chip),
    big,
    under,
    h('div', { class: 'plot' }, canvas, waiting, legend),
    posted.element,
    sources.element,
  )
  const chart = priceChart(canvas, (point) => {
    const readout = legend.lastElementChild
    if (!readout) return
    const known = point && point.mark !== null
    say(readout, known ? `${clock(point.at)}  ${price(String(point.mark))}` : '')
  })

  updates.set(element, (feed, elapsedMs) => {
    const points = seen(name)
    const state = stateOf(feed)
    mark(element, 'data-state', state.kind)
    say(chip, state.text)
    mark(big, 'data-none', feed.mark.kind === 'none' ? '' : undefined)
    say(big, feed.mark.kind === 'price' ? price(feed.mark.price) : 'no price')
    say(under, underline(feed, elapsedMs))
    waiting.hidden = points.length > 1
    chart.update(points)
    mark(canvas, 'aria-label', `${name} over the last ${counted(points.length, 'round')}`)
    posted.update(feed, elapsedMs)
    sources.update(feed)
  })
  return element
}

function legendKeys() {
  return ['mark', 'sources', 'posted'].map((name) => h('span', { class: `line ${name}` }, name))
}

/**
 * @param {Feed} feed
 * @returns {{ kind: 'ok' | 'warning' | 'critical' | 'quiet', text: string }}
 */
function stateOf({ mark: now, nodes }) {
  const without = nodes.flatMap(({ outcome }) => (outcome.kind === 'price' ? [] : [outcome]))
  const [first] = without
  if (now.kind === 'none') {
    if (!first) return { kind: 'quiet', text: 'no price yet' }
    return first.kind === 'hold'
      ? { kind: 'warning', text: `held: ${words(first.reason)}` }
      : { kind: 'critical', text: `refused: ${words(first.reason)}` }
  }
  if (now.stale) return { kind: 'warning', text: 'old' }
  if (first) return { kind: 'warning', text: `${counted(now.nodes, 'node')} of ${nodes.length}` }
  const [node] = nodes
  const agreeing = node?.outcome.kind === 'price' ? node.outcome.agreeing : 0
  return { kind: 'ok', text: `${agreeing} of ${node?.sources.length ?? 0} agree` }
}

/**
 * @param {Feed} feed
 * @param {number} elapsedMs
 */
function underline({ mark: now, nodes }, elapsedMs) {
  if (now.kind === 'none') return now.reason
  const made = now.nodes > 1 ? `median of ${now.nodes} nodes` : `round ${nodes[0]?.round ?? ''}`
  const sure = `± ${fixed(now.confidence, decimalsOf(now.price))}`
  return [sure, ...spread(nodes[0]), made, ago(now.ageMs + elapsedMs)].join(' · ')
}

/**
 * How far apart the first node's sources are, and how old its oldest input was.
 *
 * @param {Feed['nodes'][number] | undefined} node
 */
function spread(node) {
  const { dispersionBps, inputAgeMs } = node?.quality ?? {}
  return [
    ...(dispersionBps === undefined ? [] : [`${dispersionBps} bps apart`]),
    ...(inputAgeMs === undefined ? [] : [`inputs up to ${span(inputAgeMs)} old`]),
  ]
}
