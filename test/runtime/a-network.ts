import { parseNetwork } from '../../lib/runtime/network-file.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'

export const sender = '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23'

/** Two markets, a leg, one engine, two chains, and oracle nodes of those names. */
export function aNetwork({
  oracles = ['oracle-1'],
}: { readonly oracles?: readonly string[] | undefined } = {}): Network {
  const nodes = oracles
    .map((name) => `\n  - { name: ${name}, keys: { evm: file:${name} } }`)
    .join('')
  const text = `network: sample
store: { kind: memory }
chains:
  l1:
    kind: evm
    rpc: ['http://127.0.0.1:8545']
    chainId: 31337
    blockSeconds: 2
    finalityBlocks: 2
    account: { address: '${sender.toLowerCase()}', key: file:sender }
  watched: { kind: evm, rpc: ['http://127.0.0.1:8546'], chainId: 1, blockSeconds: 12, finalityBlocks: 64 }
engines:
  evm: { kind: evm-engine, chain: l1, address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23' }
markets:
  BTC-USD:
    sources: [coinbase:BTC-USD, kraken:BTC-USD, bitstamp:BTC-USD, okx:BTC-USDT]
    engines: { evm: {} }
  ETH-USD:
    sources: [coinbase:ETH-USD, kraken:ETH-USD, bitstamp:ETH-USD]
    engines: { evm: {} }
legs:
  USDT-USD: { sources: [coinbase:USDT-USD, kraken:USDT-USD, bitstamp:USDT-USD] }
oracles: ${nodes || '[]'}
jobs:
  publish-prices: { everySeconds: 10 }
  push-prices: { everySeconds: 10, offsetMs: 4000 }
  watch-liveness: { everySeconds: 15 }
alerts:
  channels: { log: { kind: terminal } }
  routes: { info: [log], warning: [log], critical: [log] }
  maxPushAgeSeconds: 600
`
  const venueNames = ['coinbase', 'kraken', 'bitstamp', 'okx']
  return parseNetwork(text, 'sample.yml', { venueNames })
}
