import { h, keep, mark, say } from '../../../runtime/page/client/dom.js'
import { axes, dateText, timeTexts } from './axes.js'
import { colourOf } from './colours.js'
import { inPlot } from './overlays.js'
import { plotIn } from './plot.js'
import { shownTime } from './shown-time.js'

/**
 * @typedef {import('../parts.ts').Lanes} Lanes
 * @typedef {Lanes['lanes'][number]['spans'][number]} Span
 * @typedef {import('uplot')} UPlot
 */

/** Of one lane, and of the axis below all. */
const laneHeight = 18
const axisHeight = 32
/** Letters that fit beside a lane. */
const fits = 11

/**
 * What was when: a lane for each source, and below what each says at the cursor.
 *
 * @param {HTMLElement} parent
 * @param {Lanes} chart
 */
export function lanesChart(parent, { lanes }) {
  parent.style.setProperty('height', `${lanes.length * laneHeight + axisHeight}px`)
  const where = h('span', { class: 'where' })
  const said = h('ul', { class: 'said' })
  parent.after(h('div', { class: 'legend' }, where, said))

  const tell = (/** @type {UPlot} */ plot) => {
    const { left = -1 } = plot.cursor
    const at = left < 0 ? undefined : plot.posToVal(left, 'x')
    const now =
      at === undefined
        ? []
        : lanes.flatMap(({ name, spans }) => spansAt(spans, at).map((span) => ({ name, span })))
    say(where, at === undefined ? '' : dateText(at))
    keep(said, now, {
      key: ({ name }) => name,
      create: () => h('li', {}, h('i', { 'aria-hidden': 'true' }), h('b'), h('span')),
      update(item, { name, span }) {
        const [, title, text] = item.children
        mark(item, 'data-tone', span.tone)
        if (title) say(title, name)
        if (text) say(text, span.text)
      },
    })
  }

  const { from, to } = shownTime()
  plotIn(parent, {
    isTime: true,
    data: [
      [from, to],
      [null, null],
    ],
    drawing: (style) => ({
      scales: {
        x: { time: true, range: () => [shownTime().from, shownTime().to] },
        y: { range: () => [0, lanes.length] },
      },
      axes: laneAxes(style, lanes),
      series: [{}, {}],
      hooks: {
        draw: [(plot) => drawLanes(plot, lanes, style)],
        setCursor: [tell],
      },
    }),
  })
}

/**
 * @param {CSSStyleDeclaration} style
 * @param {Lanes['lanes']} lanes
 * @returns {import('uplot').Axis[]}
 */
function laneAxes(style, lanes) {
  const [bottom, right] = axes(style, timeTexts, () => [])
  return [
    bottom,
    {
      ...right,
      grid: { show: false },
      splits: () => lanes.map((_lane, place) => lanes.length - place - 0.5),
      values: () =>
        lanes.map(({ name }) => (name.length > fits ? `${name.slice(0, fits - 1)}…` : name)),
    },
  ]
}

/**
 * @param {UPlot} plot
 * @param {Lanes['lanes']} lanes
 * @param {CSSStyleDeclaration} style
 */
function drawLanes(plot, lanes, style) {
  const high = plot.bbox.height / Math.max(1, lanes.length)
  const { from: first, to: last } = shownTime()
  inPlot(plot, (canvas) => {
    for (const [place, { spans }] of lanes.entries()) {
      const top = plot.bbox.top + place * high
      canvas.globalAlpha = 1
      canvas.fillStyle = style.getPropertyValue('--quiet-tint').trim()
      canvas.fillRect(plot.bbox.left, top + high * 0.15, plot.bbox.width, high * 0.7)
      canvas.globalAlpha = 0.85
      for (const { from, to, tone } of spans) {
        if (to < first || from > last) continue
        const [left, right] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)]
        canvas.fillStyle = colourOf(style, tone)
        // However short, it is to be seen.
        const width = Math.max(1.5 * devicePixelRatio, right - left)
        canvas.fillRect(left, top + high * 0.15, width, high * 0.7)
      }
    }
  })
}

/**
 * @param {readonly Span[]} spans
 * @param {number} at
 * @returns {readonly Span[]} one at most
 */
function spansAt(spans, at) {
  const found = spans.find(({ from, to }) => from <= at && at < to)
  return found ? [found] : []
}
