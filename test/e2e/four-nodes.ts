import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'

import { startLocalNetwork } from '../../infra/local/local-network.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { namesOfFour, nodePhases } from './node-phases.ts'
import { openOracleNodes } from './oracle-nodes.ts'
import { runPhases } from './run-phases.ts'

/**
 * `npm run four-nodes [-- --minutes 8]`: four operators' oracle nodes, each a process with a key, a store and an HTTP server of
 * its own, of which three reports make a price. The first pushes to both chains and asks the others over HTTP. One lies, one
 * is killed, one serves old reports, one signs two things, two lie. Prints a verdict for each; exit code 0 where all hold.
 */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '8' } } })
const tell = (message: string): void => void process.stdout.write(`${message}\n`)
const minutes = Number(values.minutes)
if (!(minutes >= 5 && minutes <= 600))
  throw new RangeError(`--minutes is "${values.minutes}"; expected a number from 5 to 600`)

const seed = 'starkeep'
const dataDir = mkdtempSync(join(tmpdir(), 'starkeep-four-nodes-'))
await using ending = new AsyncDisposableStack()
const network = await startLocalNetwork({
  dataDir,
  market: { kind: 'simulated', seed },
  starknet: 'box',
  clock: wallClock,
  oracles: namesOfFour,
  onProgress: tell,
})
ending.defer(() => network.stop())
const nodes = await openOracleNodes(network.file, namesOfFour, seed)
ending.defer(async () => void (await Promise.all(nodes.map(async (node) => await node.close()))))
const problems = await runPhases({ nodes, phases: nodePhases, runMs: minutes * 60_000, tell })
if (network.broken.aborted) problems.push(`the network broke: ${String(network.broken.reason)}`)
await ending.disposeAsync()
tell(problems.length === 0 ? 'all phases hold' : problems.join('\n'))
process.exitCode = problems.length === 0 ? 0 : 1
if (process.exitCode === 0) rmSync(dataDir, { recursive: true })
