import { describe, expect, test } from 'vitest'

import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Action, Liquidate } from '../../lib/domain/action.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { Intent } from '../../lib/domain/intent.ts'
import { keepersInTurn } from '../../lib/domain/liquidation/keeper-turns.ts'
import type { Account } from '../../lib/domain/margin/account.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'
import { chainDoubts } from '../../lib/keepers/chain-doubts.ts'
import {
  decideLiquidations,
  liquidate,
  type LiquidateView,
  type LiquidationSettings,
} from '../../lib/keepers/liquidate.ts'
import { runKeeper } from '../../lib/keepers/run-keeper.ts'
import type { Tick } from '../../lib/ports.ts'
import { aRefusal, sayOfLane } from './a-suspect-lane.ts'
import { movedClock } from './lane/lane-in-memory.ts'
import {
  after,
  aLane,
  aLook,
  anAccount,
  anExchange,
  begin,
  claimed,
  reverted,
  settled,
  unit,
  usd,
  workOn,
} from './liquidation-world.ts'
import { decidedTwice, replays } from './replay/replays.ts'

const settings = {
  policy: { mostPerSlot: 50, mostNotionalUsd: 1_000_000, leastRewardUsd: 0 },
  recovery: { graceSeconds: 30, stageSeconds: 15, mostWaitSeconds: 60 },
  freshness: { maxHeadBlocks: 5, maxIndexLagSeconds: 60 },
}

const atOnce = { graceSeconds: 0, stageSeconds: 1, mostWaitSeconds: 0 }

/** All is well, and has been for ever. */
function aView(change: Partial<LiquidateView> = {}): LiquidateView {
  return {
    engine: 'dex',
    now: after(1),
    slot: 7,
    everySeconds: 1,
    blockSeconds: 1,
    settings,
    look: aLook(),
    index: { block: 100, accounts: 12 },
    candidates: [],
    offers: [],
    liquidators: [],
    silent: [],
    looked: undefined,
    unasked: 0,
    inFlight: [],
    waiting: [],
    attempts: [],
    reverted: [],
    before: slotsOf(300),
    ...change,
  }
}

/** The newest slots before one second after the beginning, each a second before the next. */
function slotsOf(seconds: number, outcome: Tick['outcome'] = done(begin)) {
  return Array.from({ length: Math.min(300, seconds) }, (_, ago) => ({
    claimedAt: after(-ago),
    outcome,
  }))
}

function done(at: typeof begin): Tick['outcome'] {
  return { kind: 'done', reason: 'nobody', detail: '', at }
}

function liquidated(view: LiquidateView): readonly string[] {
  return partsIn(decidedTwice(view, decideLiquidations).actions).map(({ account }) => account)
}

function partsIn(actions: readonly Action[]): Liquidate['updates'] {
  return actions.flatMap((action) => (action.kind === 'liquidate' ? action.updates : []))
}

const far = (id: string) => anAccount(id, 12)
const aSuspect = { lane: 'appchain', ...aRefusal }
const broke = (id: string) => anAccount(id, -5)

describe('nobody is liquidated', () => {
  const cases: readonly (readonly [string, Partial<LiquidateView>])[] = [
    ['chain-stalled', { now: after(16) }],
    ['paused', { look: aLook({ paused: true }) }],
    ['grace', { look: aLook({ from: after(1) }) }],
    ['l2-suspect', { doubt: aSuspect }],
    ['no-positions', { index: undefined }],
    ['stale-prices', { look: aLook({ book: { unit: 10n ** 30n, marks: {} } }) }],
  ]
  test.each(cases)('where it must be said: %s', (reason, change) => {
    const view = aView({ candidates: [far('far'), broke('broke')], ...change })
    const { actions, outcome } = decideLiquidations(view)
    expect([actions, outcome.kind, outcome.reason]).toEqual([[], 'refused', reason])
    expect(outcome.detail).not.toBe('')
  })

  test('on a newest block of more than fifteen seconds, and on one of fifteen they are', () => {
    const candidates = [far('far')]
    expect(liquidated(aView({ candidates, now: after(15) }))).toEqual(['far'])
    expect(liquidated(aView({ candidates, now: timestamp(after(15) + 1) }))).toEqual([])
  })

  test('before the exchange’s own time, and at it they are', () => {
    const candidates = [far('far')]
    expect(liquidated(aView({ candidates, look: aLook({ from: begin }) }))).toEqual(['far'])
  })

  test('while one market of two has no fresh price the others’ accounts are', () => {
    const look = aLook({ markets: { ...aLook().markets, '0xe': aLook().markets['0xb'] as never } })
    expect(liquidated(aView({ candidates: [far('far')], look }))).toEqual(['far'])
  })

  test('where nobody is below the requirement, which is no refusal', () => {
    const { actions, outcome } = decideLiquidations(aView({ candidates: [anAccount('well', 25)] }))
    expect([actions, outcome.kind, outcome.reason]).toEqual([[], 'done', 'nobody'])
  })

  test('where nothing is possible, and it says why', () => {
    const view = aView({ candidates: [far('a'), far('b')], inFlight: ['a', 'b'] })
    const { actions, outcome } = decideLiquidations(view)
    expect([actions, outcome.reason]).toEqual([[], 'nothing-possible'])
    expect(outcome.detail).toContain('2 not: in-flight')
  })
})

describe('one slot’s work', () => {
  test('is one action that names its slot, with all of its accounts', () => {
    const view = aView({ candidates: [far('a'), far('b')] })
    const [action, ...more] = decideLiquidations(view).actions
    expect(more).toEqual([])
    expect(action).toMatchObject({ kind: 'liquidate', engine: 'dex', round: 7, at: view.now })
    expect(action).not.toHaveProperty('urgent')
    expect(partsIn([action as Action]).map(({ account }) => account)).toHaveLength(2)
  })

  test('says how many are below their margin, those that could not be asked about too', () => {
    const view = aView({ candidates: [far('a'), broke('b')], unasked: 30 })
    const { outcome } = decideLiquidations(view)
    expect(outcome).toMatchObject({ kind: 'done', reason: 'liquidated' })
    expect(outcome.detail).toContain('2 of 32 below their margin')
    expect(outcome.detail).toContain('1 with less than nothing')
  })

  test('says whom the insurance fund cannot pay for', () => {
    const view = aView({ candidates: [broke('b')], look: aLook({ insuranceFund: 0n }) })
    const { outcome } = decideLiquidations(view)
    expect(outcome.reason).toBe('nothing-possible')
    expect(outcome.detail).toContain('1 to be deleveraged')
  })

  test('is urgent where an account in it has less than nothing, and only then', () => {
    const look = aLook({ insuranceFund: 0n })
    const urgent = [
      aView({ candidates: [far('a'), broke('b')] }),
      aView({ candidates: [far('a'), broke('b')], look }),
    ].map((view) =>
      decideLiquidations(view).actions.map(
        (action) => action.kind === 'liquidate' && action.urgent,
      ),
    )
    expect(urgent).toEqual([[true], [undefined]])
  })

  test('begins with less than nothing, then what matters most', () => {
    const large = anAccount('large', 120, { size: 10n * unit })
    const candidates = [far('small'), large, broke('broke')]
    expect(liquidated(aView({ candidates }))).toEqual(['broke', 'large', 'small'])
  })

  test('has no more accounts and no more notional than its budgets', () => {
    const candidates = Array.from({ length: 60 }, (_, at) => far(`a${at}`))
    expect(liquidated(aView({ candidates }))).toHaveLength(50)
    const policy = { ...settings.policy, mostNotionalUsd: 5_000 }
    expect(liquidated(aView({ candidates, settings: { ...settings, policy } }))).toHaveLength(5)
  })
})

describe('after a stall', () => {
  const candidates = [broke('broke'), ...Array.from({ length: 50 }, (_, at) => far(`a${at}`))]
  const policy = { ...settings.policy, mostPerSlot: 40 }
  const since = (seconds: number, outcome?: Tick['outcome']) => {
    const before = [
      ...slotsOf(seconds),
      { claimedAt: after(-seconds), outcome: outcome ?? failed },
      ...slotsOf(300),
    ]
    return liquidated(aView({ candidates, before, settings: { ...settings, policy } }))
  }
  const failed: Tick['outcome'] = { kind: 'failed', reason: 'E', detail: '', at: begin }

  test('only those with less than nothing are taken in the grace', () => {
    expect(since(1)).toEqual(['broke'])
    expect(since(28)).toEqual(['broke'])
  })

  test('an eighth of the budget follows it, then a quarter, and so on', () => {
    expect([30, 44, 46].map((seconds) => since(seconds).length)).toEqual([5, 5, 10])
  })

  test('a refused slot is a stall, and so is one that nobody ran', () => {
    const refused: Tick['outcome'] = { kind: 'refused', reason: 'paused', detail: '', at: begin }
    expect(since(5, refused)).toEqual(['broke'])
    const gap = slotsOf(300).map((slot, at) =>
      at < 3 ? slot : { ...slot, claimedAt: after(-at - 31) },
    )
    expect(liquidated(aView({ candidates, before: gap }))).toEqual(['broke'])
  })

  test('a slot that another worker is still at is none', () => {
    const before = slotsOf(300).map((slot, at) =>
      at === 1 ? { ...slot, outcome: undefined } : slot,
    )
    expect(liquidated(aView({ candidates, before }))).toHaveLength(50)
  })

  test('a job that never ran before begins carefully', () => {
    expect(liquidated(aView({ candidates, before: [] }))).toEqual(['broke'])
  })

  test('more than a fifth of reverted transactions is as if it had just begun again', () => {
    const taken = [4, 5].map((bad) => {
      const outcomes = Array.from({ length: 20 }, (_, at) => at < bad)
      const view = aView({ candidates, reverted: outcomes, settings: { ...settings, policy } })
      return liquidated(view).length
    })
    expect(taken).toEqual([40, 5])
  })
})

describe('an account', () => {
  test('rests after three attempts that changed nothing, but never with less than nothing', () => {
    const attempts = ['far', 'broke'].flatMap((account) =>
      [1, 2, 3].map(() => ({ account, size: unit, at: begin })),
    )
    const candidates = [far('far'), broke('broke'), far('other')]
    expect(liquidated(aView({ candidates, attempts }))).toEqual(['broke', 'other'])
    const later = {
      now: after(300),
      look: aLook({ block: { ...aLook().block, time: after(300) } }),
    }
    const before = slotsOf(300).map((slot) => ({
      ...slot,
      claimedAt: timestamp(slot.claimedAt + 300_000),
    }))
    expect(liquidated(aView({ candidates, attempts, ...later, before }))).toContain('far')
  })

  test('that only waits is not waited for with less than nothing, and takes a place of the budget', () => {
    const candidates = [far('far'), broke('broke'), far('other'), far('another')]
    const waiting = ['far', 'broke']
    expect(liquidated(aView({ candidates, waiting })).toSorted()).toEqual([
      'another',
      'broke',
      'other',
    ])
    const policy = { ...settings.policy, mostPerSlot: 4 }
    const view = aView({ candidates, waiting, settings: { ...settings, policy } })
    expect(liquidated(view)).toHaveLength(2)
  })

  test('that many tries did nothing for keeps the others at an eighth: what we see is not what the chain does', () => {
    const tries = Array.from({ length: 40 }, (_, at) => {
      return { account: `b${at >> 1}`, size: unit, at: begin }
    })
    const candidates = Array.from({ length: 50 }, (_, at) => far(`a${at}`))
    expect(liquidated(aView({ candidates, attempts: tries.slice(2) }))).toHaveLength(50)
    expect(liquidated(aView({ candidates, attempts: tries }))).toHaveLength(6)
  })

  test('that is on its way is left to what is on its way, even with less than nothing', () => {
    const candidates = [far('far'), broke('broke')]
    expect(liquidated(aView({ candidates, inFlight: ['broke'] }))).toEqual(['far'])
  })
})

describe('a profit after gas', () => {
  // Four of five tries at two dollars: 2.50 for each that brings something. A liquidation of a bitcoin brings five.
  const costs = {
    tryUsd: new Decimal(2),
    won: new Decimal('0.8'),
    unitUsd: new Decimal(2_000).div('1e18'),
  }
  const candidates = [far('far'), anAccount('little', 4, { size: unit / 3n }), broke('broke')]
  const asked = (leastProfitUsd: number) => ({
    candidates,
    costs,
    settings: { ...settings, leastProfitUsd },
  })

  test('is asked of whoever has something left', () => {
    expect(liquidated(aView(asked(-1)))).toContain('little')
    expect(liquidated(aView(asked(0)))).toEqual(['broke', 'far'])
    expect(liquidated(aView(asked(2.5)))).toEqual(['broke', 'far'])
    expect(liquidated(aView(asked(2.6)))).toEqual(['broke'])
  })

  test('limits what the transaction may cost, but not for those with less than nothing', () => {
    const { actions } = decideLiquidations(aView(asked(2.5)))
    // (5 - 2.5) · 0.8 dollars, at 2,000 for an ether.
    expect(partsIn(actions).map(({ account, worth }) => [account, worth])).toEqual([
      ['broke', undefined],
      ['far', 10n ** 15n],
    ])
  })

  test('is not asked while gas has no price, nor by somebody who must liquidate anyway', () => {
    const { costs: _costs, ...unpriced } = asked(2.6)
    expect(liquidated(aView(unpriced))).toHaveLength(3)
    expect(liquidated(aView({ candidates, costs }))).toHaveLength(3)
  })
})

describe('several keepers', () => {
  const keepers = { keepers: ['0xa', '0xb'], staggerSeconds: 10 }
  const ids = Array.from({ length: 20 }, (_, at) => `0x${at}`)
  const firstOf = (id: string) => keepersInTurn(id, keepers.keepers)[0]
  const seen = (self: string, seconds: number) =>
    aView({
      candidates: [...ids.map(far), broke('broke')],
      settings: { ...settings, keepers: { ...keepers, self } },
      turns: {
        since: Object.fromEntries(ids.map((id) => [id, after(1 - seconds)])),
        left: {},
        ours: [],
      },
    })

  test('have each account once between them, and both those with less than nothing', () => {
    const [a, b] = ['0xa', '0xb'].map((self) => liquidated(seen(self, 0)))
    expect(a?.toSorted()).toEqual(
      [...ids.filter((id) => firstOf(id) === '0xa'), 'broke'].toSorted(),
    )
    expect(b?.toSorted()).toEqual(
      [...ids.filter((id) => firstOf(id) === '0xb'), 'broke'].toSorted(),
    )
  })

  test('leave nothing undone for longer than a stagger', () => {
    expect([liquidated(seen('0xa', 9.9)).length < 21, liquidated(seen('0xa', 10)).length]).toEqual([
      true,
      21,
    ])
  })

  test('begin with their own where there is more than fits into a slot', () => {
    const own = ids.filter((id) => firstOf(id) === '0xa')
    const late = seen('0xa', 60)
    const policy = { ...settings.policy, mostPerSlot: own.length + 1 }
    const view = { ...late, settings: { ...late.settings, policy } }
    expect(liquidated(view).toSorted()).toEqual([...own, 'broke'].toSorted())
  })

  test('say whose turn it is, and keep what they know for the next slot', () => {
    const { outcome, recorded } = decideLiquidations(seen('0xa', 10.5))
    const theirs = ids.filter((id) => firstOf(id) === '0xb')
    expect(recorded).toMatchObject({ turns: { left: { '0xb': { times: theirs.length } } } })
    expect(outcome.reason).toBe('liquidated')
    expect(decideLiquidations(seen('0xa', 0)).outcome.detail).toContain(
      `${theirs.length} not: others-turn`,
    )
  })

  test('know from history since when an account is seen', async () => {
    const mine = ids.find((id) => firstOf(id) === '0xb') ?? ''
    const it = running([far(mine)], [], { keepers: { ...keepers, self: '0xa' } })
    await it.run()
    expect(partsIn(it.performed)).toEqual([])
    it.clock.pass(10_000)
    it.exchange.look = aLook({ block: { ...aLook().block, time: it.clock.now() } })
    await it.run()
    expect(partsIn(it.performed).map(({ account }) => account)).toEqual([mine])
  })
})

describe('while the index is behind', () => {
  test('whoever it knew to have less than nothing is taken all the same, as the contract has them now', () => {
    const view = aView({
      candidates: [far('far'), broke('broke')],
      index: { block: 39, accounts: 12 },
    })
    expect(liquidated(view)).toEqual(['broke'])
    expect(decideLiquidations(view).outcome).toMatchObject({
      kind: 'refused',
      reason: 'positions-behind',
    })
  })
})

/** The keeper on an exchange in memory. */
function running(
  accounts: readonly Account[],
  intents: readonly Intent[] = [],
  change: Partial<LiquidationSettings> = {},
) {
  let now = after(1)
  const clock = {
    ...movedClock(),
    now: () => now,
    pass(ms: number) {
      now = timestamp(now + ms)
    },
  }
  const store = memoryStore({ clock })
  const exchange = anExchange(accounts)
  const performed: Action[] = []
  const keeper = replays(
    liquidate({
      clock,
      store,
      books: exchange.books,
      scan: accountScan(openScan),
      engines: { dex: exchange.engine },
      laneOf: () => aLane(store),
      everySeconds: 1,
      settings: { dex: { ...settings, recovery: atOnce, ...change } },
      runs: () => false,
      doubts: chainDoubts(store, { clock, provenBy: { dex: ['appchain'] }, chainOf: {} }),
      nodes: [],
      feeMarkets: {},
    }),
  )
  let slot = 10
  return {
    clock,
    exchange,
    store,
    performed,
    async observe() {
      for (const intent of intents) {
        await store.intents.add({ ...intent, state: { kind: 'waiting' } })
        await store.intents.move(intent.id, intent.state)
      }
      return keeper.observe({ subject: 'dex', slot, slotAt: begin, until: after(60) })
    },
    async run() {
      slot += 1
      return runKeeper(
        {
          clock,
          store,
          worker: 'w',
          notify: () => undefined,
          maxLateMs: 60_000,
          perform: async (action) => void performed.push(action),
        },
        keeper,
        { subject: 'dex', slot, slotAt: clock.now(), until: timestamp(clock.now() + 60_000) },
      )
    },
  }
}

describe('the keeper', () => {
  test('asks the contract about those below their requirement alone, the worst first', async () => {
    const it = running([anAccount('well', 100), far('far'), broke('broke'), anAccount('us', -9)])
    const view = await it.observe()
    expect(it.exchange.asked).toEqual([['broke', 'far']])
    expect(view.candidates.map(({ id }) => id)).toEqual(['broke', 'far'])
    expect(view.index).toEqual({ block: 100, accounts: 4 })
  })

  test('equals are asked in a fixed order', async () => {
    const asked = ['abc', 'cab', 'bca'].map(async (order) => {
      const it = running(Array.from(order, far))
      await it.observe()
      return it.exchange.asked
    })
    expect(await Promise.all(asked)).toEqual([
      [['a', 'b', 'c']],
      [['a', 'b', 'c']],
      [['a', 'b', 'c']],
    ])
  })

  test('goes by the contract: who was healed since the index read it is left alone', async () => {
    const it = running([far('healed'), far('far')])
    it.exchange.real = { healed: anAccount('healed', 500) }
    await it.run()
    expect(partsIn(it.performed).map(({ account }) => account)).toEqual(['far'])
  })

  test('asks about four hundred at most, and says how many more there are', async () => {
    const it = running(Array.from({ length: 405 }, (_, at) => anAccount(`a${at}`, 12 + at / 100)))
    const view = await it.observe()
    expect([it.exchange.asked[0]?.length, view.unasked]).toEqual([400, 5])
    expect(it.exchange.asked[0]).not.toContain('a404')
  })

  test('knows what is on its way, what was tried and what reverted by its lane’s work', async () => {
    const work = [
      workOn(['waits'], { at: after(-1) }),
      workOn(['urgent'], { at: after(-6), urgent: true }),
      workOn(['signed'], { at: after(-7), state: claimed }),
      workOn(['tried'], { at: after(-2), state: settled }),
      workOn(['tried', 'bad'], { at: after(-3), state: reverted }),
      workOn(['elsewhere'], { at: after(-4), engine: 'other' }),
      workOn(['late'], {
        at: after(-5),
        state: { kind: 'failed', why: 'expired', reason: '', hash: undefined },
      }),
    ]
    const view = await running([], work).observe()
    expect([view.inFlight, view.waiting]).toEqual([['signed', 'urgent'], ['waits']])
    expect(view.attempts.map(({ account }) => account)).toEqual(['tried', 'tried', 'bad'])
    expect(view.reverted).toEqual([false, true])
  })

  test('holds while a prover refuses a batch of its chain, and goes on by itself', async () => {
    const it = running([far('far'), broke('broke')])
    await sayOfLane(it.store, { suspect: aRefusal })
    expect(await it.run()).toMatchObject({
      kind: 'refused',
      reason: 'l2-suspect',
      detail:
        'since 2025-11-24T16:00:00.000Z a prover refuses batch 4 of appchain, so that its chain may be taken back: invalid trace',
    })
    expect(it.performed).toEqual([])
    await sayOfLane(it.store)
    expect(await it.run()).toMatchObject({ kind: 'done', reason: 'liquidated' })
  })

  test('comes back from such a hold as from any stall: people have time to add margin', async () => {
    const it = running([far('far')], [], { recovery: settings.recovery })
    await sayOfLane(it.store, { suspect: aRefusal })
    await it.run()
    await sayOfLane(it.store)
    expect(await it.run()).toMatchObject({
      kind: 'done',
      reason: 'nothing-possible',
      detail:
        '0 of 1 below their margin; 1 not: budget; people have time to add margin; budget 0 %; 1 accounts',
    })
  })

  test('refuses where its index is a minute behind, and does not begin without one', async () => {
    const it = running([far('far')])
    it.exchange.indexedAt = 40
    expect(await it.run()).toMatchObject({ kind: 'done' })
    it.exchange.indexedAt = 39
    expect(await it.run()).toMatchObject({ kind: 'refused', reason: 'positions-behind' })
    it.exchange.indexed = undefined
    expect(await it.run()).toMatchObject({ kind: 'refused', reason: 'no-positions' })
  })

  test('sends what the fund pays for before all else', async () => {
    const it = running([far('far'), broke('broke')])
    await it.run()
    const [part] = partsIn(it.performed)
    expect(part).toMatchObject({ account: 'broke', cover: 5n * usd })
  })

  test('keeps what it saw, without its settings, and what it planned', async () => {
    const it = running([far('far')])
    await it.run()
    const [entry] = await it.store.history.recent('liquidate', 'dex', 1)
    const seen = JSON.parse(entry?.view ?? '{}') as Record<string, unknown>
    const decided = JSON.parse(entry?.decided ?? '{}') as Record<string, unknown>
    expect(Object.keys(seen)).toContain('candidates')
    expect(Object.keys(seen)).not.toContain('settings')
    expect(Object.keys(decided)).toEqual(
      expect.arrayContaining(['outcome', 'plan', 'budgetPermille']),
    )
  })

  test('does not know an exchange without settings', async () => {
    const it = running([])
    const slot = { subject: 'other', slot: 1, slotAt: begin, until: after(60) }
    const clock = movedClock()
    const keeper = replays(
      liquidate({
        clock,
        store: it.store,
        books: it.exchange.books,
        scan: accountScan(openScan),
        engines: { other: it.exchange.engine },
        laneOf: () => aLane(it.store),
        everySeconds: 1,
        settings: {},
        runs: () => false,
        nodes: [],
        feeMarkets: {},
      }),
    )
    await expect(keeper.observe(slot)).rejects.toThrow(RangeError)
  })
})
