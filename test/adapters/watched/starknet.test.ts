import { encodeAbiParameters, parseAbiParameters } from 'viem'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { compiledL1Contract } from '../../../infra/contracts/l1/compiled-l1.ts'
import { coreTopics } from '../../../lib/adapters/watched/starknet-core-logs.ts'
import { starknetWatch } from '../../../lib/adapters/watched/starknet.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type {
  ChangeSight,
  LookedBefore,
  SystemSight,
} from '../../../lib/domain/watch/system-sight.ts'
import { aSettledStarknet } from './a-settled-starknet.ts'
import { coreUpgradeDelaySeconds } from './a-starknet-core.ts'
import { garbling } from './faulty-node.ts'
import { afterwards, nothingBefore, placesOf, realClock } from './places.ts'
import { watchedSystemContract } from './watched-system-contract.ts'

const day = 86_400_000

let world: Awaited<ReturnType<typeof aSettledStarknet>>

const open = () =>
  starknetWatch({
    name: 'starknet',
    l1: placesOf(...world.l1.map(({ url }) => url)),
    l2: placesOf(...world.l2.map(({ url }) => url)),
    core: world.core.core,
    windowMs: 30 * day,
    clock: realClock,
  })

watchedSystemContract(
  'starknet',
  async () => {
    world = await aSettledStarknet()
    const nodes = [...world.l1, ...world.l2]
    return { nodes, garble: garbling(nodes), open, goOn: world.settleNext, stop: world.stop }
  },
  ['settings', 'level:l1-lag', 'progress:state-update', 'changes'],
)

test('its core is read by the topics that the contract has', () => {
  // StarkWare's own contracts, as recorded in the reference.
  expect(coreTopics).toEqual([
    '0xd342ddf7a308dec111745b00315c14b7efb2bdae570a6856e088ed0c65a3576c',
    '0x600a61c1b32ac42fb2fe76e8fc7582a98106668fc16dcd85567cd3937363e49b',
    '0x07688623ef226ae0c2f88d3fdc7f6bb41427c804bcec3f36699b07148e3f5340',
    '0x393c6beb5756a944b2967f15f31ff671e312e945d7a84fd3bdcfd6b408b2dc79',
    '0x723a7080d63c133cf338e44e00705cc1b7b2bde7e88d6218a8d62710a329ce1b',
    '0xe99b980b5259f200e4c1da973ff0251b6d9aaa144714c8773976ecd62b8ebe8d',
    '0xff14288d542bc1c1d15a652cb52af735f065c0c9d70b48e454a203c260733544',
    '0xc13b75a5f14b69ebdc2431a5d475b3bff371abe251b5064144306fbd9c4de35c',
    '0x50a18c352ee1c02ffe058e15c2eb6e58be387c81e73cc1e17035286e54c19a57',
    '0xec5f6c3a91a1efb1f9a308bb33c6e9e66bf9090fad0732f127dfdbf516d0625d',
    '0x6166272c8d3f5f579082f2827532732f97195007983bb5b83ac12c56700b01a6',
    '0xcfb473e6c03f9a29ddaf990e736fa3de5188a0bd85d684f5b6e164ebfbfff5d2',
    '0xd75f94825e770b8b512be8e74759e252ad00e102e38f50cce2f7c6f868a29599',
  ])
})

const look = async (before: LookedBefore = nothingBefore) =>
  open().look(before, timestamp(Date.now() + 20_000))
const level = ({ levels }: SystemSight, name: string) => levels.find((one) => one.name === name)
const change = ({ changes }: SystemSight, id: string): ChangeSight | undefined =>
  changes.find((one) => one.id.startsWith(id))

const hex = (value: number) => `0x${value.toString(16)}`

function headOf({ heads }: SystemSight, chain: string) {
  const answer = heads.find((one) => one.chain === chain)?.answer
  if (answer?.kind !== 'head') throw new Error(JSON.stringify(answer))
  return answer
}

describe('Starknet', () => {
  beforeAll(async () => {
    world = await aSettledStarknet()
  }, 60_000)
  afterAll(async () => world.stop())
  afterEach(() => {
    for (const node of [...world.l1, ...world.l2]) {
      node.trouble = 'none'
      node.lie = () => undefined
    }
  })

  test('shows how far L1 is behind, in blocks and in seconds', async () => {
    world.box.advanceSeconds(50)
    world.box.makeBlock()
    world.box.advanceSeconds(70)
    world.box.makeBlock()
    const sight = await look()
    expect(level(sight, 'l1-lag')).toEqual({
      name: 'l1-lag',
      value: 2,
      unit: 'blocks',
      drains: true,
    })
    const age = level(sight, 'settled-age')
    expect(age).toMatchObject({ unit: 's' })
    expect(age?.value).toBeGreaterThanOrEqual(120)
    expect(age?.value).toBeLessThan(125)
    expect(level(sight, 'settled-mismatch')).toMatchObject({ value: 0, ceiling: 0 })
  })

  test('shows the settings of the core and of its proxy', async () => {
    const { implementation, registry } = world.core
    expect((await look()).settings).toEqual({
      programHash: '0xb',
      aggregatorProgramHash: '0xc',
      configHash: '0xd',
      isFinalized: 'false',
      implementation: implementation.toLowerCase(),
      upgradeDelaySeconds: '7200',
      verifier: registry.toLowerCase(),
    })
  })

  test('shows each update of the state once, with the time of its block', async () => {
    const before = await look()
    await world.settleNext()
    const after = await look(afterwards(before))
    const steps = after.progress.flatMap((one) => one.steps)
    const [newest] = steps.toSorted((one, other) => other.position - one.position)
    expect(newest?.what).toBe(`block ${world.newest()}`)
    expect(Math.abs((newest?.at ?? 0) - (await world.l1Time()))).toBeLessThan(3_000)
    const { progress } = await look()
    const all = progress.flatMap((one) => one.steps.map(({ what }) => what))
    expect(new Set(all).size).toBe(all.length)
    expect(all.length).toBeGreaterThan(1)
  })

  test('asks little where nothing happens: hosted nodes count what they are asked', async () => {
    await world.mineL1(20)
    const before = await look()
    for (const node of [...world.l1, ...world.l2]) node.asked.length = 0
    await look(afterwards(before))
    const [first, second] = world.l1.map(({ asked }) => asked.map(({ method }) => method))
    expect(first?.filter((method) => method === 'eth_getLogs')).toHaveLength(1)
    expect(first?.length).toBeLessThanOrEqual(16)
    expect(second).not.toContain('eth_getLogs')
    expect(second?.length).toBeLessThanOrEqual(11)
    for (const { asked } of world.l2) expect(asked.length).toBeLessThanOrEqual(3)
  })

  test('shows a node of L2 that has another block than L1 has settled', async () => {
    world.l2[1].lie = ({ method, params }, truth) =>
      method === 'starknet_getBlockWithTxHashes' && JSON.stringify(params).includes('block_number')
        ? { ...(truth as object), block_hash: '0xbad' }
        : undefined
    const sight = await look()
    expect(level(sight, 'settled-mismatch')).toMatchObject({ value: 1, unit: 'nodes', ceiling: 0 })
    expect(level(sight, 'settled-age')?.value).toBeLessThan(1_000)
  })

  test('is not judged by one node that is far ahead of all others', async () => {
    world.l2[1].lie = ({ method, params }, truth) =>
      method === 'starknet_getBlockWithTxHashes' && JSON.stringify(params).includes('latest')
        ? { ...(truth as object), block_number: 9_000_000 }
        : undefined
    expect(level(await look(), 'l1-lag')?.value).toBeLessThan(10)
  })

  test('does not believe a node of L1 that stands still', async () => {
    await world.settleNext()
    const whole = await look()
    const { number, time } = headOf(whole, 'l1')
    const zero = `0x${'0'.repeat(64)}`
    world.l1[0].lie = ({ method, params }, truth) => {
      if (method === 'eth_getLogs') return []
      if (method === 'eth_call') return zero
      return method === 'eth_getBlockByNumber' && JSON.stringify(params).includes('latest')
        ? { ...(truth as object), number: hex(number - 40), timestamp: hex(time / 1000 - 480) }
        : undefined
    }
    const sight = await look()
    expect(sight.unseen).toEqual([])
    expect(sight.settings).toEqual(whole.settings)
    expect(sight.progress).toEqual(whole.progress)
    expect(level(sight, 'l1-lag')).toEqual(level(whole, 'l1-lag'))
  })

  test('does not believe a node of L1 that keeps logs to itself', async () => {
    await world.settleNext()
    const before = await look()
    await world.settleNext()
    for (const node of world.l1.slice(0, 1))
      node.lie = ({ method }) => (method === 'eth_getLogs' ? [] : undefined)
    const sight = await look(afterwards(before))
    const steps = sight.progress.flatMap((one) => one.steps.map(({ what }) => what))
    expect(steps).toContain(`block ${world.newest()}`)
    expect(sight.unseen).toEqual([])
  })

  test('reads anew what a node kept to itself before, and says so where all of them do', async () => {
    const before = await look()
    await world.settleNext()
    for (const node of world.l1)
      node.lie = ({ method }) => (method === 'eth_getLogs' ? [] : undefined)
    const blind = await look(afterwards(before))
    expect(blind.unseen.map(({ part }) => part)).toContain('progress:state-update')
    expect(blind.unseen[0]?.reason).toContain('does not tell of what the contract itself says')
    // As if the logs had been read and there had been none.
    await world.mineL1(30)
    const passed = { ...before.cursor, logs: `0-${headOf(await look(), 'l1').number}` }
    for (const node of world.l1) node.lie = () => undefined
    const sight = await look({ cursor: passed, heads: {} })
    const steps = sight.progress.flatMap((one) => one.steps.map(({ what }) => what))
    expect(steps).toContain(`block ${world.newest()}`)
  })

  test('does not believe a setting that two nodes of L1 tell otherwise', async () => {
    const programHash = '0x8a9bf090'
    world.l1[1].lie = ({ method, params }) =>
      method === 'eth_call' && JSON.stringify(params).includes(programHash)
        ? `0x${'77'.padStart(64, '0')}`
        : undefined
    const sight = await look()
    expect(sight.settings).not.toHaveProperty('programHash')
    expect(sight.settings).toHaveProperty('configHash', '0xd')
    expect(sight.unseen.map(({ part }) => part)).toEqual(['settings'])
    expect(sight.unseen[0]?.reason).toMatch(/^programHash is 0xb at .*0x77 at /)
  })

  test('is seen through the other node where one of each chain is dead', async () => {
    const whole = await look()
    world.l1[0].trouble = 'dead'
    world.l2[0].trouble = 'html'
    const sight = await look()
    expect(sight.unseen).toEqual([])
    expect(sight.settings).toEqual(whole.settings)
    expect(sight.progress).toEqual(whole.progress)
    expect(sight.heads.map(({ chain, answer: { kind } }) => `${chain} ${kind}`)).toEqual([
      'l2 trouble',
      'l2 head',
      'l1 trouble',
      'l1 head',
    ])
  })

  test('shows what was set without notice, and that it is so now', async () => {
    await world.core.call('setAggregatorProgramHash', [99n])
    const sight = await look()
    expect(change(sight, 'aggregatorProgramHash:0x63')).toMatchObject({
      kind: 'upgrade',
      state: 'done',
      title: 'aggregatorProgramHash was 0xc and is 0x63',
      // Nobody said it before.
      announces: {},
    })
    expect(sight.settings['aggregatorProgramHash']).toBe('0x63')
    await world.core.call('setAggregatorProgramHash', [12n])
  })

  test('shows an implementation from its announcement on, until it is removed', async () => {
    const next = await world.core.sender.deploy(compiledL1Contract('starknet-core', 'Core'), [])
    const nothing = '0x0000000000000000000000000000000000000000'
    const data = encodeAbiParameters(parseAbiParameters('address'), [nothing])
    await world.core.proxy('addImplementation', [next, data, false])
    const announcedAt = await world.l1Time()
    const first = await look()
    const id = `implementation:${next.toLowerCase()}`
    expect(change(first, id)).toMatchObject({
      state: 'announced',
      announcedAt,
      effectiveAt: announcedAt + coreUpgradeDelaySeconds * 1000,
      announces: { implementation: next.toLowerCase() },
    })
    // It is still told when its own block is not read again any more.
    await world.mineL1(20)
    const later = await look(afterwards(first))
    expect(later.progress.every(({ from }) => from > 0)).toBe(true)
    expect(change(later, id)).toEqual(change(first, id))

    await world.waitOnL1(coreUpgradeDelaySeconds + 1)
    await world.core.proxy('upgradeTo', [next, data, false])
    const done = await look(afterwards(later))
    expect(change(done, id)).toMatchObject({
      state: 'done',
      announces: { implementation: next.toLowerCase() },
    })
    expect(done.settings['implementation']).toBe(next.toLowerCase())

    const old = world.core.implementation
    await world.core.proxy('addImplementation', [old, data, false])
    await world.core.proxy('removeImplementation', [old, data, false])
    const dropped = await look(afterwards(done))
    const ofOld = dropped.changes.filter(({ id: one }) => one.includes(old.toLowerCase()))
    expect(ofOld.at(-1)).toMatchObject({ state: 'dropped' })
  })

  test('takes back an announcement that a reorg took', async () => {
    const { core } = world
    const next = await core.sender.deploy(compiledL1Contract('starknet-core', 'Core'), [])
    const snapshot = await world.snapshotL1()
    await core.proxy('addImplementation', [next, '0x', true])
    const before = await look()
    expect(change(before, `implementation:${next.toLowerCase()}`)).toBeDefined()
    await world.revertL1(snapshot)
    await world.mineL1(2)
    const after = await look(afterwards(before))
    expect(change(after, `implementation:${next.toLowerCase()}`)).toBeUndefined()
    expect(after.unseen).toEqual([])
  })

  test('is final after half a cadence, a proof and the finality of L1', async () => {
    await world.renew()
    for (const gap of [600, 1_200, 600, 1_200, 600]) {
      await world.waitOnL1(gap)
      await world.settleNext()
    }
    await world.mineL1(2)
    const { finality } = await look()
    expect(finality?.by).toBe('validity proof')
    // The median of the last five intervals is 600 s and more, by the seconds that all this took.
    const { withdrawalMs = 0, finalMs = 0 } = finality ?? {}
    expect(finalMs).toBeGreaterThan(withdrawalMs)
    expect(finality?.basis).toMatch(/half of 1\d\.\d min between updates \(median of 5\)/)
  })
})
