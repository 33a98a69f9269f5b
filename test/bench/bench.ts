import process from 'node:process'
import { parseArgs } from 'node:util'

import { benchAirnode } from './airnode.ts'
import { backtestTable, benchBacktest } from './backtest.ts'
import { benchBatches } from './batches.ts'
import {
  batchesTable,
  benchTable,
  cycleTable,
  historyTable,
  laneTable,
  liquidateTable,
  loadTable,
  positionsTable,
  scanTable,
  shadowTable,
  watchTable,
  writesTable,
} from './bench-table.ts'
import { benchCycle } from './cycle.ts'
import { benchHistory } from './history.ts'
import { benchLane } from './lane.ts'
import { benchLiquidate } from './liquidate.ts'
import { measureLoad } from './load.ts'
import { benchPositions } from './positions.ts'
import { runBench } from './run-bench.ts'
import { benchScan } from './scan.ts'
import { benchShadow } from './shadow.ts'
import { benchWatch } from './watch.ts'
import { benchWrites } from './writes.ts'

/**
 * `npm run bench [-- --only stages|cycle|writes|shadow|airnode|lane|batches|positions|scan|liquidate|load|history|backtest|watch --json --markets 10,200 --accounts 10000,1000000 --rounds 5 --hours 24]`: what one price tick
 * costs, stage by stage, beside signing with @scure/starknet and with starknet.js alone in the same run; a whole tick with
 * all venues over HTTP, and API3's node on the same markets beside it; what a tick writes; what a
 * candidate in shadow costs a slot of prices; what a lane does to an intent, on
 * an anvil of its own and a store in memory; what batches cost from closed to final, with up to 10,000 of them in flight; how soon a process that begins has 100,000 accounts; how long it takes to find those
 * below their margin among up to ten million, and from a price on the chain until their liquidation is signed; and how long each function's bundle takes to load, over an empty one; and what a day of history of one market takes, packed. One sweep of the watch goes over a thousand and ten thousand systems. A backtest of a year of 20 series is read
 * from files that are made for it (`--minutes 525600`). Processor times of stages are this thread's, those of whole ticks all of their process's; venues are simulated on another.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
    markets: { type: 'string', default: '10,200' },
    accounts: { type: 'string', default: '10000,100000,1000000' },
    rounds: { type: 'string' },
    minutes: { type: 'string', default: '525600' },
    hours: { type: 'string', default: '24' },
  },
})
const parts = [
  'stages',
  'cycle',
  'writes',
  'shadow',
  'airnode',
  'lane',
  'batches',
  'positions',
  'scan',
  'liquidate',
  'load',
  'history',
  'backtest',
  'watch',
] as const
const { only, json } = values
if (only !== undefined && !parts.some((part) => part === only))
  throw new RangeError(`--only is "${only}"; expected one of ${parts.join(', ')}`)
const counts = values.markets.split(',').map((text) => whole('markets', text))
const most = Math.max(...counts)

if (wanted('stages')) {
  const patience = { rounds: whole('rounds', values.rounds ?? '5'), leastRoundMs: 100 }
  const stages = await runBench(counts, patience)
  show(stages, benchTable(stages))
}
if (wanted('cycle') || wanted('airnode')) {
  const ours = await benchCycle(most, whole('rounds', values.rounds ?? '15'))
  const theirs = wanted('airnode')
    ? await benchAirnode(most, whole('rounds', values.rounds ?? '3'))
    : []
  const cycles = 'reason' in theirs ? [ours] : [ours, ...theirs]
  show(cycles, cycleTable(cycles))
  if ('reason' in theirs) process.stderr.write(`not measured beside it: ${theirs.reason}\n`)
}
if (wanted('writes')) {
  const writes = await benchWrites(most)
  if ('reason' in writes) process.stderr.write(`writes are not measured: ${writes.reason}\n`)
  else show(writes, writesTable(writes))
}
if (wanted('shadow')) {
  const shadow = await benchShadow(most, whole('rounds', values.rounds ?? '25'))
  show(shadow, shadowTable(shadow))
}
if (wanted('watch')) {
  const watch = await benchWatch({
    'all well': [100, 1_000, 10_000],
    // Ten thousand would be 190,000 incidents, whose first writing takes minutes.
    'all wrong': [100, 1_000],
  })
  if ('reason' in watch) process.stderr.write(`the watch is not measured: ${watch.reason}\n`)
  else show(watch, watchTable(watch))
}
if (wanted('lane')) {
  const lanes = await benchLane([1, 10, 100], 100)
  show(lanes, laneTable(lanes))
}
if (wanted('batches')) {
  const { results, reason } = await benchBatches({
    // All of a thousand take seven hours of slots: on a table, whose calls take a millisecond, that is left out.
    ways: { memory: [10, 100, 1_000], table: [10, 100] },
    slots: [10, 100, 1_000, 10_000],
    rounds: whole('rounds', values.rounds ?? '15'),
  })
  show(results, batchesTable(results))
  if (reason !== undefined) process.stderr.write(`not measured on a table: ${reason}\n`)
}
if (wanted('positions')) {
  const positions = await benchPositions(100_000, whole('rounds', values.rounds ?? '5'))
  show(positions, positionsTable(positions))
}
if (wanted('scan')) {
  const sizes = values.accounts.split(',').map((text) => whole('accounts', text))
  const rounds = whole('rounds', values.rounds ?? '50')
  const scans = await benchScan(sizes, { rounds, calls: 1_000 })
  show(scans, scanTable(scans))
}
if (wanted('liquidate')) {
  const result = await benchLiquidate(100_000, whole('rounds', values.rounds ?? '200'))
  show([result], liquidateTable(result))
}
if (wanted('load')) {
  const load = await measureLoad(whole('rounds', values.rounds ?? '15'))
  show(load, loadTable(load))
}
if (wanted('history')) {
  const history = await benchHistory(whole('hours', values.hours))
  show(history, historyTable(history))
}
if (wanted('backtest')) {
  const backtest = await benchBacktest(whole('minutes', values.minutes))
  show([backtest], backtestTable(backtest))
}

function wanted(part: (typeof parts)[number]): boolean {
  return only === undefined || only === part
}

function show(results: readonly object[], table: string): void {
  process.stdout.write(json ? `${JSON.stringify(results, undefined, 2)}\n` : `${table}\n`)
}

function whole(option: string, text: string): number {
  if (/^[1-9]\d{0,7}$/.test(text)) return Number(text)
  throw new RangeError(`--${option} is "${text}"; expected whole numbers from 1 to 99999999`)
}
