import { describe, expect, test } from 'vitest'

import { checkLiquidation } from '../../lib/runtime/network/check-liquidation.ts'
import { networkSchema } from '../../lib/runtime/network/schema.ts'
import {
  deleverageSettings,
  liquidationSettings,
} from '../../lib/runtime/world/liquidation-settings.ts'

const ours = '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23'
const another = '0x1aD91ee08f21bE3dE0BA2ba6918E714dA6B45836'

/** A network that liquidates on the EVM engine as `liquidation` says. */
function aNetwork(liquidation: object, chain: object = {}) {
  return networkSchema.parse({
    network: 'test',
    store: { kind: 'memory' },
    chains: {
      l1: {
        kind: 'evm',
        rpc: ['http://127.0.0.1:8545'],
        chainId: 31_337,
        blockSeconds: 1,
        finalityBlocks: 3,
        account: { address: ours, key: 'file:sender' },
        ...chain,
      },
    },
    engines: { dex: { kind: 'evm-engine', chain: 'l1', address: another, liquidation } },
    markets: {
      'BTC-USD': {
        class: 'major',
        sources: ['coinbase:BTC-USD', 'kraken:BTC-USD', 'okx:BTC-USD'],
        minSources: 3,
        push: { deviationBps: 10, heartbeatSeconds: 60 },
        engines: { dex: {} },
      },
    },
    oracles: [],
    jobs: { liquidate: { everySeconds: 2 } },
    alerts: { channels: {}, routes: { info: [], warning: [], critical: [] }, fallback: [] },
  })
}

describe('how far liquidations go', () => {
  test('is careful where the network file says nothing: alone, and gas is not looked at', () => {
    const network = aNetwork({})
    expect(liquidationSettings(network)).toEqual({
      dex: {
        policy: { mostPerSlot: 50, mostNotionalUsd: 1_000_000, leastRewardUsd: 0 },
        recovery: { graceSeconds: 30, stageSeconds: 15, mostWaitSeconds: 60 },
        freshness: { maxHeadBlocks: 5, maxIndexLagSeconds: 60, maxPriceAgeSeconds: undefined },
      },
    })
    expect(checkLiquidation(network)).toEqual([])
  })

  test('is the same for deleverage, which comes after the same stages', () => {
    const network = aNetwork({ graceSeconds: 7, mostWaitSeconds: 3, maxHeadBlocks: 9 })
    const { dex } = liquidationSettings(network)
    expect(deleverageSettings(network)['dex']).toMatchObject({
      recovery: dex?.recovery,
      freshness: dex?.freshness,
    })
    expect(dex?.recovery).toEqual({ graceSeconds: 7, stageSeconds: 15, mostWaitSeconds: 3 })
  })
})

describe('several keepers', () => {
  test('are named alike in every deployment, however the file writes them', () => {
    const network = aNetwork({ keepers: [ours.toLowerCase(), another], staggerSeconds: 8 })
    expect(checkLiquidation(network)).toEqual([])
    expect(liquidationSettings(network)['dex']?.keepers).toEqual({
      keepers: [ours.toLowerCase(), another.toLowerCase()],
      self: ours.toLowerCase(),
      staggerSeconds: 8,
    })
  })

  test('must have ours among them, and each once', () => {
    const path = ['engines', 'dex', 'liquidation', 'keepers']
    expect(checkLiquidation(aNetwork({ keepers: [another] }))).toEqual([
      { path, text: `expected the account that liquidates here, ${ours}` },
    ])
    expect(checkLiquidation(aNetwork({ keepers: [ours, ours] }))).toEqual([
      { path: [...path, 1], text: 'expected each keeper once' },
    ])
  })

  test('are told from one another by the account that liquidates, where there is one for that alone', () => {
    const lanes = { liquidation: { address: another, key: 'file:liquidator' } }
    const network = aNetwork({ keepers: [another] }, { lanes })
    expect(checkLiquidation(network)).toEqual([])
    expect(liquidationSettings(network)['dex']?.keepers?.self).toBe(another.toLowerCase())
  })
})

test('a profit after gas can only be asked for where gas has a price', () => {
  const network = aNetwork({ leastProfitUsd: 1 })
  expect(checkLiquidation(network)).toEqual([
    {
      path: ['engines', 'dex', 'liquidation', 'leastProfitUsd'],
      text: 'expected chains.l1.feeMarket too: a profit is what is left after gas',
    },
  ])
  const priced = aNetwork({ leastProfitUsd: 1 }, { feeMarket: 'ETH-USD' })
  expect(checkLiquidation(priced)).toEqual([])
  expect(liquidationSettings(priced)['dex']?.leastProfitUsd).toBe(1)
})
