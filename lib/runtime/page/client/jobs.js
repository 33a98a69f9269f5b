import { byId, h, keep, mark, say } from './dom.js'
import { ago, clock, span, words } from './format.js'

/**
 * @typedef {import('../../view/network-view.ts').NetworkView} NetworkView
 * @typedef {NetworkView['jobs'][number]} Job
 * @typedef {Job['ticks'][number]} Tick
 */

/**
 * One strip of recent slots per job and subject, the newest at the right.
 *
 * @param {NetworkView} view
 * @param {number} elapsedMs
 */
export function showJobs({ jobs, at }, elapsedMs) {
  keep(byId('jobs'), jobs, {
    key: ({ job, subject }) => `${job} ${subject}`,
    create: ({ job, subject, everySeconds }) =>
      h(
        'div',
        { class: 'job' },
        h('p', { class: 'name' }, job, h('small', {}, `${subject} · every ${everySeconds} s`)),
        h('ol', { class: 'strip', 'aria-label': `Recent runs of ${job} for ${subject}` }),
        h('p', { class: 'last' }),
      ),
    update: (element, job) => update(element, job, at + elapsedMs),
  })
}

/**
 * @param {Element} element
 * @param {Job} job
 * @param {number} now
 */
function update(element, { ticks, silent }, now) {
  const [, strip, last] = element.children
  if (!strip || !last) return
  mark(element, 'data-state', silent ? 'silent' : 'running')
  keep(strip, ticks.toReversed(), {
    key: ({ slot }) => String(slot),
    create: () => h('li', {}, h('span', { class: 'unseen' })),
    update: (item, tick) => {
      mark(item, 'data-state', tick.state)
      mark(item, 'title', said(tick))
      const [text] = item.children
      if (text) say(text, said(tick))
    },
  })
  const [newest] = ticks
  say(last, newest ? `${outcome(newest)} · ${ago(now - newest.slotAt)}` : 'has not run yet')
  mark(last, 'title', newest?.detail)
}

/** @param {Tick} tick */
function outcome({ state, reason, tookMs }) {
  const word = reason === '' ? state : words(reason)
  return tookMs === undefined ? word : `${word} in ${span(tookMs)}`
}

/** @param {Tick} tick */
function said(tick) {
  const { slotAt, state, detail } = tick
  return [`${clock(slotAt)} ${state}: ${outcome(tick)}`, ...(detail === '' ? [] : [detail])].join(
    ', ',
  )
}
