import { type AbiItem, parseAbi } from 'viem'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import {
  readCompiledUptimeFeed,
  uptimeFeedSourceHash,
} from '../../../../infra/contracts/uptime-feed/compiled-uptime-feed.ts'
import { feedAbi } from '../../../../lib/adapters/uptime-feeds/feed-abi.ts'
import {
  description,
  type FeedOnAnvil,
  genesis,
  owner,
  startFeed,
  updater,
} from './feed-on-anvil.ts'

let feed: FeedOnAnvil
beforeEach(async () => {
  feed = await startFeed()
})
afterEach(async () => feed.node.stop())

const report = async (at: number, isDown: boolean, seenAt: number) =>
  feed.send(at, 'updateStatus', [isDown, BigInt(genesis + seenAt)])

describe('the compiled feed', () => {
  const { sourceHash, feed: compiled } = readCompiledUptimeFeed()

  test('is of the source beside it; otherwise run infra/contracts/uptime-feed/compile.ts', () => {
    expect(sourceHash).toBe(uptimeFeedSourceHash())
  })

  test('has all that contracts call which read such feeds, and all that the adapter does', () => {
    // AggregatorV3Interface, and the events of AggregatorInterface.
    const wellKnown = parseAbi([
      'function decimals() view returns (uint8)',
      'function description() view returns (string)',
      'function version() view returns (uint256)',
      'function getRoundData(uint80) view returns (uint80, int256, uint256, uint256, uint80)',
      'function latestRoundData() view returns (uint80, int256, uint256, uint256, uint80)',
      'event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt)',
      'event NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt)',
    ])
    const theirs = new Set(compiled.abi.map((item) => typesOf(item)))
    for (const item of [...wellKnown, ...feedAbi]) expect(theirs).toContain(typesOf(item))
  })
})

test('it is described as such feeds are, and has no answer before its first report', async () => {
  expect(await feed.ask('decimals')).toBe(0)
  expect(await feed.ask('description')).toBe(description)
  expect(await feed.ask('version')).toBe(1n)
  await expect(feed.ask('latestRoundData')).rejects.toThrow('NoDataPresent()')
  await expect(feed.ask('getRoundData', [0n])).rejects.toThrow('NoDataPresent()')
  await expect(feed.ask('getRoundData', [1n])).rejects.toThrow('NoDataPresent()')
})

test('a change begins a round at the time when it was seen, and every round stays readable', async () => {
  expect(await report(10, false, 5)).toEqual([
    { name: 'NewRound', args: roundBegins(1, 5) },
    { name: 'AnswerUpdated', args: { current: 0n, roundId: 1n, updatedAt: BigInt(genesis + 10) } },
  ])
  expect(await feed.latest()).toEqual({ round: 1, answer: 0, startedAt: 5, updatedAt: 10 })
  expect(await report(120, true, 100)).toEqual([
    { name: 'NewRound', args: roundBegins(2, 100) },
    { name: 'AnswerUpdated', args: { current: 1n, roundId: 2n, updatedAt: BigInt(genesis + 120) } },
  ])
  expect(await feed.latest()).toEqual({ round: 2, answer: 1, startedAt: 100, updatedAt: 120 })
  await report(400, false, 380)
  expect(await feed.latest()).toEqual({ round: 3, answer: 0, startedAt: 380, updatedAt: 400 })
  expect(await feed.round(1n)).toEqual({ round: 1, answer: 0, startedAt: 5, updatedAt: 10 })
  expect(await feed.round(2n)).toEqual({ round: 2, answer: 1, startedAt: 100, updatedAt: 120 })
  await expect(feed.ask('getRoundData', [4n])).rejects.toThrow('NoDataPresent()')
})

test('saying the same again moves updatedAt and nothing else', async () => {
  await report(10, false, 5)
  expect(await report(3_700, false, 3_690)).toEqual([
    {
      name: 'RoundUpdated',
      args: { current: 0n, roundId: 1n, updatedAt: BigInt(genesis + 3_700) },
    },
  ])
  expect(await feed.latest()).toEqual({ round: 1, answer: 0, startedAt: 5, updatedAt: 3_700 })
})

test('what was seen before the newest report changes nothing, however late it comes', async () => {
  await report(10, false, 5)
  await report(120, true, 100)
  await report(400, false, 380)
  const before = await feed.latest()
  expect(await report(410, true, 379)).toEqual([
    {
      name: 'ReportIgnored',
      args: {
        isDown: true,
        timestamp: BigInt(genesis + 379),
        lastReportAt: BigInt(genesis + 380),
      },
    },
  ])
  await report(420, false, 100)
  expect(await feed.latest()).toEqual(before)
  // Of the same second it may be a change that was seen in it.
  await report(430, true, 380)
  expect(await feed.latest()).toMatchObject({ answer: 1, startedAt: 380 })
})

test('a word of the same status that is older than a refresh does not move updatedAt back', async () => {
  await report(10, false, 5)
  await report(100, false, 90)
  await report(110, false, 80)
  expect(await feed.latest()).toMatchObject({ updatedAt: 100 })
})

test('a reporter’s clock may be a minute ahead, which counts as now; one that is further ahead is refused', async () => {
  await report(10, false, 5)
  await report(100, true, 160)
  expect(await feed.latest()).toEqual({ round: 2, answer: 1, startedAt: 100, updatedAt: 100 })
  // A report of the year after would silence all others until then.
  await expect(report(110, false, 171)).rejects.toThrow(
    `ReportFromTheFuture(${genesis + 171}, ${genesis + 110})`,
  )
  expect(await feed.latest()).toMatchObject({ round: 2, answer: 1 })
})

test('only an updater reports, and only the owner makes updaters', async () => {
  const args = [true, BigInt(genesis)]
  await expect(feed.send(10, 'updateStatus', args, owner)).rejects.toThrow(
    `NotUpdater(${owner.address})`,
  )
  await expect(feed.send(20, 'setUpdater', [updater.address, true])).rejects.toThrow(
    `NotOwner(${updater.address})`,
  )
  await feed.send(30, 'setUpdater', [owner.address, true], owner)
  await feed.send(40, 'setUpdater', [updater.address, false], owner)
  await feed.send(50, 'updateStatus', args, owner)
  await expect(feed.send(60, 'updateStatus', args)).rejects.toThrow(
    `NotUpdater(${updater.address})`,
  )
})

test('another owner is one only once it accepts', async () => {
  await expect(feed.send(10, 'transferOwnership', [updater.address])).rejects.toThrow(
    `NotOwner(${updater.address})`,
  )
  await feed.send(20, 'transferOwnership', [updater.address], owner)
  expect(await feed.ask('owner')).toBe(owner.address)
  await expect(feed.send(30, 'acceptOwnership', [], owner)).rejects.toThrow(
    `NotOwner(${owner.address})`,
  )
  await feed.send(40, 'acceptOwnership', [])
  expect(await feed.ask('owner')).toBe(updater.address)
  await expect(feed.send(50, 'setUpdater', [owner.address, true], owner)).rejects.toThrow(
    `NotOwner(${owner.address})`,
  )
  // Whoever was proposed last is not so for ever.
  await expect(feed.send(60, 'acceptOwnership', [])).rejects.toThrow(`NotOwner(${updater.address})`)
})

describe('a contract with a grace period of an hour', () => {
  test('waits while the chain is down and an hour after that, however often it is told that it is up', async () => {
    const mayLiquidate = await feed.consumer(3_600, 7_200)
    await report(100, false, 50)
    await feed.warp(3_651)
    expect(await mayLiquidate()).toBe(true)

    await report(4_000, true, 3_990)
    await expect(mayLiquidate()).rejects.toThrow('ChainIsDown()')
    await report(5_000, false, 4_900)
    await expect(mayLiquidate()).rejects.toThrow(`GraceRuns(${genesis + 8_500})`)
    // The trap: with updatedAt in place of startedAt it would wait for ever.
    for (const at of [6_000, 7_000, 8_000, 8_500]) await report(at, false, at - 5)
    await expect(mayLiquidate()).rejects.toThrow(`GraceRuns(${genesis + 8_500})`)
    await report(8_501, false, 8_500)
    expect(await mayLiquidate()).toBe(true)
  })

  test('is not begun again by an old report that arrives late', async () => {
    const mayLiquidate = await feed.consumer(3_600, 7_200)
    await report(100, false, 50)
    await report(4_000, true, 3_990)
    await report(5_000, false, 4_900)
    await report(8_600, true, 3_990)
    expect(await mayLiquidate()).toBe(true)
  })

  test('sees that nobody looks any more', async () => {
    const mayLiquidate = await feed.consumer(3_600, 7_200)
    await report(100, false, 50)
    await feed.warp(7_301)
    await expect(mayLiquidate()).rejects.toThrow(`FeedIsSilent(${genesis + 100})`)
  })

  test('gets no answer from a feed that never had a report', async () => {
    const mayLiquidate = await feed.consumer(3_600, 7_200)
    await expect(mayLiquidate()).rejects.toThrow('revert')
  })
})

function roundBegins(round: number, startedAt: number) {
  return {
    roundId: BigInt(round),
    startedBy: updater.address,
    startedAt: BigInt(genesis + startedAt),
  }
}

/** Names of parameters are nobody's business but the compiler's. */
function typesOf(item: AbiItem): string {
  const { type, name, inputs, outputs } = item as {
    readonly type: string
    readonly name?: string
    readonly inputs?: readonly Parameter[]
    readonly outputs?: readonly Parameter[]
  }
  return JSON.stringify([type, name, inputs?.map(typeOf), outputs?.map(typeOf)])
}

type Parameter = { readonly type: string; readonly indexed?: boolean }

function typeOf({ type, indexed }: Parameter): string {
  return indexed === true ? `${type} indexed` : type
}
