import { h, keep, mark } from './dom.js'
import { lasting } from './format.js'

const [width, gap, height] = [4, 2, 26]
/** Room above the limit, so that what is over it is seen to be. */
const over = 1.25

/**
 * @typedef {{ intervals: readonly number[], ageMs: number, warnMs: number | undefined, pageMs: number | undefined }} Pace
 * @typedef {{ key: string, ms: number, state: string }} Bar
 */

/** Bars of how long each of the last steps took: the one at the right is still under way. */
export function paceBars() {
  return h('span', { class: 'bars' }, svg('svg'))
}

/**
 * @param {Element} element
 * @param {Pace} pace
 */
export function showPace(element, { intervals, ageMs, warnMs, pageMs }) {
  const [picture] = element.children
  if (!picture || !(element instanceof HTMLElement)) return
  // One bar alone says nothing.
  element.hidden = intervals.length === 0
  const state = stateOf(ageMs, { warnMs, pageMs })
  /** @type {Bar[]} */
  const bars = [
    ...intervals.map((ms, place) => ({
      key: String(place),
      ms,
      state: warnMs !== undefined && ms > warnMs ? 'warning' : 'past',
    })),
    { key: 'now', ms: ageMs, state },
  ]
  const longest = Math.max(1, ...intervals, ageMs)
  const top = warnMs === undefined ? longest : Math.min(warnMs * over, Math.max(longest, warnMs))
  const right = bars.length * (width + gap)
  mark(picture, 'viewBox', `0 0 ${right} ${height}`)
  mark(picture, 'width', String(right))
  mark(picture, 'height', String(height))
  mark(picture, 'role', 'img')
  const words = wordsOf(intervals, ageMs)
  mark(picture, 'aria-label', words)
  mark(element, 'title', words)
  keep(picture, [...(warnMs === undefined ? [] : [undefined]), ...bars], {
    key: (bar) => bar?.key ?? 'limit',
    create: () => svg('rect'),
    update(rect, bar) {
      const place = bar ? bars.indexOf(bar) : 0
      const size = (height * Math.min(top, bar?.ms ?? warnMs ?? 0)) / top
      const y = height - (bar ? Math.max(1, size) : size)
      mark(rect, 'data-state', bar?.state ?? 'limit')
      mark(rect, 'x', String(place * (width + gap)))
      mark(rect, 'y', y.toFixed(1))
      mark(rect, 'width', String(bar ? width : right))
      mark(rect, 'height', bar ? (height - y).toFixed(1) : '1')
    },
  })
}

/**
 * @param {number} ageMs
 * @param {Pick<Pace, 'warnMs' | 'pageMs'>} limits
 */
function stateOf(ageMs, { warnMs, pageMs }) {
  if (pageMs !== undefined && ageMs > pageMs) return 'critical'
  return warnMs !== undefined && ageMs > warnMs ? 'warning' : 'now'
}

/**
 * @param {readonly number[]} intervals
 * @param {number} ageMs
 */
function wordsOf(intervals, ageMs) {
  const now = `the newest goes on for ${lasting(ageMs)}`
  if (intervals.length === 0) return now
  const [least, most] = [Math.min(...intervals), Math.max(...intervals)]
  return `the last ${intervals.length} intervals: ${lasting(least)} to ${lasting(most)}; ${now}`
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @returns {SVGElementTagNameMap[Tag]}
 */
function svg(tag) {
  return document.createElementNS('http://www.w3.org/2000/svg', tag)
}
