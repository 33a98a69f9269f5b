import { resolve } from 'node:path'

import { Command, InvalidArgumentError, Option } from 'commander'

import { type LocalNetwork, startLocalNetwork } from '../../infra/local/local-network.ts'
import { isFree } from '../../infra/local/local-ports.ts'
import { checkWorld } from '../runtime/check-world.ts'
import { compose, type World } from '../runtime/compose.ts'
import { pageApp } from '../runtime/page/page-app.ts'
import { PortTakenError, type ServedPage, servePage } from '../runtime/page/serve-page.ts'
import { networkView } from '../runtime/view/network-view.ts'
import { wallClock } from '../runtime/wall-clock.ts'
import type { Account } from './account.ts'
import { forOption } from './for-option.ts'
import { localHelp } from './local-help.ts'
import { type MarketChoice, marketOf, parseMarketOption } from './market-option.ts'
import { accountOnStdout } from './output.ts'
import { readNetwork } from './read-network.ts'
import { runUntil } from './run-until.ts'
import { stopSignals } from './stop-signals.ts'
import { UnfitWorldError } from './unfit-world.ts'

type LocalOptions = {
  readonly for?: number
  readonly market: MarketChoice
  readonly from?: number
  readonly speed?: number
  readonly seed: string
  readonly port?: number
  readonly data: string
  readonly temporary?: true
  readonly starknet: 'box' | 'devnet'
  readonly json?: true
  readonly verbose?: true
}

export function localCommand(end: (code: number) => void): Command {
  return new Command('local')
    .description('Run a whole network on this machine: chains, exchanges, venues, keepers, page.')
    .addOption(forOption())
    .addOption(
      new Option('--market <market>', 'simulated, recorded:<file> or live')
        .default({ kind: 'simulated' } satisfies MarketChoice, 'simulated')
        .argParser(parseMarketOption),
    )
    .option('--from <time>', 'where a recording begins, in ISO 8601; its first row', parseTime)
    .option('--speed <factor>', 'how fast a recording plays; 60', parseSpeed)
    .option('--seed <text>', 'which simulated market', 'starkeep')
    .option('--port <port>', `the live page's port; ${defaultPort}, or a free one`, parsePort)
    .option('--data <directory>', 'where everything is kept between starts', '.starkeep')
    .option('--temporary', 'keep nothing: a new directory, removed at the end')
    .addOption(
      new Option('--starknet <node>', 'the Starknet node')
        .choices(['box', 'devnet'])
        .default('box'),
    )
    .option('--json', 'one JSON object per line, the last one of kind "summary"')
    .option('--verbose', 'tell more, also of what went wrong')
    .addHelpText('after', localHelp)
    .action(async (options: LocalOptions) => {
      end(await local(options))
    })
}

const host = '127.0.0.1'
const defaultPort = 4747
/** How often the page shows what is new. */
const pageEveryMs = 1_000

async function local(options: LocalOptions): Promise<number> {
  const { json = false, verbose = false, port } = options
  const market = marketOf(options)
  // Known before anything is started, since the start takes a while.
  if (port !== undefined && port !== 0 && !(await isFree(port)))
    throw new PortTakenError(host, port)
  const account = accountOnStdout({ json, verbose })
  const stops = stopSignals()
  await using ending = new AsyncDisposableStack()
  ending.defer(() => stops.release())

  const network = await startLocalNetwork({
    dataDir: options.temporary ? undefined : resolve(options.data),
    market,
    starknet: options.starknet,
    clock: wallClock,
    onProgress: account.progress,
    signal: stops.signal,
  })
  ending.defer(() => network.stop())
  const world = await worldOf(network, account)
  ending.defer(() => world.close())
  const page = await pageOf(world, port)
  ending.defer(() => page.close())

  account.ready({ page: page.url, ...network.places })
  const { signal } = stops
  const summary = await runUntil({
    world,
    jobs: 'all',
    account,
    signal,
    forMs: options.for,
    sends: true,
  })
  await ending.disposeAsync()
  account.summary(summary)
  return summary.ok ? 0 : 1
}

async function worldOf({ file }: LocalNetwork, account: Account): Promise<World> {
  const { network, directory } = await readNetwork(file)
  const world = await compose({ network, directory, clock: wallClock, write: account.alert })
  const problems = await checkWorld(world)
  if (problems.length === 0) return world
  await world.close()
  throw new UnfitWorldError(file, problems)
}

async function pageOf({ network, ports }: World, port: number | undefined): Promise<ServedPage> {
  const { store, clock } = ports
  const app = pageApp({
    view: async () => await networkView({ network, store, now: clock.now() }),
    everyMs: pageEveryMs,
  })
  try {
    return await servePage({ app, host, port: port ?? defaultPort })
  } catch (error) {
    if (port !== undefined || !(error instanceof PortTakenError)) throw error
    return await servePage({ app, host, port: 0 })
  }
}

function parseTime(text: string): number {
  const ms = Date.parse(text)
  if (Number.isNaN(ms))
    throw new InvalidArgumentError('Expected a time in ISO 8601, such as 2023-03-11T06:00:00Z.')
  return ms
}

function parseSpeed(text: string): number {
  const speed = Number(text)
  if (!(speed > 0 && speed <= 100_000))
    throw new InvalidArgumentError('Expected a number above 0, at most 100000.')
  return speed
}

function parsePort(text: string): number {
  const port = Number(text)
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('Expected a port from 0 to 65535; 0 takes any free one.')
  return port
}
