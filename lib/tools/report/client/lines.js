import { h, say } from '../../../runtime/page/client/dom.js'
import { valueText } from './axes.js'
import { inkOf } from './colours.js'
import { legend } from './legend.js'
import { linesDrawing, placeText } from './lines-drawing.js'
import { plotIn } from './plot.js'
import { unpacked } from './unpack.js'

/**
 * @typedef {import('../parts.ts').Lines} Lines
 * @typedef {import('../parts.ts').Curve} Curve
 * @typedef {(number | null)[]} Values
 * @typedef {Curve & {
 *   place: number, placeOfOthers: number, numbers: Values, lows: Values, highs: Values, isShown: boolean, letters: number
 * }} Read
 * @typedef {{
 *   lines: Lines, at: Values, curves: Read[], redraw: () => void, show: (name: string, isShown: boolean) => void
 * }} Drawn
 */

/** @type {Map<string, Drawn[]>} */
const byScale = new Map()

/**
 * Curves with their legend. What is hidden in one chart is hidden in those beside it that have the same scale.
 *
 * @param {HTMLElement} parent
 * @param {Lines} lines
 */
export function linesChart(parent, lines) {
  const at = unpacked(lines.at)
  const curves = lines.curves.map((curve, place) => readCurve(curve, place, lines))
  const alike = byScale.get(lines.scale) ?? []
  const keys = legend(keysOf(parent, curves), (place) => {
    const curve = curves[place]
    if (!curve) return
    const isShown = !curve.isShown
    for (const one of alike) one.show(curve.name, isShown)
    for (const one of alike) one.redraw()
  })
  const where = h('span', { class: 'where' })
  parent.after(h('div', { class: 'legend' }, where, keys.element))

  const made = plotIn(parent, {
    isTime: lines.x.kind === 'time',
    data: /** @type {import('uplot').AlignedData} */ ([
      at,
      ...curves.map(({ numbers }) => numbers),
    ]),
    drawing: (style) =>
      linesDrawing({ lines, curves, alike, style }, (place) => {
        say(where, whereText(curves, at, place, lines))
        keys.tell(curves.map((curve) => textAt(curve, place, lines)))
      }),
    // Colours are those of the moment, also in the legend.
    onMade: () => keys.colour(keysOf(parent, curves).map(({ stroke }) => stroke)),
  })
  say(where, whereText(curves, at, undefined, lines))
  keys.tell(curves.map((curve) => textAt(curve, undefined, lines)))
  alike.push({
    lines,
    at,
    curves,
    redraw: made.redraw,
    show(name, isShown) {
      const curve = curves.find((one) => one.name === name)
      if (!curve) return
      curve.isShown = isShown
      keys.show(curve.place, isShown)
      made.plot()?.setSeries(curve.place + 1, { show: isShown })
    },
  })
  byScale.set(lines.scale, alike)
}

/**
 * @param {Curve} curve
 * @param {number} place
 * @param {Lines} lines
 * @returns {Read}
 */
function readCurve(curve, place, { curves: all, unit }) {
  const numbers = unpacked(curve.values)
  const { low, high, tint, hidden = false } = curve
  return {
    ...curve,
    place,
    placeOfOthers: tint ?? all.slice(0, place).filter(({ role }) => role === 'other').length,
    numbers,
    lows: low ? unpacked(low) : numbers,
    highs: high ? unpacked(high) : numbers,
    isShown: !hidden,
    letters: lettersOf(numbers, unit),
  }
}

/**
 * @param {HTMLElement} parent
 * @param {readonly Read[]} curves
 */
function keysOf(parent, curves) {
  const style = getComputedStyle(parent)
  return curves.map((curve) => {
    const { stroke, dash } = inkOf(style, curve, curve.placeOfOthers)
    const { name, look, isShown, letters } = curve
    return {
      name,
      look,
      isShown,
      letters,
      stroke,
      isDashed: dash.length > 0 && (look === 'line' || look === 'steps'),
    }
  })
}

/** As many values as show how long their texts are. */
const looked = 100

/**
 * How many letters the values of a curve need at most, as far as some of them show it.
 *
 * @param {Values} numbers
 * @param {string} unit
 */
function lettersOf(numbers, unit) {
  const step = Math.ceil(numbers.length / looked)
  return numbers.reduce(
    (/** @type {number} */ most, value, place) =>
      value === null || place % step > 0 ? most : Math.max(most, valueText(value, unit).length),
    1,
  )
}

/**
 * What a curve says at a place; at the end where there is none.
 *
 * @param {Read} curve
 * @param {number | undefined} place
 * @param {Lines} lines
 */
function textAt({ numbers, look }, place, { unit, x }) {
  if (place === undefined && !isCourse(x, look)) return ''
  const value = numbers[place ?? numbers.length - 1]
  return typeof value === 'number' ? valueText(value, unit) : '–'
}

/**
 * Where the cursor is, and how far what matters went within that bucket: one line, so that nothing moves under the pointer.
 *
 * @param {readonly Read[]} curves
 * @param {Values} at
 * @param {number | undefined} place
 * @param {Lines} lines
 */
function whereText(curves, at, place, lines) {
  if (place === undefined)
    return curves.some(({ look }) => isCourse(lines.x, look)) ? 'at the end of the run' : ''
  const x = at[place]
  const bands = curves.flatMap(({ name, role, isShown, lows, highs }) => {
    const [low, high] = [lows[place], highs[place]]
    const isBand = typeof low === 'number' && typeof high === 'number' && low !== high
    return isBand && isShown && role !== 'other'
      ? [`${name} ${valueText(low, '')} to ${valueText(high, lines.unit)}`]
      : []
  })
  return [...(typeof x === 'number' ? [placeText(lines, x)] : []), ...bands].join(' · ')
}

/**
 * Whether its last value is what it has come to.
 *
 * @param {Lines['x']} x
 * @param {Curve['look']} look
 */
function isCourse(x, look) {
  return x.kind === 'time' && look !== 'dots' && look !== 'ring'
}
