import { paceBars, showPace } from './bars.js'
import { h, keep, mark, say } from './dom.js'
import { ago, lasting, words } from './format.js'

/** @typedef {import('../../view/network-view.ts').NetworkView['watched'][number]['progress'][number]} Progress */

/** @param {string} system */
export function progressList(system) {
  return h('ul', { class: 'progress', 'aria-label': `Progress of ${system}` })
}

/**
 * Each kind of progress: the last step, the intervals before it, what is usual and when people are told.
 *
 * @param {Element} list
 * @param {readonly Progress[]} progress
 * @param {number} elapsedMs
 */
export function showProgress(list, progress, elapsedMs) {
  keep(list, progress, {
    key: ({ name }) => name,
    create: ({ name }) =>
      h(
        'li',
        {},
        h('b', {}, words(name)),
        h('span', { class: 'age' }),
        paceBars(),
        h('small'),
        h('small'),
      ),
    update(item, { name, last, ageMs, usualMs, warnMs, pageMs, late, intervals }) {
      const [, age, bars, step, limits] = item.children
      if (!age || !bars || !step || !limits) return
      const now = ageMs + elapsedMs
      mark(item, 'data-state', late ? 'late' : undefined)
      say(age, last === undefined ? `waited for ${lasting(now)}` : ago(now))
      showPace(bars, { intervals, ageMs: now, warnMs, pageMs })
      say(step, last === name ? '' : (last ?? 'no step was seen yet'))
      say(limits, limitsText({ usualMs, warnMs, pageMs }))
    },
  })
}

/** @param {Pick<Progress, 'usualMs' | 'warnMs' | 'pageMs'>} of */
function limitsText({ usualMs, warnMs, pageMs }) {
  const usual = usualMs === undefined ? 'nothing is usual yet' : `usual ${lasting(usualMs)}`
  if (warnMs === undefined || pageMs === undefined) return usual
  return `${usual}, told after ${lasting(warnMs)}, critical after ${lasting(pageMs)}`
}
