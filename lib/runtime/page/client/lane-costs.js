import { fill, h, keep, row, say, table } from './dom.js'
import { amount, span } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView['lanes'][number]} Lane
 * @typedef {NonNullable<Lane['costs']>} Costs
 */

const columns = [
  { name: 'Market' },
  { name: 'Exchange' },
  { name: 'Pushes', numeric: true },
  { name: 'A price', numeric: true },
  { name: 'A day', numeric: true },
]

/** @type {WeakMap<Element, HTMLTableSectionElement>} */
const bodies = new WeakMap()

/**
 * What a lane costs in a line, and each market of it when it is opened.
 *
 * @param {string} lane
 */
export function laneCosts(lane) {
  const { element, body } = table({ label: `Costs of ${lane}`, columns })
  const made = h('details', { class: 'costs' }, h('summary'), element)
  bodies.set(made, body)
  return made
}

/**
 * @param {HTMLElement} element
 * @param {Lane['costs']} costs absent where nothing was spent
 */
export function showCosts(element, costs) {
  const body = bodies.get(element)
  const summary = element.querySelector('summary')
  element.hidden = costs === undefined
  if (!costs || !body || !summary) return
  say(summary, inShort(costs))
  keep(body, costs.feeds, {
    key: ({ engine, market }) => `${engine} ${market}`,
    create: () => row(columns),
    update: (line, { engine, market, pushes, perPush, perDay }) =>
      fill(line, [
        market,
        engine,
        String(pushes),
        amount(perPush),
        perDay === undefined ? '' : amount(perDay),
      ]),
  })
}

/** @param {Costs} costs */
function inShort({ token, since, until, spent, perDay, perTransaction, perPrice }) {
  const sum =
    perDay === undefined
      ? `${amount(spent)} ${token} in ${span(until - since)}`
      : `${amount(perDay)} ${token} a day`
  const price = perPrice === undefined ? [] : [`${amount(perPrice)} a price`]
  return [sum, `${amount(perTransaction)} a transaction`, ...price].join(' · ')
}
