/**
 * @typedef {import('../parts.ts').Lines} Lines
 * @typedef {(number | null)[]} Values
 * @typedef {{ role: string, look: string, low: Values, high: Values, isShown: boolean }} Ranged
 * @typedef {{ at: Values, curves: readonly Ranged[], limits: Lines['limits'], isLog: boolean }} Scaled
 */

/** A source that is far off runs out of the picture instead of flattening it: so many times what matters has. */
const widest = 1
/** A limit that is further out than so many times the values would flatten them. */
const farLimit = 3

/**
 * The range of all charts that have one scale, of what they show between two places.
 *
 * @param {readonly Scaled[]} charts
 * @param {number} from
 * @param {number} to
 * @returns {[number, number]}
 */
export function rangeOf(charts, from, to) {
  const all = extent(charts, from, to, () => true)
  if (!all) return [0, 1]
  const core = extent(charts, from, to, ({ role, look }) => role !== 'other' && look !== 'ring')
  const [low, high] = core ? widened(core, all) : all
  if (charts.some(({ isLog }) => isLog)) return decades(low, high)
  const limits = charts.flatMap((chart) => chart.limits.map(({ value }) => value))
  const farthest = Math.max(Math.abs(low), Math.abs(high)) * farLimit
  const near = limits.filter((value) => Math.abs(value) <= farthest)
  const wanted = charts.some(isFromZero) ? [0, ...near] : near
  return roomy(Math.min(low, ...wanted), Math.max(high, ...wanted))
}

/**
 * @param {readonly Scaled[]} charts
 * @param {number} from
 * @param {number} to
 * @param {(curve: Ranged) => boolean} isWanted
 * @returns {[number, number] | undefined}
 */
function extent(charts, from, to, isWanted) {
  let low = Infinity
  let high = -Infinity
  for (const { at, curves, isLog } of charts) {
    const [first, last] = placesOf(at, from, to)
    for (const curve of curves) {
      if (!curve.isShown || !isWanted(curve)) continue
      for (let place = first; place <= last; place += 1) {
        const least = curve.low[place] ?? null
        const most = curve.high[place] ?? null
        // Nothing at or below zero has a place among logarithms.
        if (least !== null && least < low && !(isLog && least <= 0)) low = least
        if (most !== null && most > high) high = most
      }
    }
  }
  return low <= high ? [low, high] : undefined
}

/**
 * The first and the last place to look at: one more on each side, from which a line comes into the picture.
 *
 * @param {Values} at
 * @param {number} from
 * @param {number} to
 * @returns {[number, number]}
 */
function placesOf(at, from, to) {
  const first = at.findIndex((value) => value !== null && value >= from)
  const last = at.findLastIndex((value) => value !== null && value <= to)
  return [
    Math.max(0, (first < 0 ? at.length : first) - 1),
    Math.min(at.length - 1, (last < 0 ? -1 : last) + 1),
  ]
}

/**
 * @param {[number, number]} core
 * @param {[number, number]} all
 * @returns {[number, number]}
 */
function widened([low, high], [least, most]) {
  const room = Math.max((high - low) * widest, Math.abs(high) * 1e-3)
  return [Math.max(least, low - room), Math.min(most, high + room)]
}

/**
 * What bars and points stand for is compared by its height.
 *
 * @param {Scaled} chart
 */
function isFromZero({ curves }) {
  return curves.some(({ look }) => look === 'bars' || look === 'dots')
}

/**
 * Whole powers of ten, which the library divides by.
 *
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
function decades(low, high) {
  return [10 ** Math.floor(Math.log10(low)), 10 ** Math.ceil(Math.log10(high) + 1e-9)]
}

/**
 * @param {number} low
 * @param {number} high
 * @returns {[number, number]}
 */
function roomy(low, high) {
  // Nothing at all has no size that a range could be made of.
  if (low === 0 && high === 0) return [0, 1]
  const room = Math.max((high - low) * 0.08, Math.abs(high) * 1e-5, 1e-9)
  // What is never below zero is not drawn as if it could be.
  return [low >= 0 && low - room < 0 ? 0 : low - room, high + room]
}
