/**
 * What lies over and under the curves. All in the canvas's own pixels.
 *
 * @typedef {import('uplot')} UPlot
 * @typedef {import('./lines.js').Read} Read
 */

/**
 * From the lowest to the highest of each bucket, where it has more than one value.
 *
 * @param {UPlot} plot
 * @param {Read} curve
 * @param {string} stroke
 */
export function drawBuckets(plot, { lows, highs, place }, stroke) {
  const [at = []] = plot.data
  const [first = 0, last = at.length - 1] = plot.series[place + 1]?.idxs ?? []
  inPlot(plot, (canvas) => {
    canvas.strokeStyle = stroke
    canvas.globalAlpha = 0.45
    canvas.lineWidth = Math.max(1, Math.min(4, (plot.bbox.width / (last - first + 1)) * 0.6))
    canvas.beginPath()
    for (let index = first; index <= last; index += 1) {
      const [x, low, high] = [at[index], lows[index], highs[index]]
      if (typeof x !== 'number' || typeof low !== 'number' || typeof high !== 'number') continue
      if (low === high) continue
      const across = plot.valToPos(x, 'x', true)
      canvas.moveTo(across, plot.valToPos(low, 'y', true))
      canvas.lineTo(across, plot.valToPos(high, 'y', true))
    }
    canvas.stroke()
  })
}

/**
 * Where it counted for nothing, a curve is thick in the colour of why.
 *
 * @param {UPlot} plot
 * @param {Read} curve
 * @param {(tone: import('../parts.ts').LaneTone) => string} colour
 */
export function drawMarked(plot, { numbers, marked = [] }, colour) {
  const [at = []] = plot.data
  const { min = 0, max = 0 } = plot.scales['x'] ?? {}
  inPlot(plot, (canvas) => {
    canvas.globalAlpha = 0.8
    const size = 3.5 * devicePixelRatio
    for (const [from, to, tone] of marked) {
      if (to < min || from > max) continue
      canvas.fillStyle = colour(tone)
      for (let index = plot.valToIdx(Math.max(from, min)); index < at.length; index += 1) {
        const [x, value] = [at[index], numbers[index]]
        if (typeof x !== 'number' || x > Math.min(to, max)) break
        if (x < from || typeof value !== 'number') continue
        const [across, up] = [plot.valToPos(x, 'x', true), plot.valToPos(value, 'y', true)]
        canvas.fillRect(across - size / 2, up - size / 2, size, size)
      }
    }
  })
}

/**
 * @param {UPlot} plot
 * @param {import('../parts.ts').Lines['limits']} limits
 * @param {{ colour: (tone: 'warning' | 'quiet') => string, under: string, font: string }} how
 */
export function drawLimits(plot, limits, { colour, under, font }) {
  const { min = 0, max = 0 } = plot.scales['y'] ?? {}
  inPlot(plot, (canvas) => {
    const pixel = devicePixelRatio
    canvas.font = `${11 * pixel}px ${font}`
    canvas.lineJoin = 'round'
    for (const { name, value, isQuiet = false } of limits) {
      if (value < min || value > max) continue
      const up = Math.round(plot.valToPos(value, 'y', true))
      const ink = colour(isQuiet ? 'quiet' : 'warning')
      canvas.strokeStyle = ink
      canvas.lineWidth = pixel
      canvas.setLineDash([4 * pixel, 4 * pixel])
      canvas.beginPath()
      canvas.moveTo(plot.bbox.left, up)
      canvas.lineTo(plot.bbox.left + plot.bbox.width, up)
      canvas.stroke()
      // Above its line where there is room, and apart from each other, where two lines are near.
      const isLow = up - plot.bbox.top > 16 * pixel
      canvas.textBaseline = isLow ? 'bottom' : 'top'
      canvas.textAlign = isQuiet ? 'right' : 'left'
      const edge = isQuiet ? plot.bbox.width - 4 * pixel : 4 * pixel
      const [x, y] = [plot.bbox.left + edge, up + (isLow ? -2 : 2) * pixel]
      // Read over curves.
      canvas.setLineDash([])
      canvas.strokeStyle = under
      canvas.lineWidth = 4 * pixel
      canvas.strokeText(name, x, y)
      canvas.fillStyle = ink
      canvas.fillText(name, x, y)
    }
  })
}

/**
 * @param {UPlot} plot
 * @param {import('../parts.ts').Lines['shades']} shades
 * @param {string} fill
 */
export function drawShades(plot, shades, fill) {
  inPlot(plot, (canvas) => {
    canvas.fillStyle = fill
    canvas.globalAlpha = 0.14
    for (const [from, to] of shades) {
      const [left, right] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)]
      canvas.fillRect(
        left,
        plot.bbox.top,
        Math.max(devicePixelRatio, right - left),
        plot.bbox.height,
      )
    }
  })
}

/**
 * Draws inside the axes, and leaves the canvas as it was.
 *
 * @param {UPlot} plot
 * @param {(canvas: CanvasRenderingContext2D) => void} draw
 */
export function inPlot({ ctx, bbox }, draw) {
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  draw(ctx)
  ctx.restore()
}
