import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

import type { Course } from './play-scene.ts'

const { resolve } = createRequire(import.meta.url)
const code = readFileSync(resolve('uplot/dist/uPlot.iife.min.js'), 'utf8')
const style = readFileSync(resolve('uplot/dist/uPlot.min.css'), 'utf8')

/** One chart for each course, its phases behind the lines, in a page that needs nothing from elsewhere. */
export function demoPage(courses: readonly Course[]): string {
  return `<!doctype html>
<meta charset="utf-8">
<style>${style}
body { margin: 16px; width: 1000px; font: 13px/1.4 system-ui, sans-serif; color: #1d2733; background: #fff }
h2 { margin: 14px 0 0; font-size: 15px; font-weight: 600 }
p { margin: 0 0 4px; color: #55606c }
.u-legend { display: none }
.key span { margin-right: 11px; white-space: nowrap }
.key i { display: inline-block; width: 16px; height: 3px; margin-right: 5px; vertical-align: middle }
.key b { margin-right: 5px }
.key i.band { height: 12px }
</style>
<div class="key">
<span><i style="background: #9aa5b1"></i>what the set before makes of the quotes</span>
<span><i style="background: #d1483b"></i>what the new set makes of them</span>
<span><i style="background: #1765ad"></i>told to the exchange</span>
<span><b style="color: #d1483b">×</b>withheld</span>
<span><i class="band" style="background: #e3eefb"></i>in shadow</span>
<span><i class="band" style="background: #fdebc8"></i>on probation</span>
</div>
${courses.map((course, index) => `<h2>${titleOf(course)}</h2><p>${endOf(course)}</p><div id="chart${index}"></div>`).join('\n')}
<script>${code}</script>
<script>
const courses = ${JSON.stringify(courses.map(plotted))}
${drawing}
</script>`
}

function titleOf({ scene }: Course): string {
  return `${scene.market.name}: ${scene.proposal.name}`
}

function endOf({ events, refused }: Course): string {
  if (refused !== undefined) return refused
  const back = events.find(({ kind, by }) => kind === 'roll-back' && by === 'guard')
  return back ? `taken back by a guard: ${back.why}` : 'confirmed'
}

/** Numbers alone: times in seconds, a column for each line. */
function plotted({ minutes, told, events }: Course) {
  const first = minutes[0]?.at ?? 0
  const last = minutes.at(-1)?.at ?? 0
  const timeOf = (kind: string) => events.find((event) => event.kind === kind)?.recordedAt
  const active = timeOf('activated')
  const over = timeOf('rolled-back') ?? timeOf('confirmed') ?? last
  const shadow = timeOf('shadow')
  // A price stays what the exchange goes by until the next one.
  const posted = (at: number) => told.findLast((one) => one.at <= at)?.price ?? null
  return {
    data: [
      minutes.map(({ at }) => at / 1_000),
      minutes.map(({ before }) => before ?? null),
      minutes.map(({ candidate }) => candidate ?? null),
      minutes.map(({ at }) => posted(at)),
      minutes.map(({ isWithheld, candidate }) => (isWithheld ? (candidate ?? null) : null)),
    ],
    bands: [
      ...(shadow === undefined ? [] : [[shadow, active ?? last, '#e3eefb']]),
      ...(active === undefined ? [] : [[active, over, '#fdebc8']]),
    ].map(([from = 0, to = 0, colour]) => [Number(from) / 1_000, Number(to) / 1_000, colour]),
    from: first / 1_000,
  }
}

const drawing = `
for (const [index, { data, bands }] of courses.entries()) {
  const behind = (plot) => {
    const { ctx, bbox } = plot
    for (const [from, to, colour] of bands) {
      const [left, right] = [plot.valToPos(from, 'x', true), plot.valToPos(to, 'x', true)]
      ctx.fillStyle = colour
      ctx.fillRect(left, bbox.top, right - left, bbox.height)
    }
  }
  const crosses = (plot) => {
    const { ctx } = plot
    ctx.fillStyle = '#d1483b'
    ctx.font = 'bold 26px sans-serif'
    ctx.textAlign = 'center'
    ctx.textBaseline = 'middle'
    data[4].forEach((price, at) => {
      if (price === null) return
      ctx.fillText('×', plot.valToPos(data[0][at], 'x', true), plot.valToPos(price, 'y', true))
    })
  }
  const money = (_, ticks) => ticks.map((tick) => '$' + tick.toLocaleString('en'))
  const clock = (_, ticks) =>
    ticks.map((tick) => new Date(tick * 1000).toISOString().slice(5, 16).replace('T', ' '))
  const stepped = uPlot.paths.stepped({ align: 1 })
  const plot = new uPlot(
    {
      width: 1000,
      height: 230,
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'UTC'),
      scales: { x: { time: true } },
      axes: [{ values: clock, space: 110 }, { values: money, size: 70 }],
      series: [
        {},
        { stroke: '#9aa5b1', width: 4 },
        { stroke: '#d1483b', width: 1.5 },
        { stroke: '#1765ad', width: 1.5, paths: stepped },
        { show: true, stroke: 'transparent', points: { show: false }, paths: () => null },
      ],
      hooks: { drawClear: [behind], draw: [crosses] },
      cursor: { show: false },
    },
    data,
    document.getElementById('chart' + index),
  )
}`
