import { decimalsOf, fixed } from './format.js'

/**
 * @typedef {import('./studio-data.js').StretchCourse} StretchCourse
 * @typedef {import('uplot')} UPlot
 * @typedef {{ from: number, until: number }} Band
 * @typedef {{ course: StretchCourse, bands: readonly Band[], mostBps: number }} Shown
 */

/** The library's classic script, loaded before this module runs. */
const Plot = /** @type {{ uPlot: typeof import('uplot') }} */ (/** @type {unknown} */ (globalThis))
  .uPlot

const heights = { price: 170, deviation: 110 }

/** The library's name for it: `Axis.Side.Right`, of which its script has no object. */
const rightSide = /** @type {import('uplot').Axis.Side.Right} */ (/** @type {unknown} */ (1))

/**
 * Two plots over one time: the prices of both sets with what each tells, and how far they are apart.
 *
 * @param {HTMLElement} parent
 */
export function shadowChart(parent) {
  /** @type {UPlot[]} */
  let plots = []
  /** @type {Shown | undefined} */
  let shown

  const clear = () => {
    for (const plot of plots) plot.destroy()
    plots = []
  }
  const draw = () => {
    clear()
    // Not in the page yet: what is drawn with no width stays empty when it gets one.
    if (!shown || parent.clientWidth === 0) return
    const at = shown.course.course.at.map((ms) => ms / 1000)
    const now = shown
    plots = [
      new Plot(priceOptions(parent, now), [at, ...priceData(now)], parent),
      new Plot(deviationOptions(parent, now), [at, joined(now.course.course.deviationBps)], parent),
    ]
  }

  new ResizeObserver(() => {
    if (plots.length === 0) draw()
    for (const plot of plots) plot.setSize({ width: parent.clientWidth, height: plot.height })
  }).observe(parent)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)

  return {
    /** @param {Shown | undefined} next */
    update(next) {
      shown = next
      draw()
    },
  }
}

/** A price that is missing for so many times as long as usual is a gap. */
const gapTimes = 4

/**
 * Buckets between two slots are no gap; a longer time without a price is, and stays null.
 *
 * @param {readonly (number | null)[]} values
 * @returns {(number | null | undefined)[]}
 */
function joined(values) {
  const places = values.flatMap((value, place) => (value === null ? [] : [place]))
  const steps = places.map((place, index) => place - (places[index - 1] ?? place))
  const usual = steps.slice(1).toSorted((one, other) => one - other)[Math.floor(steps.length / 2)]
  const most = (usual ?? 1) * gapTimes
  /** @type {Set<number>} */
  const gaps = new Set()
  for (const [index, step] of steps.entries()) {
    const end = places[index] ?? 0
    if (step > most) for (let place = end - step + 1; place < end; place += 1) gaps.add(place)
  }
  return values.map((value, place) => value ?? (gaps.has(place) ? null : undefined))
}

/** @param {Shown} shown */
function priceData({ course: { course } }) {
  const { price, pushes } = course
  return [
    joined(price.active),
    joined(price.candidate),
    told(price.active, pushes.active),
    told(price.candidate, pushes.candidate),
  ]
}

/**
 * Each at the newest price until then: prices are decided in one slot and told in another.
 *
 * @param {readonly (number | null)[]} course
 * @param {readonly number[]} pushes
 * @returns {(number | null)[]}
 */
function told(course, pushes) {
  /** @type {number | null} */
  let last = course.find((price) => price !== null) ?? null
  return course.map((price, place) => {
    last = price ?? last
    return (pushes[place] ?? 0) > 0 ? last : null
  })
}

/**
 * @param {HTMLElement} parent
 * @param {Shown} shown
 * @returns {import('uplot').Options}
 */
function priceOptions(parent, shown) {
  const color = colors(parent)
  const points = (/** @type {string} */ name, /** @type {boolean} */ isFull) => ({
    paths: () => null,
    points: {
      show: true,
      size: isFull ? 6 : 9,
      width: 1.5,
      stroke: color(name),
      fill: isFull ? color(name) : 'transparent',
    },
  })
  return {
    ...base(parent, heights.price),
    scales: { x: { time: true }, y: { range: (_, low, high) => padded(low, high) } },
    axes: axes(parent, prices),
    series: [
      {},
      { stroke: color('--accent'), width: 2, points: { show: false }, spanGaps: false },
      { stroke: color('--posted'), width: 1.5, dash: [5, 4], points: { show: false } },
      points('--accent', true),
      points('--posted', false),
    ],
    hooks: { drawClear: [(plot) => drawBands(plot, shown, color)] },
  }
}

/**
 * @param {HTMLElement} parent
 * @param {Shown} shown
 * @returns {import('uplot').Options}
 */
function deviationOptions(parent, shown) {
  const color = colors(parent)
  return {
    ...base(parent, heights.deviation),
    scales: { x: { time: true }, y: { range: (_, low, high) => around(low, high) } },
    axes: axes(parent, (_, splits) => splits.map((bps) => `${Number(bps.toFixed(4))} bps`)),
    series: [{}, { stroke: color('--info'), width: 1.5, points: { show: false } }],
    hooks: {
      drawClear: [
        (plot) => {
          drawBands(plot, shown, color)
          for (const limit of [shown.mostBps, -shown.mostBps])
            drawLevel(plot, limit, color('--bad'))
        },
      ],
    },
  }
}

/**
 * @param {HTMLElement} parent
 * @param {number} height
 */
function base({ clientWidth: width }, height) {
  return {
    width,
    height,
    padding: /** @type {[number, number, number, number]} */ ([8, 0, 0, 0]),
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: { show: false },
      sync: { key: 'shadow' },
    },
  }
}

/** @param {HTMLElement} parent */
function colors(parent) {
  const style = getComputedStyle(parent)
  return (/** @type {string} */ name) => style.getPropertyValue(name).trim()
}

/**
 * @param {HTMLElement} parent
 * @param {(plot: UPlot, splits: number[]) => string[]} values
 * @returns {import('uplot').Axis[]}
 */
function axes(parent, values) {
  const color = colors(parent)
  const axis = {
    stroke: color('--faint'),
    font: `11px ${getComputedStyle(parent).fontFamily}`,
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  }
  return [
    { ...axis, size: 24, space: 80, grid: { show: false }, values: times },
    { ...axis, side: rightSide, size: 72, space: 28, values },
  ]
}

/**
 * Probation as a band, and each slot whose prices were withheld as a line at the foot.
 *
 * @param {UPlot} plot
 * @param {Shown} shown
 * @param {(name: string) => string} color
 */
function drawBands(plot, { bands, course: { withheld } }, color) {
  const { ctx, bbox } = plot
  const x = (/** @type {number} */ ms) =>
    Math.min(bbox.left + bbox.width, Math.max(bbox.left, plot.valToPos(ms / 1000, 'x', true)))
  ctx.save()
  ctx.fillStyle = color('--warn-tint')
  for (const { from, until } of bands)
    ctx.fillRect(x(from), bbox.top, x(until) - x(from), bbox.height)
  ctx.fillStyle = color('--bad')
  const foot = bbox.height / 8
  for (const at of withheld) ctx.fillRect(x(at) - 1, bbox.top + bbox.height - foot, 2, foot)
  ctx.restore()
}

/**
 * @param {UPlot} plot
 * @param {number} value
 * @param {string} stroke
 */
function drawLevel(plot, value, stroke) {
  const { ctx, bbox } = plot
  const y = plot.valToPos(value, 'y', true)
  if (y < bbox.top || y > bbox.top + bbox.height) return
  ctx.save()
  ctx.strokeStyle = stroke
  ctx.setLineDash([3, 3])
  ctx.beginPath()
  ctx.moveTo(bbox.left, y)
  ctx.lineTo(bbox.left + bbox.width, y)
  ctx.stroke()
  ctx.restore()
}

/**
 * @param {number | null} low
 * @param {number | null} high
 * @returns {[number, number]}
 */
function padded(low, high) {
  if (low === null || high === null) return [0, 1]
  const room = Math.max((high - low) * 0.08, Math.abs(high) * 1e-5)
  return [low - room, high + room]
}

/**
 * Zero is in the middle, and a deviation of next to nothing does not look like one.
 *
 * @param {number | null} low
 * @param {number | null} high
 * @returns {[number, number]}
 */
function around(low, high) {
  const most = Math.max(Math.abs(low ?? 0), Math.abs(high ?? 0), 1) * 1.1
  return [-most, most]
}

/**
 * @param {UPlot} _plot
 * @param {number[]} splits
 */
function times(_plot, splits) {
  const seconds = splits.some((at) => at % 60 !== 0)
  return splits.map((at) =>
    new Date(at * 1000).toLocaleTimeString('en-GB').slice(0, seconds ? 8 : 5),
  )
}

/**
 * @param {UPlot} _plot
 * @param {number[]} splits
 */
function prices(_plot, splits) {
  const [first = 0, second = 1] = splits
  const decimals = Math.min(
    decimalsOf(String(first)) + 2,
    Math.max(0, Math.ceil(-Math.log10(Math.abs(second - first)) + 0.01)),
  )
  return splits.map((value) => fixed(value.toFixed(decimals), decimals))
}
