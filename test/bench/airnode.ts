import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { z } from 'zod'

import { type AirnodeCall, airnodeCalls } from './airnode-config.ts'
import { benchFeeds } from './bench-market.ts'
import { type CycleResult, cyclesOf } from './cycle.ts'
import { type BenchSimulators, startBenchSimulators } from './simulators.ts'
import { IncompleteBenchError } from './tick.ts'

/** Both packages have one, and refuse a configuration for another. */
const version = '3.3.0'

/**
 * API3's own node and its API on the same markets, calls and simulators: one beacon for each market out of one venue's
 * answer, and one for each source of each market. It aggregates nothing, which is left to its contract. The packages are
 * installed for this run only; without the registry there is a reason instead.
 */
export async function benchAirnode(
  markets: number,
  cycles: number,
): Promise<readonly CycleResult[] | { readonly reason: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'starkeep-airnode-'))
  try {
    const reason = await install(directory)
    if (reason !== undefined) return { reason }
    const simulators = await startBenchSimulators(markets)
    try {
      const all = await airnodeCalls(benchFeeds(markets), simulators.url)
      const one = all.filter(
        ({ title }) => title.startsWith('kraken-') && !title.includes('futures'),
      )
      const world = { directory, markets, cycles, simulators }
      return [
        ...(await measured(world, 'a beacon per market', one)),
        ...(await measured(world, 'a beacon per source', all)),
      ]
    } finally {
      await simulators.close()
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** The reason where it cannot be installed. */
async function install(directory: string): Promise<string | undefined> {
  await writeFile(join(directory, 'package.json'), '{"private":true}')
  const packages = ['airnode-feed', 'signed-api'].map((name) => `@api3/${name}@${version}`)
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  try {
    await promisify(execFile)('npm', [...args, ...packages], {
      cwd: directory,
      timeout: 300_000,
    })
    return undefined
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error))
      .split('\n')
      .filter((line) => line.includes('npm error'))
    return `${packages.join(' and ')} cannot be installed: ${first || 'npm did not end in five minutes, or is not there'}`
  }
}

async function measured(
  world: {
    readonly directory: string
    readonly markets: number
    readonly cycles: number
    readonly simulators: BenchSimulators
  },
  what: string,
  calls: readonly AirnodeCall[],
): Promise<readonly CycleResult[]> {
  const { directory, markets, cycles, simulators } = world
  const api = await startSignedApi(directory)
  try {
    const callsFile = join(directory, 'calls.json')
    await writeFile(callsFile, JSON.stringify(calls))
    const beacons = calls.reduce((sum, one) => sum + one.beacons.length, 0)
    const feed = await cyclesOf(
      {
        who: `@api3/airnode-feed, ${what}: ${beacons}`,
        markets,
        script: new URL('./airnode-feed-process.ts', import.meta.url),
        args: [directory, version, callsFile, api.url, String(cycles)],
        env: { LOGGER_ENABLED: 'false' },
      },
      simulators,
    )
    const { cpuMs, peakMib } = await api.usage()
    const nothing = { cycleMs: undefined, afterLastAnswerMs: undefined, failed: 0 }
    // It is asked in the cycle that is not measured too.
    const each = cpuMs / (cycles + 1)
    return [feed, { who: '@api3/signed-api beside it', markets, ...nothing, cpuMs: each, peakMib }]
  } finally {
    await api.stop()
  }
}

/** Node gives a message's handle beside it. */
const Usage = z.tuple([z.object({ cpuMs: z.number(), peakMib: z.number() })], z.unknown())

async function startSignedApi(directory: string) {
  const endpoint = { urlPath: '/all', authTokens: null, delaySeconds: 0, hideSignatures: false }
  const config = {
    endpoints: [{ ...endpoint, isOev: false }],
    allowedAirnodes: '*',
    stage: 'bench',
    version,
  }
  await mkdir(join(directory, 'config'), { recursive: true })
  await writeFile(join(directory, 'config', 'signed-api.json'), JSON.stringify(config))
  await writeFile(join(directory, 'config', 'secrets.env'), '')
  const port = await freePort()
  const child = fork(
    fileURLToPath(new URL('signed-api-process.ts', import.meta.url)),
    [directory],
    {
      env: { ...process.env, SERVER_PORT: String(port), LOGGER_ENABLED: 'false' },
    },
  )
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  const usage = async () => {
    const told = once(child, 'message')
    child.send('usage')
    return Usage.parse(await told)[0]
  }
  await up(url)
  const idle = await usage()
  return {
    url,
    async usage() {
      const { cpuMs, peakMib } = await usage()
      return { cpuMs: cpuMs - idle.cpuMs, peakMib }
    },
    async stop() {
      child.kill()
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string')
    throw new IncompleteBenchError('airnode', 'there is no free port')
  return address.port
}

async function up(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    const answers = await fetch(url).then(
      () => true,
      () => false,
    )
    if (answers) return
    await sleep(100)
  }
  throw new IncompleteBenchError('airnode', 'its signed API is not up after 30 seconds')
}
