import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { perpetualCoreWatch } from '../../../lib/adapters/watched/perpetual-core.ts'
import { coreSelectors } from '../../../lib/adapters/watched/perpetual-core/core-events.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { LookedBefore, SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import { btc, eth } from '../../infra/local/starknet-box/a-box.ts'
import type { StarknetNode } from '../chains/starknet-suite.ts'
import { suiteConfig } from '../chains/starknet-world.ts'
import { noDevnet, startDevnetNode } from '../chains/start-devnet-node.ts'
import { anExchange, readers } from './an-exchange.ts'
import { garbling } from './faulty-node.ts'
import { afterwards, nothingBefore, placesOf, realClock } from './places.ts'
import { watchedSystemContract } from './watched-system-contract.ts'

const day = 86_400_000

let world: Awaited<ReturnType<typeof anExchange>>

const open = (assets: readonly bigint[] = []) =>
  perpetualCoreWatch({
    name: 'perps',
    l2: placesOf(...world.l2.map(({ url }) => url)),
    core: world.box.coreAddress,
    assets,
    accounts: [
      `0x${BigInt(world.operator).toString(16)}`,
      `0x${BigInt(world.stranger).toString(16)}`,
    ],
    windowMs: 30 * day,
    clock: realClock,
    readers,
  })
const look = async (before: LookedBefore = nothingBefore) =>
  open().look(before, timestamp(Date.now() + 20_000))
const deadline = ({ deadlines }: SystemSight, name: string) =>
  deadlines.find((one) => one.name === name)
/** A felt, or a list of them. */
function plusOne(value: unknown): unknown {
  return typeof value === 'string' ? `0x${(BigInt(value) + 1n).toString(16)}` : value
}
const change = ({ changes }: SystemSight, id: string) =>
  changes.find((one) => one.id.startsWith(id))

watchedSystemContract(
  'an exchange on Starknet',
  async () => {
    world = await anExchange()
    await world.price()
    await world.fund()
    return {
      nodes: world.l2,
      garble: garbling(world.l2),
      open,
      goOn: async () => void (await world.fund()),
      stop: world.stop,
    }
  },
  [
    'settings',
    'deadlines:funding',
    'deadlines:prices',
    'progress:funding',
    'changes',
    'level:insurance-fund',
    'level:funding-index',
    'level:liquidations',
    'level:deleverages',
  ],
)

test('it is read by the selectors that the exchange has', () => {
  // As recorded in the reference.
  expect(coreSelectors).toEqual(
    expect.arrayContaining([
      '0x36453ce7258f83e72d51de913950955d91111d814bf32e14c9673a581aad7b0',
      '0x2d6ee9594fc3a9967a9595d0e6f011c5b9e31c187b291b5d33b34a3688b5b8c',
      '0x7522ae04c17b280b37a754a3acb3d8ca668f6a935bec2eccf68825008835ec',
      '0xd1f13e79c3be111275bfa7f35c09bc950ff3e784c3b9fa4185599ba2ffc294',
      '0x31f25025d0483da631c61d3ba6685911e420e1a127924724f9ac0dbee10a293',
      '0x3ece04021ef1f7489fc86ebb7245cc2da3c7b53e28bb3be541ff6164143f36a',
      '0x2bd79c0b8a0793e9948c947c9b16df80c5d001b47035a8bbe9734b7606a53e',
      '0xe43cf5983be0bfccb2c688e3825cdf1bf31947cfde0895e9d61fca8fdd1791',
      '0x148084a59ab1607ba392ce95c871f3d0939260141dab28bf56cad35cf396769',
      '0x10410b2dd152000ecb68b66c2d1b61255faff65a099ac31b46140bd6cdb806e',
      '0x38a81c7fd04bac40e22e3eab2bcb3a09398bba67d0c5a263c6665c9c0b13a3',
      '0x7633a8d8b49c5c6002a1329e2c9791ea2ced86e06e01e17b5d0d1d5312c792',
      '0x34bb683f971572e1b0f230f3dd40f3dbcee94e0b3e3261dd0a91229a1adc4b7',
      '0xd1831486d8c46712712653f17d3414869aa50b4c16836d0b3d4afcfeafa024',
      '0x28363258a21d347d01cf74340b09eeb519849d99121b3332cfccfe9ba9f3d36',
      '0x3cceca6332de7b3548e6028652502173cfbbacab4cc11e90b35643cf2c4294',
      '0xe8702ee9429e65e4772e5a1dd8e377d9337ee7eb9f26cdcebe0d4207661866',
    ]),
  )
})

describe.each(['C', 'D'] as const)('an exchange of generation %s', (generation) => {
  beforeAll(async () => {
    world = await anExchange(generation)
  }, 60_000)
  afterAll(async () => world.stop())
  afterEach(() => {
    for (const node of world.l2) {
      node.trouble = 'none'
      node.lie = () => undefined
    }
  })

  test('shows until when it must have funding and prices, and what is refused then', async () => {
    const priced = await world.price([btc])
    world.wait(100)
    const pricedLater = await world.price([eth])
    world.wait(100)
    const funded = await world.fund()
    const sight = await look()
    expect(sight.unseen).toEqual([])
    expect(deadline(sight, 'funding')).toMatchObject({
      from: funded * 1000,
      until: (funded + 86_400) * 1000,
    })
    expect(deadline(sight, 'funding')?.text).toContain('FUNDING_EXPIRED')
    expect(deadline(sight, 'prices:BTC-6')).toMatchObject({
      from: priced * 1000,
      until: (priced + 86_400) * 1000,
    })
    expect(deadline(sight, 'prices:ETH-4')).toMatchObject({ from: pricedLater * 1000 })
    expect(deadline(sight, 'prices:ETH-4')?.text).toContain('SYNTHETIC_EXPIRED_PRICE')
    expect(sight.progress.flatMap(({ steps }) => steps)).toEqual([
      expect.objectContaining({ at: funded * 1000, what: 'funding' }),
    ])
  })

  test('of which one node tells another state of the same block is believed by neither', async () => {
    await world.price()
    await world.fund()
    const honest = await look()
    const liar = world.l2[1]
    liar.lie = ({ method }, truth) =>
      method === 'starknet_call' && Array.isArray(truth) && truth.length === 1
        ? truth.map(plusOne)
        : undefined
    const sight = await look({ ...nothingBefore, cursor: honest.cursor })
    const [liarAt, other] = [new URL(liar.url).host, new URL(world.l2[0].url).host]
    const seen = sight.unseen.find(({ part }) => part === 'deadlines:funding')
    expect(seen?.apart).toBe('l2')
    expect(seen?.reason).toMatch(/^lastFundingTick is \d+ at .*, \d+ at .*, in block \d+$/)
    expect(seen?.reason).toContain(liarAt)
    expect(seen?.reason).toContain(other)
    expect(sight.deadlines).toEqual([])
    expect(sight.levels.map(({ name }) => name)).not.toContain('insurance-fund')
    expect(sight.unseen.filter(({ part }) => part === 'settings').length).toBeGreaterThan(0)
    expect(sight.settings['maxPriceIntervalSeconds']).toBeUndefined()
    // And when it tells the truth again, all is as it was.
    liar.lie = () => undefined
    expect((await look()).deadlines).toEqual(honest.deadlines)
  })

  test('is seen where one node is some blocks behind: what both have is compared', async () => {
    await world.price()
    const [behind] = world.l2
    const { block_number: old } = await world.newest()
    const oldBlock = await world.ask('starknet_getBlockWithTxHashes', { block_number: old })
    await world.fund()
    behind.lie = ({ method, params }) =>
      method === 'starknet_getBlockWithTxHashes' && JSON.stringify(params).includes('latest')
        ? oldBlock
        : undefined
    const sight = await look()
    expect(sight.unseen.filter(({ apart }) => apart !== undefined)).toEqual([])
    expect(deadline(sight, 'funding')).toBeDefined()
  })

  test('shows its settings, those of its assets, and who may do what', async () => {
    const { settings } = await look()
    expect(settings).toMatchObject({
      paused: 'false',
      maxFundingIntervalSeconds: '86400',
      maxPriceIntervalSeconds: '86400',
      maxOraclePriceValiditySeconds: '600',
      maxFundingRate: '35792',
      'asset:BTC-6': 'active synthetic, quorum 1, resolution 1000000',
      'tiers:BTC-6': '10 20 from 1000000 by 1000000',
    })
    const classHash = await world.ask('starknet_getClassHashAt', 'latest', world.box.coreAddress)
    expect(BigInt(settings['classHash'] ?? 0)).toBe(BigInt(classHash as string))
    const roles = (account: string) => settings[`roles:0x${BigInt(account).toString(16)}`]
    expect(roles(world.operator)?.split(' ')).toEqual(
      expect.arrayContaining(['operator', 'app-governor', 'security-agent', 'upgrade-governor']),
    )
    expect(roles(world.stranger)).toBe('none')
  })

  test('shows a role from the block on in which it was given', async () => {
    const before = await look()
    await world.call('register_operator', [BigInt(world.stranger)])
    const after = await look(afterwards(before))
    const stranger = `0x${BigInt(world.stranger).toString(16)}`
    expect(change(after, `role:operator:${stranger}:granted`)).toMatchObject({
      kind: 'roles',
      state: 'done',
      title: `${stranger} is operator`,
    })
    expect(after.settings[`roles:${stranger}`]).toBe('operator')
    await world.call('remove_operator', [BigInt(world.stranger)])
    const later = await look(afterwards(after))
    expect(later.settings[`roles:${stranger}`]).toBe('none')
    expect(change(later, `role:operator:${stranger}:revoked`)).toBeDefined()
  })

  test('asks little where nothing happens: a class is read once', async () => {
    const before = await look()
    for (const node of world.l2) node.asked.length = 0
    await look(afterwards(before))
    const asked = world.l2.flatMap((node) => node.asked.map(({ method }) => method))
    expect(asked).not.toContain('starknet_getClassAt')
    // What its settings were changed by, and whom it liquidated of late.
    expect(asked.filter((method) => method === 'starknet_getEvents')).toHaveLength(2)
  })

  test('shows that it is paused', async () => {
    await world.call('pause')
    expect((await look()).settings['paused']).toBe('true')
    await world.call('unpause')
  })

  test('shows who signs its prices, and how many are needed', async () => {
    await world.call('add_oracle_to_asset', [btc, 0x123n, 0x41n, 0x42n])
    const name = generation === 'C' ? 'update_synthetic_quorum' : 'update_asset_quorum'
    await world.call(name, [btc, 2n])
    const sight = await look()
    expect(change(sight, 'oracle:BTC-6:0x123:added')).toMatchObject({
      kind: 'parameters',
      touches: ['oracle', 'market:BTC-6'],
    })
    expect(change(sight, 'quorum:BTC-6')?.title).toBe('a price of BTC-6 needs 2 oracles, before 1')
    expect(sight.settings['asset:BTC-6']).toBe('active synthetic, quorum 2, resolution 1000000')
    await world.call(name, [btc, 1n])
  })

  test('finds an asset that is added, and leaves one alone that is no longer active', async () => {
    const before = await look()
    const sol = 0x534f4c2d3300000000000000000000n
    await world.call('add_synthetic_asset', [sol, 1n, 100n, 10n, 10n, 1n, 1_000n])
    const added = await look(afterwards(before))
    expect(change(added, 'added:SOL-3')).toBeDefined()
    expect(added.settings['asset:SOL-3']).toBe('pending synthetic, quorum 1, resolution 1000')
    // Without a price it stops nobody.
    expect(deadline(added, 'prices:SOL-3')).toBeUndefined()
    await world.call('deactivate_synthetic', [eth])
    const gone = await look(afterwards(added))
    expect(deadline(gone, 'prices:ETH-4')).toBeUndefined()
    expect(gone.settings['asset:ETH-4']).toMatch(/^inactive /)
    expect(gone.levels.find(({ name }) => name === 'active-synthetics')?.value).toBe(1)
    expect(gone.unseen).toEqual([])
  })

  test('finds assets by their prices where nothing else tells of them', async () => {
    const height = (await world.newest()).block_number
    // Long ago, as far as this look knows.
    const before = { cursor: { logs: `0-${height}` }, heads: {} }
    for (const node of world.l2)
      node.lie = ({ method, params }) =>
        method === 'starknet_getEvents' && !JSON.stringify(params).includes(priceTickSelector)
          ? { events: [] }
          : undefined
    const sight = await look(before)
    expect(sight.unseen).toEqual([])
    expect(deadline(sight, 'prices:BTC-6')).toBeDefined()
    expect(sight.cursor['assets']?.split(' ')).toContain(`0x${btc.toString(16)}`)
  })

  test('says that assets are missing where it cannot find them', async () => {
    for (const node of world.l2)
      node.lie = ({ method }) => (method === 'starknet_getEvents' ? { events: [] } : undefined)
    const sight = await look()
    expect(sight.unseen).toEqual([
      { part: 'deadlines:prices', reason: expect.stringContaining('1 of 1') as string },
    ])
    const named = await open([btc]).look(nothingBefore, timestamp(Date.now() + 20_000))
    expect(named.unseen).toEqual([])
  })

  test('asks no node that stands still where another goes on', async () => {
    const height = (await world.newest()).block_number
    world.l2[0].lie = ({ method, params }, truth) =>
      method === 'starknet_getBlockWithTxHashes' && JSON.stringify(params).includes('latest')
        ? { ...(truth as object), block_number: height - 1 }
        : undefined
    for (const node of world.l2) node.asked.length = 0
    await look()
    const events = world.l2.map(({ asked }) =>
      asked.some(({ method }) => method === 'starknet_getEvents'),
    )
    expect(events).toEqual([false, true])
  })
})

const priceTickSelector = '0x316cd066c3b766079f2b1adf4444c53f8fcf80fe1ce5c3f3ad492ce78fbbe9f'

describe.skipIf(noDevnet !== '')(`an exchange on a real node${noDevnet}`, () => {
  let node: StarknetNode
  beforeAll(async () => {
    node = await startDevnetNode(suiteConfig)
  }, 240_000)
  afterAll(async () => node.stop())

  test('is seen by its own generation, with all that it has', async () => {
    const account = `0x${BigInt(node.operator.address).toString(16)}` as const
    const system = perpetualCoreWatch({
      name: 'perps',
      l2: placesOf(node.url),
      core: node.core,
      assets: [],
      accounts: [account],
      windowMs: 30 * day,
      clock: realClock,
      readers,
    })
    const sight = await system.look(nothingBefore, timestamp(Date.now() + 20_000))
    expect(sight.unseen).toEqual([])
    expect(sight.settings).toMatchObject({
      paused: 'false',
      maxFundingIntervalSeconds: '86400',
      'asset:BTC-6': 'pending synthetic, quorum 2, resolution 1000000',
      'tiers:BTC-6': '10 20 from 100000000000 by 50000000000',
    })
    // This class has no such view.
    expect(sight.settings).not.toHaveProperty('upgradeDelaySeconds')
    expect(sight.settings[`roles:${account}`]).toContain('operator')
    expect(deadline(sight, 'funding')).toBeDefined()
    expect(change(sight, 'added:BTC-6')).toBeDefined()
    const again = await system.look(afterwards(sight), timestamp(Date.now() + 20_000))
    expect(again.settings).toEqual(sight.settings)
    expect(again.changes).toEqual(sight.changes)
  })
})

describe('an exchange with a time of its own', () => {
  beforeAll(async () => {
    world = await anExchange('D')
    await world.price()
  }, 60_000)
  afterAll(async () => world.stop())

  test('must move it within a day', async () => {
    const { timestamp: now } = await world.newest()
    await world.operate('update_exchange_time', [BigInt(now + 10)])
    const moved = (await world.newest()).timestamp
    expect(deadline(await look(), 'exchange-time')).toMatchObject({
      from: moved * 1000,
      until: (moved + 86_400) * 1000,
    })
  })

  test('shows at once that its operator has changed risk factors', async () => {
    const before = await look()
    await world.operate('update_asset_risk_factor', [btc, 1n, 500n, 7n, 8n])
    const after = await look(afterwards(before))
    expect(after.settings['tiers:BTC-6']).toBe('500 from 7 by 8')
    expect(change(after, 'changed:BTC-6')).toMatchObject({
      state: 'done',
      touches: ['margin', 'market:BTC-6'],
      announces: {},
    })
  })
})
