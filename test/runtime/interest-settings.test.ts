import { expect, test } from 'vitest'

import { Decimal } from '../../lib/domain/decimal.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { networkSchema } from '../../lib/runtime/network/schema.ts'
import {
  exchangeTimeSettings,
  interestSettings,
} from '../../lib/runtime/world/interest-settings.ts'
import { payingEngines, timedEngines } from '../../lib/runtime/world/schedules.ts'

const network = networkSchema.parse({
  network: 'test',
  store: { kind: 'memory' },
  chains: {
    l2: {
      kind: 'starknet',
      rpc: ['http://127.0.0.1:5050'],
      chainId: 'SN_SEPOLIA',
      blockSeconds: 2,
    },
  },
  engines: {
    paying: {
      kind: 'starknet-perpetual',
      chain: 'l2',
      address: '0x1',
      interest: {
        exchangeTimeShare: 0.4,
        payments: {
          leastUsd: 0.25,
          cash: { kind: 'fixed', credit: 0.02, debit: '0.05' },
          holdings: { 'BTC-USD': { long: 0.01 } },
        },
      },
    },
    keeping: { kind: 'starknet-perpetual', chain: 'l2', address: '0x2', interest: {} },
    other: { kind: 'starknet-perpetual', chain: 'l2', address: '0x3' },
  },
  markets: {
    'BTC-USD': {
      sources: ['kraken:BTC-USD', 'coinbase:BTC-USD'],
      minSources: 2,
      engines: { paying: { assetId: 'BTC-6', resolutionFactor: 1_000_000 } },
    },
  },
  jobs: {},
})

test('an exchange’s time is kept, and its interest paid, where the file says so', () => {
  expect([timedEngines(network), payingEngines(network)]).toEqual([
    ['paying', 'keeping'],
    ['paying'],
  ])
})

test('the settings are in the units of the contract', () => {
  const collateral = parseMarket('USDC-USD')
  expect(exchangeTimeSettings(network)).toEqual({
    paying: { collateral, sharePermille: 400n },
    keeping: { collateral, sharePermille: 250n },
  })
  expect(interestSettings(network)).toEqual({
    paying: {
      collateral,
      everySeconds: 3_600n,
      leastAmount: 250_000n,
      rule: { kind: 'fixed', credit: new Decimal('0.02'), debit: new Decimal('0.05') },
      // BTC-6 in ASCII, left in 15 bytes.
      holdings: {
        '0x4254432d3600000000000000000000': { long: new Decimal('0.01'), short: new Decimal(0) },
      },
    },
  })
})
