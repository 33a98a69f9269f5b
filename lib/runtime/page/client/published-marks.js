import { byId, fill, h, keep, mark, row, sayBoth, table } from './dom.js'
import { price, rate, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['watched'][number]['marks'][number] & { system: string, kind: string }} Mark
 */

const columns = [
  { name: 'Market' },
  { name: 'Exchange' },
  { name: 'Its mark', numeric: true },
  { name: 'Ours', numeric: true },
  { name: 'Apart', numeric: true },
  { name: 'Usual up to', numeric: true },
  { name: 'Funding an hour', numeric: true },
]

/** @type {HTMLTableSectionElement | undefined} */
let body

/**
 * What exchanges publish as their mark prices, market by market, beside ours, or beside the other exchanges' median where we have
 * none.
 *
 * @param {NetworkView} view
 */
export function showPublishedMarks({ watched }) {
  const marks = watched
    .flatMap(({ system, kind, marks: own }) => own.map((one) => ({ ...one, system, kind })))
    .toSorted(
      (one, other) =>
        one.market.localeCompare(other.market) || one.system.localeCompare(other.system),
    )
  byId('marks-section').hidden = marks.length === 0
  if (!body) {
    const made = table({ label: 'Published marks', columns })
    made.element.classList.add('marks')
    byId('marks').append(made.element)
    body = made.body
  }
  keep(body, marks, {
    key: ({ system, market }) => `${system} ${market}`,
    create: ({ system, kind, market }) => {
      const line = row(columns)
      const [first, second, , beside] = line.children
      first?.append(market)
      second?.append(h('span', {}, system), h('small', {}, words(kind)))
      beside?.append(h('span', {}), h('small', {}))
      return line
    },
    update,
  })
}

/**
 * @param {Element} line
 * @param {Mark} published
 */
function update(line, { mark: theirs, ours, others, bps, usualBps, apart, fundingPerHour }) {
  mark(line, 'data-apart', apart ? '' : undefined)
  const held = ours ?? others?.median
  const whose =
    ours === undefined && others ? `the other exchanges' median: ${others.of.join(', ')}` : ''
  sayBoth(line.children[3], held === undefined ? '–' : price(held), whose)
  fill(line, [
    undefined,
    undefined,
    price(theirs),
    undefined,
    bps === undefined ? '–' : distance(bps),
    usualBps === undefined ? '–' : `${usualBps} bps`,
    fundingPerHour === undefined ? '–' : rate(fundingPerHour),
  ])
}

/** @param {number} bps */
function distance(bps) {
  const size = Math.abs(bps)
  const text = size >= 100 ? size.toFixed(0) : size.toFixed(1)
  if (Number(text) === 0) return '0 bps'
  return `${bps < 0 ? '−' : '+'}${text} bps`
}
