import { createHash } from 'node:crypto'

import { privateKeyToAddress } from 'viem/accounts'

import type { Network } from '../../lib/runtime/network/schema.ts'
import { evmEngineSources, hashOfSources } from '../contracts/evm-engine/compiled-evm-engine.ts'
import { deployEvmEngine } from '../contracts/evm-engine/deploy.ts'
import {
  type EvmEngineConfig,
  usualEngineRules,
  usualMarketRules,
} from '../contracts/evm-engine/evm-engine-config.ts'
import { keepAnvilState, prepareAnvilState } from './anvil-state.ts'
import { type RunningAnvil, startAnvil } from './anvil.ts'
import { type Deployments, reportQuorum } from './deployments.ts'
import { hasCode } from './has-code.ts'
import { type LocalSecrets, readSecret } from './local-keys.ts'
import { localRpc } from './local-rpc.ts'

type LocalEvm = {
  readonly node: RunningAnvil
  readonly sender: string
  readonly engine: string
  /** The engine of the last start is not there any more: the chain began anew. */
  readonly beganAnew: boolean
}

export type LocalEvmOptions = {
  readonly template: Network
  readonly secrets: LocalSecrets
  readonly port: number
  readonly stateFile: string
  readonly logFile: string
  readonly deployments: Deployments
  readonly onProgress: (message: string) => void
}

/** What a hard end of the node may cost, in seconds of chain; the network file calls twice as many blocks final. */
const stateEverySeconds = 5

/** An Ethereum node with our engine on it, deployed at the first start and found again at the next. */
export async function startLocalEvm(options: LocalEvmOptions): Promise<LocalEvm> {
  const { template, port, stateFile, logFile, onProgress } = options
  const chain = template.chains['evm']
  if (chain?.kind !== 'evm') throw new TypeError('the template has no evm chain')
  if (prepareAnvilState(stateFile) === 'unreadable')
    onProgress('The Ethereum node was ended while it saved its state, so its chain begins anew.')
  const { chainId, blockSeconds } = chain
  const node = await startAnvil({
    port,
    stateFile,
    logFile,
    chainId,
    blockSeconds,
    extraArgs: [
      '--state-interval',
      String(stateEverySeconds),
      '--prune-history',
      '128',
      // The node calls twice as many blocks final: as many as it loses when it is killed, and some.
      '--slots-in-an-epoch',
      String(Math.ceil(chain.finalityBlocks / 2)),
    ],
  })
  try {
    return { node, ...(await deployed(options, node.url, blockSeconds)) }
  } catch (error) {
    await node.stop()
    throw error
  }
}

async function deployed(
  { template, secrets, deployments, stateFile, onProgress }: LocalEvmOptions,
  url: string,
  blockSeconds: number,
): Promise<Omit<LocalEvm, 'node'>> {
  const rpc = localRpc(url)
  const sender = addressOf(secrets.evmSenderFile)
  const crowd = addressOf(secrets.crowdFile)
  const config = engineConfig(template, secrets, { sender, crowd })
  const fingerprint = fingerprintOf(config)
  const last = deployments.read('evm')
  const isThere = last !== undefined && (await hasCode(rpc, last.address))
  if (isThere && last.fingerprint === fingerprint)
    return { sender, engine: last.address, beganAnew: false }

  onProgress('Deploying the EVM engine …')
  const deployer = readSecret(secrets.deployerFile) as `0x${string}`
  for (const address of [sender, crowd, privateKeyToAddress(deployer)])
    await rpc('anvil_setBalance', address, `0x${(10n ** 24n).toString(16)}`)
  // One block per transaction while it lasts, so that nobody waits for each.
  await rpc('evm_setAutomine', true)
  const { address } = await deployEvmEngine({ rpcUrl: url, key: deployer, config })
  await rpc('evm_setIntervalMining', blockSeconds)
  // At its first regular save this would be some seconds old, and a node that ends before it has no engine any more.
  keepAnvilState(stateFile, await rpc('anvil_dumpState'))
  deployments.write('evm', { address, fingerprint })
  return { sender, engine: address, beganAnew: last !== undefined && !isThere }
}

function engineConfig(
  { markets, alerts, engines }: Network,
  { oracles }: LocalSecrets,
  { sender, crowd }: { readonly sender: `0x${string}`; readonly crowd: `0x${string}` },
): EvmEngineConfig {
  const quorum = reportQuorum(oracles.length)
  const maxPriceAgeSeconds = 2 * alerts.maxPushAgeSeconds
  const listed = Object.entries(markets).filter(([, market]) => 'evm' in market.engines)
  const { evm } = engines
  const rules = { ...usualMarketRules, quorum, maxPriceAgeSeconds }
  return {
    operators: [sender, crowd],
    signers: oracles.map(({ evmKeyFile }) => addressOf(evmKeyFile)),
    markets: Object.fromEntries(listed.map(([symbol]) => [symbol, rules])),
    rules: usualEngineRules,
    epochSeconds: evm?.kind === 'evm-engine' ? (evm.funding?.epochSeconds ?? 3_600) : 3_600,
  }
}

function addressOf(keyFile: string): `0x${string}` {
  return privateKeyToAddress(readSecret(keyFile) as `0x${string}`)
}

/** Of the code and of everything that it was set up with: another one needs another engine. */
function fingerprintOf(config: EvmEngineConfig): string {
  const text = JSON.stringify([hashOfSources(evmEngineSources()), config], (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  )
  return createHash('sha256').update(text).digest('hex')
}
