import { fixed, price } from '../../../runtime/page/client/format.js'

/**
 * @typedef {import('uplot')} UPlot
 * @typedef {import('../parts.ts').Lines['x']} Horizontal
 */

/** The library's name for it: `Axis.Side.Right`, of which its script has no object. */
const rightSide = /** @type {import('uplot').Axis.Side.Right} */ (/** @type {unknown} */ (1))
/** The same for every chart, so that their times stand below each other. */
const rightSize = 72

const timeSpace = 80
/** Half of a time's width. */
const leastLeft = 15

/**
 * @param {CSSStyleDeclaration} style
 * @param {(splits: number[]) => string[]} bottomTexts
 * @param {(splits: number[]) => string[]} rightTexts
 * @param {number} [space] between two texts at the bottom
 * @returns {[import('uplot').Axis, import('uplot').Axis]}
 */
export function axes(style, bottomTexts, rightTexts, space = timeSpace) {
  const axis = {
    stroke: style.getPropertyValue('--faint').trim(),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: style.getPropertyValue('--line').trim(), width: 1 },
    ticks: { show: false },
  }
  return [
    {
      ...axis,
      size: 24,
      space,
      grid: { show: false },
      values: (plot, splits) => {
        const texts = bottomTexts(splits)
        // What would be cut off at the left edge is left out.
        return texts.map((text, place) =>
          plot.valToPos(splits[place] ?? 0, 'x') < leastLeft ? '' : text,
        )
      },
    },
    {
      ...axis,
      side: rightSide,
      size: rightSize,
      space: 28,
      values: (_plot, splits) => rightTexts(splits),
    },
  ]
}

/**
 * Of the times at an axis as much as tells them apart: the day where it is another one, seconds where they count. In UTC.
 *
 * @param {number[]} splits
 * @returns {string[]}
 */
export function timeTexts(splits) {
  const isSeconds = splits.some((at) => at % 60_000 !== 0)
  const isDays = splits.every((at) => at % 86_400_000 === 0)
  return splits.map((at, place) => {
    const text = new Date(at).toISOString()
    const before = splits[place - 1]
    // The first one has no room for it: the page says above what is shown.
    const isNewDay = before !== undefined && dayOf(before) !== dayOf(at)
    const time = text.slice(11, isSeconds ? 19 : 16)
    if (isDays) return dayText(at)
    return isNewDay ? `${dayText(at)} ${time}` : time
  })
}

/** @param {number} at */
function dayOf(at) {
  return Math.floor(at / 86_400_000)
}

/** @param {number} at */
function dayText(at) {
  return new Date(at).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
  })
}

/**
 * As many decimals as the steps between them need.
 *
 * @param {number[]} splits
 * @returns {string[]}
 */
export function numberTexts(splits) {
  const known = splits.filter((value) => value !== null)
  const [first = 0, second] = known
  const isLarge = known.some((value) => Math.abs(value) >= 100_000)
  const step = second === undefined ? 1 : Math.abs(second - first)
  const decimals = Math.min(12, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)))
  return splits.map((value) => {
    if (value === null) return ''
    return signed(isLarge ? shorts.format(value) : fixed(value.toFixed(decimals), decimals))
  })
}

const shorts = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 4 })

/**
 * @param {readonly string[]} names
 * @param {number[]} splits
 */
export function nameTexts(names, splits) {
  return splits.map((place) => (Number.isInteger(place) ? (names[place] ?? '') : ''))
}

/**
 * @param {number} at unix milliseconds
 * @returns {string}
 */
export function dateText(at) {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

const plain = new Intl.NumberFormat('en', { maximumSignificantDigits: 5 })
const hundredths = new Intl.NumberFormat('en', { maximumFractionDigits: 2 })
const tenths = new Intl.NumberFormat('en', { maximumFractionDigits: 1 })

/**
 * One value of a curve, for the legend.
 *
 * @param {number} value
 * @param {string} unit
 */
export function valueText(value, unit) {
  if (unit === 'price') return price(String(value))
  if (unit === 'bps') return signed(`${hundredths.format(value)} bps`)
  const text = Math.abs(value) >= 1_000 ? tenths.format(value) : plain.format(value)
  return signed(unit === '' ? text : `${text} ${unit}`)
}

/** @param {string} text */
function signed(text) {
  // What rounds to nothing is on neither side of it.
  return text.replace(/^-(?=0(?:\.0*)?(?![\d.]))/, '').replace('-', '−')
}
