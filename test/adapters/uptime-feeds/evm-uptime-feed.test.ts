import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { evmChain } from '../../../lib/adapters/chains/evm.ts'
import { decodeFeedRevert } from '../../../lib/adapters/uptime-feeds/decode-revert.ts'
import {
  evmUptimeFeed,
  type EvmUptimeFeedOptions,
} from '../../../lib/adapters/uptime-feeds/evm-uptime-feed.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import {
  description,
  type FeedOnAnvil,
  genesis,
  owner,
  startFeed,
  updater,
} from '../../infra/contracts/uptime-feed/feed-on-anvil.ts'
import { noSidecars } from '../../keepers/prove/no-sidecars.ts'
import { wallClock } from '../chains/keys.ts'

let feed: FeedOnAnvil
beforeAll(async () => {
  feed = await startFeed()
})
afterAll(async () => feed.node.stop())

function adapter(change: Partial<EvmUptimeFeedOptions> = {}) {
  const { rpc } = evmChain({
    name: 'l1',
    rpcUrls: [feed.node.url],
    chainId: 31_337,
    blockSeconds: 12,
    finalityBlocks: 4,
    keys: [],
    clock: wallClock,
    sidecars: noSidecars,
    decodeRevert: decodeFeedRevert,
  })
  return evmUptimeFeed({
    name: 'feed',
    chain: 'l1',
    rpc,
    address: feed.address,
    account: updater.address,
    of: 'starknet',
    description: undefined,
    ...change,
  })
}

const inMs = (seconds: number) => timestamp((genesis + seconds) * 1000)

test('a feed is seen before its first report, and after each, of one block', async () => {
  const one = adapter()
  expect(await one.look()).toMatchObject({ told: undefined, lastReportAt: 0 })
  await feed.send(100, 'updateStatus', [true, BigInt(genesis + 90)])
  expect(await one.look()).toMatchObject({
    block: { time: inMs(100) },
    told: { isDown: true, startedAt: inMs(90), updatedAt: inMs(100) },
    lastReportAt: inMs(90),
  })
  await feed.send(200, 'updateStatus', [true, BigInt(genesis + 190)])
  expect(await one.look()).toMatchObject({
    block: { time: inMs(200) },
    told: { isDown: true, startedAt: inMs(90), updatedAt: inMs(200) },
    lastReportAt: inMs(190),
  })
})

describe('the check before it runs', () => {
  test('finds nothing wrong where the account reports to a feed about that chain', async () => {
    expect(await adapter().check()).toEqual([])
    expect(await adapter({ description }).check()).toEqual([])
    expect(await adapter({ of: 'Starknet' }).check()).toEqual([])
  })

  test('tells of an account that is no updater, unless nobody here reports', async () => {
    expect(await adapter({ account: owner.address }).check()).toEqual([
      `${owner.address} is no updater of ${feed.address}; its owner makes it one with setUpdater`,
    ])
    expect(await adapter({ account: undefined }).check()).toEqual([])
  })

  test('tells of a feed about something else', async () => {
    expect(await adapter({ of: 'arbitrum' }).check()).toEqual([
      `${feed.address} describes itself as "${description}", which does not name arbitrum; say what is right in \`description\``,
    ])
    expect(await adapter({ description: 'L2 Sequencer Uptime Status Feed' }).check()).toEqual([
      `${feed.address} describes itself as "${description}", the network file says "L2 Sequencer Uptime Status Feed"`,
    ])
  })

  test('tells of an address where there is none, or another contract', async () => {
    const nobody = updater.address
    expect(await adapter({ address: nobody }).check()).toEqual([
      `there is no uptime feed at ${nobody}`,
    ])
    const consumer = '0x00000000000000000000000000000000000000c0'
    // Code that reverts whatever it is asked.
    await feed.node.rpc('anvil_setCode', consumer, '0x60006000fd')
    expect(await adapter({ address: consumer }).check()).toEqual([
      `there is no uptime feed at ${consumer}`,
    ])
  })
})
