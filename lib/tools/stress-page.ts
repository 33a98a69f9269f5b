import { readFileSync } from 'node:fs'

import { dollars } from '../domain/pnl/row-usd.ts'
import type { EngineStress } from './show-stress.ts'
import { stressLines } from './stress-lines.ts'

/** One page that needs nothing else: for each exchange a plot of what jumps of all markets cost, and all numbers below. */
export function stressPage(all: readonly EngineStress[]): string {
  const plots = all.map(plotOf)
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Stress</title>
<style>${library('uPlot.min.css')}
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem; max-width: 60rem }
pre { overflow-x: auto; font-size: 12px }</style>
<h1>Stress</h1>
${all.map((one, at) => `<h2>${escaped(one.engine)}</h2><div id="plot-${at}"></div><pre>${escaped(stressLines([one]).join('\n'))}</pre>`).join('\n')}
<script>${library('uPlot.iife.min.js')}</script>
<script>
for (const [at, data] of ${JSON.stringify(plots)}.entries())
  new uPlot({
    width: Math.min(900, innerWidth - 64), height: 320,
    title: 'all markets jump, USD',
    scales: { x: { time: false } },
    series: [
      { label: 'jump, %' },
      { label: 'notional that falls', stroke: '#1f77b4', width: 2 },
      { label: 'fund pays', stroke: '#ff7f0e', width: 2 },
      { label: 'unpaid', stroke: '#d62728', width: 2 },
    ],
    axes: [{}, { size: 90 }],
  }, data, document.getElementById('plot-' + at))
</script>
</html>
`
}

function plotOf({ results, decimals }: EngineStress): readonly (readonly number[])[] {
  const joint = results.filter(({ shock }) => shock.asset === undefined)
  const usd = (amount: bigint): number => dollars(amount, decimals).toNumber()
  return [
    joint.map(({ shock }) => shock.permille / 10),
    joint.map(({ notional }) => usd(notional)),
    joint.map(({ fundOut }) => usd(fundOut)),
    joint.map(({ shortfall }) => usd(shortfall)),
  ]
}

function library(name: string): string {
  return readFileSync(new URL(import.meta.resolve(`uplot/dist/${name}`)), 'utf8')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
