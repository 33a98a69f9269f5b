import { h, keep, mark, say } from './dom.js'
import { counted, date, lasting, words } from './format.js'

/** @typedef {import('../../view/network-view.ts').NetworkView['watched'][number]['deadlines'][number]} Deadline */

/** As many as are read at a glance; the others on demand. */
const shown = 3

/** @param {string} system */
export function deadlineList(system) {
  const list = (/** @type {string} */ label) => h('ul', { 'aria-label': `${label} of ${system}` })
  return h(
    'div',
    { class: 'deadlines' },
    list('Nearest deadlines'),
    h('details', {}, h('summary'), list('Later deadlines')),
  )
}

/**
 * What the chain will not wait for, the nearest first, each with how much of its time is gone.
 *
 * @param {Element} element
 * @param {readonly Deadline[]} deadlines
 * @param {number} now
 */
export function showDeadlines(element, deadlines, now) {
  const [nearest, more] = element.children
  if (!nearest || !(more instanceof HTMLElement)) return
  const later = deadlines.slice(shown)
  fill(nearest, deadlines.slice(0, shown), now)
  more.hidden = later.length === 0
  const [label, rest] = more.children
  if (!label || !rest) return
  say(label, counted(later.length, 'later deadline'))
  fill(rest, later, now)
}

/**
 * @param {Element} list
 * @param {readonly Deadline[]} deadlines
 * @param {number} now
 */
function fill(list, deadlines, now) {
  keep(list, deadlines, {
    key: ({ name }) => name,
    create: ({ name }) =>
      h(
        'li',
        {},
        h('b', {}, named(name)),
        h('span', { class: 'age' }),
        h('progress', { class: 'beat', max: '100', 'aria-label': 'Time that is gone' }),
        h('small'),
      ),
    update(item, { until, text, usedPercent, near }) {
      const [, left, bar, what] = item.children
      if (!left || !(bar instanceof HTMLProgressElement) || !what) return
      mark(item, 'data-state', near && { warning: 'due', critical: 'late' }[near])
      mark(left, 'title', date(until))
      say(left, until > now ? `${lasting(until - now)} left` : `over for ${lasting(now - until)}`)
      bar.value = usedPercent
      say(what, text)
    },
  })
}

/**
 * `forced-request:0x1` as people write it: what it is, then which one.
 *
 * @param {string} name
 */
function named(name) {
  const [kind = '', ...which] = name.split(':')
  return [words(kind), which.join(':')].join(' ').trim()
}
