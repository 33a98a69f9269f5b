import { keccak256 } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type OpStackWatchOptions, opStackWatch } from '../../../lib/adapters/watched/op-stack.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { LookedBefore, SystemSight } from '../../../lib/domain/watch/system-sight.ts'
import { anL1, dayMs } from './an-l1.ts'
import { faultyNode } from './faulty-node.ts'
import { faultyRest } from './faulty-rest.ts'
import { afterwards, nothingBefore, placesOf, realClock } from './places.ts'
import { watchedSystemContract } from './watched-system-contract.ts'

const week = 604_800
const halfWeek = 302_400
const prestate = `0x03${'ab'.repeat(31)}`

type World = Awaited<ReturnType<typeof theGames>>

/** OP Mainnet's numbers; games of type 0 count, and one was begun each hour. */
async function theGames(games = 8, agoMs = 30 * dayMs) {
  const l1 = await anL1(['OpStack'], agoMs)
  const [factoryCode, portalCode, game] = [
    await l1.deploy('DisputeGameFactory'),
    await l1.deploy('Portal'),
    await l1.deploy('FaultDisputeGame', halfWeek, prestate),
  ]
  const factory = await l1.deploy('Proxy', factoryCode)
  const portal = await l1.deploy('Proxy', portalCode)
  const claim = async (type = 0, times = 1, afterSeconds = 3_600) => {
    await l1.later(afterSeconds)
    await l1.call(factory, ['DisputeGameFactory', 'create'], type, times)
  }
  await l1.call(portal, ['Portal', 'setUp'], factory, l1.me, week, halfWeek)
  await l1.call(factory, ['DisputeGameFactory', 'setImplementation'], 0, game)
  for (let at = 0; at < games; at += 1) await claim()
  return { l1, portal, factory, portalCode, factoryCode, game, claim, ...(await seen(l1.url)) }
}

/** An output each hour. */
async function theOutputs(outputs = 8) {
  const l1 = await anL1(['OpStack'], 30 * dayMs)
  const oracleCode = await l1.deploy('L2OutputOracle', week, 1_800)
  // Its immutable numbers are in its code, and the proxy shows them.
  const oracle = await l1.deploy('Proxy', oracleCode)
  const portal = await l1.deploy('LegacyPortal')
  await l1.call(portal, ['LegacyPortal', 'setUp'], oracle, l1.me)
  let number = 0
  const claim = async () => {
    number += 1_800
    await l1.later(3_600)
    await l1.call(oracle, ['L2OutputOracle', 'propose'], `0x${'11'.repeat(32)}`, number)
  }
  for (let at = 0; at < outputs; at += 1) await claim()
  return { l1, portal, oracle, oracleCode, claim, ...(await seen(l1.url)) }
}

/** The same chain stands for L2: what matters of it are its blocks. */
async function seen(url: string) {
  const [one, other, l2] = await Promise.all([faultyNode(url), faultyNode(url), faultyNode(url)])
  return { nodes: [one, other, l2] as const }
}

function open(
  { portal, nodes: [one, other, l2] }: Pick<World, 'portal' | 'nodes'>,
  some: Partial<OpStackWatchOptions> = {},
) {
  return opStackWatch({
    name: 'op',
    l1: placesOf(one.url, other.url),
    l2: placesOf(l2.url),
    portal,
    windowMs: 60 * dayMs,
    clock: realClock,
    ...some,
  })
}

async function stopped({ l1, nodes }: Pick<World, 'l1' | 'nodes'>): Promise<void> {
  await Promise.all(nodes.map(async (node) => node.stop()))
  await l1.stop()
}

for (const [kind, start] of [
  ['op-stack with games', theGames],
  ['op-stack with outputs', theOutputs],
] as const)
  watchedSystemContract(kind, async () => {
    const world = await start()
    return {
      open: () => open(world),
      nodes: world.nodes,
      goOn: async () => world.claim(),
      stop: async () => stopped(world),
    }
  }, ['settings', 'progress:output', 'finality'])

describe('an OP stack with dispute games', () => {
  let world: World
  beforeAll(async () => {
    world = await theGames()
  })
  afterAll(async () => stopped(world))

  const look = async (
    before: LookedBefore = nothingBefore,
    some: Partial<OpStackWatchOptions> = {},
  ) => open(world, some).look(before, timestamp(Date.now() + 20_000))

  test('tells what is configured for it, found through its portal', async () => {
    const { settings } = await look()
    expect(settings).toEqual({
      claims: 'dispute games',
      paused: 'false',
      guardian: world.l1.me,
      portalImplementation: world.portalCode,
      portalAdmin: world.l1.me,
      disputeGameFactory: world.factory,
      factoryImplementation: world.factoryCode,
      respectedGameType: '0',
      gamesRetiredBefore: '0',
      proofMaturityDelaySeconds: '604800',
      disputeGameFinalityDelaySeconds: '302400',
      gameImplementation: world.game,
      maxClockDurationSeconds: '302400',
      absolutePrestate: prestate,
    })
  })

  test('is final a clock and a delay after the next game, and a withdrawal waits as long or for its own proof', async () => {
    const { finality, heads } = await look()
    const l1 = heads.find(({ chain }) => chain === 'l1')
    // An hour between games, give or take the second of a transaction; L1 is final two blocks behind, which here are two games.
    const half = 1_800_000
    const l1Final = 2 * 3_600_000
    const disputed = (halfWeek + halfWeek) * 1_000
    expect(finality?.by).toBe('fault proof')
    expect(Math.abs((finality?.withdrawalMs ?? 0) - half - disputed)).toBeLessThan(5_000)
    expect(Math.abs((finality?.finalMs ?? 0) - half - disputed - l1Final)).toBeLessThan(10_000)
    expect(finality?.basis).toContain('302400 s of a game')
    expect(l1?.answer.kind).toBe('head')
  })

  test('a longer wait for proofs is a longer wait for withdrawals only', async () => {
    const { l1, portal, factory } = world
    const before = (await look()).finality
    await l1.call(portal, ['Portal', 'setUp'], factory, l1.me, 2 * week, halfWeek)
    const after = (await look()).finality
    await l1.call(portal, ['Portal', 'setUp'], factory, l1.me, week, halfWeek)
    expect((after?.withdrawalMs ?? 0) - (before?.withdrawalMs ?? 0)).toBe(week * 1_000)
  })

  test('a pause is told, and said of withdrawals', async () => {
    const { l1, portal } = world
    await l1.call(portal, ['Portal', 'pause'], true)
    const { settings, finality } = await look()
    await l1.call(portal, ['Portal', 'pause'], false)
    expect(settings['paused']).toBe('true')
    expect(finality?.basis).toContain('withdrawals are paused now')
  })

  test('an implementation that is another one is a setting that changes', async () => {
    const { l1, portal, portalCode } = world
    const next = await l1.deploy('Portal')
    await l1.call(portal, ['Proxy', 'upgradeTo'], next)
    const { settings } = await look()
    await l1.call(portal, ['Proxy', 'upgradeTo'], portalCode)
    expect(settings['portalImplementation']).toBe(next)
  })

  test('what its factory gives to each game is told by its hash, and numbers that the code alone has not are not told', async () => {
    const { l1, factory, game } = world
    const bare = await l1.deploy('FaultDisputeGame', 0, `0x${'0'.repeat(64)}`)
    const given = `0x${'5a'.repeat(45)}` as const
    await l1.call(factory, ['DisputeGameFactory', 'setImplementation'], 0, bare)
    await l1.call(factory, ['DisputeGameFactory', 'setArguments'], 0, given)
    const { settings, unseen } = await look()
    // The newest game may tell what its code alone does not.
    const code = await l1.rpc('eth_getCode', game, 'latest')
    await l1.rpc('anvil_setCode', '0x00000000000000000000000000000000dead0007', code)
    const { finality } = await look()
    await l1.rpc('anvil_setCode', '0x00000000000000000000000000000000dead0007', '0x')
    await l1.call(factory, ['DisputeGameFactory', 'setImplementation'], 0, game)
    await l1.call(factory, ['DisputeGameFactory', 'setArguments'], 0, '0x')
    expect(settings['gameArguments']).toBe(keccak256(given))
    expect(settings).not.toHaveProperty('absolutePrestate')
    expect(unseen.map(({ part }) => part)).toEqual(['finality'])
    expect(finality?.basis).toContain('302400 s of a game')
  })

  test('where two nodes tell different settings, those are told of neither', async () => {
    const [one] = world.nodes
    one.lie = ({ method, params }) =>
      // respectedGameType()
      method === 'eth_call' && JSON.stringify(params).includes('0x3c9f397c')
        ? `0x${'1'.padStart(64, '0')}`
        : undefined
    const sight = await look()
    one.lie = () => undefined
    expect(sight.settings).not.toHaveProperty('respectedGameType')
    expect(sight.settings['guardian']).toBe(world.l1.me)
    const reasons = sight.unseen.flatMap(({ part, reason }) =>
      part === 'settings' ? [reason] : [],
    )
    const [liar, other] = world.nodes.map(({ url }) => new URL(url).host)
    expect(reasons).toContain(`respectedGameType is 1 at ${liar}, 0 at ${other}`)
  })

  test('one dead node of two hides nothing', async () => {
    world.nodes[0].trouble = 'dead'
    const sight = await look()
    world.nodes[0].trouble = 'none'
    expect(sight.unseen).toEqual([])
    expect(outputSteps(sight)).not.toEqual([])
  })

  test('a node that stands still is not believed in what it tells of the portal', async () => {
    const [still] = world.nodes
    const old = await world.l1.rpc('eth_getBlockByNumber', '0x2', false)
    still.lie = ({ method, params }) => {
      if (method === 'eth_getBlockByNumber') return old
      // paused(), gameCount()
      const text = JSON.stringify(params)
      if (text.includes('0x5c975abb')) return `0x${'1'.padStart(64, '0')}`
      return text.includes('0x4d1975b4') ? `0x${'0'.repeat(64)}` : undefined
    }
    const sight = await look()
    still.lie = () => undefined
    expect(sight.unseen).toEqual([])
    expect(sight.settings['paused']).toBe('false')
    expect(outputSteps(sight).length).toBe(8)
  })

  test('an address where nothing is says so', async () => {
    const sight = await look(nothingBefore, {
      portal: '0x00000000000000000000000000000000000000aa',
    })
    expect(sight.unseen.map(({ part }) => part)).toEqual([
      'settings',
      'progress:output',
      'finality',
    ])
    expect(sight.unseen[0]?.reason).toContain('nothing answers as an OP stack')
    expect(sight.heads.map(({ answer }) => answer.kind)).toEqual(['head', 'head', 'head'])
  })
})

describe('the games of an OP stack', () => {
  let world: World
  beforeAll(async () => {
    world = await theGames(5)
  })
  afterAll(async () => stopped(world))

  const look = async (
    before: LookedBefore = nothingBefore,
    some: Partial<OpStackWatchOptions> = {},
  ) => open(world, some).look(before, timestamp(Date.now() + 20_000))

  test('are walked back past those that anybody began, and each of the right type is a step', async () => {
    await world.claim(255, 130, 60)
    const sight = await look()
    expect(outputSteps(sight).map(({ position }) => position)).toEqual([0, 1, 2, 3, 4])
    expect(outputSteps(sight)[4]?.what).toMatch(/^game 4 at 0x[0-9a-f]{40}$/)
    // Also where there is more of it than one look reads.
    await world.claim(255, 400, 60)
    const first = await look()
    expect(outputSteps(first)).toEqual([])
    expect(first.progress[0]).toMatchObject({ from: 535 - 300, through: 534 })
    expect(first.unseen).toEqual([
      { part: 'finality', reason: 'too few claims of the state were seen' },
    ])
    const second = await look(afterwards(first))
    const third = await look(afterwards(second))
    expect([...outputSteps(second), ...outputSteps(third)].map(({ position }) => position)).toEqual(
      [0, 1, 2, 3, 4],
    )
  })

  test('are told again only as far as some of them may have been undone', async () => {
    for (let at = 0; at < 6; at += 1) await world.claim()
    let sight = await look()
    for (let at = 0; at < 4; at += 1) sight = await look(afterwards(sight))
    const [one] = world.nodes
    one.asked.length = 0
    await world.claim()
    const next = await look(afterwards(sight))
    expect(outputSteps(next).at(-1)?.position).toBe(541)
    const calls = one.asked.filter(({ params }) => JSON.stringify(params).includes('0xbb8aa1fc'))
    expect(calls.length).toBe(50)
  })

  test('of another type count once they are respected, with those of the past', async () => {
    await world.l1.call(world.portal, ['Portal', 'respect'], 255)
    const sight = await look()
    await world.l1.call(world.portal, ['Portal', 'respect'], 0)
    expect(outputSteps(sight).length).toBeGreaterThan(100)
    expect(sight.settings['respectedGameType']).toBe('255')
    expect(sight.settings['gamesRetiredBefore']).not.toBe('0')
    expect(sight.settings).not.toHaveProperty('gameImplementation')
    expect(sight.unseen).toEqual([
      {
        part: 'finality',
        reason: 'games of type 255 tell no clock, so that nobody knows how long they last',
      },
    ])
  })

  test('that are older than the window are left where they are', async () => {
    const sight = await look(nothingBefore, { windowMs: dayMs })
    expect(outputSteps(sight).length).toBeLessThan(60)
    const again = await look(afterwards(sight), { windowMs: dayMs })
    expect(again.progress.length).toBe(1)
  })
})

describe('an OP stack of before the games', () => {
  let world: Awaited<ReturnType<typeof theOutputs>>
  beforeAll(async () => {
    world = await theOutputs()
  })
  afterAll(async () => stopped(world))

  const look = async (before: LookedBefore = nothingBefore) =>
    open(world).look(before, timestamp(Date.now() + 20_000))

  test('tells its outputs and its one period', async () => {
    const sight = await look()
    expect(sight.settings).toEqual({
      claims: 'outputs',
      paused: 'false',
      guardian: world.l1.me,
      outputOracle: world.oracle,
      oracleImplementation: world.oracleCode,
      finalizationPeriodSeconds: '604800',
      submissionIntervalBlocks: '1800',
      proposer: world.l1.me,
      challenger: '0x000000000000000000000000000000000000000c',
    })
    expect(outputSteps(sight).map(({ what }) => what)).toEqual(
      Array.from({ length: 8 }, (_, at) => `output ${at} of block ${(at + 1) * 1_800}`),
    )
    const { withdrawalMs = 0 } = sight.finality ?? {}
    expect(Math.abs(withdrawalMs - 1_800_000 - week * 1_000)).toBeLessThan(5_000)
  })

  test('outputs that a challenger deleted are gone, and those in their place are told', async () => {
    const first = await look()
    await world.l1.call(world.oracle, ['L2OutputOracle', 'deleteFrom'], 5)
    const second = await look(afterwards(first))
    // What was remembered behind the fifth is replaced by nothing.
    expect(second.progress[0]).toMatchObject({ from: 0, through: 7 })
    expect(outputSteps(second).map(({ position }) => position)).toEqual([0, 1, 2, 3, 4])
    await world.claim()
    const third = await look(afterwards(second))
    expect(outputSteps(third).at(-1)).toMatchObject({
      position: 5,
      what: 'output 5 of block 16200',
    })
  })
})

describe('the rollup node of an OP stack', () => {
  let world: World
  beforeAll(async () => {
    world = await theGames()
  })
  afterAll(async () => stopped(world))

  const zero = {
    hash: `0x${'0'.repeat(64)}`,
    number: 0,
    parentHash: `0x${'0'.repeat(64)}`,
    timestamp: 0,
  }
  const at = (seconds: number) => ({ ...zero, number: seconds / 2, timestamp: seconds })

  async function levelsWith(result: unknown) {
    const node = await faultyRest(({ body }) => {
      const { id, method } = JSON.parse(body) as { readonly id: number; readonly method: string }
      return method === 'optimism_syncStatus'
        ? { body: { jsonrpc: '2.0', id, result } }
        : {
            body: {
              jsonrpc: '2.0',
              id,
              error: { code: -32_601, message: 'the method does not exist' },
            },
          }
    })
    const sight = await open(world, { rollupNodes: placesOf(node.url) }).look(
      nothingBefore,
      timestamp(Date.now() + 20_000),
    )
    await node.stop()
    return sight
  }

  const status = {
    current_l1: zero,
    head_l1: zero,
    unsafe_l2: at(1_793_830_000),
    safe_l2: at(1_793_829_880),
    finalized_l2: at(1_793_829_000),
  }

  test('tells how far the chain is behind on L1', async () => {
    const { levels, unseen } = await levelsWith(status)
    expect(levels).toEqual([
      { name: 'unwritten-age', value: 120, unit: 's', drains: true },
      { name: 'unfinal-age', value: 880, unit: 's', drains: true },
    ])
    expect(unseen).toEqual([])
  })

  test.each([
    ['has not begun', { ...status, finalized_l2: zero }, 'has not read the chain yet'],
    ['answers something else', { ...status, safe_l2: 'x' }, 'optimism_syncStatus answered'],
    ['answers null', null, 'optimism_syncStatus answered null'],
  ])('is no help where it %s', async (_, result, reason) => {
    const { levels, unseen } = await levelsWith(result)
    expect(levels).toEqual([])
    expect(unseen.map(({ part }) => part)).toEqual(['level:unwritten-age', 'level:unfinal-age'])
    expect(unseen[0]?.reason).toContain(reason)
  })
})

function outputSteps({ progress }: SystemSight) {
  return progress
    .flatMap(({ steps }) => steps)
    .toSorted((one, other) => one.position - other.position)
}
