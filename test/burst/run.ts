import process from 'node:process'
import { parseArgs } from 'node:util'

import { october } from './burst-book.ts'
import { type BurstReport, playBurst } from './burst.ts'

/**
 * `npm run burst [-- --caps 50,200,500 --seed 10 --json]`: the worst second of 10 October 2025, synthesised at its size, worked
 * off by the keepers that liquidate and deleverage, for each number of accounts that one slot may take; the last once more with a
 * worker that is killed in the midst. Fails where a rule was broken.
 */
const { values } = parseArgs({
  options: {
    caps: { type: 'string', default: '100,200,500' },
    seed: { type: 'string', default: '10' },
    scale: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const scale = Number(values.scale)
const shape = {
  accounts: Math.round(october.accounts * scale),
  liquidations: Math.round(october.liquidations * scale),
  deleverages: Math.round(october.deleverages * scale),
}
const caps = values.caps.split(',').map(Number)
const seed = Number(values.seed)
// The fund can pay for some of those with less than nothing, and then no more.
const insuranceUsd = Math.round(100_000 * scale)
// Among the first calls of its slot are those that store, sign and send.
const runs = [...caps.map((cap) => ({ cap })), { cap: caps.at(-1) ?? 500, killAtCall: 9 }]

let broken = 0
for (const { cap, ...kill } of runs) {
  const report = await playBurst({ ...shape, seed, insuranceUsd, mostPerSlot: cap, ...kill })
  broken += report.problems.length
  process.stdout.write(
    values.json ? `${JSON.stringify(report)}\n` : words(report, 'killAtCall' in kill),
  )
}
process.exitCode = broken > 0 ? 1 : 0

function words(report: BurstReport, isKilled: boolean): string {
  const { accounts, mostPerSlot, below, broke, took, refused, peak, problems } = report
  const { clearedAfter, slotCpuMs, left } = report
  const lines = [
    `${accounts} accounts, ${below} below their margin at once, ${broke} of them with less than nothing`,
    `  at most ${mostPerSlot} a slot${isKilled ? ', the worker killed in the third second' : ''}:`,
    `  ${took.liquidations} liquidations and ${took.deleverages} deleverages took effect, ${refused} were refused`,
    clearedAfter === undefined
      ? '  it did not end'
      : `  clear after ${clearedAfter} s, ${left} left; at most ${peak.liquidations} and ${peak.deleverages} in a second`,
    `  a second takes ${slotCpuMs.toFixed(0)} ms of one core, the exchange itself included`,
    ...problems.map((problem) => `  BROKEN: ${problem}`),
  ]
  return `${lines.join('\n')}\n`
}
