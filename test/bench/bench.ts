import process from 'node:process'
import { parseArgs } from 'node:util'

import { benchTable } from './bench-table.ts'
import { runBench } from './run-bench.ts'

/**
 * `npm run bench [-- --json --markets 10,200 --rounds 5]`: what one price tick costs, stage by stage, beside signing with
 * @scure/starknet alone in the same run. Processor times are this thread's; venues are simulated on another.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    markets: { type: 'string', default: '10,200' },
    rounds: { type: 'string', default: '5' },
  },
})
const counts = values.markets.split(',').map((text) => whole('markets', text))
const results = await runBench(counts, {
  rounds: whole('rounds', values.rounds),
  leastRoundMs: 100,
})
process.stdout.write(
  values.json ? `${JSON.stringify(results, undefined, 2)}\n` : benchTable(results),
)

function whole(option: string, text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text)
  throw new RangeError(`--${option} is "${text}"; expected whole numbers from 1 to 99999`)
}
