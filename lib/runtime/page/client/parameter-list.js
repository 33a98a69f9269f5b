import { fill, h, keep, mark, row, say, table } from './dom.js'
import { counted } from './format.js'
import { boundsText, sizeText } from './parameter-values.js'

/** @typedef {import('./studio-data.js').KnownParameter} KnownParameter */

const columns = [
  { name: 'Parameter' },
  { name: 'Value', numeric: true },
  { name: 'Bounds' },
  { name: 'What it is' },
  { name: '' },
]

/** More are found with another word. */
const shown = 60

/**
 * Every parameter there is, found by a part of its place or of its reason.
 *
 * @param {{ onOpen: () => void, onChange: (parameter: KnownParameter) => void }} to
 */
export function parameterList({ onOpen, onChange }) {
  const { element: scroll, body } = table({ label: 'Every parameter', columns })
  scroll.classList.add('parameters')
  scroll.querySelector('table')?.classList.add('every')
  const input = h('input', {
    type: 'search',
    id: 'parameter-filter',
    placeholder: 'BTC-USD push',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  const count = h('p', { class: 'empty', role: 'status' })
  const element = h(
    'details',
    { class: 'more' },
    h('summary', {}, 'Every parameter'),
    h('p', { class: 'field' }, h('label', { for: 'parameter-filter' }, 'Find'), input),
    count,
    scroll,
  )
  /** @type {readonly KnownParameter[] | undefined} */
  let all
  const show = () => {
    if (!all) return
    const found = all.filter((one) => isFound(one, input.value))
    say(count, countText(found.length, all.length))
    scroll.hidden = found.length === 0
    keep(body, found.slice(0, shown), {
      key: ({ path }) => path,
      create: ({ path }) => {
        const line = row(columns)
        line.children[0]?.append(h('code', {}, path))
        const button = h('button', { type: 'button', 'aria-label': `Change ${path}` }, 'Change')
        button.addEventListener('click', () => {
          const parameter = all?.find((one) => one.path === path)
          if (parameter) onChange(parameter)
        })
        line.children[4]?.append(button)
        return line
      },
      update(line, parameter) {
        const { value, unit, reason, safer } = parameter
        fill(line, [
          undefined,
          sizeText(value, unit),
          boundsText(parameter),
          `${reason}${safer === undefined ? '' : ` More careful: ${safer}.`}`,
        ])
        line.classList.toggle('long', typeof value === 'object')
        mark(line, 'data-path', parameter.path)
      },
    })
  }
  input.addEventListener('input', show)
  element.addEventListener('toggle', () => {
    if (element.open) onOpen()
  })
  return {
    element,
    /** @param {readonly KnownParameter[]} parameters */
    update(parameters) {
      if (parameters === all) return
      all = parameters
      show()
    },
    /** @param {string} text */
    say: (text) => say(count, text),
  }
}

/**
 * Each word is somewhere in it.
 *
 * @param {KnownParameter} parameter
 * @param {string} text
 */
function isFound({ path, reason }, text) {
  const whole = `${path} ${reason}`.toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => whole.includes(word))
}

/**
 * @param {number} found
 * @param {number} all
 */
function countText(found, all) {
  if (found === 0) return 'No parameter has all of these words in its place or its reason.'
  if (found > shown) return `The first ${shown} of ${found}; more words find fewer.`
  return found === all ? counted(all, 'parameter') : `${found} of ${all} parameters`
}
