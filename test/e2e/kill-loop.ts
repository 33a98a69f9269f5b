import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'

import { killAndRestart } from './kill-and-restart.ts'

/**
 * `npm run kill-loop [-- --kills 25 --seed 7 --data <directory>]`: kills a local network's process again and again, and
 * holds its chains against its store at the end. Exit code 0 where nothing was doubled or forgotten.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    data: { type: 'string' },
  },
})
const tell = (message: string): void => void process.stdout.write(`${message}\n`)
const [kills, seed] = [whole('kills', values.kills), whole('seed', values.seed)]
const dataDir = values.data ?? mkdtempSync(join(tmpdir(), 'starkeep-kill-loop-'))
tell(`${kills} kills, seed ${seed}, in ${dataDir}`)

const report = await killAndRestart({ dataDir, seed, kills, tell })
tell(JSON.stringify(report, undefined, 2))
process.exitCode = report.problems.length === 0 ? 0 : 1
if (process.exitCode === 0 && values.data === undefined) rmSync(dataDir, { recursive: true })

function whole(option: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new RangeError(`--${option} is "${text}"; expected a whole number`)
}
