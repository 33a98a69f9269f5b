/**
 * The time that all charts show: one for the whole page, so that what happened at once stands below each other.
 *
 * @typedef {{ from: number, to: number }} Time
 */

/** @type {Time} */
let whole = { from: 0, to: 1 }
/** @type {Time} */
let shown = whole
/** @type {Set<() => void>} */
const told = new Set()

/** Of a course that short nothing more is to be seen. */
const leastMs = 1_000

/** @param {Time} time */
export function beginWith(time) {
  whole = time
  shown = time
}

/** @returns {Time} */
export function shownTime() {
  return shown
}

/** @returns {boolean} */
export function isWhole() {
  return shown.from === whole.from && shown.to === whole.to
}

/** @param {Time} time cut to what the run covers */
export function showTime({ from, to }) {
  const least = Math.min(leastMs, whole.to - whole.from)
  const length = Math.min(Math.max(to - from, least), whole.to - whole.from)
  const start = Math.min(Math.max((from + to - length) / 2, whole.from), whole.to - length)
  shown = { from: start, to: start + length }
  for (const tell of told) tell()
}

export function showWhole() {
  showTime(whole)
}

/**
 * @param {number} by above one: more of it
 */
export function widen(by) {
  const half = ((shown.to - shown.from) / 2) * by
  const middle = (shown.from + shown.to) / 2
  showTime({ from: middle - half, to: middle + half })
}

/**
 * @param {number} share of what is shown, to the right above zero
 */
export function shift(share) {
  const by = (shown.to - shown.from) * share
  showTime({ from: shown.from + by, to: shown.to + by })
}

/** @param {() => void} tell */
export function onShownTime(tell) {
  told.add(tell)
}
