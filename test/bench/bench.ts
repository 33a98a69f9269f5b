import process from 'node:process'
import { parseArgs } from 'node:util'

import { benchTable, laneTable, loadTable } from './bench-table.ts'
import { benchLane } from './lane.ts'
import { measureLoad } from './load.ts'
import { runBench } from './run-bench.ts'

/**
 * `npm run bench [-- --only stages|lane|load --json --markets 10,200 --rounds 5]`: what one price tick costs, stage by
 * stage, beside signing with @scure/starknet alone in the same run; what a lane does to an intent, on an anvil of its own and
 * a store in memory; and how long each function's bundle takes to load, over an empty one. Processor times of stages are
 * this thread's; venues are simulated on another.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    markets: { type: 'string', default: '10,200' },
    rounds: { type: 'string' },
  },
})
const { only, json } = values
if (only !== undefined && only !== 'stages' && only !== 'lane' && only !== 'load')
  throw new RangeError(`--only is "${only}"; expected stages, lane or load`)

if (only === undefined || only === 'stages') {
  const counts = values.markets.split(',').map((text) => whole('markets', text))
  const patience = { rounds: whole('rounds', values.rounds ?? '5'), leastRoundMs: 100 }
  const stages = await runBench(counts, patience)
  show(stages, benchTable(stages))
}
if (only === undefined || only === 'lane') {
  const lanes = await benchLane([1, 10, 100], 100)
  show(lanes, laneTable(lanes))
}
if (only === undefined || only === 'load') {
  const load = await measureLoad(whole('rounds', values.rounds ?? '15'))
  show(load, loadTable(load))
}

function show(results: readonly object[], table: string): void {
  process.stdout.write(json ? `${JSON.stringify(results, undefined, 2)}\n` : `${table}\n`)
}

function whole(option: string, text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new RangeError(`--${option} is "${text}"; expected whole numbers from 1 to 99999`)
}
