import { h, keep, mark, say } from './dom.js'
import { ago, off, price, span } from './format.js'

/** @typedef {import('../../view/network-view.ts').NetworkView['feeds'][number]} Feed */

/**
 * What each engine was told last, and how much of its heartbeat is used up.
 *
 * @param {string} market
 * @returns {{ element: HTMLElement, update: (feed: Feed, elapsedMs: number) => void }}
 */
export function postedList(market) {
  const element = h('ul', { class: 'posted', 'aria-label': `${market} as posted` })
  return {
    element,
    update({ posted }, elapsedMs) {
      element.hidden = posted.length === 0
      keep(element, posted, {
        key: ({ engine }) => engine,
        create: line,
        update: (item, one) => update(item, one, elapsedMs),
      })
    },
  }
}

/** @param {Feed['posted'][number]} posted */
function line({ engine }) {
  return h(
    'li',
    {},
    h('span', { class: 'engine' }, engine),
    h('span', { class: 'value' }),
    h('span', { class: 'off' }),
    h('span', { class: 'age' }),
    h('progress', { class: 'beat', 'aria-label': `${engine}: age against the heartbeat` }),
  )
}

/**
 * @param {Element} item
 * @param {Feed['posted'][number]} posted
 * @param {number} elapsedMs
 */
function update(
  item,
  { price: value, ageMs, offBps, heartbeatMs, lateAfterMs, paused, problem },
  elapsedMs,
) {
  const [, shown, distance, age, beat] = item.children
  if (!shown || !distance || !age || !(beat instanceof HTMLProgressElement)) return
  const nowMs = ageMs === undefined ? undefined : ageMs + elapsedMs
  mark(
    item,
    'data-state',
    nowMs === undefined ? 'none' : stateOf(nowMs, { heartbeatMs, lateAfterMs }),
  )
  say(shown, value === undefined ? (problem ?? 'no price posted yet') : price(value))
  say(distance, off(offBps))
  say(
    age,
    [...(paused ? ['paused'] : []), ...(nowMs === undefined ? [] : [ago(nowMs)])].join(' · '),
  )
  mark(item, 'title', `pushed at least every ${span(heartbeatMs)}; late after ${span(lateAfterMs)}`)
  beat.max = heartbeatMs
  beat.value = Math.min(nowMs ?? 0, heartbeatMs)
}

/**
 * @param {number} ageMs
 * @param {{ heartbeatMs: number, lateAfterMs: number }} limits
 */
function stateOf(ageMs, { heartbeatMs, lateAfterMs }) {
  if (ageMs > lateAfterMs) return 'late'
  return ageMs > heartbeatMs ? 'due' : 'fresh'
}
