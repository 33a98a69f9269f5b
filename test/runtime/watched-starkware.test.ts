import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { timestamp } from '../../lib/domain/time.ts'
import { NetworkFileError, parseNetwork } from '../../lib/runtime/network-file.ts'
import { openSecrets } from '../../lib/runtime/secrets.ts'
import { composeWatched } from '../../lib/runtime/world/watched.ts'
import { anExchange } from '../adapters/watched/an-exchange.ts'
import { nothingBefore, realClock } from '../adapters/watched/places.ts'

const base = `network: test
store: { kind: memory }
chains: {}
engines: {}
markets:
  BTC-USD: { sources: [coinbase:BTC-USD, kraken:BTC-USD, okx:BTC-USDT-PERP] }
legs:
  USDT-USD: { sources: [coinbase:USDT-USD, kraken:USDT-USD, bitstamp:USDT-USD] }
jobs: {}
alerts:
  channels:
    log: { kind: terminal }
  routes: { critical: [log] }
`
const nowhere = 'http://127.0.0.1:1'
const starknet = `kind: starknet
    rpc: ['${nowhere}/l2', '${nowhere}/other']
    l1Rpc: ['${nowhere}/l1']
    core: '0xc662c410C0ECf747543f5bA90660f6ABeBD9C8c4'`
const starkPerpetual = `kind: stark-perpetual
    l1Rpc: ['${nowhere}/l1']
    perpetual: '0xD54f502e184B6B739d7D27a6410a67dc462D69c8'
    assets: ['0x4254432d3130000000000000000000']`
const perpetualCore = `kind: perpetual-core
    rpc: ['${nowhere}/l2']
    core: '0x062DA0780FAE50D68CECAA5A051606DC21217BA290969B302DB4DD99D2E9B470'`
const piltover = `kind: piltover
    rpc: ['${nowhere}/appchain']
    l1Rpc: ['${nowhere}/starknet']
    contract: '0x1e63'`

const read = (system: string) =>
  parseNetwork(`${base}watched:\n  theirs:\n    ${system}\n`, 'test.yml', {
    venueNames: ['coinbase', 'kraken', 'okx', 'bitstamp'],
  })

function problem(system: string): string {
  try {
    read(system)
  } catch (error) {
    if (error instanceof NetworkFileError) return error.message
    throw error
  }
  return 'none'
}

async function looked(system: string, directory = '.') {
  const { theirs } = await composeWatched({
    network: read(system),
    secrets: openSecrets({ directory }),
    clock: realClock,
    cutOff: undefined,
  })
  return theirs?.look(nothingBefore, timestamp(Date.now() + 20_000))
}

describe('a system of StarkWare’s kinds', () => {
  test.each([
    ['starknet', starknet, ['l2', 'l2', 'l1']],
    ['stark-perpetual', starkPerpetual, ['l1']],
    ['perpetual-core', perpetualCore, ['l2']],
    ['piltover', piltover, ['l2', 'l1']],
  ])('is looked at through each of its nodes: %s', async (_kind, system, chains) => {
    const sight = await looked(system)
    expect(sight?.heads.map(({ chain }) => chain)).toEqual(chains)
    expect(new Set(sight?.heads.map(({ answer }) => answer.kind))).toEqual(new Set(['trouble']))
    expect(sight?.unseen.map(({ part }) => part)).toEqual(expect.arrayContaining(['settings']))
  })

  test('has a month of its past read unless the file says otherwise, and expects nothing', () => {
    expect(read(starknet).watched['theirs']).toMatchObject({ windowDays: 30, expect: {} })
  })

  test.each([
    [
      starknet,
      '0xc662c410C0ECf747543f5bA90660f6ABeBD9C8c4',
      '0x12',
      'expected an Ethereum address',
    ],
    [starknet, "l1Rpc: ['http://127.0.0.1:1/l1']", 'windowDays: 7', 'l1Rpc'],
    [starknet, 'kind: starknet', 'kind: starknet\n    windowDays: 0', 'windowDays'],
    [starknet, 'kind: starknet', 'kind: starknet\n    chainId: 1', 'expected only'],
    [starkPerpetual, '0x4254432d3130000000000000000000', 'BTC-10', 'expected the id of an asset'],
    [starkPerpetual, '0xD54f502e184B6B739d7D27a6410a67dc462D69c8', '0x0', 'Ethereum address'],
    [perpetualCore, '0x062DA0780FAE50D68C', '0xg', 'expected a Starknet address'],
    [perpetualCore, "['http://127.0.0.1:1/l2']", '[env:NODE]', 'file:'],
    [piltover, '0x1e63', '1e63', 'expected a Starknet address'],
    [piltover, "['http://127.0.0.1:1/appchain']", '[]', 'expected at least one node'],
  ])('is refused where the file says of it what cannot be', (system, from, to, reason) => {
    expect(system).toContain(from)
    expect(problem(system)).toBe('none')
    expect(problem(system.replace(from, to))).toContain(reason)
  })
})

describe('an exchange whose node has a key in its address', () => {
  let exchange: Awaited<ReturnType<typeof anExchange>>
  let directory: string
  beforeAll(async () => {
    exchange = await anExchange()
    await exchange.price()
    directory = await mkdtemp(join(tmpdir(), 'watched-'))
    const [node] = exchange.l2
    await writeFile(join(directory, 'node'), `${node.url}/secret-key\n`, { mode: 0o600 })
  }, 60_000)
  afterAll(async () => {
    await exchange.stop()
    await rm(directory, { recursive: true })
  })

  const system = () => `kind: perpetual-core
    rpc: ['file:node']
    core: '${exchange.box.coreAddress}'`

  test('is seen by the readers of its own generation, and nothing shows the key', async () => {
    const sight = await looked(system(), directory)
    expect(sight?.unseen).toEqual([])
    expect(sight?.settings['asset:BTC-6']).toBe('active synthetic, quorum 1, resolution 1000000')
    expect(JSON.stringify(sight)).not.toContain('secret-key')
  })

  test('is not seen while the node is dead, and nothing shows the key then', async () => {
    const [node] = exchange.l2
    node.trouble = 'dead'
    const sight = await looked(system(), directory)
    expect(sight?.unseen.length).toBeGreaterThan(0)
    expect(JSON.stringify(sight)).not.toContain('secret-key')
  })
})
