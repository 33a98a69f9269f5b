import { axes, dateText, nameTexts, numberTexts, timeTexts } from './axes.js'
import { colourOf, inkOf } from './colours.js'
import { drawBuckets, drawLimits, drawMarked, drawShades } from './overlays.js'
import { Plot } from './plot.js'
import { rangeOf } from './range.js'
import { shownTime } from './shown-time.js'

/**
 * @typedef {import('./lines.js').Lines} Lines
 * @typedef {import('./lines.js').Read} Read
 * @typedef {import('./lines.js').Drawn} Drawn
 * @typedef {{ lines: Lines, curves: readonly Read[], alike: readonly Drawn[], style: CSSStyleDeclaration }} Look
 */

/** The library's names for them, of which its script has no objects. */
const linear = /** @type {import('uplot').Scale.Distr.Linear} */ (/** @type {unknown} */ (1))
const logarithms = /** @type {import('uplot').Scale.Distr.Logarithmic} */ (
  /** @type {unknown} */ (3)
)

/** Between the names at the bottom. */
const nameSpace = 46

/**
 * How the library is to draw these curves.
 *
 * @param {Look} look
 * @param {(place: number | undefined) => void} tell told where the cursor is
 * @returns {import('./plot.js').Drawing}
 */
export function linesDrawing({ lines, curves, alike, style }, tell) {
  const { x, isLog, limits, shades } = lines
  const isTime = x.kind === 'time'
  const ink = (/** @type {Read} */ curve) => inkOf(style, curve, curve.placeOfOthers)
  return {
    scales: {
      x: {
        time: isTime,
        range: (_plot, from, to) => (isTime ? [shownTime().from, shownTime().to] : wider(from, to)),
      },
      y: {
        distr: isLog ? logarithms : linear,
        range: () => {
          const { from, to } = isTime ? shownTime() : { from: -Infinity, to: Infinity }
          return rangeOf(alike.map(scaled), from, to)
        },
      },
    },
    axes: axes(style, bottomTexts(x), numberTexts, isTime ? undefined : nameSpace),
    series: [{}, ...curves.map((curve) => seriesOf(curve, ink(curve), isTime))],
    hooks: {
      drawClear: [(plot) => drawShades(plot, shades, colourOf(style, 'bad'))],
      drawSeries: [
        (plot, place) => {
          const curve = curves[place - 1]
          if (curve?.isShown && curve.low) drawBuckets(plot, curve, ink(curve).stroke)
        },
      ],
      draw: [
        (plot) => {
          drawLimits(plot, limits, {
            colour: (tone) => colourOf(style, tone),
            under: style.getPropertyValue('--card').trim(),
            font: style.fontFamily,
          })
          for (const curve of curves)
            if (curve.isShown) drawMarked(plot, curve, (tone) => colourOf(style, tone))
        },
      ],
      setCursor: [({ cursor: { idx } }) => tell(typeof idx === 'number' ? idx : undefined)],
    },
  }
}

/**
 * @param {Drawn} drawn
 * @returns {import('./range.js').Scaled}
 */
function scaled({ lines: { limits, isLog }, at, curves }) {
  return {
    at,
    limits,
    isLog,
    curves: curves.map(({ role, look, lows, highs, isShown }) => ({
      role,
      look,
      low: lows,
      high: highs,
      isShown,
    })),
  }
}

/**
 * @param {Read} curve
 * @param {{ stroke: string, dash: number[] }} ink
 * @param {boolean} isTime
 * @returns {import('uplot').Series}
 */
function seriesOf({ look, role, name, isShown }, { stroke, dash }, isTime) {
  const common = { label: name, show: isShown, stroke, points: { show: false } }
  // Sources are many.
  const width = role === 'main' ? 2 : role === 'other' && isTime ? 1 : 1.5
  switch (look) {
    case 'line':
      return { ...common, width, dash }
    case 'steps':
      return { ...common, width, dash, ...pathsOf(Plot.paths.stepped?.({ align: 1 })) }
    case 'bars':
      return {
        ...common,
        width: 0,
        fill: stroke,
        ...pathsOf(Plot.paths.bars?.({ size: [0.7, 24, 1] })),
      }
    case 'dots':
      return { ...common, width: 1, ...dots, points: { show: true, size: 5, fill: stroke, stroke } }
    case 'ring':
      return { ...common, width: 1, ...dots, points: { show: true, size: 13, width: 2, stroke } }
  }
}

const dots = { paths: () => null }

/** @param {import('uplot').Series.PathBuilder | undefined} paths */
function pathsOf(paths) {
  return paths ? { paths } : {}
}

/** @param {Lines['x']} x */
function bottomTexts(x) {
  switch (x.kind) {
    case 'time':
      return timeTexts
    case 'names':
      return (/** @type {number[]} */ splits) => nameTexts(x.names, splits)
  }
}

/**
 * Room beside the first and the last point, so that their marks are whole.
 *
 * @param {number} from
 * @param {number} to
 * @returns {[number, number]}
 */
function wider(from, to) {
  const room = Math.max(0.3, (to - from) * 0.05)
  return [from - room, to + room]
}

/**
 * @param {Lines} lines
 * @param {number} at
 * @returns {string}
 */
export function placeText({ x }, at) {
  switch (x.kind) {
    case 'time':
      return dateText(at)
    case 'names':
      return x.names[at] ?? ''
  }
}
