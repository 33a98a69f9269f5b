import { fill, h, keep, row, table } from './dom.js'
import { boundsText, sizeText } from './parameter-values.js'

/** @typedef {import('./studio-data.js').ParametersView['changes'][number]} Change */

const columns = [
  { name: 'Parameter' },
  { name: 'From', numeric: true },
  { name: 'To', numeric: true },
  { name: 'Bounds' },
  { name: 'What it is' },
]

/** @type {WeakMap<Element, HTMLTableSectionElement>} */
const bodies = new WeakMap()

export function changeTable() {
  const { element, body } = table({ label: 'What it changes', columns })
  element.classList.add('parameters')
  element.querySelector('table')?.classList.add('changes')
  bodies.set(element, body)
  return element
}

/**
 * @param {HTMLElement} element
 * @param {readonly Change[]} changes
 */
export function showChanges(element, changes) {
  const body = bodies.get(element)
  if (!body) return
  element.hidden = changes.length === 0
  keep(body, changes, {
    key: ({ path }) => path,
    create: () => {
      const line = row(columns)
      line.children[0]?.append(h('code'))
      return line
    },
    update(line, change) {
      const { path, from, to, unit, reason } = change
      const place = line.querySelector('code')
      if (place) place.textContent = path
      fill(line, [undefined, sizeText(from, unit), sizeText(to, unit), boundsText(change), reason])
      line.classList.toggle('long', typeof (from ?? to) === 'object')
    },
  })
}
