import { describe, expect, test } from 'vitest'

import { openScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import type { Action, Deleverage } from '../../lib/domain/action.ts'
import type { Account } from '../../lib/domain/margin/account.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'
import { chainDoubts } from '../../lib/keepers/chain-doubts.ts'
import {
  decideDeleverage,
  deleverage,
  type DeleverageSettings,
  type DeleverageView,
} from '../../lib/keepers/deleverage.ts'
import { runKeeper } from '../../lib/keepers/run-keeper.ts'
import { aRefusal, sayOfLane } from './a-suspect-lane.ts'
import { movedClock } from './lane/lane-in-memory.ts'
import {
  after,
  aLane,
  aLook,
  anAccount,
  anExchange,
  begin,
  btc,
  unit,
  usd,
  workOn,
} from './liquidation-world.ts'
import { decidedTwice, replays } from './replay/replays.ts'

const settings: DeleverageSettings = {
  rule: 'bitmex',
  mostPerSlot: 50,
  recovery: { graceSeconds: 30, stageSeconds: 15, mostWaitSeconds: 60 },
  freshness: { maxHeadBlocks: 5, maxIndexLagSeconds: 60 },
}
const atOnce = { graceSeconds: 0, stageSeconds: 0, mostWaitSeconds: 0 }

/** The newest slots before one second after the beginning, each a second before the next. */
function slotsOf(seconds: number) {
  const outcome = { kind: 'done', reason: 'nobody', detail: '', at: begin } as const
  return Array.from({ length: seconds }, (_, ago) => ({ claimedAt: after(-ago), outcome }))
}

const noFund = aLook({ insuranceFund: 0n })
const broke = (id: string) => anAccount(id, -40, { entry: 1_300 })
const winner = (id: string, change: { size?: bigint; entry?: number; left?: number } = {}) =>
  anAccount(id, change.left ?? 300, { size: change.size ?? -unit, entry: change.entry ?? 1_400 })

function aView(change: Partial<DeleverageView> = {}): DeleverageView {
  return {
    engine: 'dex',
    now: after(1),
    slot: 7,
    blockSeconds: 1,
    everySeconds: 1,
    settings,
    before: slotsOf(300),
    look: noFund,
    index: { block: 100, accounts: 12 },
    bankrupt: [broke('broke')],
    counterparties: [winner('winner')],
    offers: [],
    liquidators: [],
    inFlight: [],
    ...change,
  }
}

function partsIn(actions: readonly Action[]): Deleverage['updates'] {
  return actions.flatMap((action) => (action.kind === 'deleverage' ? action.updates : []))
}

describe('nobody is deleveraged', () => {
  const cases: readonly (readonly [string, Partial<DeleverageView>])[] = [
    ['chain-stalled', { now: after(16) }],
    ['paused', { look: { ...noFund, paused: true } }],
    ['grace', { look: { ...noFund, from: after(1) } }],
    ['l2-suspect', { doubt: { lane: 'appchain', ...aRefusal } }],
    ['no-positions', { index: undefined }],
    ['positions-behind', { index: { block: 39, accounts: 12 } }],
    ['stale-prices', { look: { ...noFund, book: { ...noFund.book, marks: {} } } }],
    ['nobody-can-take', { counterparties: [] }],
    ['nobody-can-take', { counterparties: [winner('loser', { entry: 900 })] }],
  ]
  test.each(cases)('where it must be said: %s', (reason, change) => {
    const { actions, outcome } = decidedTwice(aView(change), decideDeleverage)
    expect([actions, outcome.kind, outcome.reason]).toEqual([[], 'refused', reason])
    expect(outcome.detail).not.toBe('')
  })

  const calm: readonly (readonly [string, Partial<DeleverageView>])[] = [
    ['nobody', { bankrupt: [] }],
    ['fund-pays', { look: aLook({ insuranceFund: 40n * usd }) }],
    ['in-flight', { inFlight: ['broke'] }],
  ]
  test.each(calm)('where there is no need: %s', (reason, change) => {
    const { actions, outcome } = decidedTwice(aView(change), decideDeleverage)
    expect([actions, outcome.kind, outcome.reason]).toEqual([[], 'done', reason])
  })
})

describe('one slot’s work', () => {
  test('is one action that names its slot, with what each counterparty loses', () => {
    const view = aView()
    const { actions, outcome } = decideDeleverage(view)
    expect(actions).toEqual([
      {
        kind: 'deleverage',
        engine: 'dex',
        round: 7,
        at: view.now,
        updates: [
          {
            market: btc,
            account: 'broke',
            counterparty: 'winner',
            asset: '0xb',
            size: unit,
            loss: 40n * usd,
          },
        ],
      },
    ])
    expect(outcome).toMatchObject({ kind: 'done', reason: 'deleveraged' })
  })

  test('says whose positions nobody can take whole', () => {
    const counterparties = [winner('little', { size: -unit / 4n })]
    const { outcome } = decideDeleverage(aView({ counterparties }))
    expect(outcome.detail).toContain('1 positions without enough counterparties')
  })

  test('has no more parts than its budget, of several accounts', () => {
    const bankrupt = ['a', 'b', 'c'].map(broke)
    const counterparties = ['x', 'y', 'z'].map((id) => winner(id))
    const few = { ...settings, mostPerSlot: 2 }
    const { actions } = decideDeleverage(aView({ bankrupt, counterparties, settings: few }))
    expect(partsIn(actions).map(({ account }) => account)).toEqual(['a', 'b'])
  })

  test('asks no counterparty for more than it has, whoever came before', () => {
    const bankrupt = ['a', 'b'].map(broke)
    const counterparties = [winner('x'), winner('y', { entry: 1_200 })]
    const { actions } = decideDeleverage(aView({ bankrupt, counterparties }))
    expect(partsIn(actions).map(({ account, counterparty }) => [account, counterparty])).toEqual([
      ['a', 'x'],
      ['b', 'y'],
    ])
  })
})

describe('after a stall', () => {
  test('nobody is deleveraged before the ramp of liquidations is over, which is no refusal', () => {
    // A grace of 30 seconds and three stages of 15.
    const stages = [74, 75].map((seconds) => {
      const failed = { kind: 'failed', reason: 'E', detail: '', at: begin } as const
      const before = [...slotsOf(seconds), { claimedAt: after(-seconds), outcome: failed }]
      return decideDeleverage(aView({ before })).outcome
    })
    expect(stages).toMatchObject([
      { kind: 'done', reason: 'recovering' },
      { kind: 'done', reason: 'deleveraged' },
    ])
  })

  test('nor while prices and funding are behind', () => {
    const before = slotsOf(90)
    const settled = slotsOf(1)
    expect(decideDeleverage(aView({ before, prices: [], funding: settled })).outcome).toMatchObject(
      {
        reason: 'recovering',
        detail: expect.stringContaining('people have time') as string,
      },
    )
  })
})

/** The keeper on an exchange in memory. */
function running(
  accounts: readonly Account[],
  recovery: Partial<DeleverageSettings['recovery']> = atOnce,
) {
  const clock = { ...movedClock(), now: () => after(1) }
  const store = memoryStore({ clock })
  const exchange = anExchange(accounts)
  exchange.look = noFund
  const performed: Action[] = []
  const keeper = replays(
    deleverage({
      clock,
      store,
      books: exchange.books,
      scan: accountScan(openScan),
      engines: { dex: exchange.engine },
      // What liquidates has an account of its own.
      laneOf: (_engine, task) => aLane(store, task === 'liquidation' ? 'fake/us' : 'fake/operator'),
      everySeconds: 1,
      settings: { dex: { ...settings, recovery: { ...settings.recovery, ...recovery } } },
      runs: () => false,
      doubts: chainDoubts(store, { clock, provenBy: { dex: ['appchain'] }, chainOf: {} }),
    }),
  )
  const slot = { subject: 'dex', slot: 10, slotAt: begin, until: after(60) }
  const run = {
    clock,
    store,
    worker: 'w',
    notify: () => undefined,
    maxLateMs: 60_000,
    perform: async (action: Action) => void performed.push(action),
  }
  return {
    exchange,
    store,
    performed,
    observe: async () => keeper.observe(slot),
    run: async () => runKeeper(run, keeper, slot),
  }
}

describe('the keeper', () => {
  test('asks the contract about the bankrupt, and about winners on the other side alone', async () => {
    const accounts = [
      broke('broke'),
      anAccount('poor', 12),
      winner('winner'),
      winner('loser', { entry: 900 }),
      anAccount('long', 300, { entry: 500 }),
    ]
    const it = running(accounts)
    const view = await it.observe()
    expect(it.exchange.asked).toEqual([['broke', 'winner']])
    expect([view.bankrupt, view.counterparties].map((all) => all.map(({ id }) => id))).toEqual([
      ['broke'],
      ['winner'],
    ])
  })

  test('asks nobody where nobody is bankrupt', async () => {
    const it = running([anAccount('poor', 12), winner('winner')])
    expect(await it.run()).toMatchObject({ kind: 'done', reason: 'nobody' })
    expect(it.exchange.asked.flat()).toEqual([])
  })

  test('winners of the same profit are asked in a fixed order', async () => {
    const asked = ['abc', 'cab', 'bca'].map(async (order) => {
      const it = running([broke('broke'), ...Array.from(order, (id) => winner(id))])
      await it.observe()
      return it.exchange.asked
    })
    const fixed = [['broke', 'a', 'b', 'c']]
    expect(await Promise.all(asked)).toEqual([fixed, fixed, fixed])
  })

  test('holds while a prover refuses a batch of its chain, and goes on by itself', async () => {
    const it = running([broke('broke'), winner('winner')])
    await sayOfLane(it.store, { suspect: aRefusal })
    expect(await it.run()).toMatchObject({ kind: 'refused', reason: 'l2-suspect' })
    expect(it.performed).toEqual([])
    await sayOfLane(it.store)
    expect((await it.observe()).doubt).toBeUndefined()
  })

  test('goes by the contract: whoever has something again is left alone', async () => {
    const it = running([broke('healed'), winner('winner')])
    it.exchange.real = { healed: anAccount('healed', 1) }
    expect(await it.run()).toMatchObject({ kind: 'done', reason: 'nobody' })
  })

  test('leaves to itself whom a liquidation is on its way for, by whichever account', async () => {
    const it = running([broke('broke'), winner('winner')])
    await it.store.intents.add(workOn(['broke'], { urgent: true }))
    expect(await it.run()).toMatchObject({ kind: 'done', reason: 'in-flight' })
  })

  test('is not kept by work that only waits', async () => {
    const it = running([broke('broke'), winner('winner')])
    await it.store.intents.add(workOn(['broke']))
    expect(await it.run()).toMatchObject({ kind: 'done', reason: 'deleveraged' })
  })

  test('begins no sooner than a ramp after it was started', async () => {
    const it = running([broke('broke'), winner('winner')], { graceSeconds: 1 })
    expect(await it.run()).toMatchObject({ kind: 'done', reason: 'recovering' })
  })

  test('has more than two hundred counterparties where those do not suffice', async () => {
    const many = Array.from({ length: 700 }, (_, at) =>
      winner(`w${String(at).padStart(3, '0')}`, { size: -unit / 600n, left: 3 }),
    )
    const it = running([broke('broke'), ...many], { ...atOnce })
    expect(await it.run()).toMatchObject({ kind: 'done', reason: 'deleveraged' })
    const asked = it.exchange.asked[0]?.length ?? 0
    expect(asked).toBeGreaterThan(601)
  })

  test('sends what it decided, and keeps why', async () => {
    const it = running([broke('broke'), winner('winner')])
    expect(await it.run()).toMatchObject({ kind: 'done', reason: 'deleveraged' })
    expect(partsIn(it.performed).map(({ counterparty }) => counterparty)).toEqual(['winner'])
    const [entry] = await it.store.history.recent('deleverage', 'dex', 1)
    const { plan } = JSON.parse(entry?.decided ?? '{}') as { plan: { records: unknown[] } }
    expect(plan.records).toHaveLength(1)
  })
})
