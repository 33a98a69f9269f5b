import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { EngineAction } from '../../lib/domain/action.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { Intent, IntentState } from '../../lib/domain/intent.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type { PostedPrice } from '../../lib/domain/push-policy.ts'
import type { SignedReport } from '../../lib/domain/report.ts'
import { timestamp, type Timestamp } from '../../lib/domain/time.ts'
import type { KeeperSlot } from '../../lib/keepers/keeper.ts'
import {
  decidePush,
  pushPrices,
  type PushRules,
  type PushView,
} from '../../lib/keepers/push-prices.ts'
import { fakeEngine } from './fake-engine.ts'
import { laneInMemory, movedClock } from './lane/lane-in-memory.ts'
import { decidedTwice } from './replay/replays.ts'

const now = timestamp(1_764_000_000_000)
const round = 176_400_000

function ago(ms: number): Timestamp {
  return timestamp(now - ms)
}

const rules: PushRules = {
  policy: {
    'BTC-USD': { deviationBps: 50, heartbeatSeconds: 60 },
    'ETH-USD': { deviationBps: 50, heartbeatSeconds: 60 },
  },
  quorum: {},
  agreeWithinBps: { 'BTC-USD': 100, 'ETH-USD': 100 },
  roundSeconds: 10,
  collectMs: 2_000,
  nodes: 2,
}

function reportOf(node: string, price: string, change: Partial<SignedReport> = {}): SignedReport {
  return {
    node,
    round,
    feed: parseMarket('BTC-USD'),
    price: new Decimal(price),
    observedAt: now,
    oldestInputAt: now,
    sources: 5,
    configHash: '0x5f',
    signatures: { dex: { signer: `0x${Buffer.from(node).toString('hex')}`, signature: ['0x01'] } },
    ...change,
  }
}

function twoOf(n: number, change: Partial<SignedReport> = {}): readonly SignedReport[] {
  return ['a', 'b'].map((node) => reportOf(node, '100', { round: n, ...change }))
}

const eth = { feed: parseMarket('ETH-USD') }

function posted(price: string, ageMs: number): PostedPrice {
  return { price: new Decimal(price), publishedAt: ago(ageMs) }
}

type ViewChange = Partial<Omit<PushView, 'state'>> & {
  readonly prices?: PushView['state']['prices']
  readonly paused?: boolean
  readonly quorums?: Readonly<Record<string, number>>
}

function aView({
  prices = {},
  paused = false,
  quorums = { 'BTC-USD': 2 },
  ...change
}: ViewChange = {}): PushView {
  return {
    engine: 'dex',
    now,
    blockSeconds: 2,
    state: {
      block: { number: 1, hash: '0x01', time: now },
      paused,
      sequence: undefined,
      quorum: quorums,
      prices,
    },
    rounds: [{ round, reports: [reportOf('a', '100'), reportOf('b', '102')] }],
    invalid: [],
    sights: [],
    lies: [],
    pulled: [],
    inFlight: {},
    rules,
    ...change,
  }
}

function pushed(view: PushView): readonly string[] {
  return decidedTwice(view, decidePush).actions.flatMap((action) =>
    action.kind === 'push-prices'
      ? action.updates.map(({ market, price }) => `${market} ${price.toFixed()} of ${action.round}`)
      : [],
  )
}

function noted(view: PushView) {
  return decidedTwice(view, decidePush).actions.find((action) => action.kind === 'note-peers')
}

describe('what is pushed', () => {
  test('the first price of a market is the median of the reports', () => {
    expect(pushed(aView())).toEqual([`BTC-USD 101 of ${round}`])
    expect(decidePush(aView()).outcome).toEqual({
      kind: 'done',
      reason: 'pushed',
      detail: 'BTC-USD first',
    })
  })

  test('all reports go with the price that they prove', () => {
    const [action] = decidePush(aView()).actions
    expect(
      action?.kind === 'push-prices' && action.updates[0]?.reports.map(({ node }) => node),
    ).toEqual(['a', 'b'])
  })

  test('nothing while the chain makes no blocks: what it was told since is unknown', () => {
    const late = aView({ blockSeconds: 2 })
    const block = { number: 4, hash: '0x04', time: ago(15_001) } as const
    const decision = decidePush({ ...late, state: { ...late.state, block } })
    expect(decision.actions).toEqual([])
    expect(decision.outcome).toMatchObject({ kind: 'refused', reason: 'chain-stalled' })
    expect(pushed({ ...late, blockSeconds: 4, state: { ...late.state, block } })).toHaveLength(1)
  })

  test('nothing goes to an exchange that is paused', () => {
    const decision = decidePush(aView({ paused: true }))
    expect(decision.actions).toEqual([])
    expect(decision.outcome).toEqual({ kind: 'refused', reason: 'paused', detail: 'dex is paused' })
  })

  test('fewer reports than the contract wants are no price', () => {
    const decision = decidePush(
      aView({ quorums: { 'BTC-USD': 3 }, invalid: ['c BTC-USD round 7'] }),
    )
    expect(decision.actions).toEqual([])
    expect(decision.outcome).toEqual({
      kind: 'refused',
      reason: 'no-quorum',
      detail: 'BTC-USD: 2 of 3 reports; c BTC-USD round 7',
    })
  })

  test('the network file may want more reports than the contract, and never fewer', () => {
    expect(pushed(aView({ rules: { ...rules, quorum: { dex: 3 } } }))).toEqual([])
    expect(
      pushed(aView({ rules: { ...rules, quorum: { dex: 1 } }, quorums: { 'BTC-USD': 3 } })),
    ).toEqual([])
  })

  test('two reports of one signer are one', () => {
    const twice = [reportOf('a', '100'), reportOf('a', '101')]
    expect(pushed(aView({ rounds: [{ round, reports: twice }] }))).toEqual([])
  })

  test('where the newest round has too few reports, the one before it counts', () => {
    const older = [
      reportOf('a', '98', { round: round - 1 }),
      reportOf('b', '98', { round: round - 1 }),
    ]
    const rounds = [
      { round, reports: [reportOf('a', '100')] },
      { round: round - 1, reports: older },
    ]
    expect(pushed(aView({ rounds }))).toEqual([`BTC-USD 98 of ${round - 1}`])
  })

  test('all prices are of one round, the newest that has any', () => {
    const rounds = [
      { round, reports: twoOf(round) },
      { round: round - 1, reports: [...twoOf(round - 1), ...twoOf(round - 1, eth)] },
    ]
    expect(pushed(aView({ rounds, quorums: { 'BTC-USD': 2, 'ETH-USD': 2 } }))).toEqual([
      `BTC-USD 100 of ${round}`,
    ])
  })

  test('one that lies moves nothing; what it said is noted, with its report', () => {
    const lie = reportOf('c', '150')
    const reports = [reportOf('a', '100'), reportOf('b', '101'), lie]
    const view = aView({ rounds: [{ round, reports }] })
    expect(pushed(view)).toEqual([`BTC-USD 101 of ${round}`])
    expect(noted(view)?.look).toEqual({
      sights: [],
      apart: [],
      lies: [
        {
          node: 'c',
          what: 'apart',
          detail: `its price of BTC-USD in round ${round} is 48.5 % from what most others say`,
          evidence: [lie],
        },
      ],
    })
  })

  test('where half of them lie nothing is pushed, and the market is noted', () => {
    const reports = ['100', '100', '150', '150'].map((price, at) => reportOf(`n${at}`, price))
    const view = aView({ rounds: [{ round, reports }] })
    expect(pushed(view)).toEqual([])
    expect(decidePush(view).outcome).toEqual({
      kind: 'refused',
      reason: 'reports-apart',
      detail: 'BTC-USD: 4 reports do not agree',
    })
    expect(noted(view)?.look).toEqual({ sights: [], lies: [], apart: ['BTC-USD'] })
  })

  test('what peers gave is kept, and how each of them did is noted, whether a price is due or not', () => {
    const sight = { node: 'b', said: 'reports', detail: '', usable: 1, refused: {} } as const
    const kept = {
      kind: 'keep-reports',
      engine: 'dex',
      node: 'b',
      round,
      reports: [reportOf('b', '102')],
    } as const
    const peers = { sights: [sight], pulled: [kept] }
    const due = decidePush(aView(peers)).actions.map(({ kind }) => kind)
    expect(due).toEqual(['push-prices', 'keep-reports', 'note-peers'])
    const paused = decidePush(aView({ ...peers, paused: true }))
    expect(paused.actions).toEqual([
      kept,
      { kind: 'note-peers', engine: 'dex', round, look: { sights: [sight], lies: [], apart: [] } },
    ])
  })

  test('a price that is near and young enough waits', () => {
    const decision = decidePush(aView({ prices: { 'BTC-USD': posted('101', 20_000) } }))
    expect(decision.actions).toEqual([])
    expect(decision.outcome).toMatchObject({ kind: 'done', reason: 'nothing-due' })
    expect(decision.recorded).toEqual({
      round,
      verdicts: [{ market: 'BTC-USD', kind: 'waits', why: 'unchanged' }],
      offered: [['BTC-USD', new Decimal('101'), now]],
    })
  })

  test.for([
    ['101.6', 20_000, 'deviation'],
    ['101', 60_000, 'heartbeat'],
  ] as const)('of a posted %s from %i ms ago: %s', ([price, age, why]) => {
    const decision = decidePush(aView({ prices: { 'BTC-USD': posted(price, age) } }))
    expect(decision.outcome.detail).toBe(`BTC-USD ${why}`)
  })

  test('a price that the exchange has already, or a newer one, is never sent again', () => {
    for (const ageMs of [0, -5_000])
      expect(pushed(aView({ prices: { 'BTC-USD': posted('50', ageMs) } }))).toEqual([])
  })

  test('the price counts as old as its oldest report', () => {
    const reports = [reportOf('a', '100', { observedAt: ago(8_000) }), reportOf('b', '102')]
    const view = aView({ rounds: [{ round, reports }], prices: { 'BTC-USD': posted('50', 7_000) } })
    expect(pushed(view)).toEqual([])
  })

  test('a market that is soon due rides along with one that is due', () => {
    const both = [
      reportOf('a', '100'),
      reportOf('b', '102'),
      reportOf('a', '10', eth),
      reportOf('b', '10', eth),
    ]
    const decision = decidePush(
      aView({
        rounds: [{ round, reports: both }],
        quorums: { 'BTC-USD': 2, 'ETH-USD': 2 },
        prices: { 'BTC-USD': posted('101', 60_000), 'ETH-USD': posted('10', 42_000) },
      }),
    )
    expect(decision.outcome.detail).toBe('BTC-USD heartbeat; ETH-USD rider')
  })

  test('what is out counts as told', () => {
    const view = aView({ prices: { 'BTC-USD': posted('90', 60_000) } })
    expect(pushed({ ...view, inFlight: { 'BTC-USD': posted('101', 5_000) } })).toEqual([])
    expect(pushed({ ...view, inFlight: { 'BTC-USD': posted('101', 70_000) } })).toHaveLength(1)
  })

  test('markets without reports are named beside those that go', () => {
    const { outcome } = decidePush(aView({ quorums: { 'BTC-USD': 2, 'ETH-USD': 2 } }))
    expect(outcome.detail).toBe('BTC-USD first; ETH-USD: 0 of 2 reports')
  })
})

function aWorld({ quorum = { 'BTC-USD': 2 } } = {}) {
  const clock = movedClock()
  const lane = laneInMemory()
  const engine = fakeEngine({ chain: lane.chain, quorum })
  const store = memoryStore({ clock })
  const keeper = pushPrices({
    clock,
    store,
    engines: { dex: engine },
    peers: [],
    laneOf: () => lane.world,
    rules,
  })
  return { clock, store, keeper, lane: lane.world.id }
}

describe('what it looks at', () => {
  const slot: KeeperSlot = {
    subject: 'dex',
    slot: round,
    slotAt: now,
    until: timestamp(now + 20_000),
  }

  test('it waits until all nodes have published, and no longer', async () => {
    const { clock, store, keeper } = aWorld()
    let looks = 0
    clock.onSleep = () => {
      looks += 1
      const node = ['a', 'b'][looks - 1]
      if (node) void store.reports.publish(node, round, [reportOf(node, '100')])
    }
    const view = await keeper.observe(slot)
    expect(view.rounds[0]?.reports).toHaveLength(2)
    expect(clock.now() - now).toBe(300)
  })

  test('it waits for a node that says nothing as long as it may, and takes what there is', async () => {
    const { clock, store, keeper } = aWorld()
    await store.reports.publish('a', round, [reportOf('a', '100')])
    const view = await keeper.observe(slot)
    expect(view.rounds[0]?.reports).toHaveLength(1)
    expect(clock.now() - now).toBeGreaterThan(rules.collectMs - 300)
    expect(clock.now() - now).toBeLessThanOrEqual(rules.collectMs)
  })

  test('a report whose signature is wrong is left out and named', async () => {
    const { store, keeper } = aWorld()
    const wrong = { dex: { signer: '0x0b', signature: ['0x02'] } } as const
    await store.reports.publish('a', round, [reportOf('a', '100')])
    await store.reports.publish('b', round, [reportOf('b', '1', { signatures: wrong })])
    const view = await keeper.observe(slot)
    expect(view.rounds[0]?.reports.map(({ node }) => node)).toEqual(['a'])
    expect(view.invalid).toEqual([`b BTC-USD round ${round}: forged`])
    expect(decidePush(view).outcome.reason).toBe('no-quorum')
  })

  test('a report of another round than it was published for is left out, and costs no other', async () => {
    const { store, keeper } = aWorld()
    await store.reports.publish('a', round, [reportOf('a', '100')])
    await store.reports.publish('b', round, [reportOf('b', '1', { round: round - 9 })])
    const view = await keeper.observe(slot)
    expect(view.rounds[0]?.reports.map(({ node }) => node)).toEqual(['a'])
    expect(view.invalid).toEqual([`b BTC-USD round ${round - 9}: replayed`])
  })

  test('reports of feeds that the exchange does not list, or for other exchanges, are no concern of its', async () => {
    const { store, keeper } = aWorld()
    await store.reports.publish('a', round, [
      reportOf('a', '100', eth),
      reportOf('a', '100', { signatures: {} }),
    ])
    const view = await keeper.observe(slot)
    expect(view.rounds[0]?.reports).toEqual([])
    expect(view.invalid).toEqual([])
  })

  test('the two rounds before are seen too, and none older', async () => {
    const { store, keeper } = aWorld()
    for (const back of [0, 1, 2, 3])
      await store.reports.publish('a', round - back, [reportOf('a', '1', { round: round - back })])
    const view = await keeper.observe(slot)
    expect(view.rounds.map((one) => [one.round, one.reports.length])).toEqual([
      [round, 1],
      [round - 1, 1],
      [round - 2, 1],
    ])
  })

  const inclusion = {
    nonce: 0,
    hash: '0x01',
    sentAt: now,
    block: { number: 1, hash: '0x02', time: now },
    seenAt: now,
  } as const

  const left = [{ market: parseMarket('BTC-USD'), why: 'refused', reason: 'INACTIVE' }] as const

  const states: readonly (readonly [string, IntentState, boolean])[] = [
    ['waits only', { kind: 'waiting' }, false],
    ['is signed', { kind: 'claimed', nonce: 0, hash: '0x01', sentAt: undefined }, true],
    [
      'is left out of what is signed',
      { kind: 'claimed', nonce: 0, hash: '0x01', sentAt: undefined, left },
      false,
    ],
    [
      'is left out of a block',
      { kind: 'included', reverted: undefined, ...inclusion, left },
      false,
    ],
    ['is in a block', { kind: 'included', reverted: undefined, ...inclusion }, true],
    ['was reverted', { kind: 'included', reverted: 'stale', ...inclusion }, false],
  ]

  test.for(states)('a price that %s', async ([, state, counts]) => {
    const { store, keeper, lane } = aWorld()
    await store.intents.add(anIntent(lane, state, 'dex'))
    await store.intents.add({ ...anIntent(lane, state, 'other'), id: 'other' })
    const view = await keeper.observe(slot)
    expect(view.inFlight).toEqual(
      counts ? { 'BTC-USD': { price: new Decimal('101'), publishedAt: now } } : {},
    )
  })

  function anIntent(lane: string, state: IntentState, engine: string): Intent {
    const reports = [reportOf('a', '101')]
    const updates = [{ market: parseMarket('BTC-USD'), price: new Decimal('101'), reports }]
    const action: EngineAction = { kind: 'push-prices', engine, round, updates }
    return { id: 'i', lane, action, createdAt: now, deadline: timestamp(now + 1), state }
  }

  test('history keeps what was seen, not the rules of the file', async () => {
    const { keeper } = aWorld()
    const view = await keeper.observe(slot)
    expect(Object.keys(keeper.recorded(view) as object)).not.toContain('rules')
  })

  test('an exchange that nobody knows is said so', async () => {
    const { keeper } = aWorld()
    await expect(keeper.observe({ ...slot, subject: 'nobody' })).rejects.toThrow(
      'there is no engine nobody',
    )
  })
})
