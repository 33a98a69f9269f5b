import { onShownTime, shownTime, showTime, showWhole } from './shown-time.js'
import { onVisible } from './visible.js'

/**
 * @typedef {import('uplot')} UPlot
 * @typedef {Omit<import('uplot').Options, 'width' | 'height'>} Drawing
 */

/** The library's classic script, loaded before this module runs. */
export const Plot = /** @type {{ uPlot: typeof import('uplot') }} */ (
  /** @type {unknown} */ (globalThis)
).uPlot

const isDark = matchMedia('(prefers-color-scheme: dark)')

/**
 * A plot that is drawn once it is near, as wide as its parent, in the colours of the reader's choice. What is over time follows
 * the time shown, and its cursor is that of all others.
 *
 * @param {HTMLElement} parent
 * @param {{ isTime: boolean, drawing: (style: CSSStyleDeclaration) => Drawing, data: import('uplot').AlignedData, onMade?: () => void }} what
 * @returns {{ plot: () => UPlot | undefined, redraw: () => void }}
 */
export function plotIn(parent, { isTime, drawing, data, onMade }) {
  /** @type {UPlot | undefined} */
  let drawn
  let isVisible = false
  let isOld = false

  const make = () => {
    const width = parent.clientWidth
    if (width === 0) return
    const { cursor, hooks, ...rest } = drawing(getComputedStyle(parent))
    drawn = new Plot(
      {
        ...rest,
        width,
        height: parent.clientHeight,
        ms: 1,
        padding: [8, 0, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          points: { show: false },
          ...(isTime ? timeCursor : { drag: { x: false, y: false } }),
          ...cursor,
        },
        hooks: isTime ? { ...hooks, setSelect: [selected] } : { ...hooks },
      },
      data,
      parent,
    )
    isOld = false
    onMade?.()
  }

  const redraw = () => {
    isOld = true
    if (!isVisible) return
    if (!drawn) make()
    else {
      isOld = false
      const { min = 0, max = 0 } = drawn.scales['x'] ?? {}
      const { from, to } = isTime ? shownTime() : { from: min, to: max }
      drawn.setScale('x', { min: from, max: to })
    }
  }

  onVisible(parent, (now) => {
    isVisible = now
    if (now && (isOld || !drawn)) redraw()
  })
  if (isTime) onShownTime(redraw)
  new ResizeObserver(() => {
    if (drawn && parent.clientWidth > 0)
      drawn.setSize({ width: parent.clientWidth, height: parent.clientHeight })
  }).observe(parent)
  isDark.addEventListener('change', () => {
    drawn?.destroy()
    drawn = undefined
    redraw()
  })
  parent.addEventListener('keydown', (event) => {
    if (drawn && moveCursor(drawn, event.key)) event.preventDefault()
  })
  return { plot: () => drawn, redraw }
}

/** @type {import('uplot').Cursor} */
const timeCursor = {
  drag: { x: true, y: false, setScale: false, dist: 6 },
  bind: {
    dblclick: () => () => {
      showWhole()
      return null
    },
  },
  sync: {
    key: 'time',
    scales: ['x', null],
    setSeries: false,
    filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' },
  },
}

/** @param {UPlot} plot */
function selected(plot) {
  const { left, width } = plot.select
  if (width <= 0) return
  const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')]
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
  showTime({ from, to })
}

/**
 * Moves the cursor to the next or the last place with a value, for those who have no pointer.
 *
 * @param {UPlot} plot
 * @param {string} key
 * @returns {boolean} whether the key is one of those
 */
function moveCursor(plot, key) {
  if (key !== 'ArrowLeft' && key !== 'ArrowRight') return false
  const [places = []] = plot.data
  const at = typeof plot.cursor.idx === 'number' ? plot.cursor.idx : -1
  const next = key === 'ArrowRight' ? at + 1 : at < 0 ? places.length - 1 : at - 1
  const value = places[Math.max(0, Math.min(places.length - 1, next))]
  if (typeof value === 'number') plot.setCursor({ left: plot.valToPos(value, 'x'), top: 0 })
  return true
}
