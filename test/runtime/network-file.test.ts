import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { z } from 'zod'

import { defaultListings } from '../../infra/local/market/listings.ts'
import { venues } from '../../lib/adapters/venues/index.ts'
import { instrumentName } from '../../lib/domain/instrument.ts'
import { loadNetwork, NetworkFileError, parseNetwork } from '../../lib/runtime/network-file.ts'
import { networkJsonSchema } from '../../lib/runtime/network/json-schema.ts'

const known = { venueNames: venues.map(({ name }) => name) }
const fileIn = (name: string) =>
  fileURLToPath(new URL(`../../infra/networks/${name}`, import.meta.url))

/** A small complete file; a test changes the one thing that it is about. */
const small = `network: test
store: { kind: memory }
chains:
  l1:
    kind: evm
    rpc: ['http://127.0.0.1:8545']
    chainId: 31337
    blockSeconds: 1
    finalityBlocks: 2
    account:
      address: '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23'
      key: file:sender
  l2:
    kind: starknet
    rpc: ['http://127.0.0.1:5050/rpc']
    chainId: SN_SEPOLIA
    blockSeconds: 2
    account: { address: '0x0AbC', key: file:sender-stark }
engines:
  evm: { kind: evm-engine, chain: l1, address: '0x2c7536e3605d9c16a7a3d7b1898e529396a65c23' }
  core: { kind: starknet-perpetual, chain: l2, address: '0x062DA0' }
markets:
  BTC-USD:
    sources: [coinbase:BTC-USD, kraken:BTC-USD, okx:BTC-USDT-PERP]
    engines:
      evm: {}
      core: { assetId: BTC-6, resolutionFactor: 1000000 }
legs:
  USDT-USD:
    sources: [coinbase:USDT-USD, kraken:USDT-USD, bitstamp:USDT-USD]
oracles:
  - name: oracle-1
    keys: { stark: file:oracle-stark, evm: file:oracle }
jobs:
  publish-prices: { everySeconds: 10 }
  push-prices: { everySeconds: 10 }
  watch-liveness: { everySeconds: 15 }
alerts:
  channels:
    log: { kind: terminal }
  routes: { critical: [log] }
`

const read = (text: string) => parseNetwork(text, 'test.yml', known)

/** The file with one text in place of another, which must be there. */
function changed(from: string, to: string, text = small): string {
  expect(text).toContain(from)
  return text.replace(from, to)
}

/** All lines of the error, without the file's name. */
function problems(text: string): readonly string[] {
  try {
    read(text)
  } catch (error) {
    if (!(error instanceof NetworkFileError)) throw error
    return error.message
      .split('\n')
      .map(
        (line) =>
          /^test\.yml:(?<said>.*\.)$/.exec(line)?.groups?.['said'] ??
          `not a sentence of its own: ${line}`,
      )
  }
  return []
}

describe('the files of this repository', () => {
  test.each(['sepolia', 'mainnet'])('%s.yml loads', async (name) => {
    const network = await loadNetwork(fileIn(`${name}.yml`), known)
    expect(network.network).toBe(name)
  })

  test.each(['sepolia', 'mainnet'])(
    '%s.yml asks at least 12 sources for BTC and ETH, and 3 for each conversion',
    async (name) => {
      const { markets, legs } = await loadNetwork(fileIn(`${name}.yml`), known)
      const all = Object.entries({ ...markets, ...legs })
      const sources = new Map(all.map(([symbol, feed]) => [symbol, feed.sources]))
      expect(sources.get('BTC-USD')?.length).toBeGreaterThanOrEqual(12)
      expect(sources.get('ETH-USD')?.length).toBeGreaterThanOrEqual(12)
      for (const leg of ['USDT-USD', 'USDC-USD']) {
        const direct = sources.get(leg)?.filter(({ instrument }) => instrument.quote === 'USD')
        expect(direct?.length).toBeGreaterThanOrEqual(3)
      }
    },
  )

  test.each(['sepolia', 'mainnet'])(
    '%s.yml asks venues only for what they are known to trade',
    async (name) => {
      const traded = new Set(
        defaultListings.map(({ venue, instrument }) => `${venue}:${instrumentName(instrument)}`),
      )
      const { markets, legs } = await loadNetwork(fileIn(`${name}.yml`), known)
      const asked = [...Object.values(markets), ...Object.values(legs)].flatMap(({ sources }) =>
        sources.map(({ venue, instrument }) => `${venue}:${instrumentName(instrument)}`),
      )
      expect(asked.filter((source) => !traded.has(source))).toEqual([])
    },
  )

  test.each(['sepolia', 'mainnet'])('%s.yml holds no secret', async (name) => {
    const whole = await readFile(fileIn(`${name}.yml`), 'utf8')
    // Where peers serve is for everybody to know.
    const text = whole.replace(/^peers:\n(?: .*\n)+/m, '')
    const found = [...text.matchAll(/(?:key|stark|evm|url|routingKey|secret): +(?<at>[a-z]+:\S+)/g)]
    expect(found.length).toBeGreaterThanOrEqual(5)
    for (const { groups } of found) expect(groups?.['at']).toMatch(/^(secretsmanager|kms):/)
  })

  test.each(['sepolia', 'mainnet'])('%s.yml names the schema for editors', async (name) => {
    const [first] = (await readFile(fileIn(`${name}.yml`), 'utf8')).split('\n')
    expect(first).toBe('# yaml-language-server: $schema=network.schema.json')
  })

  test('network.schema.json is that of the code: run node lib/tools/write-network-schema.ts', async () => {
    expect(await readFile(fileIn('network.schema.json'), 'utf8')).toBe(networkJsonSchema())
  })

  test.each(['sepolia', 'mainnet'])(
    '%s.yml is right to an editor, and is not with a key misspelt',
    async (name) => {
      const editor = z.fromJSONSchema(z.looseObject({}).parse(JSON.parse(networkJsonSchema())))
      const text = await readFile(fileIn(`${name}.yml`), 'utf8')
      expect(editor.safeParse(parse(text)).error).toBeUndefined()
      const misspelt = changed('minSources', 'minSuorces', text)
      expect(editor.safeParse(parse(misspelt)).success).toBe(false)
    },
  )

  test('every number has its description in the schema', () => {
    expect(bareNumbers(JSON.parse(networkJsonSchema()))).toEqual([])
  })

  test('the mainnet core is the one that its repository names', async () => {
    const { engines } = await loadNetwork(fileIn('mainnet.yml'), known)
    expect(engines['core']?.address).toBe(
      '0x62da0780fae50d68cecaa5a051606dc21217ba290969b302db4dd99d2e9b470',
    )
  })
})

/** Properties that are numbers and say nothing of themselves. */
function bareNumbers(node: unknown, path = ''): readonly string[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    const here = `${path}/${key}`
    const number = z.looseObject({ type: z.enum(['number', 'integer']) }).safeParse(value)
    const bare = path.endsWith('/properties') && number.success && !('description' in number.data)
    return [...(bare ? [here] : []), ...bareNumbers(value, here)]
  })
}

describe('a file that is right', () => {
  const network = read(small)

  test('gives names, addresses and numbers in one spelling', () => {
    expect(network.chains['l1']?.account?.address).toBe(
      '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23',
    )
    expect(network.engines['evm']?.address).toBe('0x2c7536E3605D9C16a7a3D7b1898e529396a65c23')
    expect(network.chains['l2']).toMatchObject({
      chainId: '0x534e5f5345504f4c4941',
      account: { address: '0xabc', key: { kind: 'file', path: 'sender-stark' } },
    })
    const [[, market] = []] = Object.entries(network.markets)
    // BTC-6 in 15 bytes, as starknet-perpetual registers it.
    expect(market?.engines['core']).toEqual({
      assetId: '0x4254432d3600000000000000000000',
      resolutionFactor: 1_000_000n,
    })
    expect(market?.sources[2]).toEqual({
      venue: 'okx',
      instrument: { base: 'BTC', quote: 'USDT', kind: 'perpetual' },
    })
  })

  test('gets the defaults of what it leaves out', () => {
    expect(network.queue).toEqual({ kind: 'in-process' })
    expect(network.families).toEqual({})
    expect(network.engines['core']).toMatchObject({ generation: 'detect' })
    expect(Object.values(network.markets)[0]).toMatchObject({
      class: 'major',
      minSources: 3,
      push: { deviationBps: 20, heartbeatSeconds: 300 },
      aggregation: { maxQuoteAgeMs: 10_000, floorBps: 30, hardBandBps: 100, minFamilies: 3 },
    })
    const leg = Object.values(network.legs)[0]
    expect(leg).toMatchObject({ minSources: 3, warnBandBps: 500 })
    expect(leg?.haltBelow.toString()).toBe('0.9')
    expect(network.alerts.fallback).toEqual([])
  })

  test('may say otherwise than its class in one number, and keeps the others', () => {
    const tail = read(
      changed(
        '    sources: [coinbase:BTC-USD',
        '    class: tail\n    aggregation: { floorBps: 42 }\n    sources: [coinbase:BTC-USD',
      ),
    )
    expect(Object.values(tail.markets)[0]?.aggregation).toMatchObject({
      floorBps: 42,
      hardBandBps: 300,
      maxQuoteAgeMs: 30_000,
    })
  })

  test('may write hex without quotes: no digit is lost', () => {
    const bare = changed(
      "address: '0x062DA0'",
      'address: 0x062DA0780FAE50D68CECAA5A051606DC21217BA290969B302DB4DD99D2E9B470',
    )
    expect(read(bare).engines['core']?.address).toBe(
      '0x62da0780fae50d68cecaa5a051606dc21217ba290969b302db4dd99d2e9b470',
    )
  })

  test('may take its nodes from references', () => {
    const referred = changed(
      "rpc: ['http://127.0.0.1:8545']",
      'rpc: [secretsmanager:starkeep/nodes#l1]',
    )
    expect(read(referred).chains['l1']?.rpc).toEqual([
      { kind: 'secretsmanager', secret: 'starkeep/nodes', field: 'l1' },
    ])
  })

  test('may be a watcher: no oracles, no accounts, no markets', () => {
    const watcher = read(`network: watch
store: { kind: memory }
chains:
  starknet: { kind: starknet, rpc: ['https://node.example'], chainId: SN_MAIN, blockSeconds: 6 }
engines:
  core: { kind: starknet-perpetual, chain: starknet, address: '0x62da' }
markets: {}
jobs: { watch-liveness: { everySeconds: 15 }, deliver-outbox: { everySeconds: 60 } }
alerts: { channels: { log: { kind: terminal } }, routes: { critical: [log] } }
`)
    expect(watcher.oracles).toEqual([])
    expect(watcher.chains['starknet']?.account).toBeUndefined()
  })

  test('may say how an account is deployed, or as much of it as is not the usual', () => {
    const deployed = (deploy: string) =>
      read(
        changed(
          "account: { address: '0x0AbC', key: file:sender-stark }",
          `account: { address: '0x0AbC', key: file:sender-stark, deploy: ${deploy} }`,
        ),
      ).chains['l2']?.account
    expect(deployed("{ classHash: '0x0C1A55' }")).toMatchObject({
      deploy: { classHash: '0xc1a55' },
    })
    expect(deployed('{ classHash: 0x1, salt: 0x0, calldata: [0x00, 0xFF] }')).toMatchObject({
      deploy: { classHash: '0x1', salt: '0x0', calldata: ['0x0', '0xff'] },
    })
    expect(read(small).chains['l2']?.account).not.toHaveProperty('deploy')
  })

  test('may repeat itself by anchors', () => {
    const anchored = changed(
      'sources: [coinbase:USDT-USD, kraken:USDT-USD, bitstamp:USDT-USD]',
      'sources: &all [coinbase:USDT-USD, kraken:USDT-USD, bitstamp:USDT-USD]\n    minSources: 2',
    )
    expect(Object.values(read(anchored).legs)[0]?.minSources).toBe(2)
  })
})

describe('what is wrong with one value is told with its line, its path and what was expected', () => {
  test.each<[string, string, string, string]>([
    [
      'an unknown key',
      'store: { kind: memory }',
      'store: { kind: memory, fiel: x }',
      '2: store.fiel: expected only kind, file, historyDays.',
    ],
    [
      'an unknown key at the top',
      'network: test\n',
      'network: test\nnetwrok: test\n',
      '2: netwrok: expected only network, store, queue, chains, engines, venues, markets, legs, families, oracles, peers, proving, watched, watch, uptimeFeeds, jobs, parameters, alerts.',
    ],
    [
      'a missing value',
      '    blockSeconds: 1\n',
      '',
      '4: chains.l1.blockSeconds: expected a number, found nothing.',
    ],
    [
      'an empty value',
      'blockSeconds: 1\n',
      'blockSeconds:\n',
      '8: chains.l1.blockSeconds: expected a number, found an empty value.',
    ],
    [
      'text for a number',
      'chainId: 31337',
      "chainId: '31337'",
      '7: chains.l1.chainId: expected a number, found text.',
    ],
    [
      'a fraction for a whole number',
      'chainId: 31337',
      'chainId: 1.5',
      '7: chains.l1.chainId: expected a whole number, found a number.',
    ],
    [
      'a list for keys',
      'jobs:\n  publish-prices: { everySeconds: 10 }\n  push-prices: { everySeconds: 10 }\n  watch-liveness: { everySeconds: 15 }',
      'jobs: []',
      '34: jobs: expected keys and values, found a list.',
    ],
    [
      'a job that is none',
      'push-prices: { everySeconds: 10 }',
      'psuh-prices: { everySeconds: 10 }',
      '36: jobs.psuh-prices: expected only publish-prices, push-prices, settle-funding, update-exchange-time, apply-interests, index-positions, liquidate, deleverage, prove-batches, watch-systems, watch-liveness, tell-uptime, keep-books, govern, pack-history, deliver-outbox.',
    ],
    [
      'a kind that is none',
      'kind: evm-engine',
      'kind: evm',
      '20: engines.evm.kind: expected kind evm-engine, starknet-perpetual or starkex.',
    ],
    [
      'a slot of no length',
      'publish-prices: { everySeconds: 10 }',
      'publish-prices: { everySeconds: 0 }',
      '35: jobs.publish-prices.everySeconds: expected at least 1.',
    ],
    [
      'a name with capitals',
      '  l2:\n',
      '  L2:\n',
      '13: chains.L2: expected a name of lower-case letters, digits and dashes that begins with a letter, at most 40 long.',
    ],
    [
      'a wrong checksum',
      "'0x2c7536E3605D9C16a7a3D7b1898e529396a65c23'",
      "'0x2C7536E3605D9C16a7a3D7b1898e529396a65c23'",
      '11: chains.l1.account.address: expected an Ethereum address with a right EIP-55 checksum, or all in lower case.',
    ],
    [
      'a short address',
      "'0x2c7536e3605d9c16a7a3d7b1898e529396a65c23'",
      "'0x2c75'",
      '20: engines.evm.address: expected an Ethereum address, 0x and 40 hex digits.',
    ],
    [
      'the zero address',
      "'0x062DA0'",
      "'0x0'",
      '21: engines.core.address: expected a Starknet address, 0x and up to 64 hex digits below 2^251.',
    ],
    [
      'an address beyond the field',
      "'0x062DA0'",
      `'0x8${'0'.repeat(62)}'`,
      '21: engines.core.address: expected a Starknet address, 0x and up to 64 hex digits below 2^251.',
    ],
    [
      'a chain id',
      'SN_SEPOLIA',
      'SN_SEPLOIA',
      '16: chains.l2.chainId: expected SN_MAIN, SN_SEPOLIA, or hex with 0x.',
    ],
    [
      'a node with a password',
      'http://127.0.0.1:8545',
      'https://me:word@node.example',
      '6: chains.l1.rpc[0]: expected an http:// or https:// URL without name and password in it, or a reference to one.',
    ],
    ['no node', "['http://127.0.0.1:8545']", '[]', '6: chains.l1.rpc: expected at least one node.'],
    [
      'a source',
      'okx:BTC-USDT-PERP',
      'okx/BTC-USDT',
      '24: markets.BTC-USD.sources[2]: expected venue:BASE-QUOTE or venue:BASE-QUOTE-PERP, such as okx:BTC-USDT-PERP.',
    ],
    [
      'a market in another currency',
      '  BTC-USD:\n',
      '  BTC-EUR:\n',
      '23: markets.BTC-EUR: expected a symbol such as BTC-USD: prices are in USD.',
    ],
    [
      'an asset id that is too long',
      'BTC-6',
      'BTC-USD-PERPETUAL',
      '27: markets.BTC-USD.engines.core.assetId: expected an asset id such as BTC-6 (at most 15 characters), or hex with 0x.',
    ],
    [
      'a large number that lost digits',
      'resolutionFactor: 1000000',
      'resolutionFactor: 10000000000000000001',
      '27: markets.BTC-USD.engines.core.resolutionFactor: expected a whole number greater than 0, in quotes where it has more than 15 digits.',
    ],
    [
      'a STARK key in KMS',
      'key: file:sender-stark',
      'key: kms:arn:aws:kms:eu-west-1:111122223333:key/1',
      '18: chains.l2.account.key: expected file:<path> or secretsmanager:<name or ARN>[#field]; kms: is for Ethereum keys, since KMS does not know the STARK curve and gives no text.',
    ],
    [
      'a class hash that is none',
      'key: file:sender-stark',
      "key: file:sender-stark, deploy: { classHash: '0x0' }",
      '18: chains.l2.account.deploy.classHash: expected a class hash, 0x and up to 64 hex digits.',
    ],
    [
      'a deployment without its class',
      'key: file:sender-stark',
      'key: file:sender-stark, deploy: { salt: 0x5 }',
      '18: chains.l2.account.deploy.classHash: expected text (in quotes where it could be read as a number), found nothing.',
    ],
    [
      'a salt beyond the prime',
      'key: file:sender-stark',
      `key: file:sender-stark, deploy: { classHash: 0x1, salt: '0x${(2n ** 251n + 17n * 2n ** 192n + 1n).toString(16)}' }`,
      '18: chains.l2.account.deploy.salt: expected a felt, 0x and up to 64 hex digits below the prime.',
    ],
    [
      'an argument in decimal',
      'key: file:sender-stark',
      "key: file:sender-stark, deploy: { classHash: 0x1, calldata: [0x1, '12'] }",
      '18: chains.l2.account.deploy.calldata[1]: expected a felt, 0x and up to 64 hex digits below the prime.',
    ],
    [
      'an unknown key of a deployment',
      'key: file:sender-stark',
      'key: file:sender-stark, deploy: { classHash: 0x1, nonce: 0 }',
      '18: chains.l2.account.deploy.nonce: expected only classHash, salt, calldata.',
    ],
    [
      'a deployment on Ethereum',
      '      key: file:sender\n',
      '      key: file:sender\n      deploy: { classHash: 0x1 }\n',
      '13: chains.l1.account.deploy: expected only address, key.',
    ],
    [
      'an oracle without keys',
      'keys: { stark: file:oracle-stark, evm: file:oracle }',
      'keys: {}',
      '33: oracles[0].keys: expected a stark key, an evm key or both.',
    ],
    [
      'a Slack address in the open',
      'log: { kind: terminal }',
      "log: { kind: slack, url: 'https://hooks.slack.com/services/T/B/x' }",
      "40: alerts.channels.log.url: expected a reference, file: or secretsmanager:, since a Slack webhook's address is itself a secret.",
    ],
  ])('%s', (_what, from, to, problem) => {
    expect(problems(changed(from, to))).toContain(problem)
  })
})

/** The small file with this said of the Starknet engine, and the job that settles funding. */
function funded(funding: string, job = 'everySeconds: 60'): string {
  const of = 'core: { kind: starknet-perpetual,'
  const settling = `  settle-funding: { ${job} }\n  watch-liveness:`
  return changed(of, `${of} ${funding}`).replace('  watch-liveness:', settling)
}

/** The small file with this said of the Starknet engine's interest, and both of its jobs. */
function interest(said: string): string {
  const of = 'core: { kind: starknet-perpetual,'
  const jobs = ['update-exchange-time', 'apply-interests'].map(
    (job) => `  ${job}: { everySeconds: 60 }\n`,
  )
  return changed(of, said === '' ? of : `${of} interest: ${said},`).replace(
    '  watch-liveness:',
    `${jobs.join('')}  watch-liveness:`,
  )
}

describe('what is wrong between values is told too', () => {
  test.each<[string, string, string, string]>([
    [
      'a venue that nobody knows',
      'coinbase:BTC-USD',
      'conbase:BTC-USD',
      '24: markets.BTC-USD.sources[0]: expected a venue that is known here: ',
    ],
    [
      'a venue under venues',
      'markets:\n',
      'venues: { conbase: { disabled: true } }\nmarkets:\n',
      '22: venues.conbase: expected a venue that is known here: ',
    ],
    [
      'another asset',
      'kraken:BTC-USD',
      'kraken:ETH-USD',
      '24: markets.BTC-USD.sources[1]: expected an instrument of BTC, like its feed.',
    ],
    [
      'a source twice',
      'kraken:BTC-USD',
      'coinbase:BTC-USD',
      '24: markets.BTC-USD.sources[1]: expected each source once.',
    ],
    [
      'a missing leg',
      'okx:BTC-USDT-PERP',
      'okx:BTC-USDC',
      '24: markets.BTC-USD.sources[2]: expected a leg USDC-USD under legs, since this source is quoted in USDC.',
    ],
    [
      'a leg that needs a leg',
      'bitstamp:USDT-USD',
      'bitstamp:USDT-EUR',
      '30: legs.USDT-USD.sources[2]: expected a spot market quoted in USD itself, since a leg converts others.',
    ],
    [
      'a minimum out of reach',
      'okx:BTC-USDT-PERP]',
      'okx:BTC-USDT-PERP]\n    minSources: 4',
      '25: markets.BTC-USD.minSources: expected at most 3, for its enabled sources have 3 in all, not 4.',
    ],
    [
      'a minimum out of reach since a venue is off',
      'markets:\n',
      'venues: { okx: { disabled: true } }\nmarkets:\n',
      '24: markets.BTC-USD.minSources: expected at most 2, for its enabled sources have 2 in all, not 3.',
    ],
    [
      'families out of reach',
      'jobs:\n',
      'families: { two: [coinbase, kraken] }\njobs:\n',
      '23: markets.BTC-USD.aggregation.minFamilies: expected at most 2, for its enabled sources have 2 families, not 3.',
    ],
    [
      'a venue in two families',
      'jobs:\n',
      'families: { one: [okx, htx], two: [okx, gate] }\njobs:\n',
      '34: families.two[0]: expected each venue in one family at most.',
    ],
    [
      'an engine on no chain',
      'chain: l1',
      'chain: l9',
      '20: engines.evm.chain: expected a chain of this file: l1, l2.',
    ],
    [
      "an engine on a name that is no one's",
      'chain: l1',
      'chain: constructor',
      '20: engines.evm.chain: expected a chain of this file: l1, l2.',
    ],
    [
      'an engine on the wrong kind of chain',
      'chain: l1',
      'chain: l2',
      '20: engines.evm.chain: expected a chain of kind evm, where evm-engine lives.',
    ],
    [
      'an engine twice',
      'markets:\n',
      "  copy: { kind: starknet-perpetual, chain: l2, address: '0x62da0' }\nmarkets:\n",
      '22: engines.copy.address: expected an engine that is not named twice.',
    ],
    [
      'a market on no engine',
      '      evm: {}\n',
      '      emv: {}\n',
      '26: markets.BTC-USD.engines.emv: expected an engine of this file: evm, core.',
    ],
    [
      'a listing without its asset',
      '{ assetId: BTC-6, resolutionFactor: 1000000 }',
      '{ resolutionFactor: 1000000 }',
      '27: markets.BTC-USD.engines.core: expected assetId, by which a starknet-perpetual knows the market.',
    ],
    [
      'a listing with too much',
      '      evm: {}\n',
      '      evm: { assetId: BTC-6 }\n',
      '26: markets.BTC-USD.engines.evm: expected {}, since an evm-engine knows a market by its symbol.',
    ],
    [
      'one asset in two markets',
      'legs:\n',
      '  ETH-USD:\n    sources: [coinbase:ETH-USD, kraken:ETH-USD, okx:ETH-USDT]\n    engines: { core: { assetId: BTC-6, resolutionFactor: 1 } }\nlegs:\n',
      '30: markets.ETH-USD.engines.core.assetId: expected an asset id that no other market has.',
    ],
    [
      'one account on two names of a chain',
      'engines:\n',
      "  l3: { kind: starknet, rpc: ['http://127.0.0.1:1'], chainId: SN_SEPOLIA, blockSeconds: 2, account: { address: '0xabc', key: file:x } }\nengines:\n",
      '19: chains.l3.account: expected an account that nothing else here sends from.',
    ],
    [
      'a fee token whose price nobody asks for',
      "    account: { address: '0x0AbC', key: file:sender-stark }\n",
      "    account: { address: '0x0AbC', key: file:sender-stark }\n    feeMarket: STRK-USD\n",
      '19: chains.l2.feeMarket: expected a market or a leg of this file.',
    ],
    [
      'one account for two lanes',
      "    account: { address: '0x0AbC', key: file:sender-stark }\n",
      "    account: { address: '0x0AbC', key: file:sender-stark }\n    lanes: { prices: { address: '0xabc', key: file:x } }\n",
      '19: chains.l2.lanes.prices: expected an account that nothing else here sends from.',
    ],
    [
      'an account that retires and works',
      "    account: { address: '0x0AbC', key: file:sender-stark }\n",
      "    account: { address: '0x0AbC', key: file:sender-stark }\n    retiring: [{ address: '0xabc', key: file:x }]\n",
      '19: chains.l2.retiring[0]: expected an account that nothing else here sends from.',
    ],
    [
      'a lane for work that nobody knows',
      "    account: { address: '0x0AbC', key: file:sender-stark }\n",
      "    account: { address: '0x0AbC', key: file:sender-stark }\n    lanes: { trades: { address: '0xabd', key: file:x } }\n",
      '19: chains.l2.lanes.trades: expected only prices, funding, liquidation, deleverage',
    ],
    [
      'a report key that sends in a lane',
      "    account: { address: '0x0AbC', key: file:sender-stark }\n",
      "    account: { address: '0x0AbC', key: file:sender-stark }\n    lanes: { funding: { address: '0xabd', key: file:oracle-stark } }\n",
      '34: oracles[0].keys.stark: expected a key that sends no transactions: reports and transactions never share one.',
    ],
    [
      'pushing where only funding has an account',
      "    account: { address: '0x0AbC', key: file:sender-stark }\n",
      "    lanes: { funding: { address: '0xabd', key: file:x } }\n",
      '13: chains.l2: expected an account, since push-prices sends to core.',
    ],
    [
      'a report key that sends',
      'evm: file:oracle }',
      'evm: file:sender }',
      '33: oracles[0].keys.evm: expected a key that sends no transactions: reports and transactions never share one.',
    ],
    [
      'two oracles with one key',
      'jobs:\n',
      '  - { name: oracle-2, keys: { stark: file:oracle-stark } }\njobs:\n',
      '34: oracles[1].keys.stark: expected a key that no other oracle and no other curve uses.',
    ],
    [
      'a key that is to follow itself',
      'evm: file:oracle }',
      'evm: file:oracle }\n    next: { stark: file:oracle-stark }',
      '34: oracles[0].next.stark: expected a key that no other oracle and no other curve uses.',
    ],
    [
      'no key that is to follow',
      'evm: file:oracle }',
      'evm: file:oracle }\n    next: {}',
      '34: oracles[0].next: expected a stark key, an evm key or both.',
    ],
    [
      'two oracles with one name',
      'jobs:\n',
      '  - { name: oracle-1, keys: { stark: file:other } }\njobs:\n',
      '34: oracles[1].name: expected a name that no other node has.',
    ],
    [
      'a peer that is called as a node of ours',
      'jobs:\n',
      "peers:\n  - { name: oracle-1, url: 'https://two.example', signers: { stark: '0x5' } }\njobs:\n",
      '35: peers[0].name: expected a name that no other node has.',
    ],
    [
      'two peers with one key',
      'jobs:\n',
      "peers:\n  - { name: two, url: 'https://two.example', signers: { stark: '0x5' } }\n  - { name: three, url: 'https://three.example', signers: { stark: '0x6' }, next: { stark: '0x05' } }\njobs:\n",
      '36: peers[1].next.stark: expected a signer that no other peer has.',
    ],
    [
      'a peer without a key',
      'jobs:\n',
      "peers:\n  - { name: two, url: 'https://two.example', signers: {} }\njobs:\n",
      '35: peers[0].signers: expected a stark signer, an evm signer or both.',
    ],
    [
      'a peer whose reports anybody on the way may change',
      'jobs:\n',
      "peers:\n  - { name: two, url: 'http://two.example', signers: { stark: '0x5' } }\njobs:\n",
      '35: peers[0].url: expected an https:// URL (http:// only for this machine).',
    ],
    [
      'pushing without an account',
      "    account: { address: '0x0AbC', key: file:sender-stark }\n",
      '',
      '13: chains.l2: expected an account, since push-prices sends to core.',
    ],
    [
      'a slot that never begins',
      'push-prices: { everySeconds: 10 }',
      'push-prices: { everySeconds: 10, offsetMs: 10000 }',
      '36: jobs.push-prices.offsetMs: expected less than the length of a slot, everySeconds.',
    ],
    [
      'a route to nowhere',
      'critical: [log]',
      'critical: [log, pager]',
      '41: alerts.routes.critical[1]: expected a channel of this file: log.',
    ],
    [
      'quiet hours in a zone that nobody knows',
      'log: { kind: terminal }',
      "log: { kind: terminal, quiet: [{ from: '22:00', to: '07:00', zone: Mars }] }",
      '40: alerts.channels.log.quiet[0].zone: expected a time zone such as Europe/Zurich.',
    ],
    [
      'a time of day that is none',
      'log: { kind: terminal }',
      "log: { kind: terminal, quiet: [{ from: '24:00', to: '07:00', zone: UTC }] }",
      "40: alerts.channels.log.quiet[0].from: expected a time such as '22:00', in quotes.",
    ],
    [
      'a route of a subject to nowhere',
      '  routes: { critical: [log] }\n',
      '  subjects: [{ match: { rule: no-* }, routes: { info: [pager] } }]\n  routes: { critical: [log] }\n',
      '41: alerts.subjects[0].routes.info[0]: expected a channel of this file: log.',
    ],
    [
      'a subject that means everything',
      '  routes: { critical: [log] }\n',
      '  subjects: [{ match: {}, routes: { info: [log] } }]\n  routes: { critical: [log] }\n',
      '41: alerts.subjects[0].match: expected rule or subject, or both.',
    ],
    [
      'a route twice',
      'critical: [log]',
      'critical: [log, log]',
      '41: alerts.routes.critical[1]: expected each channel once.',
    ],
    [
      'a watch that tells nobody',
      '  routes: { critical: [log] }\n',
      '',
      '38: alerts.routes: expected a channel for critical, since watch-liveness runs and nobody would be told.',
    ],
    [
      'a heartbeat that always alerts',
      'okx:BTC-USDT-PERP]',
      'okx:BTC-USDT-PERP]\n    push: { heartbeatSeconds: 900 }',
      '25: markets.BTC-USD.push.heartbeatSeconds: expected less than alerts.maxPushAgeSeconds (600), or every calm hour raises an alert.',
    ],
  ])('%s', (_what, from, to, problem) => {
    const found = problems(changed(from, to))
    expect(found.some((line) => line.startsWith(problem))).toBe(true)
  })

  test('funding that is settled as it should be is no trouble', () => {
    expect(problems(funded('funding: { late: { kind: cap, maxSeconds: 3600 } },'))).toEqual([])
    expect(
      problems(
        funded('funding: { late: { kind: amortise, epochs: 6 } }, book: { kind: paradex },'),
      ),
    ).toEqual([])
  })

  test.each([
    [
      'no engine whose funding could be settled',
      '',
      undefined,
      'jobs.settle-funding: expected an engine with `funding`, which says how it is settled.',
    ],
    ['no policy for what is late', 'funding: {},', undefined, 'engines.core.funding.late: '],
    [
      'slots that do not fill an epoch',
      'funding: { late: { kind: forgive, afterSeconds: 30 } },',
      'everySeconds: 35',
      'jobs.settle-funding.everySeconds: expected a divisor of engines.core.funding.epochSeconds (3600).',
    ],
    [
      'more samples than an epoch has slots',
      'funding: { epochSeconds: 480, late: { kind: forgive, afterSeconds: 30 } },',
      undefined,
      'engines.core.funding.minSamples: expected at most 8, the slots of an epoch.',
    ],
    [
      'a gap of less than no time',
      'funding: { late: { kind: forgive, afterSeconds: -1 } },',
      undefined,
      'engines.core.funding.late.afterSeconds: ',
    ],
    [
      'a book that nobody reads',
      'book: { kind: extended },',
      undefined,
      'engines.core.book: expected `funding` beside it, which reads it.',
    ],
    [
      'a book of nobody',
      'funding: { late: { kind: cap, maxSeconds: 1 } }, book: { kind: binance },',
      undefined,
      'engines.core.book.kind: expected kind extended, paradex, hyperliquid or dydx-v4',
    ],
  ])('%s', (_what, funding, job, problem) => {
    const found = problems(funded(funding, job))
    expect(found.map((line) => line.replace(/^\d+: /, ''))).toContainEqual(
      expect.stringContaining(problem),
    )
  })

  test('a name in a book that is read nowhere', () => {
    const text = changed(
      'resolutionFactor: 1000000 }',
      'resolutionFactor: 1000000, bookSymbol: BTC-USD-PERP }',
    )
    expect(problems(text)).toContainEqual(
      expect.stringContaining(
        'markets.BTC-USD.engines.core.bookSymbol: expected `book` in engines.core, which says where it is read.',
      ),
    )
  })

  test('a chain without an account for the funding that is sent there', () => {
    const text = funded('funding: { late: { kind: cap, maxSeconds: 3600 } },').replace(
      "    account: { address: '0x0AbC', key: file:sender-stark }\n",
      "    lanes: { prices: { address: '0x0AbC', key: file:sender-stark } }\n",
    )
    expect(problems(text)).toContainEqual(
      expect.stringContaining(
        'chains.l2: expected an account for funding, since settle-funding sends to core.',
      ),
    )
  })

  const fixed = 'cash: { kind: fixed, credit: 0.02, debit: 0.05 }'

  test('interest by a rule, and what holding a market costs, is taken', () => {
    const holdings = 'holdings: { BTC-USD: { long: 0.01 } }'
    expect(problems(interest(`{ payments: { ${fixed}, ${holdings} } }`))).toEqual([])
  })

  test.each([
    [
      'no engine whose time could be kept',
      '',
      'jobs.update-exchange-time: expected an engine with `interest`, which says how its time is kept.',
    ],
    [
      'nothing that could be paid',
      '{ exchangeTimeShare: 0.4 }',
      'jobs.apply-interests: expected an engine with `interest.payments`, which says what is paid.',
    ],
    [
      'a market that the exchange does not list',
      `{ payments: { ${fixed}, holdings: { DOGE-USD: { long: 0.01 } } } }`,
      'engines.core.interest.payments.holdings.DOGE-USD: expected a market that core lists.',
    ],
    [
      'rates that fall',
      '{ payments: { cash: { kind: utilisation, base: 0.1, kink: 0.8, atKink: 0.05, atFull: 1 } } }',
      'engines.core.interest.payments.cash: expected base, atKink and atFull to rise.',
    ],
    [
      'no rate at all',
      '{ payments: {} }',
      'engines.core.interest.payments.cash: expected keys and values, found nothing.',
    ],
  ])('interest with %s', (_what, said, problem) => {
    expect(problems(interest(said))).toContainEqual(expect.stringContaining(problem))
  })

  test('interest of a generation that has none', () => {
    const text = interest(`{ payments: { ${fixed} } }`).replace(
      'core: { kind: starknet-perpetual,',
      'core: { kind: starknet-perpetual, generation: C,',
    )
    expect(problems(text)).toContainEqual(
      expect.stringContaining(
        'engines.core.interest: expected it with generation D only; this one is C.',
      ),
    )
  })

  test('a market without an engine may have any heartbeat', () => {
    const text = changed(
      'okx:BTC-USDT-PERP]',
      'okx:BTC-USDT-PERP]\n    push: { heartbeatSeconds: 900 }',
    )
    const quiet = text
      .replace('      evm: {}\n      core: { assetId: BTC-6, resolutionFactor: 1000000 }\n', '')
      .replace('    engines:\n', '')
    expect(problems(quiet)).toEqual([])
  })
})

describe('several problems', () => {
  test('are told at once, by line', () => {
    const text = changed(
      'chainId: 31337',
      'chainId: x',
      changed('everySeconds: 15', 'everySeconds: -1', changed('SN_SEPOLIA', 'SN')),
    )
    expect(problems(text)).toEqual([
      '7: chains.l1.chainId: expected a number, found text.',
      '16: chains.l2.chainId: expected SN_MAIN, SN_SEPOLIA, or hex with 0x.',
      '37: jobs.watch-liveness.everySeconds: expected at least 1.',
    ])
  })
})

describe('what is no YAML', () => {
  test.each([
    [
      'a key twice',
      'network: a\nnetwork: b\n',
      '2: the file: expected each key once, found the same key again.',
    ],
    [
      'two documents',
      `${small}---\nnetwork: b\n`,
      '42: the file: expected one document, found another after ---.',
    ],
    [
      'an open bracket',
      'network: [a\n',
      '2: the file: expected YAML, found what it cannot read (bad indent).',
    ],
    [
      'a key that objects keep for themselves',
      'network: a\n__proto__: { a: 1 }\n',
      '2: the file: expected keys that are plain words.',
    ],
    ['nothing', '', '1: the file: expected keys and values, found an empty value.'],
    ['a word', 'hello', '1: the file: expected keys and values, found text.'],
  ])('%s', (_what, text, problem) => {
    expect(problems(text)[0]).toBe(problem)
  })

  test('an alias that grows without end is refused', () => {
    const levels = Array.from(
      { length: 12 },
      (_, at) =>
        `a${at}: &a${at} [${Array(9)
          .fill(at === 0 ? 'x' : `*a${at - 1}`)
          .join(', ')}]`,
    )
    expect(() => read(levels.join('\n'))).toThrow(NetworkFileError)
  })

  test('a file that is not there is told by name', async () => {
    await expect(loadNetwork('no/such.yml', known)).rejects.toThrow(
      'no/such.yml:1: the file: expected a network file, found none.',
    )
  })
})

describe('no message repeats a secret that stands where a reference belongs', () => {
  const secretText = `0x${'fe'.repeat(32)}`
  const places: readonly [string, string][] = [
    ['key: file:sender\n', `key: '${secretText}'\n`],
    ['key: file:sender\n', `key: ${secretText}\n`],
    ['key: file:sender\n', `key: [${secretText}]\n`],
    ['key: file:sender\n', `key: {a: '${secretText}'}\n`],
    ['key: file:sender\n', `key: '${secretText}\n`],
    ['key: file:sender\n', `key: "${secretText}" x\n`],
    ['stark: file:oracle-stark', `stark: ${secretText}`],
    ["rpc: ['http://127.0.0.1:8545']", `rpc: ['wss://node.example/${secretText}']`],
    ['log: { kind: terminal }', `log: { kind: slack, url: 'http://x/${secretText}' }`],
    ['log: { kind: terminal }', `log: { kind: pagerduty, routingKey: ${secretText} }`],
    ['log: { kind: terminal }', `log: { kind: ${secretText} }`],
    ['SN_SEPOLIA', secretText],
  ]
  test.each(places)('%j as %j', (from, to) => {
    const text = changed(from, to)
    let message = ''
    try {
      read(text)
    } catch (error) {
      message = inspect(error, { depth: 10, showHidden: true })
    }
    expect(message).toContain('expected')
    expect(message).not.toContain('fefefe')
  })
})

test('whatever is done to a good file, it loads or says in NetworkFileError what is wrong', () => {
  const whole = parse(small) as Record<string, unknown>
  const paths = pathsOf(whole)
  const junk = fc.oneof(
    fc.constant(null),
    fc.constant([]),
    fc.constant({}),
    fc.string(),
    fc.double(),
    fc.boolean(),
    fc.constant('constructor'),
    fc.array(fc.string()),
  )
  fc.assert(
    fc.property(fc.constantFrom(...paths), junk, (path, value) => {
      const text = stringify(replaced(whole, path, value), { aliasDuplicateObjects: false })
      // Anything but a NetworkFileError is thrown on and fails here.
      for (const problem of problems(text)) expect(problem).toMatch(/^\d+: .+: expected .+\.$/)
    }),
    { numRuns: 300 },
  )
})

function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))
  return path.length === 0 ? inner : [path, ...inner]
}

function replaced(value: unknown, [key, ...rest]: readonly string[], by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value))
    return value.map((one: unknown, at) => (String(at) === key ? replaced(one, rest, by) : one))
  const object = value as Record<string, unknown>
  return { ...object, [key]: replaced(object[key], rest, by) }
}
