import { keccak256, toHex } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type ArbitrumWatchOptions, arbitrumWatch } from '../../../lib/adapters/watched/arbitrum.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { LookedBefore, SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import { anL1, dayMs } from './an-l1.ts'
import { faultyNode } from './faulty-node.ts'
import { afterwards, nothingBefore, placesOf, realClock } from './places.ts'
import { watchedSystemContract } from './watched-system-contract.ts'

type Hex = `0x${string}`
type Kind = 'BoldRollup' | 'NodeRollup'
type World = Awaited<ReturnType<typeof anArbitrum>>

const moduleRoot = `0x00${'cd'.repeat(31)}`
/** Arbitrum One's: about six days and nine hours. */
const period = 45_818

/** A claim each hour, each confirmed with the next but one. */
async function anArbitrum(kind: Kind = 'BoldRollup', claims = 6) {
  const l1 = await anL1(['Arbitrum'], 60 * dayMs)
  const bridgeCode = await l1.deploy('Bridge')
  const bridge = await l1.deploy('Proxy', bridgeCode)
  const timelock = await l1.deploy('Timelock')
  let number = 0

  async function rollupOf(which: Kind): Promise<Hex> {
    const [admin, user] = [await l1.deploy(which), await l1.deploy(which)]
    const rollup = await l1.deploy('DoubleProxy', admin, user)
    await l1.call(rollup, [which, 'setUp'], period, moduleRoot, l1.me)
    await l1.call(bridge, ['Bridge', 'setRollup'], rollup)
    world.kind = which
    world.rollup = rollup
    world.user = user
    world.admin = admin
    return rollup
  }

  async function claim(): Promise<number> {
    number += 1
    await l1.mine(10, 360)
    await l1.call(world.rollup, [world.kind, 'claim'], number)
    if (number > 2) await l1.call(world.rollup, [world.kind, 'confirm'], number - 2)
    return number
  }

  const nodes = await Promise.all([
    faultyNode(l1.url),
    faultyNode(l1.url),
    faultyNode(l1.url),
  ] as const)
  const world = {
    l1,
    bridge,
    bridgeCode,
    timelock,
    kind,
    rollup: '0x' as Hex,
    user: '0x' as Hex,
    admin: '0x' as Hex,
    nodes,
    rollupOf,
    claim,
    async stop() {
      await Promise.all(nodes.map(async (node) => node.stop()))
      await l1.stop()
    },
  }
  await rollupOf(kind)
  for (let at = 0; at < claims; at += 1) await claim()
  return world
}

function open(
  { bridge, timelock, nodes: [one, other, l2] }: World,
  some: Partial<ArbitrumWatchOptions> = {},
) {
  return arbitrumWatch({
    name: 'arbitrum',
    l1: placesOf(one.url, other.url),
    l2: placesOf(l2.url),
    bridge,
    timelock,
    windowMs: 60 * dayMs,
    clock: realClock,
    ...some,
  })
}

for (const kind of ['BoldRollup', 'NodeRollup'] as const)
  watchedSystemContract(
    `arbitrum with a ${kind}`,
    async () => {
      const world = await anArbitrum(kind)
      return {
        open: () => open(world),
        nodes: world.nodes,
        goOn: async () => void (await world.claim()),
        stop: async () => world.stop(),
      }
    },
    ['settings', 'progress:assertion', 'progress:confirmation', 'changes', 'finality'],
  )

describe('Arbitrum', () => {
  let world: World
  beforeAll(async () => {
    world = await anArbitrum()
  })
  afterAll(async () => world.stop())

  const look = async (
    before: LookedBefore = nothingBefore,
    some: Partial<ArbitrumWatchOptions> = {},
  ) => open(world, some).look(before, timestamp(Date.now() + 20_000))

  test('tells what is configured for the rollup that its bridge trusts', async () => {
    const { settings } = await look()
    expect(settings).toEqual({
      rollup: world.rollup,
      bridgeImplementation: world.bridgeCode,
      confirmPeriodBlocks: '45818',
      challengeGracePeriodBlocks: '14400',
      minimumAssertionPeriodBlocks: '75',
      wasmModuleRoot: moduleRoot,
      paused: 'false',
      validators: 'anybody',
      baseStake: '3600000000000000000000',
      owner: world.l1.me,
      rollupAdminImplementation: world.admin,
      rollupImplementation: world.user,
    })
  })

  test('each claim and each confirmation is a step in its block', async () => {
    const sight = await look()
    const [claims, confirmed] = [steps(sight, 'assertion'), steps(sight, 'confirmation')]
    expect(claims.map(({ what }) => what)).toEqual(
      [1, 2, 3, 4, 5, 6].map((number) => `assertion ${hashOf(number)}`),
    )
    expect(confirmed.map(({ what }) => what)).toEqual(
      [1, 2, 3, 4].map((number) => `assertion ${hashOf(number)}`),
    )
    // A confirmation comes in the block right after the claim.
    expect(confirmed.map(({ position }) => position)).toEqual(
      claims.slice(2).map(({ position }) => position + 1),
    )
  })

  test('is final half an hour and 45,818 blocks of L1 after a block, and a withdrawal can be had then', async () => {
    const { finality } = await look()
    const [first, newest] = [await world.l1.blockAt(0), await world.l1.newest()]
    const blockMs = (newest.time - first.time) / newest.number
    const expected = 1_800_000 + period * blockMs
    expect(finality?.by).toBe('challenge period')
    // Between two claims there are a second or two more than an hour.
    expect(Math.abs((finality?.withdrawalMs ?? 0) - expected)).toBeLessThan(3_000)
    // L1 is final two blocks behind: the claim and the confirmation before the newest one.
    expect((finality?.finalMs ?? 0) - (finality?.withdrawalMs ?? 0)).toBeLessThan(400_000)
    expect(finality?.basis).toContain('45818 blocks of L1')
  })

  test('another implementation for users is a setting that changes, and so is one for its admin', async () => {
    const next = await world.l1.deploy('BoldRollup')
    await world.l1.call(world.rollup, ['DoubleProxy', 'upgradeSecondaryTo'], next)
    const { settings } = await look()
    expect(settings['rollupImplementation']).toBe(next)
    expect(settings['rollupAdminImplementation']).toBe(world.admin)
    await world.l1.call(world.rollup, ['DoubleProxy', 'upgradeSecondaryTo'], world.user)
  })

  test('what waits in its timelock is told with its date, and what became of it', async () => {
    const { l1, timelock, rollup } = world
    const [first, second] = [`0x${'a1'.repeat(32)}`, `0x${'a2'.repeat(32)}`] as const
    const other = '0x00000000000000000000000000000000000000bb'
    const data = '0x3659cfe6'
    await l1.call(timelock, ['Timelock', 'schedule'], first, [rollup, other], data, 259_200)
    const scheduledAt = (await l1.newest()).time
    await l1.call(timelock, ['Timelock', 'schedule'], second, [other], '0x', 60)
    const before = await look()
    const [one, two] = before.changes
    expect(one).toEqual({
      id: `timelock:${first}`,
      kind: 'upgrade',
      title: `the timelock calls rollup 0x3659cfe6, ${other} 0x3659cfe6`,
      announcedAt: scheduledAt,
      effectiveAt: scheduledAt + 259_200_000,
      state: 'decided',
      touches: ['rollup', other],
      announces: {},
    })
    expect(two?.title).toBe(`the timelock calls ${other} 0x`)
    await l1.call(timelock, ['Timelock', 'execute'], first, rollup, data)
    await l1.call(timelock, ['Timelock', 'cancel'], second)
    const after = await look(afterwards(before))
    expect(after.changes.map(({ state }) => state)).toEqual(['done', 'dropped'])
    // Without it nothing of it is read.
    expect((await look(nothingBefore, { timelock: undefined })).changes).toEqual([])
  })

  test('a node that takes few blocks at once is read in several looks', async () => {
    const [one, other] = world.nodes
    one.trouble = 'dead'
    other.maxRange = 10
    let sight = await look()
    const found = [...steps(sight, 'assertion')]
    for (let at = 0; at < 8; at += 1) {
      sight = await look(afterwards(sight))
      found.push(...steps(sight, 'assertion'))
    }
    one.trouble = 'none'
    other.maxRange = Number.POSITIVE_INFINITY
    expect(new Set(found.map(({ position }) => position))).toEqual(
      new Set(steps(await look(), 'assertion').map(({ position }) => position)),
    )
    expect(sight.finality).toBeDefined()
  })

  test('an address where nothing is says so', async () => {
    const sight = await look(nothingBefore, {
      bridge: '0x00000000000000000000000000000000000000aa',
    })
    expect(sight.unseen.map(({ part }) => part)).toEqual([
      'settings',
      'progress:assertion',
      'progress:confirmation',
      'changes',
      'finality',
    ])
    expect(sight.unseen[0]?.reason).toContain('nothing answers as Arbitrum')
  })

  test('where two nodes tell different rollups, both are said', async () => {
    const [one, other] = world.nodes
    // rollup()
    other.lie = ({ method, params }) =>
      method === 'eth_call' && JSON.stringify(params).includes('0xcb23bcb5')
        ? `0x${world.bridge.slice(2).padStart(64, '0')}`
        : undefined
    const sight = await look()
    other.lie = () => undefined
    // The liar's rollup is no rollup: it has nothing to tell of it.
    expect(sight.settings['rollup']).toBe(world.rollup)
    one.trouble = 'dead'
    other.lie = ({ method, params }) =>
      method === 'eth_call' && JSON.stringify(params).includes('0xcb23bcb5')
        ? `0x${world.bridge.slice(2).padStart(64, '0')}`
        : undefined
    const alone = await look()
    one.trouble = 'none'
    other.lie = () => undefined
    expect(alone.settings).toEqual({})
    expect(alone.unseen.map(({ part }) => part)).toContain('settings')
  })
})

test('a bridge that trusts another rollup has another past: BoLD after what was before', async () => {
  const world = await anArbitrum('NodeRollup', 4)
  const look = async (before: LookedBefore) =>
    open(world).look(before, timestamp(Date.now() + 20_000))
  const first = await look(nothingBefore)
  expect(steps(first, 'assertion').map(({ what }) => what)).toEqual([
    'node 1',
    'node 2',
    'node 3',
    'node 4',
  ])
  await world.rollupOf('BoldRollup')
  for (let at = 0; at < 4; at += 1) await world.claim()
  const second = await look(afterwards(first))
  expect(second.settings['rollup']).toBe(world.rollup)
  expect(second.settings['rollup']).not.toBe(first.settings['rollup'])
  expect(steps(second, 'assertion').length).toBe(4)
  expect(steps(second, 'assertion').every(({ what }) => what.startsWith('assertion 0x'))).toBe(true)
  expect(second.finality).toBeDefined()
  await world.stop()
})

/** As the contract makes it of a claim's number. */
function hashOf(number: number): string {
  return keccak256(toHex(number, { size: 32 }))
}

function steps({ progress }: SystemSight, name: string) {
  return progress
    .filter((one) => one.name === name)
    .flatMap((one) => one.steps)
    .toSorted((one, other) => one.position - other.position)
}
