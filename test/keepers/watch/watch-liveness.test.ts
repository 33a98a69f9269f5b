import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import type { Lane } from '../../../lib/domain/lane.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import type { PeerSight } from '../../../lib/domain/peer-sight.ts'
import type { FeedOutcome, PriceRound, SourceResult } from '../../../lib/domain/price-round.ts'
import type { RpcNode } from '../../../lib/domain/rpc-node.ts'
import { timestamp, type Timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { writePriceSnapshot } from '../../../lib/keepers/price-snapshot.ts'
import {
  decideWatch,
  watchLiveness,
  type WatchWorld,
} from '../../../lib/keepers/watch/watch-liveness.ts'
import type {
  LaneSeen,
  PeersSeen,
  WatchRules,
  WatchView,
} from '../../../lib/keepers/watch/watch-view.ts'
import type { EngineState } from '../../../lib/ports.ts'
import { aLane } from '../../adapters/store/samples.ts'
import { aFeed, aRound, aSource, priced } from '../../runtime/a-round.ts'
import { fakeChain } from '../fake-chain.ts'
import { fakeEngine } from '../fake-engine.ts'
import { movedClock } from '../lane/lane-in-memory.ts'
import { decidedTwice } from '../replay/replays.ts'

const now = timestamp(1_764_000_000_000)
const round = 176_400_000

function ago(ms: number): Timestamp {
  return timestamp(now - ms)
}

const rules: WatchRules = {
  chains: { l2: { blockSeconds: 2, stallFactor: 5 } },
  engines: { dex: ['BTC-USD'] },
  legs: { 'USDT-USD': 100 },
  booked: {},
  proving: {},
  numbers: watchNumbers,
  systems: {},
  showsLife: false,
  links: { engines: { dex: 'l2' }, proving: {}, provers: {}, systems: {} },
  epochSeconds: {},
  timed: [],
  everySeconds: { 'publish-prices': 10, 'push-prices': 10 },
  maxPushAgeMs: { 'BTC-USD': 60_000 },
  maxTransactionMs: 90_000,
  gasMoneyDays: 3,
  gasMoneyTransactions: 100,
  noPriceMs: 45_000,
  venueDownMs: 120_000,
  venueFrozenMs: 60_000,
  fundFloorUsd: 10_000,
  fundDays: 3,
  missedPercent: 50,
  booksBehindMs: 900_000,
  packs: true,
  historyUnpackedMs: 10_800_000,
  plannerSilentSlots: 3,
  oracleMissingRounds: 2,
}

const noPrice: FeedOutcome = {
  kind: 'refused',
  reason: 'too-few-sources',
  detail: '1 of 3 sources are fresh, 2 are needed',
}

function state(ageMs: number): EngineState {
  return {
    block: { number: 1, hash: '0x01', time: now },
    paused: false,
    sequence: undefined,
    quorum: { 'BTC-USD': 1 },
    prices: { 'BTC-USD': { price: new Decimal(1), publishedAt: ago(ageMs) } },
  }
}

function prices(
  change: {
    readonly outcome?: FeedOutcome
    readonly sources?: readonly SourceResult[]
    readonly ageMs?: number
  } = {},
): PriceRound {
  const {
    outcome = priced('97000'),
    sources = [aSource('kraken'), aSource('okx')],
    ageMs = 10_000,
  } = change
  return aRound(round - Math.ceil(ageMs / 10_000), ago(ageMs), [aFeed({ outcome, sources })])
}

/** With a transaction of nonce 4 that was signed just now. */
function settledLane(): Lane {
  const lane = aLane(1)
  const attempts = lane.inFlight.flatMap((one) => one.attempts)
  const fresh = attempts.map((attempt) => ({ ...attempt, signedAt: now }))
  return { ...lane, inFlight: lane.inFlight.map((one) => ({ ...one, attempts: fresh })) }
}

/** A lane as it was seen, with money for long. */
function laneSight({
  lane,
  balance = 10n ** 18n,
  nonce = 5,
}: {
  readonly lane?: Lane
  readonly balance?: bigint
  readonly nonce?: number
}): LaneSeen {
  return { id: 'l2/0xkeeper', lane, account: { kind: 'seen', value: { balance, nonce } } }
}

/** All is well, but for `change`. */
function aView(change: Partial<WatchView> = {}): WatchView {
  return {
    now,
    chains: { l2: { kind: 'seen', value: { number: 9, hash: '0x09', time: ago(2_000) } } },
    rpc: {},
    funding: {},
    exchangeTimes: {},
    engines: { dex: { kind: 'seen', value: state(5_000) } },
    lanes: [laneSight({})],
    leftBehind: [],
    kept: [],
    unpacked: [],
    governed: { takenBack: [] },
    nodes: [{ node: 'oracle-1', prices: prices(), failures: [] }],
    peers: [],
    positions: [],
    books: [],
    batches: [],
    systems: [],
    uptimes: [],
    open: [],
    jobs: [
      { job: 'publish-prices', subject: 'oracle-1', lastSlotAt: ago(10_000) },
      { job: 'push-prices', subject: 'dex', lastSlotAt: ago(10_000) },
    ],
    ...change,
  }
}

function reported(view: WatchView, by: WatchRules = rules) {
  const [action] = decidedTwice(view, (one) => decideWatch(one, by)).actions
  if (action?.kind !== 'report-findings') throw new TypeError('nothing is reported')
  return action
}

function found(view: WatchView): readonly string[] {
  return reported(view).findings.map(
    ({ rule, subject, severity }) => `${rule} ${subject} ${severity}`,
  )
}

function node(change: Partial<WatchView['nodes'][number]>): Partial<WatchView> {
  return { nodes: [{ node: 'oracle-1', prices: prices(), failures: [], ...change }] }
}

function aSight(name: string, change: Partial<PeerSight> = {}): PeerSight {
  return { node: name, said: 'reports', detail: '', usable: 1, refused: {}, ...change }
}

function aLook({
  ageMs = 5_000,
  ...change
}: Partial<PeersSeen> & { readonly ageMs?: number } = {}): PeersSeen {
  return { engine: 'dex', at: ago(ageMs), sights: [], lies: [], apart: [], ...change }
}

function rpcNode(change: Partial<RpcNode>): RpcNode {
  return {
    node: 'rpc.example',
    state: 'healthy',
    why: '',
    since: undefined,
    until: undefined,
    height: 9,
    lagBlocks: 0,
    lagScore: 0,
    latencyMs: 40,
    answers: 10,
    faults: 0,
    ...change,
  }
}

describe('what is wrong', () => {
  test('nothing, where all is well', () => {
    const { actions, outcome } = decideWatch(aView(), rules)
    const word = { chain: 'l2', state: 'up', since: now, flippedAt: now, at: now, reason: '' }
    expect(actions).toEqual([
      { kind: 'report-findings', findings: [], unseen: [] },
      { kind: 'keep-uptimes', uptimes: [word] },
    ])
    expect(outcome).toEqual({ kind: 'done', reason: 'all-well', detail: '' })
  })

  test('a sign of life says how far each chain was seen, after all else is done', () => {
    const { actions } = decideWatch(aView(), { ...rules, showsLife: true })
    expect(actions.at(-1)).toEqual({
      kind: 'show-life',
      text: '2025-11-24T16:00:00.000Z: 0 found; l2 9',
    })
  })

  test('what a stalled chain explains is told with it, and the chain is called down', () => {
    const head = { number: 9, hash: '0x09', time: ago(600_000) } as const
    const { actions } = decideWatch(
      aView({
        chains: { l2: { kind: 'seen', value: head } },
        engines: { dex: { kind: 'seen', value: state(600_000) } },
      }),
      rules,
    )
    expect(actions).toMatchObject([
      {
        findings: [
          {
            rule: 'chain-stalled',
            symptoms: [{ rule: 'price-late', subject: 'dex:BTC-USD', severity: 'critical' }],
          },
        ],
        unseen: [{ rule: 'price-late', subject: 'dex:BTC-USD' }],
      },
      { kind: 'keep-uptimes', uptimes: [{ chain: 'l2', state: 'down' }] },
    ])
  })

  test.for([
    [10_000, []],
    [10_001, ['chain-stalled l2 warning']],
    [33_334, ['chain-stalled l2 critical']],
  ] as const)('a chain whose newest block is %i ms old', ([ageMs, wanted]) => {
    const head = { number: 9, hash: '0x09', time: ago(ageMs) } as const
    expect(found(aView({ chains: { l2: { kind: 'seen', value: head } } }))).toEqual(wanted)
  })

  test('a node that cannot be used while others can', () => {
    const lost = rpcNode({ state: 'quarantined', why: 'timeout: 5000 ms', since: ago(60_000) })
    const view = aView({ rpc: { l2: [rpcNode({}), lost], l1: [lost] } })
    expect(found(view)).toEqual(['node-unhealthy l2:rpc.example warning'])
    expect(found(aView({ rpc: { l2: [rpcNode({}), rpcNode({ state: 'behind' })] } }))).toEqual([])
  })

  test('a chain that nobody can ask is unreachable, and nothing is said of its blocks', () => {
    const view = aView({ chains: { l2: { kind: 'unseen', reason: 'timeout' } } })
    expect(found(view)).toEqual(['chain-unreachable l2 critical'])
    expect(reported(view).unseen).toEqual([{ rule: 'chain-stalled', subject: 'l2' }])
  })

  test('a chain that nobody set a limit for is left alone', () => {
    const view = aView({ chains: { other: { kind: 'unseen', reason: 'timeout' } } })
    expect(found(view)).toEqual([])
  })

  test.for([
    [60_000, []],
    [60_001, ['price-late dex:BTC-USD warning']],
    [120_001, ['price-late dex:BTC-USD critical']],
  ] as const)('a posted price that is %i ms old', ([ageMs, wanted]) => {
    expect(found(aView({ engines: { dex: { kind: 'seen', value: state(ageMs) } } }))).toEqual(
      wanted,
    )
  })

  test('an exchange that has no price yet', () => {
    const value = { ...state(0), prices: {} }
    expect(found(aView({ engines: { dex: { kind: 'seen', value } } }))).toEqual([
      'price-late dex:BTC-USD critical',
    ])
  })

  test('an exchange whose own time was not brought forward for half a day', () => {
    const late = { kind: 'seen', value: ago(43_201_000) } as const
    const unseen = { kind: 'unseen', reason: 'no node answers' } as const
    expect(reported(aView({ exchangeTimes: { core: late } })).findings).toMatchObject([
      { rule: 'exchange-time-late', subject: 'core', severity: 'warning' },
    ])
    expect(reported(aView({ exchangeTimes: { core: unseen } }))).toMatchObject({
      findings: [],
      unseen: [{ rule: 'exchange-time-late', subject: 'core' }],
    })
  })

  test('an exchange that cannot be asked is neither late nor in time', () => {
    const view = aView({ engines: { dex: { kind: 'unseen', reason: 'timeout' } } })
    expect(found(view)).toEqual([])
    expect(reported(view).unseen).toEqual([{ rule: 'price-late', subject: 'dex:BTC-USD' }])
  })

  test.for([
    [90_000, []],
    [90_001, ['transaction-stuck l2/0xkeeper warning']],
    [270_001, ['transaction-stuck l2/0xkeeper critical']],
  ] as const)('a transaction that was signed %i ms ago and is in no block', ([ageMs, wanted]) => {
    const lane = aLane(1)
    const inFlight = lane.inFlight.map((one) => ({
      ...one,
      attempts: one.attempts.map((attempt) => ({ ...attempt, signedAt: ago(ageMs) })),
    }))
    expect(found(aView({ lanes: [laneSight({ lane: { ...lane, inFlight } })] }))).toEqual(wanted)
  })

  test.for([
    [89_999, []],
    [90_000, ['lane-left-behind l2/0xkeeper warning']],
  ] as const)(
    'a transaction that was signed %i ms ago by an account of which the network file knows nothing',
    ([ageMs, wanted]) => {
      const lane = aLane(1)
      const inFlight = lane.inFlight.map((one) => ({
        ...one,
        attempts: one.attempts.map((attempt) => ({ ...attempt, signedAt: ago(ageMs) })),
      }))
      expect(found(aView({ leftBehind: [{ ...lane, id: 'l2/0xkeeper', inFlight }] }))).toEqual(
        wanted,
      )
      expect(found(aView({ leftBehind: [{ ...lane, inFlight: [] }] }))).toEqual([])
    },
  )

  test('one whose nonce somebody else has used is not stuck, and people are told who sends', () => {
    const lane = aLane(1)
    const inFlight = lane.inFlight.map((one) => ({
      ...one,
      attempts: one.attempts.map((attempt) => ({ ...attempt, signedAt: ago(270_001) })),
      lostSince: ago(45_000),
    }))
    const view = aView({ lanes: [laneSight({ lane: { ...lane, inFlight } })] })
    expect(found(view)).toEqual(['nonce-taken l2/0xkeeper warning'])
    expect(reported(view).findings).toMatchObject([
      {
        since: ago(45_000),
        afterMs: 30_000,
        summary: expect.stringContaining('sends from this account') as string,
      },
    ])
  })

  test('one that is in a block is not stuck, however old', () => {
    const lane = aLane(1)
    const inFlight = lane.inFlight.map((one) => ({ ...one, state: 'included' as const }))
    const late = { ...aView(), now: timestamp(now + 10_000_000) }
    const view = { ...late, lanes: [laneSight({ lane: { ...lane, inFlight } })] }
    expect(found(view).filter((one) => one.startsWith('transaction'))).toEqual([])
  })

  const dayMs = 86_400_000
  const spending = { since: ago(dayMs), until: now, fees: 1_000n, transactions: 10 }

  test('an account that cannot pay for what waits, until it can', () => {
    const noFunds = { since: ago(20_000), triedAt: ago(5_000), need: 100n }
    const lane = aLane(1, { inFlight: [], noFunds })
    const poor = aView({ lanes: [laneSight({ lane, balance: 99n })] })
    expect(found(poor)).toEqual(['no-gas-money l2/0xkeeper critical'])
    expect(reported(poor).findings).toMatchObject([
      { since: ago(20_000), afterMs: 0, summary: expect.stringContaining('needs 100') as string },
    ])
    expect(found(aView({ lanes: [laneSight({ lane, balance: 100n })] }))).toEqual([])
  })

  test.for([
    ['for three days and a hundred transactions', 10_000n, []],
    ['for fewer transactions', 9_999n, ['no-gas-money l2/0xkeeper warning']],
    ['for fewer days', 2_999n, ['no-gas-money l2/0xkeeper warning']],
  ] as const)('an account with money %s', ([, balance, wanted]) => {
    const lane = aLane(1, { inFlight: [], spending })
    expect(found(aView({ lanes: [laneSight({ lane, balance })] }))).toEqual(wanted)
  })

  test('an account that no node tells of is as poor as it was', () => {
    const noFunds = { since: ago(20_000), triedAt: ago(5_000), need: 100n }
    const lane = aLane(1, { inFlight: [], noFunds })
    const account = { kind: 'unseen', reason: 'timeout' } as const
    const view = aView({ lanes: [{ id: 'l2/0xkeeper', lane, account }] })
    expect(found(view)).toEqual(['no-gas-money l2/0xkeeper critical'])
    expect(reported(view).unseen).toEqual([
      { rule: 'no-gas-money', subject: 'l2/0xkeeper' },
      { rule: 'nonce-drift', subject: 'l2/0xkeeper' },
    ])
  })

  test('a market that pushes go without', () => {
    const market = parseMarket('ETH-USD')
    const refused = { engine: 'dex', market, why: 'refused', reason: 'INACTIVE_ASSET' } as const
    const lane = aLane(1, { inFlight: [], refused: [{ ...refused, since: ago(40_000) }] })
    const view = aView({ lanes: [laneSight({ lane })] })
    expect(found(view)).toEqual(['market-refused dex:ETH-USD warning'])
    expect(reported(view).findings[0]?.summary).toContain('INACTIVE_ASSET')
  })

  test.for([
    ['its own transaction is the one ahead', 4, []],
    ['one more than its own is ahead', 3, ['nonce-drift l2/0xkeeper warning']],
    ['the chain is further', 9, []],
  ] as const)('a lane that counts to 5 where %s', ([, nonce, wanted]) => {
    expect(found(aView({ lanes: [laneSight({ lane: settledLane(), nonce })] }))).toEqual(wanted)
  })

  test('a job that missed its slots, and one that never ran', () => {
    const jobs = [
      { job: 'publish-prices', subject: 'oracle-1', lastSlotAt: ago(30_001) },
      { job: 'push-prices', subject: 'dex', lastSlotAt: undefined },
    ]
    expect(found(aView({ jobs }))).toEqual([
      'planner-silent publish-prices critical',
      'planner-silent push-prices critical',
    ])
  })

  test('of a job for many, the one that fell silent counts', () => {
    const jobs = [
      { job: 'push-prices', subject: 'dex', lastSlotAt: ago(1_000) },
      { job: 'push-prices', subject: 'other', lastSlotAt: ago(60_000) },
    ]
    expect(found(aView({ jobs }))).toEqual(['planner-silent push-prices critical'])
  })

  test('an oracle node that has published nothing for a while: critical where the others are too few', () => {
    const silent = { node: 'oracle-1', prices: prices({ ageMs: 50_000 }), failures: [] }
    expect(found(aView({ nodes: [silent] }))).toEqual(['oracle-missing oracle-1 critical'])
    const other = { node: 'oracle-2', prices: prices(), failures: [] }
    expect(found(aView({ nodes: [silent, other] }))).toEqual(['oracle-missing oracle-1 warning'])
  })

  test('with peers that give reports a node of ours is missed the less', () => {
    const old = node({ prices: prices({ ageMs: 60_000 }) })
    const quorum = { ...state(5_000), quorum: { 'BTC-USD': 2 } }
    const engines = { dex: { kind: 'seen', value: quorum } } as const
    const peers = [aLook({ sights: [aSight('two'), aSight('three')] })]
    expect(found(aView({ ...old, engines }))).toContain('oracle-missing oracle-1 critical')
    expect(found(aView({ ...old, engines, peers }))).toContain('oracle-missing oracle-1 warning')
  })

  test('a peer that gives nothing which counts, after some rounds: critical where the others are too few', () => {
    const silent = aSight('two', { said: 'timeout', detail: 'no answer', usable: 0 })
    const view = aView({ peers: [aLook({ sights: [silent, aSight('three')] })] })
    expect(reported(view).findings).toEqual([
      {
        rule: 'peer-silent',
        subject: 'two',
        severity: 'warning',
        summary: 'two gives no reports that count: timeout, no answer; 2 others do, 1 are needed',
        since: ago(5_000),
        afterMs: 20_000,
      },
    ])
    const quorum = { ...state(5_000), quorum: { 'BTC-USD': 3 } }
    expect(found({ ...view, engines: { dex: { kind: 'seen', value: quorum } } })).toEqual([
      'peer-silent two critical',
    ])
  })

  test('a peer that signs for one of two exchanges is not silent', () => {
    const peers = [
      aLook({ sights: [aSight('two', { usable: 0 })] }),
      aLook({ engine: 'other', sights: [aSight('two')] }),
    ]
    expect(found(aView({ peers }))).toEqual([])
  })

  test('a node that lied lately, by the worst that it did', () => {
    const lie = { node: 'two', what: 'apart', detail: 'it is elsewhere', evidence: [] } as const
    const worse = { ...lie, what: 'equivocated' } as const
    expect(found(aView({ peers: [aLook({ lies: [lie] })] }))).toEqual(['peer-lying two warning'])
    const both = [aLook({ lies: [lie] }), aLook({ ageMs: 40_000, lies: [worse] })]
    expect(found(aView({ peers: both }))).toEqual(['peer-lying two critical'])
    expect(found(aView({ peers: [aLook({ ageMs: 61_000, lies: [worse] })] }))).toEqual([])
  })

  test('a market of which the nodes do not agree, when it lasts', () => {
    const view = aView({ peers: [aLook({ apart: ['BTC-USD'] }), aLook({ ageMs: 15_000 })] })
    expect(reported(view).findings).toMatchObject([
      { rule: 'reports-apart', subject: 'dex:BTC-USD', severity: 'critical', afterMs: 20_000 },
    ])
    const over = aView({ peers: [aLook(), aLook({ ageMs: 15_000, apart: ['BTC-USD'] })] })
    expect(found(over)).toEqual([])
  })

  test('a market without a price on any node', () => {
    const view = aView(node({ prices: prices({ outcome: noPrice }) }))
    expect(found(view)).toEqual(['no-price BTC-USD critical'])
    expect(reported(view).findings[0]).toMatchObject({
      summary: 'BTC-USD has no price: 1 of 3 sources are fresh, 2 are needed',
      afterMs: 45_000,
    })
  })

  test('a market with a price on one of two nodes has a price', () => {
    const nodes = [
      { node: 'oracle-1', prices: prices({ outcome: noPrice }), failures: [] },
      { node: 'oracle-2', prices: prices(), failures: [] },
    ]
    expect(found(aView({ nodes }))).toEqual([])
  })

  test('a venue that brings nothing, with the reason of its failure', () => {
    const sources = [aSource('kraken', { verdict: 'missing' }), aSource('okx')]
    const failure = { venue: 'kraken', why: 'http', detail: 'status 503', instruments: [] } as const
    const view = aView(node({ prices: prices({ sources }), failures: [failure] }))
    expect(found(view)).toEqual(['venue-down kraken warning'])
    expect(reported(view).findings[0]?.summary).toBe('kraken brings no quotes (http): status 503')
  })

  test('a venue that brings something is not down', () => {
    const sources = [aSource('kraken', { verdict: 'missing' }), aSource('kraken')]
    expect(found(aView(node({ prices: prices({ sources }) })))).toEqual([])
  })

  test('a venue that repeats itself while others move', () => {
    const sources = [aSource('kraken', { verdict: 'frozen' }), aSource('okx'), aSource('bybit')]
    expect(found(aView(node({ prices: prices({ sources }) })))).toEqual([
      'venue-frozen kraken warning',
    ])
  })

  test('a dollar that is worth less', () => {
    const leg = aFeed({ symbol: 'USDT-USD', role: 'leg', outcome: priced('0.98') })
    const view = aView(node({ prices: aRound(round - 1, ago(10_000), [leg]) }))
    expect(found(view)).toEqual(['off-peg USDT-USD warning'])
  })
})

describe('what could not be looked at', () => {
  const old = prices({ ageMs: 50_000, outcome: noPrice })

  test('a node that fell silent takes nothing back of markets and venues', () => {
    const view = aView(node({ prices: old }))
    expect(found(view)).toEqual(['oracle-missing oracle-1 critical'])
    expect(reported(view).unseen).toEqual([
      { rule: 'no-price', subject: 'BTC-USD' },
      { rule: 'prices-stalled', subject: 'venues' },
      { rule: 'venue-down', subject: 'kraken' },
      { rule: 'venue-frozen', subject: 'kraken' },
      { rule: 'venue-down', subject: 'okx' },
      { rule: 'venue-frozen', subject: 'okx' },
    ])
  })

  test('what another node sees now is seen', () => {
    const nodes = [
      { node: 'oracle-1', prices: old, failures: [] },
      { node: 'oracle-2', prices: prices({ sources: [aSource('okx')] }), failures: [] },
    ]
    expect(reported(aView({ nodes })).unseen).toEqual([
      { rule: 'venue-down', subject: 'kraken' },
      { rule: 'venue-frozen', subject: 'kraken' },
    ])
  })

  test('peers are as they were where no reports are collected any more', () => {
    const silent = aSight('two', { said: 'nothing', usable: 0 })
    const peers = [aLook({ ageMs: 31_000, sights: [silent], apart: ['BTC-USD'] })]
    expect(found(aView({ peers }))).toEqual([])
    expect(reported(aView({ peers })).unseen).toEqual([
      { rule: 'peer-silent', subject: 'two' },
      { rule: 'reports-apart', subject: 'dex:BTC-USD' },
    ])
  })

  test('a conversion without a price is not back at its peg', () => {
    const leg = aFeed({ symbol: 'USDT-USD', role: 'leg', outcome: noPrice })
    const view = aView(node({ prices: aRound(round - 1, ago(10_000), [leg]) }))
    expect(found(view)).toEqual(['no-price USDT-USD critical'])
    expect(reported(view).unseen).toEqual([{ rule: 'off-peg', subject: 'USDT-USD' }])
  })
})

function aWorld() {
  const clock = movedClock()
  const store = memoryStore({ clock })
  const chain = fakeChain({ clock, name: 'l2' })
  const engine = fakeEngine({ chain })
  const world: WatchWorld = {
    clock,
    store,
    chains: { l2: chain },
    engines: { dex: engine },
    nodes: ['oracle-1'],
    lanes: [{ id: 'l2/0xkeeper', account: '0xkeeper', chain: 'l2' }],
    jobs: [{ job: 'push-prices', subject: 'dex' }],
    rules,
  }
  const slot = { subject: 'network', slot: 1, slotAt: clock.now(), until: clock.now() }
  return { clock, store, chain, engine, world, slot }
}

describe('a look', () => {
  test('sees heads, exchanges, lanes, nodes and jobs', async () => {
    const { store, world, slot } = aWorld()
    await store.lanes.write(aLane(1, { id: 'l2/0xkeeper' }))
    await store.prices.write('oracle-1', round, writePriceSnapshot(prices()))
    const failures = [{ venue: 'kraken', why: 'http', detail: 'status 503', instruments: [] }]
    await store.history.record({
      keeper: 'publish-prices',
      subject: 'oracle-1',
      slot: round,
      at: now,
      view: JSON.stringify({ failures }),
      decided: '{}',
    })
    await store.ticks.claim({ job: 'push-prices', subject: 'dex', slot: round }, 'w', now, now)
    const view = await watchLiveness(world).observe(slot)
    expect(view.chains['l2']).toMatchObject({ kind: 'seen', value: { number: 0 } })
    expect(view.engines['dex']).toMatchObject({ kind: 'seen', value: { paused: false } })
    expect(view.lanes[0]?.lane?.version).toBe(1)
    expect(view.lanes[0]?.account).toEqual({
      kind: 'seen',
      value: { balance: 1_000_000n, nonce: 0 },
    })
    expect(view.nodes).toMatchObject([{ node: 'oracle-1', failures }])
    expect(view.nodes[0]?.prices?.feeds).toHaveLength(1)
    expect(view.jobs).toEqual([{ job: 'push-prices', subject: 'dex', lastSlotAt: round * 10_000 }])
  })

  test('goes on where one chain and one exchange do not answer', async () => {
    const { chain, engine, world, slot } = aWorld()
    chain.head = async () => {
      throw new Error('timeout')
    }
    const deaf = { ...engine, state: async () => Promise.reject(new Error('no contract')) }
    const view = await watchLiveness({ ...world, engines: { dex: deaf } }).observe(slot)
    expect(view.chains['l2']).toEqual({ kind: 'unseen', reason: 'timeout' })
    expect(view.engines['dex']).toEqual({ kind: 'unseen', reason: 'no contract' })
  })

  test.for(['{"failures":[{"venue":1}]}', '{}', '[]'])(
    'reads a history that another version wrote (%s) as no failures',
    async (text) => {
      const { store, world, slot } = aWorld()
      await store.prices.write('oracle-1', round, 'of another version')
      await store.history.record({
        keeper: 'publish-prices',
        subject: 'oracle-1',
        slot: round,
        at: now,
        view: text,
        decided: '{}',
      })
      const view = await watchLiveness(world).observe(slot)
      expect(view.nodes).toEqual([{ node: 'oracle-1', prices: undefined, failures: [] }])
    },
  )

  test('sees what was noted of peers, whoever proves it, and nothing of another version', async () => {
    const { store, world, slot, clock } = aWorld()
    const look = { sights: [aSight('two')], lies: [], apart: ['BTC-USD'] }
    const note = (view: unknown, number: number) =>
      store.history.record({
        keeper: 'peers',
        subject: 'dex',
        slot: number,
        at: clock.now(),
        view: JSON.stringify(view),
        decided: '{}',
      })
    await note(look, 1)
    await note({ sights: 'all well' }, 2)
    const { peers } = await watchLiveness(world).observe(slot)
    expect(peers).toEqual([{ ...look, engine: 'dex', at: clock.now() }])
  })

  test('keeps in history what people look at', async () => {
    const { world, slot } = aWorld()
    const keeper = watchLiveness(world)
    const kept = keeper.recorded({
      ...(await keeper.observe(slot)),
      engines: { dex: { kind: 'unseen', reason: 'timeout' } },
    })
    expect(kept).toMatchObject({
      chains: { l2: { head: { number: 0 }, nodes: [] } },
      engines: { dex: { error: 'timeout' } },
    })
  })
})
