import { expect, test } from 'vitest'

import { accountsOf } from '../../../lib/runtime/network/accounts.ts'
import { checkUptimeFeeds } from '../../../lib/runtime/network/check-uptime-feeds.ts'
import type { Network } from '../../../lib/runtime/network/schema.ts'
import { uptimeFeeds } from '../../../lib/runtime/network/uptime-feeds.ts'
import { schedulesOf } from '../../../lib/runtime/world/schedules.ts'
import { aNetwork } from '../a-network.ts'

const address = `0x${'a1'.repeat(20)}`
const about = { chain: 'l1', address, of: 'watched' }
const everySeconds = 15

/** A network with these feeds, whose job tells them. */
function telling(feeds: Readonly<Record<string, object>>, change: Partial<Network> = {}): Network {
  const network = aNetwork()
  return {
    ...network,
    uptimeFeeds: uptimeFeeds.parse(feeds),
    jobs: { ...network.jobs, 'tell-uptime': { everySeconds, offsetMs: 0 } },
    ...change,
  }
}

const said = (network: Network) =>
  checkUptimeFeeds(network).map(({ path, text }) => `${path.join('.')}: ${text}`)

test('a feed on an EVM chain about another chain is no trouble, and has slots of its own', () => {
  const network = telling({ 'l1-feed': about })
  expect(said(network)).toEqual([])
  expect(network.uptimeFeeds['l1-feed']).toMatchObject({ refreshSeconds: 3_600 })
  expect(schedulesOf(network).find(({ job }) => job === 'tell-uptime')).toMatchObject({
    subjects: ['l1-feed'],
    everySeconds,
  })
})

test('what cannot be told is said before it runs', () => {
  expect(said(telling({}))).toEqual([
    'jobs.tell-uptime: expected a feed in `uptimeFeeds`, which is told',
  ])
  expect(said(telling({ feed: { ...about, of: 'l1' } }))).toEqual([
    'uptimeFeeds.feed.of: expected another chain of this file: one that is down cannot be told so',
  ])
  expect(said(telling({ feed: { ...about, of: 'elsewhere' } }))).toHaveLength(1)
  expect(said(telling({ feed: { ...about, chain: 'elsewhere' } }))).toEqual([
    'uptimeFeeds.feed.chain: expected a chain of this file of kind evm',
  ])
  expect(said(telling({ evm: about }))).toEqual([
    'uptimeFeeds.evm: expected a name that no engine and no proving lane has',
  ])
  expect(said(telling({ one: about, two: about }))).toEqual([
    'uptimeFeeds.two.address: expected a contract that is not named twice: it is about one chain',
  ])
  // The other chain has no account that could send.
  expect(said(telling({ feed: { chain: 'watched', address, of: 'l1' } }))).toEqual([
    'chains.watched: expected an account, since tell-uptime sends to feed',
  ])
  const { 'watch-liveness': _, ...jobs } = telling({}).jobs
  expect(said(telling({ feed: about }, { jobs }))).toEqual([
    'jobs.tell-uptime: expected watch-liveness beside it, whose word is told',
  ])
})

test('who only reads feeds needs no account', () => {
  const { jobs } = aNetwork()
  expect(said(telling({ feed: { chain: 'watched', address, of: 'l1' } }, { jobs }))).toEqual([])
})

test('an account of its own sends it, and the other one all the rest', () => {
  const { l1 } = aNetwork().chains
  if (l1?.kind !== 'evm' || !l1.account) throw new TypeError('l1 has no account')
  const uptime = { ...l1.account, address: address as `0x${string}` }
  const lanes = accountsOf({ ...l1, lanes: { ...l1.lanes, uptime } })
  expect(lanes.map(({ account, tasks }) => [account.address, tasks])).toEqual([
    [l1.account.address, ['prices', 'funding', 'liquidation', 'deleverage', 'settlement']],
    [address, ['uptime']],
  ])
})
