import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { privateKeyToAddress } from 'viem/accounts'

import { deployEvmEngine } from '../../infra/contracts/evm-engine/deploy.ts'
import {
  usualEngineRules,
  usualMarketRules,
} from '../../infra/contracts/evm-engine/evm-engine-config.ts'
import { startAnvil } from '../../infra/local/anvil.ts'
import { createTable, startDynamo } from '../../infra/local/dynamo.ts'
import { localSecrets, readSecret } from '../../infra/local/local-keys.ts'
import { localRpc } from '../../infra/local/local-rpc.ts'
import { simulatedMarket } from '../../infra/local/market/simulated.ts'
import { startPagers } from '../../infra/local/pagers.ts'
import { startVenueSimulators } from '../../infra/local/venues/start-venue-simulators.ts'
import { s3Blobs, s3Client } from '../../lib/adapters/blobs/s3.ts'
import { dynamoClient } from '../../lib/adapters/store/dynamo-client.ts'
import { dynamoStore } from '../../lib/adapters/store/dynamo.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { startS3 } from '../adapters/blobs/an-s3.ts'
import { startSqs } from './an-sqs.ts'

export const nodes = ['oracle-1', 'oracle-2', 'oracle-3']
export const markets = ['BTC-USD', 'ETH-USD']
export const venues = ['coinbase', 'kraken', 'bitstamp', 'bitfinex', 'gemini']

/** Length of a slot of every job. */
export const slotSeconds = 2

/** Everything around the functions: table, queues, chain with its engine, venues and a receiver of alerts. */
export async function startCloudWorld() {
  const ending = new AsyncDisposableStack()
  try {
    return await start(ending)
  } catch (error) {
    await ending.disposeAsync()
    throw error
  }
}

export type CloudWorld = Awaited<ReturnType<typeof startCloudWorld>>

async function start(ending: AsyncDisposableStack) {
  const root = mkdtempSync(join(tmpdir(), 'starkeep-cloud-'))
  ending.defer(() => rmSync(root, { recursive: true, force: true }))
  const networks = join(root, 'infra/networks')
  mkdirSync(networks, { recursive: true })
  const secrets = localSecrets(join(networks, 'keys'), nodes)

  const dynamo = await startDynamo()
  if ('reason' in dynamo) throw new TypeError(dynamo.reason)
  ending.defer(dynamo.stop)
  const client = dynamoClient({ region: 'eu-west-1', endpoint: dynamo.endpoint })
  ending.defer(() => client.destroy())
  const table = await createTable(client, 'starkeep-test')
  const s3 = await startS3()
  ending.defer(() => s3.close())
  const objects = s3Client({ region: 'eu-west-1', endpoint: s3.endpoint })
  ending.defer(() => objects.destroy())
  const blobs = s3Blobs({ client: objects, bucket: s3.bucket })

  const anvil = await startAnvil({ blockSeconds: 1 })
  ending.defer(anvil.stop)
  const rpc = localRpc(anvil.url)
  const sender = addressOf(secrets.evmSenderFile)
  const deployer = readSecret(secrets.deployerFile) as `0x${string}`
  for (const account of [sender, privateKeyToAddress(deployer)])
    await rpc('anvil_setBalance', account, `0x${(10n ** 24n).toString(16)}`)
  const { address: engine } = await deployEvmEngine({
    rpcUrl: anvil.url,
    key: deployer,
    config: {
      operators: [sender],
      signers: secrets.oracles.map(({ evmKeyFile }) => addressOf(evmKeyFile)),
      markets: Object.fromEntries(markets.map((symbol) => [symbol, usualMarketRules])),
      rules: usualEngineRules,
      epochSeconds: 3_600,
    },
  })
  await rpc('evm_setIntervalMining', 1)

  const market = simulatedMarket({ seed: 'cloud' })
  const simulators = await startVenueSimulators({ market, clock: wallClock })
  ending.defer(() => simulators.close())
  const pagers = await startPagers()
  ending.defer(() => pagers.close())
  const sqs = await startSqs()
  ending.defer(() => sqs.close())

  const feed = (symbol: string) => ({
    class: 'major',
    sources: venues.map((venue) => `${venue}:${symbol}`),
    minSources: 3,
    push: { deviationBps: 10, heartbeatSeconds: 20 },
    engines: { evm: {} },
  })
  const network = {
    network: 'test',
    store: {
      kind: 'dynamodb',
      table,
      region: 'eu-west-1',
      endpoint: dynamo.endpoint,
      blobs: { kind: 's3', bucket: s3.bucket, endpoint: s3.endpoint },
    },
    queue: {
      kind: 'sqs',
      endpoint: sqs.endpoint,
      urls: Object.fromEntries(
        ['publish-prices', 'push-prices', 'watch-liveness'].map((job) => [job, sqs.url(job)]),
      ),
    },
    chains: {
      evm: {
        kind: 'evm',
        rpc: [anvil.url],
        chainId: 31337,
        blockSeconds: 1,
        finalityBlocks: 2,
        account: { address: sender, key: 'file:keys/sender-evm' },
      },
    },
    engines: { evm: { kind: 'evm-engine', chain: 'evm', address: engine } },
    venues: Object.fromEntries(
      venues.map((venue) => [venue, { baseUrl: simulators.baseUrl(venue) }]),
    ),
    markets: Object.fromEntries(markets.map((symbol) => [symbol, feed(symbol)])),
    oracles: nodes.map((name) => ({ name, keys: { evm: `file:keys/${name}-evm` } })),
    jobs: {
      'publish-prices': { everySeconds: slotSeconds, collectMs: 1_500 },
      'push-prices': { everySeconds: slotSeconds, collectMs: 1_000 },
      'watch-liveness': { everySeconds: slotSeconds },
      'deliver-outbox': { everySeconds: 1 },
    },
    alerts: {
      channels: { team: { kind: 'slack', url: pagers.slackUrl } },
      routes: { info: [], warning: ['team'], critical: ['team'] },
      noPriceSeconds: 1,
    },
  }
  // JSON is YAML too.
  writeFileSync(join(networks, 'test.yml'), JSON.stringify(network, undefined, 2))

  return {
    root,
    engine,
    sender,
    rpc,
    sqs,
    pagers,
    faults: simulators.faults,
    store: dynamoStore({ client, table, blobs, clock: wallClock }),
    close: async () => await ending.disposeAsync(),
  }
}

function addressOf(keyFile: string): `0x${string}` {
  return privateKeyToAddress(readSecret(keyFile) as `0x${string}`)
}
