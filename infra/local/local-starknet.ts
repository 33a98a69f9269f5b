import { createHash } from 'node:crypto'
import { existsSync, rmSync } from 'node:fs'

import { starkKey } from '../../lib/adapters/signers/stark-key.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { cairoDeployer } from '../contracts/cairo/deploy-cairo.ts'
import { CoreConfig } from '../contracts/core/core-config.ts'
import { deployCore } from '../contracts/core/deploy.ts'
import type { RunningChild } from './child.ts'
import { type CrowdAsset, starknetCrowd } from './crowd/starknet-crowd.ts'
import type { Deployments } from './deployments.ts'
import { startDevnet } from './devnet.ts'
import { localCoreConfig } from './local-core-config.ts'
import { type LocalSecrets, readSecret, writeSecret } from './local-keys.ts'
import { localRpc } from './local-rpc.ts'
import { boxAccounts } from './starknet-box/box-accounts.ts'
import { runStarknetBox } from './starknet-box/run-starknet-box.ts'

export type LocalStarknet = {
  readonly url: string
  /** Where faults are switched on; undefined for a node that has none. */
  readonly adminUrl: string | undefined
  readonly sender: string
  readonly core: string
  /** The core of the last start is not there any more: the chain began anew. */
  readonly beganAnew: boolean
  readonly node: RunningChild
}

export type LocalStarknetOptions = {
  readonly kind: 'box' | 'devnet'
  readonly template: Network
  readonly secrets: LocalSecrets
  readonly port: number
  readonly adminPort: number
  readonly stateFile: string
  readonly logFile: string
  readonly deployments: Deployments
  /** What the markets of the core cost now; nobody holds any where there is none. */
  readonly crowd: readonly CrowdAsset[]
  readonly onProgress: (message: string) => void
}

/** A Starknet node with the core on it. */
export async function startLocalStarknet(options: LocalStarknetOptions): Promise<LocalStarknet> {
  switch (options.kind) {
    case 'box':
      return await withBox(options)
    case 'devnet':
      return await withDevnet(options)
  }
}

/** The newest, which alone has interest and a time of its own. */
const generation = 'D' as const

/** Our own node keeps its chain; one that was set up otherwise begins anew, since its core cannot be changed from here. */
async function withBox(given: LocalStarknetOptions): Promise<LocalStarknet> {
  const { template, secrets, deployments, port, adminPort, stateFile, logFile, crowd } = given
  const seed = Number(secrets.starknetSeed)
  const [account] = boxAccounts({ seed })
  if (account === undefined) throw new TypeError('a box has accounts')
  writeSecret(secrets.starkSenderFile, account.privateKey)
  const core = coreConfig(template, secrets, account.address)
  const fingerprint = createHash('sha256')
    .update(JSON.stringify({ core, generation }))
    .digest('hex')
  const last = deployments.read('core')
  if (last?.fingerprint !== fingerprint) rmSync(stateFile, { force: true })
  const isThere = existsSync(stateFile)
  const blocks = blockSecondsOf(template)
  const { publicKey } = starkKey({ reveal: () => readSecret(secrets.liquidatorFile) })
  const people = starknetCrowd({ assets: crowd, publicKey, seed: secrets.starknetSeed })
  const setup = { generation, ...people }
  const options = { port, adminPort, blocks, core, setup, seed, stateFile, logFile }
  const box = await runStarknetBox(options)
  deployments.write('core', { address: box.coreAddress, fingerprint })
  return {
    url: `${box.url}/rpc`,
    adminUrl: box.adminUrl,
    sender: account.address,
    core: box.coreAddress,
    beganAnew: last !== undefined && !isThere,
    node: box,
  }
}

/** A real node keeps nothing: its chain and the core are new at each start. */
async function withDevnet({
  template,
  secrets,
  deployments,
  onProgress,
}: LocalStarknetOptions): Promise<LocalStarknet> {
  const devnet = await startDevnet({ blocks: 'demand' })
  if ('reason' in devnet) throw new NoDevnetError(devnet.reason)
  const blocks = makeBlocks(devnet.url, blockSecondsOf(template))
  const stop = async (): Promise<void> => {
    await blocks.stop()
    await devnet.stop()
  }
  try {
    const [account] = devnet.accounts
    if (account === undefined) throw new NoDevnetError('it has no accounts')
    writeSecret(secrets.starkSenderFile, account.privateKey)
    onProgress('Deploying the core …')
    const config = CoreConfig.parse(coreConfig(template, secrets, account.address))
    const deployer = cairoDeployer({ rpcUrl: devnet.url, account })
    const address = await deployCore(deployer, config)
    // What is deployed is in the block being built; from now on it is in the newest one.
    await localRpc(devnet.url)('devnet_createBlock')
    const beganAnew = deployments.read('core') !== undefined
    deployments.write('core', { address, fingerprint: 'devnet' })
    const { url } = devnet
    const node = { ...devnet, stop }
    return { url, adminUrl: undefined, sender: account.address, core: address, beganAnew, node }
  } catch (error) {
    await stop()
    throw error
  }
}

function coreConfig(template: Network, { oracles }: LocalSecrets, operator: string) {
  const publicKeys = oracles.map(({ starkKeyFile }) =>
    starkKey({ reveal: () => readSecret(starkKeyFile) }),
  )
  return localCoreConfig({ template, operator, oracles: publicKeys })
}

function blockSecondsOf({ chains }: Network): number {
  const chain = chains['starknet']
  return chain?.kind === 'starknet' ? chain.blockSeconds : 2
}

/** The node makes a block only where it is told to, or one per transaction; a chain makes them all the time. */
function makeBlocks(url: string, everySeconds: number): { readonly stop: () => Promise<void> } {
  const rpc = localRpc(url)
  let making: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    // A block that fails is missed, as on any chain; the watch tells of a stall.
    making = rpc('devnet_createBlock').catch(() => undefined)
  }, everySeconds * 1000)
  return {
    async stop() {
      clearInterval(timer)
      await making
    },
  }
}

/** There is no such node to start. */
class NoDevnetError extends Error {
  override readonly name = 'NoDevnetError'

  constructor(reason: string) {
    super(`--starknet devnet cannot be had: ${reason}; use --starknet box`)
  }
}
