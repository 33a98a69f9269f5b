import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { httpClient } from '../../lib/adapters/http-client.ts'
import { httpPeer } from '../../lib/adapters/peers/http-peer.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { combineReports } from '../../lib/domain/combine-reports.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { collectReports } from '../../lib/keepers/reports/collect-reports.ts'
import { type ServedApp, serveApp } from '../../lib/runtime/http/serve-app.ts'
import { reportsApp } from '../../lib/runtime/reports/reports-app.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import {
  aCore,
  anEvmEngine,
  aPeer,
  aReport,
  btc,
  nodes,
  roundSeconds,
  signedBy,
} from '../keepers/reports/oracle-network.ts'

/** By chain and contract, as every operator calls them. */
const targets = { evm: 'evm:31337:0xc0', core: 'starknet:0x7a69:0xc0' }

const named = { what: 'the reports', option: '--reports-port' }

/** A node on its own: a key, a store and a server; it says one price in the running round. */
async function aNode(at: number, round: number, price: string) {
  const keys = nodes[at]
  if (!keys) throw new TypeError('there are four nodes')
  const store = memoryStore({ clock: wallClock })
  const observedAt = timestamp(Math.floor(wallClock.now() / 1000) * 1000)
  const report = await signedBy(keys, aReport(price, { round, observedAt }))
  await store.reports.publish(keys.node, round, [report])
  const app = reportsApp({
    network: 'local',
    chains: [],
    clock: wallClock,
    store,
    nodes: [keys.node],
    targets,
    roundSeconds,
  })
  return { keys, store, served: await serveApp({ app, port: 0, host: '127.0.0.1', named }) }
}

describe('four nodes that ask one another over HTTP, of which three are needed,', () => {
  const round = Math.floor(wallClock.now() / (roundSeconds * 1000))
  const servers: ServedApp[] = []
  let own: Awaited<ReturnType<typeof aNode>>
  let others: readonly Awaited<ReturnType<typeof aNode>>[]

  beforeAll(async () => {
    own = await aNode(0, round, '100')
    others = await Promise.all([
      aNode(1, round, '100.1'),
      aNode(2, round, '99.9'),
      aNode(3, round, '104'),
    ])
    servers.push(own.served, ...others.map(({ served }) => served))
  })

  afterAll(async () => {
    await Promise.all(servers.map(async (server) => await server.close()))
  })

  async function combined(open: () => ReturnType<typeof aCore>) {
    const peers = others.map(({ keys, served }) => {
      const client = httpClient({ maxBytes: 100_000, keepAlive: false, headers: {} })
      const { signers } = aPeer(keys, () => ({ kind: 'nothing' }))
      return httpPeer({ node: keys.node, url: served.url, signers, targets, client })
    })
    const rules = { roundSeconds, collectMs: 1_500, nodes: 1 }
    const world = { clock: wallClock, store: own.store, peers, rules }
    const slotAt = timestamp(round * roundSeconds * 1000)
    const look = await collectReports(world, open(), { slotAt, signal: undefined })
    const reports = look.rounds[0]?.reports.filter(({ feed }) => feed === btc) ?? []
    return { look, price: combineReports({ reports, quorum: 3, agreeWithinBps: 30 }) }
  }

  test.each([
    ['evm-engine', anEvmEngine],
    ['starknet-perpetual', aCore],
  ])('agree on a price for %s though one lies, and name it', async (_, open) => {
    const { price, look } = await combined(open)
    expect(look.sights.map(({ said, usable }) => [said, usable])).toEqual([
      ['reports', 1],
      ['reports', 1],
      ['reports', 1],
    ])
    expect(price).toMatchObject({ kind: 'price', apart: [{ node: 'oracle-4' }] })
    expect(price.kind === 'price' && price.price.toFixed()).toBe('100.05')
  })

  test('do the same where one is down, and have none where two are', async () => {
    await others[1]?.served.close()
    const { price, look } = await combined(aCore)
    expect(look.sights[1]).toMatchObject({ node: 'oracle-3', said: 'network', usable: 0 })
    expect(price.kind === 'price' && price.price.toFixed()).toBe('100.1')
    await others[0]?.served.close()
    expect((await combined(aCore)).price).toMatchObject({ reason: 'too-few-reports', usable: 2 })
  })
})
