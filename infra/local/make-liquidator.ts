import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'

import { privateKeyToAddress } from 'viem/accounts'

import { venues } from '../../lib/adapters/venues/index.ts'
import { loadNetwork } from '../../lib/runtime/network-file.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { crowdEngine } from './crowd/crowd-engine.ts'
import { newKey, readSecret, writeSecret } from './local-keys.ts'
import { localRpc } from './local-rpc.ts'

// Makes a liquidator of its own beside a local network that runs: `npm run make-liquidator` writes a key and a network file
// into a folder, and gives the account ether and test dollars as collateral. On a real exchange people do that themselves.

const { values } = parseArgs({
  options: {
    network: { type: 'string', default: '.starkeep/network.yml' },
    folder: { type: 'string', default: 'liquidator' },
  },
})

/** More than any local crash hands over. */
const collateral = 5_000_000n * 10n ** 6n
const ether = 10n ** 19n

const network = await loadNetwork(values.network, { venueNames: venues.map(({ name }) => name) })
const place = placeIn(network)
mkdirSync(values.folder, { recursive: true })
const keyFile = join(values.folder, 'key')
if (!existsSync(keyFile)) writeSecret(keyFile, newKey())
const key = readSecret(keyFile) as `0x${string}`
const account = privateKeyToAddress(key)
const file = join(values.folder, 'network.yml')
writeFileSync(file, networkFile())

await localRpc(place.url)('anvil_setBalance', account, `0x${ether.toString(16)}`)
const exchange = crowdEngine({
  url: place.url,
  address: place.address,
  chainId: place.chain.chainId,
  operatorKey: key,
  keys: new Map(),
  clock: wallClock,
  signal: AbortSignal.timeout(60_000),
})
const [has] = await exchange.accounts([account])
if (has?.collateral === 0n) await exchange.deposit([{ owner: account, amount: collateral }])
const [now] = await exchange.accounts([account])
if (!now || now.collateral <= 0n) throw new Error(`${account} could not deposit collateral`)
process.stdout.write(`wrote ${resolve(file)}; ${account} has ether and collateral\n`)

function placeIn({ engines, chains, markets }: Network) {
  for (const [name, engine] of Object.entries(engines)) {
    const chain = chains[engine.chain]
    if (engine.kind !== 'evm-engine' || chain?.kind !== 'evm') continue
    const [first] = chain.rpc
    if (first?.kind !== 'literal') continue
    const listed = Object.entries(markets).flatMap(([symbol, market]) =>
      Object.hasOwn(market.engines, name) ? [symbol] : [],
    )
    return { chain, url: first.text, address: engine.address, markets: listed }
  }
  throw new TypeError(`${values.network} has no evm-engine on a node of this machine`)
}

function networkFile(): string {
  const { chain, url, address, markets } = place
  const listed = markets.map((symbol) => `  ${symbol}: { engines: { exchange: {} } }`).join('\n')
  return `network: liquidator
store: { kind: memory, file: state.json }
chains:
  ethereum:
    kind: evm
    rpc: ['${url}']
    chainId: ${chain.chainId}
    blockSeconds: ${chain.blockSeconds}
    finalityBlocks: ${chain.finalityBlocks}
    feeMarket: ETH-USD
    account: { address: '${account}', key: 'file:key' }
engines:
  exchange:
    kind: evm-engine
    chain: ethereum
    address: '${address}'
    liquidation: { leastRewardUsd: 1, leastProfitUsd: 0, mostNotionalUsd: 1000000 }
markets:
${listed}
jobs:
  index-positions: { everySeconds: 2 }
  liquidate: { everySeconds: 1 }
  keep-books: { everySeconds: 10 }
  deliver-outbox: { everySeconds: 5 }
`
}
