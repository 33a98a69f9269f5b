import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'

import { killAndRestart } from './kill-and-restart.ts'
import { starknetOption } from './which-starknet.ts'

/**
 * `npm run kill-loop [-- --kills 25 --seed 7 --data <directory> --starknet devnet]`: starts a local network again and again on the
 * same directory, ends one of its processes by SIGKILL each time, and holds its chains against its store at the end. Mostly that is
 * Starkeep's own, whose nodes and store then save what they have; every fourth time it is anvil, the Starknet box or DynamoDB's
 * emulator, which save nothing more, and Starkeep must end with a sentence. With devnet, which keeps nothing itself, only Starkeep's
 * is killed. Exit code 0 where nothing was doubled or forgotten.
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '25' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    data: { type: 'string' },
    starknet: { type: 'string', default: 'box' },
  },
})
const tell = (message: string): void => void process.stdout.write(`${message}\n`)
const starknet = starknetOption(values.starknet)
const [kills, seed] = [whole('kills', values.kills), whole('seed', values.seed)]
const dataDir = values.data ?? mkdtempSync(join(tmpdir(), 'starkeep-kill-loop-'))
tell(`${kills} kills, seed ${seed}, ${starknet}, in ${dataDir}`)

const report = await killAndRestart({ dataDir, seed, kills, starknet, tell })
tell(JSON.stringify(report, undefined, 2))
process.exitCode = report.problems.length === 0 ? 0 : 1
if (process.exitCode === 0 && values.data === undefined) rmSync(dataDir, { recursive: true })

function whole(option: string, text: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text)
  throw new RangeError(`--${option} is "${text}"; expected a whole number`)
}
