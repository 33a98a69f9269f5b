import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type LocalFacts, localTemplate, writeLocalFile } from '../../../infra/local/local-file.ts'
import { alertChannels } from '../../../lib/adapters/alerts/index.ts'
import { readNetwork } from '../../../lib/tools/read-network.ts'

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'starkeep-file-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const account = '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23'
const settler = '0x15d34aaf54267db7d7c367839aaf71a00a2c6a65'
const teller = '0x9965507D1a55bcC2695C58ba16FB37d819B0A4dc'
const facts: LocalFacts = {
  store: { kind: 'dynamodb', endpoint: 'http://127.0.0.1:1' },
  chains: {
    evm: { rpc: 'http://127.0.0.1:2', account },
    starknet: { rpc: 'http://127.0.0.1:3/rpc', account: '0xabc' },
  },
  secondStarknet: 'http://127.0.0.1:12/rpc',
  engines: { evm: account, core: '0xdef' },
  venueUrl: (venue) => `http://127.0.0.1:4/${venue}`,
  receivers: {
    pager: { key: 'url', url: 'http://127.0.0.1:5/pagerduty' },
    topic: { key: 'endpoint', url: 'http://127.0.0.1:5' },
  },
  feeds: undefined,
  proving: {
    settler,
    registry: account,
    provers: { atlantic: 'http://127.0.0.1:6', sharp: 'http://127.0.0.1:7/v1/gateway' },
    lanes: {
      appchain: { core: account, runs: 'http://127.0.0.1:8' },
      actions: { core: account, runs: 'http://127.0.0.1:9' },
    },
  },
  uptimeFeed: { address: account, teller },
  hasPositions: true,
}

async function written(change: Partial<LocalFacts> = {}) {
  const path = join(folder, 'network.yml')
  writeLocalFile(path, { ...facts, ...change })
  return (await readNetwork(path)).network
}

describe('the network file of a local network', () => {
  test('has the facts of this machine in it, and all else of the template', async () => {
    const network = await written()
    const { venues, chains, engines, store, alerts, proving, watched, uptimeFeeds, ...rest } =
      network
    const template = localTemplate()
    expect({ ...template, ...rest }).toEqual({ ...template })
    expect(store).toMatchObject({ kind: 'dynamodb', endpoint: 'http://127.0.0.1:1' })
    expect(watched).toMatchObject({
      appchain: {
        rpc: [{ text: 'http://127.0.0.1:3/rpc' }, { text: 'http://127.0.0.1:12/rpc' }],
        l1Rpc: [{ text: 'http://127.0.0.1:2' }],
        core: account,
      },
      exchange: {
        rpc: [{ text: 'http://127.0.0.1:3/rpc' }, { text: 'http://127.0.0.1:12/rpc' }],
        core: '0xdef',
      },
      extended: { baseUrl: 'http://127.0.0.1:4/extended/api/v1' },
    })
    expect(chains['evm']).toMatchObject({
      rpc: [{ kind: 'literal', text: 'http://127.0.0.1:2' }],
      account: { address: account },
    })
    expect(chains['evm']).toMatchObject({ lanes: { uptime: { address: teller } } })
    expect(uptimeFeeds).toMatchObject({ 'starknet-uptime': { of: 'starknet', address: account } })
    expect(chains['starknet']?.account?.address).toBe('0xabc')
    expect(engines).toMatchObject({ evm: { address: account }, core: { address: '0xdef' } })
    expect(proving['appchain']).toMatchObject({
      source: { kind: 'starknet-blocks', runs: 'http://127.0.0.1:8' },
      settlement: { address: account, registry: account },
      provers: [
        { kind: 'atlantic', baseUrl: 'http://127.0.0.1:6' },
        { kind: 'sharp', baseUrl: 'http://127.0.0.1:7/v1/gateway' },
      ],
    })
    expect(proving['actions']).toMatchObject({ source: { runs: 'http://127.0.0.1:9' } })
    expect(venues['kraken']).toMatchObject({ baseUrl: 'http://127.0.0.1:4/kraken' })
    expect(alerts.channels['pager']).toMatchObject({ url: 'http://127.0.0.1:5/pagerduty' })
    expect(alerts.channels['topic']).toMatchObject({ endpoint: 'http://127.0.0.1:5' })
  })

  test('tells of what is critical by every kind of channel that there is', () => {
    const { channels, routes } = localTemplate().alerts
    const kinds = routes.critical.map((name) => channels[name]?.kind)
    expect(new Set(kinds)).toEqual(new Set(Object.keys(alertChannels)))
  })

  test('pays interest on an exchange that has positions, and not on our own core', async () => {
    const { engines, jobs } = await written()
    expect([engines['core'], jobs['apply-interests']]).toMatchObject([{ interest: {} }, {}])
    const without = await written({ hasPositions: false })
    expect(without.engines['core']).not.toHaveProperty('interest')
    expect(Object.keys(without.jobs)).not.toContain('apply-interests')
    expect(Object.keys(without.jobs)).not.toContain('update-exchange-time')
  })

  test('proves a StarkEx exchange’s batches where there is one, as it does the others', async () => {
    expect(Object.keys((await written()).proving)).toEqual(['appchain', 'actions'])
    const assets = { 'BTC-USD': { assetId: 'BTC-10', resolutionFactor: '10000000000' } }
    const { proving } = await written({
      starkex: {
        gateway: 'https://127.0.0.1:10/gateway',
        tls: { certificate: 'file:us.crt', key: 'file:us.key', ca: 'file:ca.crt' },
        batches: { feeder: 'https://127.0.0.1:10/f', availability: 'https://127.0.0.1:10/a' },
        quorum: 1,
        liquidation: {
          collateralAsset: '0x1',
          risk: { 'BTC-USD': [{ factor: '1' }] },
          liquidator: { position: '5', key: 'file:keys/liquidator-stark' },
        },
        signers: [{ key: '0x1', name: 'node1' }],
        listings: assets,
      },
      proving: {
        ...facts.proving,
        perpetual: { address: settler, runs: 'http://127.0.0.1:11', emptyRoot: '0xe' },
      },
    })
    const { source, settlement, ...rest } = proving['starkex-batches'] ?? {}
    expect(source).toMatchObject({
      chain: 'starkex',
      runs: 'http://127.0.0.1:11',
      emptyRoot: '0xe',
    })
    expect(settlement).toMatchObject({ kind: 'stark-perpetual', chain: 'evm', registry: account })
    const { source: _, settlement: __, ...others } = proving['appchain'] ?? {}
    expect(rest).toEqual(others)
  })

  test('gives real venues the time that they need', async () => {
    const { venues, jobs, watched } = await written({ venueUrl: undefined })
    expect(venues).toEqual({})
    expect(jobs['publish-prices']?.collectMs).toBe(3_000)
    expect(watched['extended']).toMatchObject({ kind: 'exchange-marks', exchange: 'extended' })
    expect(watched['extended']).not.toHaveProperty('baseUrl')
  })

  test('keeps the store in a file where there is no emulator', async () => {
    const { store } = await written({ store: { kind: 'memory', file: 'store.json' } })
    expect(store).toEqual({ kind: 'memory', file: 'store.json', historyDays: 400 })
  })

  test('has only the feeds that can be priced', async () => {
    const aggregation = { minFamilies: 2, minDirectUsd: 1 }
    const feed = { sources: ['kraken:BTC-USD', 'gemini:BTC-USD'], minSources: 2, aggregation }
    const { chains, markets, legs, watched } = await written({
      feeds: { markets: { 'BTC-USD': feed }, legs: {}, missing: [] },
    })
    expect(chains['evm']).not.toHaveProperty('feeMarket')
    expect(Object.keys(markets)).toEqual(['BTC-USD'])
    expect(Object.values(markets)[0]).toMatchObject({ minSources: 2, aggregation })
    expect(legs).toEqual({})
    expect(watched['extended']).toMatchObject({ markets: { 'BTC-USD': 'BTC-USD' } })
    // What is watched of no market that is priced is not watched.
    const other = { sources: ['kraken:STRK-USD', 'gemini:STRK-USD'], minSources: 2, aggregation }
    const none = await written({
      feeds: { markets: { 'STRK-USD': other }, legs: {}, missing: [] },
    })
    expect(Object.keys(none.watched)).toEqual(['appchain', 'exchange'])
  })
})
