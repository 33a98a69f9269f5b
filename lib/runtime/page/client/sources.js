import { fill, h, keep, mark, row, say, table } from './dom.js'
import { counted, off, price, span, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView['feeds'][number]} Feed
 * @typedef {Feed['nodes'][number]['sources'][number]} Source
 */

const columns = [
  { name: 'Source' },
  { name: 'Price', numeric: true },
  { name: 'Off', numeric: true },
  { name: 'Age', numeric: true },
  { name: 'Verdict' },
]

/**
 * The sources of one market as one node judged them: what was left out and why always in sight, the whole table on demand.
 *
 * @param {string} market
 * @returns {{ element: HTMLElement, update: (feed: Feed) => void }}
 */
export function sourcesOf(market) {
  const summary = h('summary')
  const nodes = h('div', { class: 'nodes', role: 'group', 'aria-label': 'Oracle node' })
  const whole = table({ label: `Sources of ${market}`, columns })
  const left = h('ul', {
    class: 'left-out',
    'aria-label': `Sources of ${market} that were left out`,
  })
  const element = h(
    'div',
    { class: 'sources' },
    left,
    h('details', {}, summary, nodes, whole.element),
  )
  /** @type {string | undefined} */
  let chosen
  /** @type {Feed | undefined} */
  let latest

  const show = () => {
    if (!latest) return
    const node = latest.nodes.find((one) => one.node === chosen) ?? latest.nodes[0]
    element.hidden = !node
    if (!node) return
    nodes.hidden = latest.nodes.length < 2
    keep(nodes, latest.nodes, {
      key: (one) => one.node,
      create: (one) => {
        const button = h('button', { type: 'button' }, one.node)
        button.addEventListener('click', () => {
          chosen = one.node
          show()
        })
        return button
      },
      update: (button, one) => mark(button, 'aria-pressed', String(one.node === node.node)),
    })
    const sources = node.sources.toSorted((one, other) => rank(one) - rank(other))
    const wrong = sources.filter(({ verdict }) => verdict !== 'agrees')
    say(summary, `${counted(sources.length, 'source')}, ${sources.length - wrong.length} agree`)
    keep(left, wrong, { key, create: leftOut, update: updateLeftOut })
    keep(whole.body, sources, { key, create: () => row(columns), update: updateRow })
  }

  return {
    element,
    update(feed) {
      latest = feed
      show()
    },
  }
}

/** @param {Source} source */
function key({ venue, instrument }) {
  return `${venue} ${instrument}`
}

/** @param {Source} source */
function rank({ verdict, counted: counts }) {
  if (verdict === 'agrees') return 0
  return counts ? 1 : 2
}

function leftOut() {
  return h('li', {}, h('span', { class: 'dot' }), h('b'), h('span', { class: 'why' }))
}

/**
 * @param {Element} item
 * @param {Source} source
 */
function updateLeftOut(item, { venue, instrument, verdict, why }) {
  const [, name, reason] = item.children
  if (!name || !reason) return
  mark(item, 'data-verdict', verdict)
  mark(item, 'title', instrument)
  say(name, venue)
  say(reason, `${words(verdict)} — ${why}`)
}

/**
 * @param {Element} line
 * @param {Source} source
 */
function updateRow(line, { venue, instrument, price: value, offBps, ageMs, verdict, why }) {
  mark(line, 'data-verdict', verdict)
  fill(line, [
    undefined,
    value === undefined ? '–' : price(value),
    off(offBps),
    ageMs === undefined ? '' : span(ageMs),
    why === '' ? words(verdict) : `${words(verdict)}: ${why}`,
  ])
  const [head] = line.children
  if (head && head.childElementCount === 0)
    head.append(h('span', {}, venue), h('small', {}, instrument))
}
