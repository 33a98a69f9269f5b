import { describe, expect, test } from 'vitest'

import { parseMarket } from '../../lib/domain/market.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { NoLaneError } from '../../lib/keepers/lane/no-lane-error.ts'
import type { ProvingParts, UptimeFeed } from '../../lib/ports.ts'
import { checkWorld } from '../../lib/runtime/check-world.ts'
import { configHashes, feedsOf } from '../../lib/runtime/world/feeds-of.ts'
import { lanesOf } from '../../lib/runtime/world/lanes.ts'
import { composePeers } from '../../lib/runtime/world/peers.ts'
import { pushRules } from '../../lib/runtime/world/push-rules.ts'
import { schedulesOf } from '../../lib/runtime/world/schedules.ts'
import { watchRules } from '../../lib/runtime/world/watch-rules.ts'
import { UnknownJobError, workersOf } from '../../lib/runtime/world/workers.ts'
import { movedClock } from '../keepers/lane/lane-in-memory.ts'
import { aNetwork, sender } from './a-network.ts'
import { aWorld } from './a-world.ts'

const ignore = (): void => undefined

/** Nobody asks it for anything that a test does not say. */
const anything = {} as ProvingParts['source'] & ProvingParts['settlement']

function settled(check: () => Promise<readonly string[]>): ProvingParts {
  return { source: anything, provers: {}, settlement: { ...anything, chain: 'l1', check } }
}

async function noContract(): Promise<readonly string[]> {
  throw new Error('no contract there')
}

const part = {
  market: parseMarket('BTC-USD'),
  account: '0xa',
  asset: '0xb',
  size: 1n,
  base: -1n,
  cash: 1n,
  penalty: 0n,
  reward: 0n,
  cover: 0n,
}

describe('what a network file comes to', () => {
  test('each node publishes, each exchange is pushed to, and the watch looks for all', () => {
    const network = aNetwork({ oracles: ['a', 'b'] })
    expect(schedulesOf(network)).toEqual([
      { job: 'publish-prices', subjects: ['a', 'b'], everySeconds: 10, offsetMs: 0 },
      { job: 'push-prices', subjects: ['evm'], everySeconds: 10, offsetMs: 4_000 },
      { job: 'watch-liveness', subjects: ['network'], everySeconds: 15, offsetMs: 0 },
    ])
  })

  test('a job for nobody is not planned', () => {
    const jobs = schedulesOf(aNetwork({ oracles: [] })).map(({ job }) => job)
    expect(jobs).toEqual(['push-prices', 'watch-liveness'])
  })

  test('a lane for each account, with the exchanges that it sends for', () => {
    const { world } = aWorld({ clock: movedClock() })
    const lanes = lanesOf(world, ignore)
    expect(lanes.map(({ id, engines }) => [id, Object.keys(engines)])).toEqual([
      [`l1/${sender}`, ['evm']],
    ])
    const action = { kind: 'push-prices', engine: 'evm', round: 7, updates: [] } as const
    expect(lanes[0]?.slotAt(action)).toBe(70_000)
  })

  test('a liquidation may cost what was reckoned of each account, or what the file says', () => {
    const { world } = aWorld({ clock: movedClock() })
    const { evm } = world.network.engines
    if (evm?.kind !== 'evm-engine') throw new TypeError('there is one')
    const worthOf = (liquidation: bigint | undefined, worths: readonly (bigint | undefined)[]) => {
      const engines = { evm: { ...evm, worth: { liquidation } } }
      const [lane] = lanesOf({ ...world, network: { ...world.network, engines } }, ignore)
      const updates = worths.map((worth) => (worth === undefined ? part : { ...part, worth }))
      return lane?.worthOf?.({
        kind: 'liquidate',
        engine: 'evm',
        round: 7,
        at: timestamp(1),
        updates,
      })
    }
    expect(worthOf(7n, [undefined, 100n, 30n])).toBe(137n)
    expect(worthOf(undefined, [100n, 30n])).toBe(130n)
    expect(worthOf(undefined, [undefined, 30n])).toBeUndefined()
  })

  test('rules for pushing are those of the file', () => {
    const network = aNetwork({ oracles: ['a', 'b'] })
    const rules = pushRules(network)
    expect(rules).toMatchObject({ roundSeconds: 10, nodes: 2, quorum: {} })
    expect(rules.policy['BTC-USD']).toEqual(network.markets[parseMarket('BTC-USD')]?.push)
    expect(rules.agreeWithinBps).toEqual({ 'BTC-USD': 30, 'ETH-USD': 30 })
  })

  test('peers sign for the exchanges of their curves, with either of two keys', async () => {
    const evm = '0x2c7536E3605D9C16a7a3D7b1898e529396a65c23'
    const network = aNetwork()
    const of = (signers: object, next?: object) => ({
      ...network,
      peers: [{ name: 'two', url: 'https://two.example', signers, next }],
    })
    const [two] = await composePeers(of({ evm, stark: '0x5' }, { evm: `0x${'22'.repeat(20)}` }))
    expect([two?.node, two?.signers]).toEqual([
      'two',
      { evm: [evm.toLowerCase(), `0x${'22'.repeat(20)}`] },
    ])
    const [other] = await composePeers(of({ stark: '0x5' }))
    expect(other?.signers).toEqual({})
    expect(await composePeers(network)).toEqual([])
  })

  test('rules for watching are those of the file', () => {
    const rules = watchRules(aNetwork())
    expect(rules.engines).toEqual({ evm: ['BTC-USD', 'ETH-USD'] })
    expect(rules.maxPushAgeMs['BTC-USD']).toBe(600_000)
    expect(rules.everySeconds).toEqual({
      'publish-prices': 10,
      'push-prices': 10,
      'watch-liveness': 15,
    })
    expect(Object.keys(rules.chains)).toEqual(['l1', 'watched'])
  })

  test('a venue that is switched off is in no feed', () => {
    const network = aNetwork()
    const off = { ...network, venues: { kraken: { disabled: true } } }
    const venues = feedsOf(off).markets.flatMap(({ sources }) => sources.map(({ venue }) => venue))
    expect(venues).toContain('coinbase')
    expect(venues).not.toContain('kraken')
  })

  test('the hash that is signed with a price changes with whatever makes the price, and with nothing else', () => {
    const network = aNetwork()
    const before = configHashes(feedsOf(network))
    const legs = Object.fromEntries(
      Object.entries(network.legs).map(([symbol, leg]) => [
        symbol,
        { ...leg, minSources: leg.minSources + 1 },
      ]),
    )
    const after = configHashes(feedsOf({ ...network, legs }))
    expect(before['BTC-USD']).toMatch(/^0x[0-9a-f]{64}$/)
    // Only bitcoin has a source in USDT.
    expect(after['BTC-USD']).not.toBe(before['BTC-USD'])
    expect(after['ETH-USD']).toBe(before['ETH-USD'])
    expect(configHashes(feedsOf(aNetwork({ oracles: ['other'] })))).toEqual(before)
  })
})

describe('workers', () => {
  test('do no job that the deployment does not run', async () => {
    const { world } = aWorld({ clock: movedClock() })
    const workers = workersOf(world, { notify: ignore, worker: 'w' })
    const until = timestamp(world.ports.clock.now() + 1_000)
    for (const job of ['deliver-outbox', 'no-such-job'])
      await expect(workers.work({ job, subject: 'network', slot: 1 }, until)).rejects.toThrow(
        UnknownJobError,
      )
    await expect(
      workers.work({ job: 'publish-prices', subject: 'oracle-9', slot: 1 }, until),
    ).rejects.toThrow('this deployment does not run publish-prices of oracle-9')
  })

  test('say that nobody sends for an exchange whose chain has no account', async () => {
    const { world } = aWorld({ clock: movedClock() })
    const { l1 } = world.network.chains
    if (l1?.kind !== 'evm') throw new TypeError('the sample has changed')
    const chains = { l1: { ...l1, account: undefined } }
    const workers = workersOf(
      { ...world, network: { ...world.network, chains } },
      { notify: ignore, worker: 'w' },
    )
    const now = world.ports.clock.now()
    const slot = Math.floor(now / 10_000)
    const end = await workers.work(
      { job: 'push-prices', subject: 'evm', slot },
      timestamp(now + 9_000),
    )
    expect(end).toMatchObject({ kind: 'failed', reason: NoLaneError.name })
  })
})

describe('a network that is checked before it runs', () => {
  test('is told of nothing where all is as the file says', async () => {
    expect(await checkWorld(aWorld({ clock: movedClock() }).world)).toEqual([])
  })

  test('is told of each chain that does not answer, once', async () => {
    const { world, chain } = aWorld({ clock: movedClock() })
    chain.check = async () => {
      throw new Error('connection refused')
    }
    expect(await checkWorld(world)).toEqual([
      'chains.l1.rpc: connection refused; see that the node runs and the address is right',
    ])
  })

  test('is told of each thing that a chain says otherwise', async () => {
    const { world, chain } = aWorld({ clock: movedClock() })
    chain.check = async () => ['it is chain 1, not 31337']
    expect(await checkWorld(world)).toEqual(['chains.l1: it is chain 1, not 31337'])
  })

  test('is told of each thing that an exchange says otherwise', async () => {
    const { world, engine } = aWorld({ clock: movedClock() })
    const other = {
      ...engine,
      check: async () => ['evm (0x2c): it wants 5 reports', 'evm (0x2c): it is paused'],
    }
    const deaf = {
      ...engine,
      check: async () => {
        throw new Error('no contract there')
      },
    }
    const ports = { ...world.ports, engines: { evm: other, deaf } }
    expect(await checkWorld({ ...world, ports })).toEqual([
      'engines.evm (0x2c): it wants 5 reports',
      'engines.evm (0x2c): it is paused',
      'engines.deaf: no contract there',
    ])
  })

  test('is told of each thing that a contract of its batches says otherwise, where it settles them itself', async () => {
    const { world } = aWorld({ clock: movedClock() })
    const proving = {
      blocks: settled(async () => ['another program', 'no operator']),
      deaf: settled(async () => {
        throw new Error('no contract there')
      }),
    }
    const ports = { ...world.ports, proving }
    const sends = { ...world.network, jobs: { 'prove-batches': { everySeconds: 1, offsetMs: 0 } } }
    expect(await checkWorld({ ...world, network: sends, ports })).toEqual([
      'proving.blocks.settlement: another program',
      'proving.blocks.settlement: no operator',
      'proving.deaf.settlement: no contract there',
    ])
    expect(await checkWorld({ ...world, ports })).toEqual([])
  })

  test('is told of each thing that an uptime feed says otherwise, where it tells it anything', async () => {
    const { world } = aWorld({ clock: movedClock() })
    const feed = { ...({} as UptimeFeed), chain: 'l1' }
    const uptimeFeeds = {
      other: { ...feed, name: 'other', check: async () => ['it has 8 decimals, not 0'] },
      deaf: { ...feed, name: 'deaf', check: noContract },
      // Nobody here sends there.
      read: { ...feed, chain: 'watched', check: noContract },
    }
    const ports = { ...world.ports, uptimeFeeds }
    const tells = { ...world.network, jobs: { 'tell-uptime': { everySeconds: 15, offsetMs: 0 } } }
    expect(await checkWorld({ ...world, network: tells, ports })).toEqual([
      'uptimeFeeds.other: it has 8 decimals, not 0',
      'uptimeFeeds.deaf: no contract there',
    ])
    expect(await checkWorld({ ...world, ports })).toEqual([])
  })
})
