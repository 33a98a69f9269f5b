import { describe, expect, test } from 'vitest'

import { memoryStore, type MemoryStore } from '../../lib/adapters/store/memory.ts'
import { StoreUnavailableError } from '../../lib/adapters/store/unavailable.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { Intent } from '../../lib/domain/intent.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type { FeedResult } from '../../lib/domain/price-round.ts'
import { exactJson } from '../../lib/keepers/exact-json.ts'
import { writePriceSnapshot } from '../../lib/keepers/price-snapshot.ts'
import { networkView, type NetworkView } from '../../lib/runtime/view/network-view.ts'
import { priceHistory } from '../../lib/runtime/view/price-history.ts'
import { statusLines } from '../../lib/tools/status-lines.ts'
import {
  aLane,
  anIncident,
  anIntent,
  at,
  failed,
  settled,
  start,
  steppedClock,
} from '../adapters/store/samples.ts'
import { aNetwork, sender } from './a-network.ts'
import { aFeed, aRound, aSource, priced } from './a-round.ts'

const hourMs = 60 * 60_000
const lane = `l1/${sender}`
const round = start / 10_000
const signed = { kind: 'claimed', nonce: 4, hash: '0xfeed' } as const

function aStore(): MemoryStore {
  return memoryStore({ clock: steppedClock() })
}

async function look(store: MemoryStore, oracles?: readonly string[]): Promise<NetworkView> {
  return await networkView({ network: aNetwork({ oracles }), store, now: at(5_000) })
}

async function publish(
  store: MemoryStore,
  feeds: readonly FeedResult[],
  { node = 'oracle-1', behind = 0 } = {},
): Promise<void> {
  const slot = round - behind
  await store.prices.write(
    node,
    slot,
    writePriceSnapshot(aRound(slot, at(-behind * 10_000), feeds)),
  )
}

async function watched(store: MemoryStore, view: unknown): Promise<void> {
  await store.history.record({
    keeper: 'watch-liveness',
    subject: 'network',
    slot: 1,
    at: start,
    view: typeof view === 'string' ? view : JSON.stringify(view),
    decided: '{}',
  })
}

async function unanswered(): Promise<never> {
  return await Promise.reject(new StoreUnavailableError('query', new Error('timeout')))
}

function feedOf(view: NetworkView, name = 'BTC-USD') {
  const found = view.feeds.find(({ feed }) => feed === name)
  if (!found) throw new Error(`the view has no ${name}`)
  return found
}

test('is plain data: what JSON makes of it is the same', async () => {
  const store = aStore()
  await publish(store, [aFeed({ sources: [aSource('kraken')] })])
  await store.intents.add(anIntent('one', { lane, state: settled }))
  const view = await look(store)
  expect(JSON.parse(JSON.stringify(view))).toEqual(view)
})

test('shows a network that has done nothing yet, without a problem', async () => {
  const view = await look(aStore())
  expect(view.problems).toEqual([])
  expect(view.feeds.map(({ feed, role }) => [feed, role])).toEqual([
    ['BTC-USD', 'market'],
    ['ETH-USD', 'market'],
    ['USDT-USD', 'leg'],
  ])
  expect(feedOf(view).mark).toEqual({ kind: 'none', reason: 'no round has priced it yet' })
  expect(feedOf(view).posted).toMatchObject([
    { engine: 'evm', problem: 'the watch has not looked yet' },
  ])
  expect(view.overall).toEqual({
    state: 'warning',
    text: 'no recent run of publish-prices, push-prices, watch-liveness',
  })
})

describe('prices', () => {
  test('are exact, with every source, its distance, its age at the round and why it was left out', async () => {
    const store = aStore()
    const sources = [
      aSource('coinbase', { price: new Decimal('97000.000000000000000001'), at: at(-1_500) }),
      aSource('kraken', { price: new Decimal('97097'), verdict: 'disagrees' }),
      aSource('okx', { verdict: 'stale', detail: 'its quote is 64 s old' }),
      aSource('bitstamp', { price: undefined, at: undefined, verdict: 'missing' }),
    ]
    await publish(store, [aFeed({ outcome: priced('97000.000000000000000001'), sources })])
    const { mark, nodes } = feedOf(await look(store))
    expect(mark).toEqual({
      kind: 'price',
      price: '97000.000000000000000001',
      confidence: '1.5',
      at: start,
      ageMs: 5_000,
      stale: false,
      nodes: 1,
    })
    expect(nodes[0]?.quality).toEqual({
      agreeing: 1,
      sources: 4,
      dispersionBps: '0.0',
      // 1.5 of 97000.
      confidenceBps: '0.2',
      inputAgeMs: start,
    })
    expect(nodes[0]?.sources).toMatchObject([
      { venue: 'coinbase', offBps: '0.0', ageMs: 1_500, counted: true, why: '' },
      { venue: 'kraken', offBps: '10.0', counted: true, why: 'too far from the others' },
      { venue: 'okx', counted: false, why: 'its quote is 64 s old' },
      { venue: 'bitstamp', price: undefined, counted: false, why: 'no quote came' },
    ])
  })

  test('show in `status` how far each is to be trusted', async () => {
    const store = aStore()
    const prices = ['97000', '97009.7', '96990.3']
    const sources = prices.map((price, index) =>
      aSource(`venue-${index}`, { price: new Decimal(price) }),
    )
    const outcome = { ...priced('97000', '9.7'), oldestInputAt: at(-2_000) }
    await publish(store, [aFeed({ outcome, sources })])
    const lines = statusLines(await look(store)).map((line) => line.trim().replaceAll(/ +/g, ' '))
    expect(lines).toContain(
      'BTC-USD 97000 of 1 nodes, 5 s ago; 3 of 3 agree, 2.0 bps apart, ± 1.0 bps, inputs up to 2 s old',
    )
  })

  test('that are refused or held say why', async () => {
    const store = aStore()
    await publish(store, [
      aFeed({
        outcome: { kind: 'refused', reason: 'too-few-sources', detail: '1 of 4 sources is fresh' },
      }),
      aFeed({
        symbol: 'ETH-USD',
        outcome: {
          kind: 'hold',
          reason: 'jump',
          detail: '6.1 % in one round',
          median: new Decimal('3300'),
          rounds: 1,
        },
      }),
    ])
    const view = await look(store)
    expect(feedOf(view).mark).toEqual({ kind: 'none', reason: '1 of 4 sources is fresh' })
    expect(feedOf(view, 'ETH-USD').mark).toEqual({
      kind: 'none',
      reason: 'held until it is confirmed, 6.1 % in one round',
    })
    expect(view.overall.text).toContain('2 markets without a fresh price')
  })

  test('of several nodes are one: their median, of an even count floored at 18 decimals', async () => {
    const store = aStore()
    const oracles = ['a', 'b', 'c', 'd']
    await publish(store, [aFeed({ outcome: priced('1.000000000000000001') })], { node: 'a' })
    await publish(store, [aFeed({ outcome: priced('1.000000000000000002', '3') })], { node: 'b' })
    await publish(store, [aFeed({ outcome: priced('9') })], { node: 'c', behind: 1 })
    // Two rounds behind is another moment.
    await publish(store, [aFeed({ outcome: priced('0.5') })], { node: 'd', behind: 2 })
    const four = feedOf(await look(store, oracles))
    expect(four.mark).toMatchObject({ price: '1.000000000000000002', confidence: '3', nodes: 3 })
    expect(four.nodes.map(({ node }) => node)).toEqual(oracles)
    expect(feedOf(await look(store, ['a', 'b'])).mark).toMatchObject({
      price: '1.000000000000000001',
      nodes: 2,
    })
  })

  test('are old after three rounds without a new one', async () => {
    const store = aStore()
    await publish(store, [aFeed()], { behind: 2 })
    expect(feedOf(await look(store)).mark).toMatchObject({ ageMs: 25_000, stale: false })
    const older = aStore()
    await publish(older, [aFeed()], { behind: 3 })
    expect(feedOf(await look(older)).mark).toMatchObject({ ageMs: 35_000, stale: true })
  })

  test('of a deployment without oracle nodes are none, which is no fault', async () => {
    const view = await look(aStore(), [])
    expect(feedOf(view).mark).toMatchObject({ reason: 'this deployment runs no oracle node' })
    expect(view.overall.text).not.toContain('market')
  })
})

describe('what the watch saw', () => {
  const head = { number: 812, hash: '0xabc', time: start - 1_000 }

  test('is each engine’s price with its age and its distance from the mark price', async () => {
    const store = aStore()
    await publish(store, [aFeed({ outcome: priced('97000') })])
    await watched(store, {
      chains: { l1: { head } },
      engines: {
        evm: {
          paused: true,
          prices: { 'BTC-USD': { price: '96903', publishedAt: start - 700_000 } },
        },
      },
    })
    const view = await look(store)
    expect(feedOf(view).posted).toEqual([
      {
        engine: 'evm',
        price: '96903',
        publishedAt: start - 700_000,
        ageMs: 705_000,
        offBps: '-10.0',
        deviationBps: 20,
        heartbeatMs: 300_000,
        lateAfterMs: 600_000,
        late: true,
        paused: true,
        problem: undefined,
      },
    ])
    expect(feedOf(view, 'ETH-USD').posted).toMatchObject([{ problem: 'no price posted yet' }])
    expect(view.chains).toMatchObject([
      { chain: 'l1', head: { number: 812, ageMs: 6_000 }, stalledAfterMs: 6_000 },
      { chain: 'watched', head: undefined, error: undefined },
    ])
  })

  test('is how each node of a chain does, in `status` too', async () => {
    const store = aStore()
    const nodes = [
      { node: 'a.example', state: 'healthy', why: '', latencyMs: 40, lagBlocks: 0, answers: 9 },
      {
        node: 'b.example',
        state: 'quarantined',
        why: 'http: status 403',
        lagBlocks: 7,
        answers: 0,
      },
    ].map((node) => ({ ...node, faults: 2, lagScore: 0.5, height: 812 }))
    await watched(store, { chains: { l1: { head, nodes } }, engines: {} })
    const view = await look(store)
    expect(view.chains[0]?.nodes).toMatchObject([{ node: 'a.example' }, { lagBlocks: 7 }])
    expect(view.chains[1]?.nodes).toEqual([])
    const lines = statusLines(view).map((line) => line.trim().replaceAll(/ +/g, ' '))
    expect(lines).toContain('l1 healthy a.example, 40 ms, 9 answers, 2 faults')
    expect(lines).toContain(
      'l1 quarantined b.example, 7 blocks behind, 0 answers, 2 faults, http: status 403',
    )
  })

  test('may be that nobody answers', async () => {
    const store = aStore()
    await watched(store, {
      chains: { l1: { error: 'HTTP 503' } },
      engines: { evm: { error: 'no node of l1 answers' } },
    })
    const view = await look(store)
    expect(view.chains[0]).toMatchObject({ error: 'HTTP 503', head: undefined })
    expect(view.engines[0]).toMatchObject({ engine: 'evm', error: 'no node of l1 answers' })
    expect(feedOf(view).posted[0]?.problem).toBe('no node of l1 answers')
  })

  test.each([
    ['no JSON', 'not json', /last look of watch-liveness/],
    ['of another shape', { chains: [] }, /chains: .*expected record/i],
    [
      'with a price that is no number',
      {
        chains: {},
        engines: { evm: { prices: { 'BTC-USD': { price: '1e5', publishedAt: 1 } } } },
      },
      /engines\.evm\.prices\.BTC-USD\.price: expected a decimal number/,
    ],
  ])('is a problem where it is %s', async (_what, row, expected) => {
    const store = aStore()
    await watched(store, row)
    const view = await look(store)
    expect(view.problems.map(({ where, problem }) => `${where}: ${problem}`)).toEqual([
      expect.stringMatching(expected),
    ])
    expect(feedOf(view).posted[0]?.price).toBeUndefined()
  })
})

describe('transactions', () => {
  test('are listed by lane, newest first, each with its state and times', async () => {
    const store = aStore()
    const add = async (id: string, ms: number, state: Intent['state']) =>
      await store.intents.add(anIntent(id, { lane, createdAt: at(ms), state }))
    await add('failed', -50_000, failed)
    await add('settled', -40_000, settled)
    await add('sent', -30_000, { ...signed, sentAt: at(-29_000) })
    await add('signed', -20_000, { ...signed, sentAt: undefined })
    await add('waiting', -10_000, { kind: 'waiting' })
    const { inFlight } = aLane(1)
    const [first] = inFlight
    if (!first) throw new Error('the sample lane has nothing in flight')
    const twice = [...first.attempts, ...first.attempts]
    await store.lanes.write(
      aLane(1, { id: lane, inFlight: [{ ...first, intents: ['sent'], attempts: twice }] }),
    )
    const [view, ...others] = (await look(store)).lanes
    expect(others).toEqual([])
    expect(view).toMatchObject({
      lane,
      chain: 'l1',
      account: sender,
      nextNonce: 5,
      inFlight: 1,
      transactions: [
        { id: 'waiting', state: 'waiting', markets: ['BTC-USD'], engine: 'evm-engine', round: 7 },
        { id: 'signed', state: 'signed', nonce: 4, hash: '0xfeed' },
        { id: 'sent', state: 'sent', sentAt: at(-29_000), attempts: 2 },
        { id: 'settled', state: 'settled', block: 12, includedAt: start },
        { id: 'failed', state: 'failed', failed: { why: 'expired', reason: 'too late' } },
      ],
    })
  })

  test('say what an account cannot pay, and what its pushes go without', async () => {
    const store = aStore()
    const market = parseMarket('ETH-USD')
    const refused = { engine: 'dex', market, why: 'refused', reason: 'INACTIVE_ASSET' } as const
    const noFunds = { since: at(-60_000), triedAt: start, need: 10n ** 20n }
    await store.lanes.write(
      aLane(1, { id: lane, refused: [{ ...refused, since: start }], noFunds }),
    )
    const view = await look(store)
    expect(view.lanes[0]).toMatchObject({
      refused: [{ engine: 'dex', market: 'ETH-USD', reason: 'INACTIVE_ASSET', since: start }],
      noFunds: { since: at(-60_000), need: '100000000000000000000' },
    })
    const lines = statusLines(view).map((line) => line.trim().replaceAll(/ +/g, ' '))
    expect(lines.join('\n')).toContain(`cannot pay ${sender} needs 100000000000000000000, `)
    expect(lines).toContain('goes without ETH-USD on dex: INACTIVE_ASSET')
  })

  test('say what they cost: a day, a transaction, a price, and each market', async () => {
    const store = aStore()
    const spending = {
      since: at(-12 * hourMs),
      until: start,
      fees: 6n * 10n ** 17n,
      transactions: 60,
    }
    await store.lanes.write(aLane(1, { id: lane, inFlight: [], spending }))
    const base = anIntent('both', { lane })
    const [update] = base.action.updates
    if (!update || settled.kind !== 'settled') throw new Error('an intent tells a price')
    const eth = { ...update, market: parseMarket('ETH-USD') }
    const both = { ...base, action: { ...base.action, updates: [update, eth] } }
    await store.intents.add({ ...both, state: { ...settled, feePaid: 8n * 10n ** 15n } })
    const one = { ...settled, hash: '0xbeef', feePaid: 4n * 10n ** 15n } as const
    await store.intents.add({ ...base, id: 'one', state: one })
    const gone = { market: eth.market, why: 'refused', reason: 'PAUSED' } as const
    await store.intents.add({
      ...both,
      id: 'without',
      state: { ...one, hash: '0xfade', left: [gone] },
    })
    const view = await look(store)
    expect(view.lanes[0]?.costs).toEqual({
      token: 'ETH',
      since: at(-12 * hourMs),
      until: start,
      spent: '0.6',
      transactions: 60,
      perTransaction: '0.01',
      perDay: '1.2',
      // 0.016 for four prices.
      perPrice: '0.004',
      feeds: [
        { engine: 'evm-engine', market: 'BTC-USD', pushes: 3, perPush: '0.004', perDay: '0.9' },
        { engine: 'evm-engine', market: 'ETH-USD', pushes: 1, perPush: '0.004', perDay: '0.3' },
      ],
    })
    const lines = statusLines(view).map((line) => line.trim().replaceAll(/ +/g, ' '))
    expect(lines).toContain('costs 1.2 ETH a day, 0.01 a transaction, 0.004 a price')
    expect(lines).toContain('0.9 a day BTC-USD on evm-engine, 0.004 a price')
  })

  test('of less than an hour say what was spent, and foretell no day', async () => {
    const store = aStore()
    const spending = { since: at(-120_000), until: start, fees: 10n ** 15n, transactions: 2 }
    await store.lanes.write(aLane(1, { id: lane, inFlight: [], spending }))
    const view = await look(store)
    expect(view.lanes[0]?.costs).toMatchObject({ perDay: undefined, spent: '0.001', feeds: [] })
    const lines = statusLines(view).map((line) => line.trim().replaceAll(/ +/g, ' '))
    expect(lines).toContain('costs 0.001 ETH in 2 min, 0.0005 a transaction')
  })

  test('say that the account is being deployed, until it is in a block', async () => {
    const store = aStore()
    const [first] = aLane(1).inFlight
    const [attempt] = first?.attempts ?? []
    if (!first || !attempt) throw new Error('a lane has an attempt')
    const attempts = [
      { ...attempt, signedAt: at(-30_000) },
      { ...attempt, hash: '0xbeef' as const, signedAt: at(-1_000) },
    ]
    const deployment = { ...first, nonce: 0, intents: [], deploys: true as const, attempts }
    await store.lanes.write(aLane(1, { id: lane, inFlight: [deployment] }))
    const view = await look(store)
    expect(view.lanes[0]?.deploying).toEqual({ since: at(-30_000), attempts: 2, hash: '0xbeef' })
    const lines = statusLines(view).map((line) => line.trim().replaceAll(/ +/g, ' '))
    expect(lines.join('\n')).toContain(`deploying ${sender}, attempt 2, `)
    const included = { ...deployment, state: 'included' as const }
    await store.lanes.write(aLane(2, { id: lane, inFlight: [included] }))
    expect((await look(store)).lanes[0]).not.toHaveProperty('deploying')
  })

  test('of another version are a problem each, and hide no other', async () => {
    const store = aStore()
    await store.intents.add(anIntent('good', { lane }))
    const strange = anIntent('strange', { lane, createdAt: at(1) }) as unknown as Record<
      string,
      unknown
    >
    await store.intents.add({ ...strange, state: { kind: 'dreaming' } } as unknown as Intent)
    const view = await look(store)
    expect(view.lanes[0]?.transactions.map(({ id }) => id)).toEqual(['good'])
    expect(view.problems).toEqual([
      {
        where: `transactions of ${lane}, row 1`,
        problem: expect.stringMatching(/^cannot be read: state\.kind: /) as string,
      },
    ])
    expect(view.overall.text).toContain('1 part cannot be shown')
  })
})

test('incidents are those that last, the worst first, and those that were resolved after somebody was told', async () => {
  const store = aStore()
  const resolved = { state: 'resolved', resolvedAt: at(1_000) } as const
  await store.incidents.write(anIncident('minor'))
  await store.incidents.write(anIncident('major', { severity: 'critical' }))
  await store.incidents.write(anIncident('soon', { state: 'pending', openedAt: undefined }))
  await store.incidents.write(anIncident('over', resolved))
  await store.incidents.write(anIncident('never-told', { ...resolved, openedAt: undefined }))
  const { incidents, overall } = await look(store)
  expect(incidents.open.map(({ subject }) => subject)).toEqual(['major', 'minor', 'soon'])
  expect(incidents.recent.map(({ subject }) => subject)).toEqual(['over'])
  expect(overall).toMatchObject({
    state: 'critical',
    text: expect.stringMatching(/^2 incidents/) as string,
  })
})

describe('runs', () => {
  test('are the newest slots of each job, with how they ended', async () => {
    const store = aStore()
    const job = { job: 'push-prices', subject: 'evm', slot: round }
    await store.ticks.claim(job, 'w1', at(4_100), at(30_000))
    await store.ticks.finish(job, 'w1', {
      kind: 'refused',
      reason: 'no-quorum',
      detail: '1 of 2',
      at: at(4_600),
    })
    await store.ticks.claim({ ...job, slot: round - 1 }, 'w1', at(-5_900), at(30_000))
    const { jobs } = await look(store)
    expect(jobs.map(({ job: name, subject, silent }) => [name, subject, silent])).toEqual([
      ['publish-prices', 'oracle-1', true],
      ['push-prices', 'evm', false],
      ['watch-liveness', 'network', true],
    ])
    expect(jobs[1]?.ticks).toMatchObject([
      { slotAt: at(4_000), state: 'refused', reason: 'no-quorum', detail: '1 of 2', tookMs: 500 },
      { slotAt: at(-6_000), state: 'running', tookMs: undefined },
    ])
  })

  test('all recent, with fresh prices and no incident, are all well', async () => {
    const store = aStore()
    await publish(store, [aFeed(), aFeed({ symbol: 'ETH-USD' })])
    for (const [job, subject, seconds] of [
      ['publish-prices', 'oracle-1', 10],
      ['push-prices', 'evm', 10],
      ['watch-liveness', 'network', 15],
    ] as const) {
      const slot = Math.floor(start / (seconds * 1000))
      await store.ticks.claim({ job, subject, slot }, 'w1', start, at(30_000))
    }
    expect((await look(store)).overall).toEqual({ state: 'ok', text: 'All is well' })
  })
})

test('a snapshot of another version is a problem, and the rest is shown', async () => {
  const store = aStore()
  await store.prices.write('oracle-1', round, '{"shape":99}')
  await store.incidents.write(anIncident('minor'))
  const view = await look(store)
  expect(view.problems).toMatchObject([{ where: 'prices of oracle-1' }])
  expect(view.incidents.open).toHaveLength(1)
})

test('a store that does not answer is an error, not a view with holes', async () => {
  const store = aStore()
  const view = look({ ...store, incidents: { ...store.incidents, open: unanswered } })
  await expect(view).rejects.toThrow(StoreUnavailableError)
})

test('past rounds make a chart: the mark price, what is in it, and what had been posted by then', async () => {
  const store = aStore()
  const record = async (slot: number, price: string) =>
    await store.history.record({
      keeper: 'publish-prices',
      subject: 'oracle-1',
      slot,
      at: at(slot * 10_000),
      view: '{}',
      decided: exactJson({
        outcome: { kind: 'done' },
        feeds: [
          aFeed({
            outcome: priced(price),
            sources: [aSource('kraken'), aSource('okx', { verdict: 'stale' })],
          }),
        ],
      }),
    })
  await record(0, '97000.5')
  await record(1, '97001')
  await store.history.record({
    keeper: 'publish-prices',
    subject: 'oracle-1',
    slot: 2,
    at: at(20_000),
    view: '{}',
    decided: '{"other":"version"}',
  })
  await store.history.record({
    keeper: 'watch-liveness',
    subject: 'network',
    slot: 1,
    at: at(5_000),
    view: JSON.stringify({
      chains: {},
      engines: { evm: { prices: { 'BTC-USD': { price: '96990', publishedAt: start } } } },
    }),
    decided: '{}',
  })
  expect(await priceHistory({ network: aNetwork(), store })).toEqual({
    'BTC-USD': [
      { round: 0, at: start, mark: '97000.5', sources: { 'kraken BTC-USD': '97000' }, posted: {} },
      {
        round: 1,
        at: at(10_000),
        mark: '97001',
        sources: { 'kraken BTC-USD': '97000' },
        posted: { evm: '96990' },
      },
    ],
    'ETH-USD': [],
  })
})
