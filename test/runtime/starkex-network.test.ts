import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'

import { describe, expect, onTestFinished, test } from 'vitest'

import { localAuthority } from '../../infra/local/certificates.ts'
import { startStarkexGateway } from '../../infra/local/starkex-gateway/start-starkex-gateway.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { checkWorld } from '../../lib/runtime/check-world.ts'
import { compose } from '../../lib/runtime/compose.ts'
import { NetworkFileError, parseNetwork } from '../../lib/runtime/network-file.ts'
import { lanesOf } from '../../lib/runtime/world/lanes.ts'
import { schedulesOf } from '../../lib/runtime/world/schedules.ts'
import { watchRules } from '../../lib/runtime/world/watch-rules.ts'
import { wallClock } from '../adapters/chains/keys.ts'
import { gatewayConfig, oracleNodes } from '../adapters/engines/starkex/a-starkex.ts'

const keys = oracleNodes.map(({ stark }) => stark?.publicKey)

const file = `network: sample
store: { kind: memory }
chains:
  perps:
    kind: starkex
    gateway: https://gateway.example/gateway
    system: perps-main
    tls: { certificate: file:client.crt, key: file:client.key, ca: file:ca.crt }
engines:
  perps:
    kind: starkex
    chain: perps
    quorum: 2
    signers: [{ key: '${keys[0]}', name: Orcl1 }, { key: '${keys[1]}', name: Orcl2 }]
markets:
  BTC-USD:
    sources: [coinbase:BTC-USD, kraken:BTC-USD, bitstamp:BTC-USD]
    engines: { perps: { assetId: BTC-10, resolutionFactor: '10000000000' } }
oracles: [{ name: oracle-1, keys: { stark: file:oracle } }]
jobs: { push-prices: { everySeconds: 10 } }
alerts: { maxPushAgeSeconds: 600 }
`

const read = (text: string) =>
  parseNetwork(text, 'sample.yml', { venueNames: ['coinbase', 'kraken', 'bitstamp'] })

/** Where books are kept by such a file, and what is watched of them. */
function booked(text: string) {
  const network = read(text)
  const { subjects = [] } = schedulesOf(network).find(({ job }) => job === 'keep-books') ?? {}
  return { subjects, watched: watchRules(network).booked }
}

function problemsOf(text: string): string {
  try {
    read(text)
  } catch (error) {
    if (error instanceof NetworkFileError) return error.message
    throw error
  }
  throw new Error('the file was taken')
}

describe('a network file with a StarkEx exchange', () => {
  test('says where it is, whose it is, and how it is reached', () => {
    const { chains, engines, markets } = read(file)
    expect(chains['perps']).toMatchObject({
      kind: 'starkex',
      gateway: { kind: 'literal', text: 'https://gateway.example/gateway' },
      account: { address: 'perps-main' },
      tls: { key: { kind: 'file', path: 'client.key' } },
    })
    expect(engines['perps']).toMatchObject({ quorum: 2, collateralResolution: 1_000_000n })
    expect(Object.values(markets)[0]?.engines['perps']).toMatchObject({
      assetId: '0x4254432d3130000000000000000000',
      resolutionFactor: 10n ** 10n,
    })
  })

  test('may only watch it', () => {
    const watching = file
      .replace('system: perps-main', 'system: perps-main\n    sends: false')
      .replace(
        'jobs: { push-prices: { everySeconds: 10 } }',
        'jobs: { watch-liveness: { everySeconds: 10 } }',
      )
      .replace(
        'alerts: {',
        'alerts: { channels: { log: { kind: terminal } }, routes: { critical: [log] },',
      )
    expect(read(watching).chains['perps']?.account).toBeUndefined()
  })

  test.for([
    ['a key written out', 'file:client.key', '-----BEGIN', 'expected a reference'],
    ['a key from the environment', 'file:client.key', 'env:KEY', 'env: is refused'],
    ['a name too long for a signature', 'name: Orcl1', 'name: Oracle', 'at most 5 characters'],
    ['no quorum', '    quorum: 2\n', '', 'expected a number, found nothing'],
    [
      'a chain of another kind',
      'kind: starkex\n    gateway: https://gateway.example/gateway\n    system: perps-main\n    tls: { certificate: file:client.crt, key: file:client.key, ca: file:ca.crt }',
      "kind: evm\n    rpc: ['http://127.0.0.1:1']\n    chainId: 1\n    blockSeconds: 1\n    finalityBlocks: 1",
      'expected a chain of kind starkex',
    ],
    [
      'an asset id that is too large',
      'assetId: BTC-10',
      "assetId: '0x1000000000000000000000000000000'",
      'below 2^120',
    ],
    [
      'no asset id',
      'assetId: BTC-10, ',
      '',
      'expected assetId, by which a starkex knows the market',
    ],
    [
      'a liquidator without the risk of its markets',
      '    quorum: 2\n',
      "    quorum: 2\n    liquidation: { collateralAsset: '0x1' }\n",
      'engines.perps.liquidation.risk',
    ],
    [
      'a pusher that may not send',
      'system: perps-main',
      'system: perps-main\n    sends: false',
      'expected an account',
    ],
  ] as const)('is refused with %s', ([, part, instead, words]) => {
    expect(file).toContain(part)
    const problems = problemsOf(file.replace(part, instead))
    expect(problems).toContain(words)
    expect(problems).not.toContain('BEGIN')
  })

  test('keeps books where its batches are told, and watches whether they follow those', () => {
    const kept = file
      .replace(
        '    quorum: 2\n',
        "    quorum: 2\n    liquidation: { collateralAsset: '0x1', risk: { BTC-USD: [{ factor: '214748365' }] } }\n",
      )
      .replace(
        'jobs: { push-prices: { everySeconds: 10 } }',
        'jobs: { push-prices: { everySeconds: 10 }, keep-books: { everySeconds: 60 } }',
      )
    expect(booked(kept)).toEqual({ subjects: [], watched: {} })
    const told = kept.replace(
      'system: perps-main',
      'system: perps-main\n    batches: { feeder: https://gateway.example/feeder_gateway, availability: https://gateway.example/availability_gateway }',
    )
    // No block of its chain says when a batch is final.
    expect(booked(told)).toEqual({ subjects: ['perps'], watched: { perps: { chain: 'perps' } } })
  })

  test('is refused where two lanes would give out the ids of one gateway', () => {
    const again = file.replace(
      'engines:\n',
      '  twin: { kind: starkex, gateway: https://gateway.example/gateway, system: other }\nengines:\n',
    )
    expect(problemsOf(again)).toContain('expected an account that nothing else here sends from')
  })
})

describe('the world of such a file', () => {
  const authority = localAuthority(new Date())

  async function aWorld(change: (text: string) => string = (text) => text) {
    const gateway = await startStarkexGateway({
      config: gatewayConfig(),
      tls: { ...authority.server(), ca: authority.ca },
      prefix: '/gateway',
    })
    onTestFinished(async () => gateway.stop())
    const directory = mkdtempSync(join(tmpdir(), 'starkeep-test-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    const own = authority.client('starkeep')
    const secrets = {
      'client.crt': own.certificate,
      'client.key': own.key,
      'ca.crt': authority.ca,
      // That of the first of the test's oracles.
      oracle: '0x101',
    }
    for (const [name, text] of Object.entries(secrets))
      writeFileSync(join(directory, name), text, { mode: 0o600 })
    const network = read(change(file.replace('https://gateway.example/gateway', gateway.url)))
    const world = await compose({ network, directory, clock: wallClock })
    onTestFinished(async () => world.close())
    return { world, own }
  }

  test('reaches the gateway with its certificates, and finds everything as it is said', async () => {
    const { world } = await aWorld()
    expect(await checkWorld(world)).toEqual([])
    expect(await world.ports.chains['perps']?.head()).toMatchObject({ number: 0 })
    const [lane, ...more] = lanesOf(world, () => undefined)
    expect(more).toEqual([])
    expect(lane).toMatchObject({
      id: 'perps/perps-main',
      account: 'perps-main',
      policy: { maxAttempts: 1, lostAfterMs: 0 },
    })
    expect(lane?.leaseOf).toBeUndefined()
  })

  test('has an engine that knows what its lane’s row remembers', async () => {
    const { world } = await aWorld()
    const { store, engines } = world.ports
    expect((await engines['perps']?.state())?.prices).toEqual({})
    const [market] = engines['perps']?.markets ?? []
    if (!market) throw new Error('there is one')
    const { Decimal } = await import('../../lib/domain/decimal.ts')
    const told = { market, price: new Decimal('97000'), publishedAt: wallClock.now() }
    await store.lanes.write({
      id: 'perps/perps-main',
      nextNonce: 1,
      inFlight: [],
      told: [
        { engine: 'perps', ...told },
        { engine: 'another', ...told },
      ],
      version: 1,
    })
    const { price, publishedAt } = told
    expect((await engines['perps']?.state())?.prices).toEqual({ [market]: { price, publishedAt } })
  })

  test('knows what its funding stands at, by its lane’s row and before that by the file', async () => {
    const settled = `settledBefore: { at: 1662512400, indexes: { BTC-USD: '-611628632' } }`
    const funding = 'funding: { late: { kind: cap, maxSeconds: 3600 } }'
    const { world } = await aWorld((text) =>
      text.replace('    quorum: 2\n', `    quorum: 2\n    ${funding}\n    ${settled}\n`),
    )
    const { store, engines } = world.ports
    const asset = 0x4254432d3130000000000000000000n
    const look = async () => {
      const found = await engines['perps']?.funding?.look()
      return found?.kind === 'starkex' ? found.exchange : undefined
    }
    expect(await look()).toMatchObject({
      lastFundingTick: 1_662_512_400_000,
      indices: new Map([[asset, -611_628_632n]]),
      maxFundingRate: 1_120n,
    })
    const [market] = engines['perps']?.markets ?? []
    if (!market) throw new Error('there is one')
    const at = timestamp(1_700_000_000_000)
    await store.lanes.write({
      id: 'perps/perps-main',
      nextNonce: 1,
      inFlight: [],
      toldFunding: [{ engine: 'perps', market, index: -5n, at }],
      toldTime: timestamp(at + 3_000),
      version: 1,
    })
    expect(await look()).toMatchObject({
      systemTime: at + 3_000,
      lastFundingTick: at,
      indices: new Map([[asset, -5n]]),
    })
    expect((await engines['perps']?.state())?.fundingIndexes).toEqual({ [market]: -5n })
  })

  test.for([
    ['an authority', 'ca: file:ca.crt', 'ca: file:oracle'],
    ['a certificate', 'certificate: file:client.crt', 'certificate: file:oracle'],
    ['a key', 'key: file:client.key', 'key: file:oracle'],
    ['the key of that certificate', 'certificate: file:client.crt', 'certificate: file:ca.crt'],
  ] as const)(
    'says that what should be %s is none, and shows no part of it',
    async ([, part, instead]) => {
      const { world, own } = await aWorld((text) => text.replace(part, instead))
      const [problem, ...more] = await checkWorld(world)
      expect(more).toEqual([])
      expect(problem).toMatch(
        /^chains\.perps\.gateway: the certificates of perps do not fit \(\w+\)/,
      )
      const error = await world.ports.chains['perps']?.head().catch((thrown: unknown) => thrown)
      const shown = inspect(error, { depth: 10 }) + JSON.stringify(error) + (problem ?? '')
      for (const secret of [own.key, '0x101', 'PRIVATE']) expect(shown).not.toContain(secret)
    },
  )

  test('says that a gateway which does not answer is not there', async () => {
    const { world } = await aWorld((text) =>
      text.replace(/gateway: https:\S+/, 'gateway: https://127.0.0.1:1'),
    )
    expect(await checkWorld(world)).toEqual([
      'chains.perps.gateway: perps did not answer get_first_unused_tx_id: 127.0.0.1:1: network (ECONNREFUSED); see that it runs and the address is right',
    ])
  })
})
