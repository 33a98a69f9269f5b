import { resolve } from 'node:path'

import { isFree } from '../../infra/local/free-port.ts'
import type { LocalMarket } from '../../infra/local/local-market.ts'
import { type LocalNetwork, startLocalNetwork } from '../../infra/local/local-network.ts'
import { kzgThread } from '../adapters/kzg/kzg-thread.ts'
import { checkWorld } from '../runtime/check-world.ts'
import { compose, type World } from '../runtime/compose.ts'
import { PortTakenError, type ServedApp } from '../runtime/http/serve-app.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import type { Account } from './account.ts'
import { defaultPort, type LocalOptions } from './local-options.ts'
import { accountOnStdout } from './output.ts'
import { readNetwork } from './read-network.ts'
import { runUntil } from './run-until.ts'
import { servePage } from './serve-page.ts'
import { stopSignals } from './stop-signals.ts'
import { UnfitWorldError } from './unfit-world.ts'

const host = '127.0.0.1'
const page = { what: 'the page', option: '--port' }

/** Two rounds and a push: what was old because nobody ran is no incident. */
const watchAfterMs = 12_000

/** Starts a network on this machine, runs it until stopped, and answers the exit code. */
export async function runLocal(
  options: LocalOptions & { readonly market: LocalMarket },
): Promise<number> {
  const { json = false, verbose = false, port, market } = options
  // Known before anything is started, since the start takes a while.
  if (port !== undefined && port !== 0 && !(await isFree(port)))
    throw new PortTakenError(host, port, page)
  const account = accountOnStdout({ json, verbose })
  const stops = stopSignals()
  await using ending = new AsyncDisposableStack()
  ending.defer(() => stops.release())

  const network = await startLocalNetwork({
    dataDir: options.temporary ? undefined : resolve(options.data),
    market,
    starknet: options.starknet,
    starkex: options.starkex,
    blobs: options.blobs,
    clock: wallClock,
    onProgress: account.progress,
    signal: stops.signal,
  })
  ending.defer(() => network.stop())
  const world = await worldOf(network, { account, cutOff: stops.cutOff })
  ending.defer(() => world.close())
  const served = await pageOf(world, port)
  ending.defer(() => served.close())

  account.ready({ page: served.url, ...network.places })
  const signal = AbortSignal.any([stops.signal, network.broken])
  const summary = await runUntil({
    world,
    jobs: 'all',
    account,
    signal,
    forMs: options.for,
    sends: true,
    watchAfterMs,
  })
  await ending.disposeAsync()
  account.summary(summary)
  return summary.ok ? 0 : 1
}

async function worldOf(
  { file }: LocalNetwork,
  { account, cutOff }: { readonly account: Account; readonly cutOff: AbortSignal },
): Promise<World> {
  const { network, directory } = await readNetwork(file)
  const write = account.alert
  const world = await compose({
    network,
    directory,
    clock: wallClock,
    cutOff,
    write,
    kzg: kzgThread(),
  })
  const problems = await checkWorld(world)
  if (problems.length === 0) return world
  await world.close()
  throw new UnfitWorldError(file, problems)
}

async function pageOf(world: World, port: number | undefined): Promise<ServedApp> {
  const { option } = page
  try {
    return await servePage(world, { host, port: port ?? defaultPort, option })
  } catch (error) {
    if (port !== undefined || !(error instanceof PortTakenError)) throw error
    return await servePage(world, { host, port: 0, option })
  }
}
