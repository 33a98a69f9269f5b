import { byId, fill, h, keep, row, say, table } from './dom.js'
import { lasting, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['watched'][number]} Watched
 * @typedef {{ system: string, kind: string, finality: NonNullable<Watched['finality']> }} Final
 */

const columns = [
  { name: 'System' },
  { name: 'Final by' },
  { name: 'State is final in', numeric: true },
  { name: 'Withdrawal in', numeric: true },
  { name: 'How that was computed' },
]

/** @type {HTMLTableSectionElement | undefined} */
let body

/**
 * Every watched system that settles somewhere, side by side: whose withdrawals come soonest is first.
 *
 * @param {NetworkView} view
 */
export function showFinality({ watched }) {
  const finals = watched
    .flatMap(({ system, kind, finality }) => (finality ? [{ system, kind, finality }] : []))
    .toSorted((one, other) => one.finality.withdrawalMs - other.finality.withdrawalMs)
  byId('finality-section').hidden = finals.length === 0
  if (!body) {
    const made = table({ label: 'How long until it is final', columns })
    made.element.classList.add('stacked')
    byId('finality').append(made.element)
    body = made.body
  }
  const longest = Math.max(1, ...finals.map(({ finality }) => finality.withdrawalMs))
  keep(body, finals, {
    key: ({ system }) => system,
    create,
    update: (line, final) => update(line, final, longest),
  })
}

/** @param {Final} final */
function create({ system, kind }) {
  const line = row(columns)
  const [name, , , withdrawal, how] = line.children
  name?.append(h('b', {}, system), h('small', {}, words(kind)))
  withdrawal?.append(
    h('span'),
    h('progress', { class: 'beat', 'aria-label': 'Beside the longest of all' }),
  )
  how?.append(h('details', {}, h('summary', {}, 'its numbers'), h('p', { class: 'basis' })))
  return line
}

/**
 * @param {Element} line
 * @param {Final} final
 * @param {number} longest
 */
function update(line, { finality: { by, finalMs, withdrawalMs, basis } }, longest) {
  fill(line, [undefined, by, lasting(finalMs)])
  const [, , , withdrawal, how] = line.children
  const [time, bar] = withdrawal?.children ?? []
  if (!time || !(bar instanceof HTMLProgressElement) || !how) return
  say(time, lasting(withdrawalMs))
  bar.max = longest
  bar.value = withdrawalMs
  how.setAttribute('title', basis)
  const words1 = how.querySelector('.basis')
  if (words1) say(words1, basis)
}
