import { describe, expect, test } from 'vitest'

import { readReports } from '../../lib/adapters/peers/report-wire.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { StoreUnavailableError } from '../../lib/adapters/store/unavailable.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Store } from '../../lib/ports.ts'
import { type ReportsData, reportsApp } from '../../lib/runtime/reports/reports-app.ts'
import { reportsData } from '../../lib/runtime/reports/reports-data.ts'
import { aReport } from '../adapters/store/samples.ts'
import { movedClock } from '../keepers/lane/lane-in-memory.ts'
import { aNetwork } from './a-network.ts'

const round = 176_400_000
const targets = { 'evm-engine': 'evm:1:0xee' }

function anApp(change: Partial<ReportsData> = {}) {
  const clock = movedClock()
  const store = memoryStore({ clock })
  const network = { network: 'sepolia', chains: ['l2', 'l1'] }
  const data = {
    ...network,
    clock,
    store,
    nodes: ['one', 'two'],
    targets,
    roundSeconds: 10,
    ...change,
  }
  return { clock, store, app: reportsApp(data) }
}

async function errorOf(response: Response): Promise<unknown> {
  return ((await response.json()) as { readonly error?: unknown }).error
}

describe('a round’s reports', () => {
  test('are those of that node, and may be kept by anybody: they never change', async () => {
    const { app, store } = anApp()
    await store.reports.publish('one', round, [aReport('one', round, '5')])
    await store.reports.publish('two', round, [aReport('two', round, '6')])
    const response = await app.request(`/reports/two/${round}`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('cache-control')).toBe('public, max-age=86400, immutable')
    const { reports, node } = readReports(await response.text(), targets)
    expect([node, ...reports.map(({ price }) => price.toFixed())]).toEqual(['two', '6'])
  })

  test('need not be sent to who has them', async () => {
    const { app, store } = anApp()
    await store.reports.publish('one', round, [aReport('one', round)])
    const path = `/reports/one/${round}`
    const etag = (await app.request(path)).headers.get('etag') ?? ''
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const response = await app.request(path, { headers: { 'if-none-match': known } })
      expect([response.status, await response.text()]).toEqual([304, ''])
      expect(response.headers.get('etag')).toBe(etag)
    }
    const response = await app.request(path, { headers: { 'if-none-match': '"other"' } })
    expect(response.status).toBe(200)
    const head = await app.request(path, { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test('of other operators’ nodes, kept in the same table, are not ours to serve', async () => {
    const { app, store } = anApp({ nodes: ['one'] })
    await store.reports.publish('evm-engine/two', round, [aReport('two', round)])
    expect((await app.request(`/reports/two/${round}`)).status).toBe(404)
    expect((await app.request(`/reports/one/${round}`)).status).toBe(404)
  })

  test('are served for a day', async () => {
    const { app, store, clock } = anApp()
    await store.reports.publish('one', round, [aReport('one', round)])
    clock.pass(24 * 60 * 60_000)
    expect((await app.request(`/reports/one/${round}`)).status).toBe(200)
    clock.pass(1)
    const response = await app.request(`/reports/one/${round}`)
    expect(response.status).toBe(410)
    expect(await errorOf(response)).toBe(`round ${round} is more than a day ago`)
  })

  test.for([
    [`/reports/one/${round}`, 404, `one has signed nothing in round ${round} yet`],
    [`/reports/one/${round + 1}`, 404, `round ${round + 1} has not begun yet`],
    ['/reports/one/-1', 400, 'a round is a whole number of at most 15 digits'],
    ['/reports/one/1e9', 400, 'a round is a whole number of at most 15 digits'],
    ['/reports/one/9999999999999999', 400, 'a round is a whole number of at most 15 digits'],
    ['/reports/constructor/1', 404, 'no such node signs here, only one, two'],
    ['/reports/three', 404, 'no such node signs here, only one, two'],
    ['/reports/one', 404, 'one has signed nothing in the last 3 rounds'],
    ['/', 404, 'there is nothing at /; try /reports'],
  ] as const)('%s is %i in a sentence, and kept nowhere', async ([path, status, error]) => {
    const response = await anApp().app.request(path)
    expect([response.status, await errorOf(response)]).toEqual([status, error])
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('cannot be written', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const response = await anApp().app.request(`/reports/one/${round}`, { method, body: 'x' })
      expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    }
  })
})

describe('the newest reports', () => {
  test('are those of the running round, or of one shortly before it, for a moment', async () => {
    const { app, store, clock } = anApp()
    await store.reports.publish('one', round, [aReport('one', round)])
    for (const passed of [0, 10_000, 10_000]) {
      clock.pass(passed)
      const response = await app.request('/reports/one')
      expect(response.headers.get('cache-control')).toBe('public, max-age=1')
      expect(readReports(await response.text(), targets).round).toBe(round)
    }
    clock.pass(10_000)
    expect((await app.request('/reports/one')).status).toBe(404)
  })
})

test('who serves says which nodes and rounds it has', async () => {
  const { app } = anApp()
  expect(await (await app.request('/reports')).json()).toEqual({
    nodes: ['one', 'two'],
    roundSeconds: '10',
    round: String(round),
  })
})

function failing(error: Error): Store {
  const ofRound = async (): Promise<never> => {
    throw error
  }
  return { reports: { ofRound } } as unknown as Store
}

describe('a store that does not answer', () => {
  test('is 503 with when to come again', async () => {
    const store = failing(new StoreUnavailableError('query', new Error('timeout')))
    const response = await anApp({ store }).app.request(`/reports/one/${round}`)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  })

  test('for another reason says nothing of itself', async () => {
    const store = failing(new Error('the secret is 42'))
    const response = await anApp({ store }).app.request(`/reports/one/${round}`)
    expect([response.status, await errorOf(response)]).toEqual([500, 'something went wrong'])
  })
})

test('a network’s exchanges are named by chain and contract', () => {
  const clock = movedClock()
  const network = aNetwork({ oracles: ['a', 'b'] })
  expect(reportsData({ network, clock, store: memoryStore({ clock }) })).toMatchObject({
    nodes: ['a', 'b'],
    roundSeconds: 10,
    targets: { evm: 'evm:31337:0x2c7536e3605d9c16a7a3d7b1898e529396a65c23' },
  })
})

describe('the watch’s word on chains', () => {
  test('is served in the form of the sequencer feeds: a grace begins when the answer changed', async () => {
    const { app, store, clock } = anApp()
    const now = clock.now()
    const none = await app.request('/uptime')
    expect(await none.json()).toEqual({ network: 'sepolia', at: now, lookedAt: null, chains: {} })
    await store.uptimes.write({
      chain: 'l2',
      state: 'recovering',
      since: timestamp(now - 60_000),
      flippedAt: timestamp(now - 60_000),
      at: timestamp(now - 1_000),
      reason: 'it was down a while ago',
    })
    const answer = await app.request('/uptime')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.json()).toEqual({
      network: 'sepolia',
      at: now,
      lookedAt: now - 1_000,
      chains: {
        l2: {
          state: 'recovering',
          answer: 0,
          startedAt: Math.floor((now - 60_000) / 1000),
          updatedAt: Math.floor((now - 1_000) / 1000),
          since: now - 60_000,
          reason: 'it was down a while ago',
        },
      },
    })
  })
})
