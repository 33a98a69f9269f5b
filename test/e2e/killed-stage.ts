import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { startLocalNetwork } from '../../infra/local/local-network.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { type FirstNonces, noncesNow } from './kept-network.ts'
import { processesOf } from './processes.ts'
import { type RunningStarkeep, runStarkeep } from './running-starkeep.ts'
import type { WhichStarknet } from './which-starknet.ts'

/** What is killed and started again, and what of it goes on meanwhile. */
export type Stage = {
  /** The network file. */
  readonly file: string
  readonly start: () => RunningStarkeep
  /** Waits until a run is up, and says where its venues are. */
  readonly venues: (run: RunningStarkeep) => Promise<string>
  /** Those of its processes that may be killed instead of Starkeep's own. */
  readonly parts: readonly StagePart[]
  /** Where the accounts' nonces stood when the stage was set. */
  readonly firstNonces: FirstNonces
  close(): Promise<void>
}

export type StagePart = {
  /** As the run that ends because of it calls it. */
  readonly name: string
  /** Sends SIGKILL; false where it does not run now. */
  readonly kill: () => boolean
}

/**
 * With the box everything is one `starkeep local`, whose chains and store are on disk. A real node keeps nothing, so with devnet
 * chains, store and venues are in this process and live on, and it is `starkeep run all` that is killed.
 */
export async function openStage(options: {
  readonly dataDir: string
  readonly starknet: WhichStarknet
  readonly tell: (message: string) => void
}): Promise<Stage> {
  return options.starknet === 'box' ? wholeNetwork(options.dataDir) : await keepersAlone(options)
}

function wholeNetwork(dataDir: string): Stage {
  return {
    file: join(dataDir, 'network.yml'),
    start: () => runStarkeep(['local', '--data', dataDir, '--port', '0']),
    venues: async (run) => (await run.ready())['venues'] ?? '',
    // Where there is no /proc nobody finds them.
    parts: (existsSync('/proc')
      ? [
          { name: 'the Ethereum node', command: '/bin/anvil' },
          { name: 'the Starknet node', command: '/starknet-box/main.ts' },
          { name: 'the store', command: '/dynoxide' },
        ]
      : []
    ).map(({ name, command }) => ({ name, kill: () => killedIn(dataDir, command) })),
    firstNonces: {},
    close: async () => undefined,
  }
}

function killedIn(dataDir: string, command: string): boolean {
  const [part] = processesOf(dataDir).filter((one) => one.command.includes(command))
  if (part) process.kill(part.pid, 'SIGKILL')
  return part !== undefined
}

async function keepersAlone({
  dataDir,
  tell,
}: {
  readonly dataDir: string
  readonly tell: (message: string) => void
}): Promise<Stage> {
  const network = await startLocalNetwork({
    dataDir,
    market: { kind: 'simulated', seed: 'starkeep' },
    starknet: 'devnet',
    clock: wallClock,
    onProgress: tell,
  })
  const { file, places } = network
  return {
    file,
    start: () => runStarkeep(['run', 'all', '--network', file]),
    async venues(run) {
      await run.waitFor('its first plan', ({ kind }) => kind === 'planned' || kind === 'tick')
      return places['venues'] ?? ''
    },
    parts: [],
    firstNonces: await noncesNow(file),
    close: () => network.stop(),
  }
}
