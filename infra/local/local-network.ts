import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Clock } from '../../lib/ports.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { type CrowdAsset, crowdAssets } from './crowd/starknet-crowd.ts'
import { startCrowd } from './crowd/start-crowd.ts'
import { openDeployments } from './deployments.ts'
import { type LeftBehind, openLeftBehind } from './left-behind.ts'
import { startLocalEvm } from './local-evm.ts'
import { localTemplate, writeLocalFile } from './local-file.ts'
import { localSecrets, readSecret } from './local-keys.ts'
import { type LocalMarket, openLocalMarket } from './local-market.ts'
import { type LocalPorts, localPorts } from './local-ports.ts'
import { startLocalProving } from './local-proving.ts'
import { type LocalStarkex, startLocalStarkex } from './local-starkex.ts'
import { startLocalStarknet } from './local-starknet.ts'
import { clearLocalStore, startLocalStore } from './local-store.ts'
import { localUptimeFeed } from './local-uptime-feed.ts'
import { takeLock } from './lock-file.ts'
import { startPagers } from './pagers.ts'
import { startSecondNode } from './second-node/start-second-node.ts'
import { startVenueSimulators } from './venues/start-venue-simulators.ts'
import { type PartsWatch, watchParts } from './watch-parts.ts'

/** A whole network on this machine, without the keepers. */
export type LocalNetwork = {
  /** The network file that describes it. */
  readonly file: string
  /** Where things are, for people. */
  readonly places: Readonly<Record<string, string>>
  /** Aborts where a part of it ends by itself, with an error that says which. */
  readonly broken: AbortSignal
  /** Ends everything, the last started first. Calling it again is harmless. */
  stop(): Promise<void>
}

export type LocalNetworkOptions = {
  /** Where everything is kept; undefined for a directory that is removed at the end. */
  readonly dataDir: string | undefined
  readonly market: LocalMarket
  readonly starknet: 'box' | 'devnet'
  /** Whether there is a StarkEx exchange too. */
  readonly starkex?: boolean | undefined
  /** Whether the appchain's batches publish their data in blobs. */
  readonly blobs?: boolean | undefined
  readonly clock: Clock
  /** The oracle nodes by name; absent, those of the template. Changing them on a directory begins its chains anew. */
  readonly oracles?: readonly string[]
  readonly onProgress: (message: string) => void
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
}

/**
 * Starts chains with the exchanges' contracts, a store, venues and receivers of alerts, and writes the network file.
 * A second start on the same directory goes on where the first was, on the same ports where they are free.
 */
export async function startLocalNetwork(options: LocalNetworkOptions): Promise<LocalNetwork> {
  const ending = new AsyncDisposableStack()
  const parts = watchParts()
  try {
    const network = await start({ ...options, parts }, ending)
    return { ...network, broken: parts.broken, stop: async () => await ending.disposeAsync() }
  } catch (error) {
    await ending.disposeAsync()
    throw error
  }
}

type Watched = LocalNetworkOptions & { readonly parts: PartsWatch }

type Start = Watched & {
  readonly template: Network
  readonly directory: string
  readonly ports: LocalPorts
  readonly leftBehind: LeftBehind
  /** What can be held on the local core from its first block on. */
  readonly crowd: readonly CrowdAsset[]
}

async function start(
  options: Watched,
  ending: AsyncDisposableStack,
): Promise<Omit<LocalNetwork, 'stop' | 'broken'>> {
  const { onProgress, market, parts, signal } = options
  const directory = openDirectory(options.dataDir, ending)
  const leftBehind = openLeftBehind(join(directory, 'processes.json'))
  await leftBehind.gone()
  const template = localTemplate(options.oracles)
  const ports = await localPorts(join(directory, 'ports.json'))
  const { model, feeds } = await openLocalMarket(market, options)
  signal?.throwIfAborted()

  const crowdOn = model ? crowdAssets(template, model, options.clock.now()) : []
  const all = { ...options, template, directory, ports, leftBehind, crowd: crowdOn }
  const { evm, starknet } = await startChains(all, ending)
  signal?.throwIfAborted()
  const second = await startSecondNode({
    upstream: starknet.url,
    port: ports.secondStarknet,
    adminPort: ports.secondStarknetAdmin,
  })
  ending.defer(() => second.stop())
  // What the store knows of a chain that is gone would be waited for in vain.
  if ((evm.beganAnew || starknet.beganAnew) && clearLocalStore(directory))
    onProgress('A chain began anew, so the store does too.')
  const store = await startLocalStore({
    template,
    dataDir: directory,
    port: ports.store,
    onProgress,
  })
  if (store.node) {
    leftBehind.add(store.node.pid)
    ending.defer(parts.watch({ ...store.node, name: 'the store', logFile: undefined }))
  }

  const starkex = options.starkex
    ? await startStarkex({ ...all, beganAnew: evm.beganAnew }, ending)
    : undefined
  const evmChain = template.chains['evm']
  const onEvm = {
    secrets: secretsOf(all),
    deployments: openDeployments(join(directory, 'deployments.json')),
    blockSeconds: evmChain?.kind === 'evm' ? evmChain.blockSeconds : 1,
    evm: {
      url: evm.node.url,
      engine: evm.engine,
      beganAnew: evm.beganAnew,
      stateFile: join(directory, 'ethereum.json'),
    },
    onProgress,
  }
  const uptimeFeed = await localUptimeFeed(onEvm)
  const proving = await startLocalProving({
    ...onEvm,
    blobs: options.blobs,
    clock: options.clock,
    starknet,
    starkex,
    ports,
  })
  ending.defer(() => proving.stop())
  signal?.throwIfAborted()
  const venues =
    model && (await startVenueSimulators({ ...options, market: model, port: ports.venues }))
  if (venues) ending.defer(() => venues.close())
  const pages = join(directory, 'pages.jsonl')
  const pagers = await startPagers({
    port: ports.pagers,
    file: pages,
    now: () => options.clock.now(),
    telegramToken: readSecret(secretsOf(all).telegramTokenFile),
  })
  ending.defer(() => pagers.close())

  const crowd = startCrowd({
    url: evm.node.url,
    engine: evm.engine as `0x${string}`,
    chainId: evmChainId(template),
    operatorKey: readSecret(secretsOf(all).crowdFile) as `0x${string}`,
    liquidator: evm.sender as `0x${string}`,
    symbols: Object.entries(template.markets).flatMap(([symbol, { engines }]) =>
      'evm' in engines && (!feeds || Object.hasOwn(feeds.markets, symbol)) ? [symbol] : [],
    ),
    clock: options.clock,
    onProgress,
  })
  ending.defer(() => crowd.close())

  const file = join(directory, 'network.yml')
  writeLocalFile(file, {
    store: store.facts,
    chains: {
      evm: { rpc: evm.node.url, account: evm.sender },
      starknet: { rpc: starknet.url, account: starknet.sender },
    },
    secondStarknet: second.url,
    engines: { evm: evm.engine, core: starknet.core },
    venueUrl: venues && ((venue) => venues.baseUrl(venue)),
    receivers: {
      team: { key: 'url', url: pagers.slackUrl },
      pager: { key: 'url', url: pagers.pagerdutyUrl },
      phone: { key: 'url', url: pagers.telegramUrl },
      server: { key: 'url', url: pagers.discordUrl },
      topic: { key: 'endpoint', url: pagers.awsUrl },
      mail: { key: 'endpoint', url: pagers.awsUrl },
      hook: { key: 'url', url: pagers.webhookUrl },
    },
    feeds,
    oracles: options.oracles,
    starkex: starkex?.facts,
    proving: proving.facts,
    uptimeFeed,
    hasPositions: options.starknet === 'box',
  })
  return {
    file,
    places: {
      network: file,
      ethereum: `${evm.node.url} (engine ${evm.engine})`,
      starknet: `${starknet.url} (core ${starknet.core})`,
      ...(starknet.adminUrl === undefined ? {} : { 'starknet admin': starknet.adminUrl }),
      'second node': `${second.url} (asked by the watch alone)`,
      'second admin': second.adminUrl,
      ...(starkex && { starkex: starkex.facts.gateway, 'starkex admin': starkex.adminUrl }),
      ...proving.places,
      'uptime feed': `${uptimeFeed.address} (of starknet, on the Ethereum node)`,
      venues: venues?.url ?? 'the real ones',
      alerts: `${pages} (what the receivers of alerts took)`,
      store: store.place,
    },
  }
}

function secretsOf({ template, directory }: Pick<Start, 'template' | 'directory'>) {
  return localSecrets(
    join(directory, 'keys'),
    template.oracles.map(({ name }) => name),
  )
}

function evmChainId({ chains }: Network): number {
  const { evm } = chains
  if (evm?.kind !== 'evm') throw new TypeError('the template has no evm chain')
  return evm.chainId
}

/** Both at once: they know nothing of each other, and each has contracts to deploy. */
async function startChains(
  { template, directory, ports, starknet: kind, onProgress, parts, leftBehind, crowd }: Start,
  ending: AsyncDisposableStack,
) {
  const secrets = secretsOf({ template, directory })
  const deployments = openDeployments(join(directory, 'deployments.json'))
  const common = { template, secrets, deployments, onProgress }
  const logs = join(directory, 'logs')
  mkdirSync(logs, { recursive: true })
  const [evmLog, starknetLog] = [join(logs, 'ethereum.log'), join(logs, 'starknet.log')]
  const starting = [
    startLocalEvm({
      ...common,
      port: ports.evm,
      stateFile: join(directory, 'ethereum.json'),
      logFile: evmLog,
    }),
    startLocalStarknet({
      ...common,
      kind,
      crowd,
      port: ports.starknet,
      adminPort: ports.starknetAdmin,
      stateFile: join(directory, 'starknet.json'),
      logFile: starknetLog,
    }),
  ] as const
  const [evm, starknet] = await Promise.allSettled(starting)
  for (const [name, logFile, started] of [
    ['the Ethereum node', evmLog, evm],
    ['the Starknet node', starknetLog, starknet],
  ] as const) {
    if (started.status === 'rejected') continue
    const { node } = started.value
    leftBehind.add(node.pid)
    ending.defer(parts.watch({ ...node, name, logFile }))
  }
  if (evm.status === 'rejected') throw evm.reason
  if (starknet.status === 'rejected') throw starknet.reason
  return { evm: evm.value, starknet: starknet.value }
}

async function startStarkex(
  {
    template,
    directory,
    ports,
    clock,
    crowd,
    beganAnew,
  }: Start & {
    /** Whether its contract is gone with the chain. */
    readonly beganAnew: boolean
  },
  ending: AsyncDisposableStack,
): Promise<LocalStarkex> {
  const names = template.oracles.map(({ name }) => name)
  const stateFile = join(directory, 'starkex.jsonl')
  // A new contract begins before the first batch, which a gateway of some age does not tell any more.
  if (beganAnew) rmSync(stateFile, { force: true })
  const starkex = await startLocalStarkex({
    template,
    secrets: localSecrets(join(directory, 'keys'), names),
    port: ports.starkex,
    adminPort: ports.starkexAdmin,
    stateFile,
    now: new Date(clock.now()),
    crowd,
  })
  ending.defer(() => starkex.stop())
  return starkex
}

/** This process alone uses it, until the end. */
function openDirectory(dataDir: string | undefined, ending: AsyncDisposableStack): string {
  if (dataDir === undefined) {
    const directory = mkdtempSync(join(tmpdir(), 'starkeep-'))
    ending.defer(() => rmSync(directory, { recursive: true, force: true }))
    return directory
  }
  mkdirSync(dataDir, { recursive: true })
  const release = takeLock(join(dataDir, 'lock'), dataDir)
  ending.defer(release)
  return dataDir
}
