import { fixed } from './format.js'

/**
 * @typedef {import('./price-history.js').Point} Point
 * @typedef {import('uplot')} UPlot
 * @typedef {{ update: (points: readonly Point[]) => void }} Chart
 */

/** The library's classic script, loaded before this module runs. */
const Plot = /** @type {{ uPlot: typeof import('uplot') }} */ (/** @type {unknown} */ (globalThis))
  .uPlot

const height = 132
/** The library's name for it: `Axis.Side.Right`, of which its script has no object. */
const rightSide = /** @type {import('uplot').Axis.Side.Right} */ (/** @type {unknown} */ (1))

/**
 * A chart of the mark price over every source and what the engines were told.
 *
 * @param {HTMLElement} parent
 * @param {(at: Point | undefined) => void} onPoint told which moment the pointer is at
 * @returns {Chart}
 */
export function priceChart(parent, onPoint) {
  /** @type {{ plot: UPlot, names: string } | undefined} */
  let drawn
  /** @type {readonly Point[]} */
  let points = []

  const draw = () => {
    // Not in the page yet: what is drawn with no width stays empty when it gets one.
    if (points.length < 2 || parent.clientWidth === 0) return
    const series = seriesOf(points)
    const names = JSON.stringify(series)
    const data = dataOf(points, series)
    if (drawn?.names === names) {
      drawn.plot.setData(data)
      return
    }
    drawn?.plot.destroy()
    const plot = new Plot(
      options(parent, series, () => points, onPoint),
      data,
      parent,
    )
    drawn = { plot, names }
  }

  new ResizeObserver(() => {
    if (drawn) drawn.plot.setSize({ width: parent.clientWidth, height })
    else draw()
  }).observe(parent)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    drawn?.plot.destroy()
    drawn = undefined
    draw()
  })

  return {
    update(newest) {
      // The same list again changes nothing that could be seen.
      if (newest === points) return
      points = newest
      draw()
    },
  }
}

/**
 * @typedef {{ kind: 'source' | 'posted', name: string } | { kind: 'mark', name: '' }} Series
 * @param {readonly Point[]} points
 * @returns {Series[]}
 */
function seriesOf(points) {
  const sources = new Set(points.flatMap((point) => Object.keys(point.sources)))
  const engines = new Set(points.flatMap((point) => Object.keys(point.posted)))
  return [
    ...[...sources].toSorted().map((name) => seriesNamed('source', name)),
    ...[...engines].toSorted().map((name) => seriesNamed('posted', name)),
    { kind: 'mark', name: '' },
  ]
}

/**
 * @param {'source' | 'posted'} kind
 * @param {string} name
 * @returns {Series}
 */
function seriesNamed(kind, name) {
  return { kind, name }
}

/**
 * @param {readonly Point[]} points
 * @param {readonly Series[]} series
 * @returns {[number[], ...(number | null)[][]]}
 */
function dataOf(points, series) {
  return [
    points.map(({ at }) => at / 1000),
    ...series.map((one) => points.map((point) => valueOf(point, one))),
  ]
}

/**
 * @param {Point} point
 * @param {Series} series
 * @returns {number | null}
 */
function valueOf(point, { kind, name }) {
  switch (kind) {
    case 'mark':
      return point.mark
    case 'source':
      return point.sources[name] ?? null
    case 'posted':
      return point.posted[name] ?? null
  }
}

/**
 * @param {HTMLElement} parent
 * @param {readonly Series[]} series
 * @param {() => readonly Point[]} points
 * @param {(at: Point | undefined) => void} onPoint
 * @returns {import('uplot').Options}
 */
function options(parent, series, points, onPoint) {
  const style = getComputedStyle(parent)
  const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim()
  const axis = {
    stroke: color('--faint'),
    font: `11px ${style.fontFamily}`,
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  }
  return {
    width: parent.clientWidth,
    height,
    padding: [8, 0, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: { x: { time: true }, y: { range: () => range(points()) } },
    axes: [
      { ...axis, size: 24, space: 80, grid: { show: false }, values: times },
      { ...axis, side: rightSide, size: 68, space: 28, values: prices },
    ],
    series: [{}, ...series.map((one) => look(one, color))],
    hooks: {
      setCursor: [
        ({ cursor: { idx } }) => onPoint(typeof idx === 'number' ? points()[idx] : undefined),
      ],
    },
  }
}

/**
 * @param {Series} series
 * @param {(name: string) => string} color
 * @returns {import('uplot').Series}
 */
function look({ kind }, color) {
  switch (kind) {
    case 'mark':
      return { stroke: color('--accent'), width: 2, points: { show: false } }
    case 'posted':
      return { stroke: color('--posted'), width: 1.5, dash: [5, 4], points: { show: false } }
    case 'source':
      return { stroke: color('--source'), width: 1, points: { show: false } }
  }
}

/**
 * Around what matters: the mark price, what was posted, and the middle of the sources. A source that is far off runs
 * out of the picture instead of flattening it.
 *
 * @param {readonly Point[]} points
 * @returns {[number, number]}
 */
function range(points) {
  const marks = points.flatMap(({ mark }) => (mark === null ? [] : [mark]))
  const [first = 0] = marks
  const near = first * 0.005
  const others = points.flatMap(({ mark, sources, posted }) =>
    [...Object.values(sources), ...Object.values(posted)].filter(
      (value) => mark === null || Math.abs(value - mark) < near,
    ),
  )
  const all = [...marks, ...others]
  if (all.length === 0) return [0, 1]
  const low = Math.min(...all)
  const high = Math.max(...all)
  const room = Math.max((high - low) * 0.08, high * 1e-5)
  return [low - room, high + room]
}

/**
 * @param {UPlot} _plot
 * @param {number[]} splits
 * @returns {string[]}
 */
function times(_plot, splits) {
  const seconds = splits.some((at) => at % 60 !== 0)
  return splits.map((at) =>
    new Date(at * 1000).toLocaleTimeString('en-GB').slice(0, seconds ? 8 : 5),
  )
}

/**
 * As many decimals as the steps between them need.
 *
 * @param {UPlot} _plot
 * @param {number[]} splits
 * @returns {string[]}
 */
function prices(_plot, splits) {
  const [first = 0, second = 1] = splits
  const decimals = Math.max(0, Math.ceil(-Math.log10(Math.abs(second - first)) + 0.01))
  return splits.map((value) => fixed(value.toFixed(decimals), decimals))
}
