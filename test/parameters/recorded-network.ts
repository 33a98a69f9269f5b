import { parseNetwork } from '../../lib/runtime/network-file.ts'
import type { Network } from '../../lib/runtime/network/schema.ts'
import type { Play } from './recorded-venues.ts'

const sender = '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23'

/** What a deployment of one market, one exchange and one or two oracle nodes is told. */
export type RecordedMarket = {
  readonly name: string
  readonly play: Play
  /** The sources and thresholds of BTC-USD, and what is a leg of it, as a network file says them. */
  readonly feeds: string
}

const hour = 3_600_000

/** The weekend on which USDC lost its peg, minute by minute, in rounds of a minute. */
export const depeg: RecordedMarket = {
  name: 'USDC depeg, March 2023',
  play: {
    file: 'usdc_depeg_2023-03-01_21_1m.csv.gz',
    from: Date.UTC(2023, 2, 10, 12),
    to: Date.UTC(2023, 2, 12),
    speed: 1,
  },
  // Bars of a minute: what a venue shows is as old as the bar, or two where one is late.
  feeds: `markets:
  BTC-USD:
    sources:
      - coinbase:BTC-USD
      - kraken:BTC-USD
      - binanceus:BTC-USD
      - crypto-com:BTC-USD
      - binance:BTC-USDT
      - binanceus:BTC-USDT
      - coinbase:BTC-USDT
      - kraken:BTC-USDT
      - crypto-com:BTC-USDT
      - binanceus:BTC-USDC
      - bybit:BTC-USDC
      - kraken:BTC-USDC
    minSources: 4
    aggregation: { maxQuoteAgeMs: 120000, frozenAfterMs: 600000 }
    push: { deviationBps: 20, heartbeatSeconds: 900 }
    engines: { evm: {} }
legs:
  USDT-USD:
    sources: [coinbase:USDT-USD, kraken:USDT-USD]
    minSources: 2
    aggregation: { maxQuoteAgeMs: 120000, frozenAfterMs: 600000 }
  USDC-USD:
    sources: [kraken:USDC-USD, binanceus:USDC-USD]
    minSources: 2
    aggregation: { maxQuoteAgeMs: 120000, frozenAfterMs: 600000 }
families: { binance: [binance, binanceus] }
`,
}

/** The fall of 12 March 2020 by the hour, in rounds of a minute: an hour passes in each. */
export const crash: RecordedMarket = {
  name: 'crash of March 2020',
  play: {
    file: 'btc_1h_4venues_2020-03_2021-05.csv.gz',
    from: Date.UTC(2020, 2, 9, 2),
    to: Date.UTC(2020, 2, 16),
    speed: hour / 60_000,
  },
  // A move of an hour is about six times as wide as one of a minute.
  feeds: `markets:
  BTC-USD:
    sources: [bitmex:BTC-USD, gemini:BTC-USD, bitstamp:BTC-USD]
    minSources: 2
    aggregation:
      maxQuoteAgeMs: 120000
      frozenAfterMs: 600000
      maxJumpBps: 3000
      hardBandBps: 600
      pairBandBps: 300
      floorBps: 100
      minFamilies: 2
    push: { deviationBps: 20, heartbeatSeconds: 900 }
    engines: { evm: {} }
`,
}

/** An hour in shadow, half a minute's notice, an hour on probation. */
export function recordedNetwork({ feeds }: RecordedMarket): Network {
  return parseNetwork(
    `network: recorded
store: { kind: memory }
chains:
  l1:
    kind: evm
    rpc: ['http://127.0.0.1:8545']
    chainId: 31337
    blockSeconds: 60
    finalityBlocks: 2
    account: { address: '${sender}', key: file:sender }
engines:
  evm: { kind: evm-engine, chain: l1, address: '${sender}' }
${feeds}oracles:
  - { name: oracle-1, keys: { evm: file:oracle-1 } }
  - { name: oracle-2, keys: { evm: file:oracle-2 } }
jobs:
  publish-prices: { everySeconds: 60 }
  push-prices: { everySeconds: 60, offsetMs: 10000, collectMs: 0 }
  govern: { everySeconds: 60, offsetMs: 20000 }
  deliver-outbox: { everySeconds: 60, offsetMs: 30000 }
alerts: { maxPushAgeSeconds: 3600 }
parameters: { shadowSeconds: 3600, leadSeconds: 30, probationSeconds: 3600, frozenSeconds: 0 }
`,
    'recorded.yml',
    { venueNames },
  )
}

/** Of both recordings. */
export const venueNames = [
  'binance',
  'binanceus',
  'bitmex',
  'bitstamp',
  'bybit',
  'coinbase',
  'crypto-com',
  'gemini',
  'kraken',
]
