import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { privateKeyToAddress } from 'viem/accounts'
import { parseDocument } from 'yaml'

import { readSecret } from '../../infra/local/local-keys.ts'
import { simulatedMarket } from '../../infra/local/market/simulated.ts'
import { startVenueSimulators } from '../../infra/local/venues/start-venue-simulators.ts'
import { starkKey } from '../../lib/adapters/signers/stark-key.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { clearVenueFaults, moveAllPrices } from './faults.ts'
import { openRoad, type Road } from './oracle-road.ts'
import { type RunningStarkeep, runStarkeep } from './running-starkeep.ts'

/** One operator's oracle node: a process with a key, a store and an HTTP server of its own, and venues that only it sees. */
export type OracleNode = {
  readonly name: string
  readonly file: string
  readonly road: Road
  /** The running process, or the last one. */
  readonly run: () => RunningStarkeep
  /** Its venues agree on prices that are that much higher; 1 is the truth. */
  lie(factor: string): Promise<void>
  start(): Promise<void>
  /** As a machine ends that loses its power. */
  kill(): Promise<void>
  close(): Promise<void>
}

/** The local network's oracles as so many operators: the first pushes, and asks the others; they only sign. */
export async function openOracleNodes(
  networkFile: string,
  names: readonly string[],
  seed: string,
): Promise<readonly OracleNode[]> {
  const roads = await Promise.all(names.map(openRoad))
  const peers = names.map((name, at) => ({
    name,
    url: roads[at]?.url ?? '',
    signers: signersOf(dirname(networkFile), name),
  }))
  return await Promise.all(
    roads.map(async (road, at) => {
      const venues = await startVenueSimulators({
        market: simulatedMarket({ seed }),
        clock: wallClock,
      })
      const name = names[at] ?? ''
      const file = join(dirname(networkFile), `${name}.yml`)
      const others = peers.filter((peer) => peer.name !== name)
      writeNodeFile({
        networkFile,
        file,
        name,
        venues: venues.url,
        peers: others,
        pushes: at === 0,
      })
      return anOracleNode({ name, file, road, venues })
    }),
  )
}

function anOracleNode({
  name,
  file,
  road,
  venues,
}: Pick<OracleNode, 'name' | 'file' | 'road'> & {
  readonly venues: { readonly url: string; close(): Promise<void> }
}): OracleNode {
  let run: RunningStarkeep | undefined
  return {
    name,
    file,
    road,
    run() {
      if (!run) throw new TypeError(`${name} was never started`)
      return run
    },
    async lie(factor) {
      if (factor === '1') await clearVenueFaults(venues.url)
      else await moveAllPrices(venues.url, factor)
    },
    async start() {
      run = runStarkeep(['run', 'all', '--network', file, '--reports-port', '0'])
      const { reports } = await run.ready()
      road.to = reports
    },
    async kill() {
      road.to = undefined
      run?.signal('SIGKILL')
      await run?.ended
    },
    async close() {
      road.to = undefined
      run?.signal('SIGINT')
      await run?.ended
      await venues.close()
      await road.close()
    },
  }
}

/** As its operator would tell others. */
function signersOf(folder: string, name: string) {
  const secret = (curve: string) => readSecret(join(folder, 'keys', `${name}-${curve}`))
  return {
    stark: starkKey({ reveal: () => secret('stark') }).publicKey,
    evm: privateKeyToAddress(secret('evm') as `0x${string}`),
  }
}

function writeNodeFile(of: {
  readonly networkFile: string
  readonly file: string
  readonly name: string
  readonly venues: string
  readonly peers: readonly object[]
  readonly pushes: boolean
}): void {
  const { name } = of
  const document = parseDocument(readFileSync(of.networkFile, 'utf8'))
  document.set('store', { kind: 'memory', file: `${name}.json` })
  document.set('oracles', [
    { name, keys: { stark: `file:keys/${name}-stark`, evm: `file:keys/${name}-evm` } },
  ])
  document.set('peers', of.peers)
  const venues = document.toJS() as { readonly venues: Readonly<Record<string, object>> }
  document.set(
    'venues',
    Object.fromEntries(
      Object.keys(venues.venues).map((venue) => [venue, { baseUrl: `${of.venues}/${venue}` }]),
    ),
  )
  if (!of.pushes) {
    for (const job of ['push-prices', 'watch-liveness', 'deliver-outbox'])
      document.deleteIn(['jobs', job])
    for (const chain of ['evm', 'starknet']) document.deleteIn(['chains', chain, 'account'])
  }
  writeFileSync(of.file, document.toString({ lineWidth: 120 }))
}
