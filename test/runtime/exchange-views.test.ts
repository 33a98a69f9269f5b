import { describe, expect, test } from 'vitest'

import { memoryStore, type MemoryStore } from '../../lib/adapters/store/memory.ts'
import type { Deleverage, SettleFunding } from '../../lib/domain/action.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { Intent, IntentState } from '../../lib/domain/intent.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { bookRows } from '../../lib/domain/pnl/book-rows.ts'
import type { LedgerCursor } from '../../lib/domain/pnl/ledger-row.ts'
import { weeksOfBooks } from '../../lib/keepers/books/week-of-books.ts'
import { exactJson } from '../../lib/keepers/exact-json.ts'
import { networkView, type NetworkView } from '../../lib/runtime/view/network-view.ts'
import { steppedClock } from '../adapters/store/samples.ts'
import {
  aBlock,
  aBooking,
  aDeleverage,
  anEvent,
  anInclusion,
  anIntent,
  aPart,
  at,
  them,
} from '../domain/pnl/samples.ts'
import { keptNetwork, starkexNetwork } from './a-kept-network.ts'
import { aNetwork, sender } from './a-network.ts'

const market = parseMarket('BTC-USD')
const lane = `l1/${sender}`
/** The first hour after noon, in which all of this takes place. */
const epoch = at(0) / 3_600_000

async function look(store: MemoryStore, ms = 30_000): Promise<NetworkView> {
  return await networkView({ network: keptNetwork(), store, now: at(ms) })
}

function aStore(): MemoryStore {
  return memoryStore({ clock: steppedClock() })
}

let slots = 0

async function recorded(
  { history }: MemoryStore,
  keeper: string,
  {
    view,
    decided,
    ms = 20_000,
  }: { readonly view: object; readonly decided: object; readonly ms?: number },
): Promise<void> {
  slots += 1
  const outcome = { kind: 'done', reason: 'tried', detail: 'in words' }
  await history.record({
    keeper,
    subject: 'evm',
    slot: slots,
    at: at(ms),
    view: exactJson(view),
    decided: exactJson({ outcome, ...decided }),
  })
}

test('an exchange that was not looked at yet is shown without a problem, and so is a network without any', async () => {
  const view = await look(aStore())
  expect(view.problems).toEqual([])
  expect(view.funding).toMatchObject([{ engine: 'evm', settledAt: undefined, newest: undefined }])
  expect(view.positions).toMatchObject([{ engine: 'evm', seen: undefined }])
  expect(view.liquidation).toMatchObject([
    { engine: 'evm', newest: undefined, attempts: [], fund: undefined, today: undefined },
  ])
  const none = await networkView({ network: aNetwork(), store: aStore(), now: at(0) })
  expect([none.funding, none.positions, none.liquidation]).toEqual([[], [], []])
})

describe('funding', () => {
  const settle: SettleFunding = {
    kind: 'settle-funding',
    engine: 'evm',
    round: epoch,
    at: at(1_000),
    attempt: 1,
    updates: [
      {
        market,
        epochRate: new Decimal('0.0001'),
        rate: new Decimal('0.00015'),
        owed: { seconds: 120, perEpoch: 60 },
        lastSample: new Decimal('0.0002'),
        before: 0n,
        after: 1n,
      },
    ],
  }

  function seen(fundingEpoch: number): object {
    const engine = { epochSeconds: 3_600, markets: [{ fundingEpoch }, { fundingEpoch: epoch }] }
    const before = { ...settle.updates[0], market: 'ETH-USD', epoch: epoch - 1 }
    return { view: { look: { kind: 'evm-engine', engine }, last: [before] }, decided: {} }
  }

  async function settling(store: MemoryStore, state: IntentState): Promise<void> {
    const id = `settle-funding:evm:epoch-${epoch}`
    const deadline = at(60_000)
    await store.intents.add({ id, lane, action: settle, createdAt: at(1_000), deadline, state })
  }

  test('is what was settled last of each market, what is owed, and when the next epoch begins', async () => {
    const store = aStore()
    await recorded(store, 'settle-funding', seen(epoch) as never)
    await settling(store, { kind: 'settled', ...anInclusion() })
    const [funding] = (await look(store)).funding
    expect(funding).toMatchObject({ nextAt: at(3_600_000), settledAt: at(0), onItsWay: false })
    expect(funding).not.toHaveProperty('late')
    expect(funding?.markets).toEqual([
      {
        market: 'BTC-USD',
        now: undefined,
        last: { epoch, at: at(0), rate: '0.0001', paid: '0.00015' },
        owedSeconds: 120,
      },
      {
        market: 'ETH-USD',
        now: undefined,
        last: { epoch: epoch - 1, at: at(-3_600_000), rate: '0.0001', paid: '0.00015' },
        owedSeconds: 120,
      },
    ])
  })

  test('that is on its way has not been settled yet', async () => {
    const store = aStore()
    await settling(store, { kind: 'waiting' })
    const [funding] = (await look(store)).funding
    expect(funding).toMatchObject({ onItsWay: true, markets: [{ last: undefined }, {}] })
  })

  test('says what the rate will be if the epoch goes on like this', async () => {
    const store = aStore()
    const slot = epoch * 60
    for (const [behind, premium] of ['0.002', '0.004'].entries())
      await store.fundingVotes.cast('evm', epoch, {
        slot: slot + behind,
        voter: 'oracle-1',
        premiums: { [market]: new Decimal(premium) },
      })
    const [funding] = (await look(store)).funding
    // The mean is 0.003; interest of 0.0001 pulls it by 0.0005 at most; an hour has an eighth of 8 hours.
    expect(funding?.markets[0]?.now).toEqual({ rate: '0.0003125', sampled: 2, slots: 2 })
  })

  test.each([
    [2, undefined],
    [3, 'warning'],
    [5, 'critical'],
  ])('whose oldest market is %d epochs old is %s', async (epochs, late) => {
    const store = aStore()
    await recorded(store, 'settle-funding', seen(epoch - epochs) as never)
    const [funding] = (await look(store, 0)).funding
    expect(funding?.late).toBe(late)
  })
})

const skip = (why: string) => ({ account: 'anna', why })

const block = (number: number, head = number) => ({
  block: { number },
  head: { number: head },
  accounts: 26,
  shares: 1,
})

const found = (count: number) => ({
  count,
  first: count === 0 ? [] : [{ of: '0xanna', why: 'apart', detail: 'collateral 1, not 2' }],
})

describe('accounts', () => {
  const decided = { compared: 9, apart: found(0), doubts: found(0) }

  test('are how many there are, at which block, and since when all were compared', async () => {
    const store = aStore()
    const full = { ...block(8), shares: 3, full: 'this process begins' }
    await recorded(store, 'index-positions', { view: full, decided, ms: 10_000 })
    for (const ms of [12_000, 14_000, 16_000])
      await recorded(store, 'index-positions', { view: block(9), decided, ms })
    await recorded(store, 'index-positions', { view: { kind: 'busy' }, decided: {}, ms: 17_000 })
    await recorded(store, 'index-positions', {
      view: { ...block(10, 12), shares: 0 },
      decided,
      ms: 18_000,
    })
    const view = await look(store)
    expect(view.problems).toEqual([])
    expect(view.positions).toEqual([
      {
        engine: 'evm',
        seen: { at: at(18_000), accounts: 26, block: 10, head: 12, reason: 'tried' },
        check: {
          slots: 3,
          compared: 45,
          // Its last three shares.
          allSince: at(12_000),
          full: { at: at(10_000), why: 'this process begins' },
          stopped: undefined,
        },
        apart: { count: 0, first: [] },
        doubts: 0,
      },
    ])
  })

  test('that were other than the contract has them are counted, and the first are told', async () => {
    const store = aStore()
    await recorded(store, 'index-positions', {
      view: { ...block(9), stopped: 'time-out' },
      decided: { ...decided, apart: found(2), doubts: found(1) },
    })
    const [positions] = (await look(store)).positions
    expect(positions).toMatchObject({
      apart: { count: 2, first: ['0xanna: collateral 1, not 2'] },
      doubts: 1,
      check: { allSince: undefined, stopped: 'time-out' },
    })
  })
})

describe('liquidation', () => {
  const seen = {
    look: { block: { number: 12 }, insuranceFund: 5_000_000_000n, dollar: 1_000_000n },
    index: { block: 11, accounts: 26 },
    candidates: [{}, {}, {}],
    unasked: 2,
    looked: { accounts: 26, candidates: 7 },
    inFlight: ['anna'],
  }

  test('is who is below, who is taken, who is left alone and why, and how much may be taken', async () => {
    const store = aStore()
    const plan = {
      parts: [{}],
      skipped: [skip('in-flight'), skip('reward'), skip('reward')],
      liquidatable: 3,
      bankrupt: 1,
    }
    await recorded(store, 'liquidate', { view: seen, decided: { budgetPermille: 250, plan } })
    const [one] = (await look(store)).liquidation
    expect(one?.newest).toEqual({
      at: at(20_000),
      kind: 'done',
      reason: 'tried',
      detail: 'in words',
      accounts: 26,
      candidates: 7,
      below: 5,
      bankrupt: 1,
      inFlight: 1,
      budgetPermille: 250,
      taken: 1,
      skipped: [
        { why: 'reward', count: 2 },
        { why: 'in-flight', count: 1 },
      ],
    })
    expect(one?.fund).toMatchObject({ balance: '5000.00', block: 12, lastsDays: undefined })
  })

  test('that is refused has no budget', async () => {
    const store = aStore()
    await recorded(store, 'liquidate', {
      view: { ...seen, index: undefined, candidates: [] },
      decided: { outcome: { kind: 'refused', reason: 'paused', detail: 'evm is paused' } },
    })
    const [one] = (await look(store)).liquidation
    expect(one?.newest).toMatchObject({ kind: 'refused', budgetPermille: undefined, below: 2 })
  })

  const cursor: LedgerCursor = {
    block: { number: 10, hash: '0xa' },
    blockAt: at(10_000),
    workBefore: at(10_000),
    fund: 4_000_000_000n,
    fundDays: [],
    decimals: { collateral: 6, fee: 18 },
    version: 1,
  }

  /** One that won a part and lost another, and one that somebody else had. */
  const booked = {
    ...anIntent([aPart({ cash: 50_000_000n }), aPart({ account: 'bert', reward: 7_000_000n })], {
      kind: 'settled',
      ...anInclusion({ feePaid: 10n ** 15n }),
    }),
    lane,
  }
  const event = { penalty: 25_000_000n, reward: 12_500_000n, cash: 50_000_000n }
  const rows = bookRows(
    aBooking({
      events: [
        anEvent(event),
        anEvent({ ...event, account: 'dora', liquidator: them, cover: 2_000_000n, place: 5 }),
        aDeleverage({ loss: 70_000_000n, transaction: '0xde', place: 6 }),
      ],
      intents: [booked],
    }),
  )

  async function withBooks(): Promise<MemoryStore> {
    const store = aStore()
    for (const row of rows) await store.ledger.add('evm', row)
    await store.ledger.move('evm', cursor)
    const { action } = booked
    await store.intents.add({ ...booked, action: { ...action, engine: 'evm' } })
    return store
  }

  test('has its last ones with what became of each, how long each stage took, and what it brought', async () => {
    const store = await withBooks()
    const next = anIntent([aPart({ account: 'emil', cash: -3_000_000n, reward: 1_000_000n })], {
      kind: 'claimed',
      nonce: 5,
      hash: '0xbb',
      sentAt: at(12_400),
    })
    const action = { ...next.action, engine: 'evm' }
    await store.intents.add({ ...next, id: 'next', lane, action, createdAt: at(12_000) })
    const [one] = (await look(store)).liquidation
    const taken = { signMs: 100, sendMs: 100, blockMs: 2_800, allMs: 3_000 }
    const none = { signMs: undefined, sendMs: undefined, blockMs: undefined, allMs: undefined }
    expect(one?.attempts.map(({ key: _key, ...rest }) => rest)).toEqual([
      {
        at: at(12_000),
        account: 'emil',
        market: 'BTC-USD',
        outcome: 'sent',
        why: '',
        notional: '3.00',
        reward: '1.00',
        cover: '0.00',
        stages: none,
      },
      expect.objectContaining({
        at: at(10_000),
        account: 'dora',
        outcome: 'missed',
        why: 'idle',
        reward: '12.50',
        cover: '2.00',
        stages: none,
      }),
      expect.objectContaining({
        at: at(8_000),
        account: 'anna',
        outcome: 'won',
        notional: '50.00',
        reward: '12.50',
        stages: taken,
      }),
      expect.objectContaining({
        account: 'bert',
        outcome: 'lost',
        reward: '7.00',
        stages: taken,
      }),
    ])
    expect(one?.middle).toEqual({ of: 2, ...taken })
  })

  test('has books of today: penalties, fees, net, what had no effect, what others had and why', async () => {
    const [one] = (await look(await withBooks())).liquidation
    expect(one?.today).toEqual({
      day: '2026-01-01',
      upTo: { unit: 'block', number: 10 },
      bookedAt: at(10_000),
      won: 1,
      hitPermille: 500,
      penalty: '25.00',
      reward: '12.50',
      exchangeFees: '0.00',
      unmarked: 0,
      // 0.001 ETH at 2,000.
      fees: '2.00',
      feesUnknown: 0,
      net: '10.50',
      noEffect: 1,
      failureCost: '0.00',
      missed: 1,
      missedReward: '12.50',
      missedWhy: [{ why: 'idle', count: 1 }],
      deleveraged: 1,
    })
    // Half of both penalties is the fund's, which paid 2 for one.
    expect(one?.fund).toEqual({
      balance: '4000.00',
      block: 10,
      inToday: '25.00',
      outToday: '2.00',
      inPerDay: '25.00',
      outPerDay: '2.00',
      overDays: 1,
      lastsDays: undefined,
    })
  })

  test('of yesterday is in no book of today, but in the fund’s pace', async () => {
    const store = aStore()
    const loss = { ...event, penalty: 0n, reward: 0n, cover: 1_000_000_000n }
    const booking = aBooking({ events: [anEvent({ ...loss, liquidator: them })] })
    for (const row of bookRows(booking)) await store.ledger.add('evm', row)
    await store.ledger.move('evm', cursor)
    const [one] = (await look(store, 24 * 3_600_000)).liquidation
    expect(one?.today).toMatchObject({ day: '2026-01-02', missed: 0 })
    // 1,000 in two days: 4,000 last for eight.
    expect(one?.fund).toMatchObject({ outToday: '0.00', overDays: 2, lastsDays: 8 })
  })

  test('has those that were deleveraged, and says of one that is in no book why', async () => {
    const store = await withBooks()
    const part = { market, account: 'anna', asset: 'btc', size: 1n, loss: 70_000_000n }
    const action: Deleverage = {
      kind: 'deleverage',
      engine: 'evm',
      round: 8,
      at: at(8_000),
      updates: [
        { ...part, counterparty: 'carl' },
        { ...part, counterparty: 'dirk' },
      ],
    }
    const state = { kind: 'settled', ...anInclusion({ hash: '0xde' }) } as const
    const intent: Intent = {
      id: 'd',
      lane,
      action,
      createdAt: at(8_000),
      deadline: at(9_000),
      state,
    }
    await store.intents.add(intent)
    const later = { kind: 'claimed', nonce: 5, hash: '0xdf', sentAt: undefined } as const
    await store.intents.add({ ...intent, id: 'e', createdAt: at(14_000), state: later })
    await recorded(store, 'liquidate', { view: seen, decided: {} })
    await recorded(store, 'deleverage', { view: { bankrupt: [{}] }, decided: {} })
    const [one] = (await look(store)).liquidation
    expect(one?.deleverage.newest).toMatchObject({ bankrupt: 1, reason: 'tried' })
    expect(
      one?.deleverage.parts.map(({ counterparty, state: now, loss }) => [counterparty, now, loss]),
    ).toEqual([
      ['carl', 'sent', '70.00'],
      ['dirk', 'sent', '70.00'],
      ['carl', 'booked', '70.00'],
      ['dirk', 'failed', '70.00'],
    ])
  })

  test('costs whoever looks again one small read, until the books move or the day does', async () => {
    const store = await withBooks()
    let reads = 0
    const ledger: MemoryStore['ledger'] = {
      ...store.ledger,
      between: async (engine, from, to) => {
        reads += 1
        return await store.ledger.between(engine, from, to)
      },
    }
    const weekOf = weeksOfBooks()
    const rowsAt = async (ms: number) => (await weekOf(ledger, 'evm', at(ms))).rows.length
    expect([await rowsAt(0), await rowsAt(1_000), reads]).toEqual([rows.length, rows.length, 1])
    await ledger.move('evm', { ...cursor, version: 2 })
    expect([await rowsAt(2_000), reads]).toEqual([rows.length, 2])
    expect([await rowsAt(24 * 3_600_000), reads]).toEqual([rows.length, 3])
    expect([await rowsAt(7 * 24 * 3_600_000), reads]).toEqual([0, 4])
  })
})

const shown = async (store: MemoryStore) =>
  (await networkView({ network: starkexNetwork(), store, now: at(30_000) })).liquidation

describe('a StarkEx exchange', () => {
  const part = { market, account: 'anna', counterparty: 'carl', asset: 'btc', size: 1n }
  const action: Deleverage = {
    kind: 'deleverage',
    engine: 'perps',
    round: 8,
    at: at(8_000),
    updates: [{ ...part, loss: 70_000_000n }],
  }
  const intent: Intent = {
    id: 'd',
    lane: 'gateway/perps-main',
    action,
    createdAt: at(8_000),
    deadline: at(9_000),
    // The eighth transaction that its gateway took.
    state: { kind: 'settled', ...anInclusion({ nonce: 7, block: aBlock(8) }) },
  }
  const cursor: LedgerCursor = {
    block: { number: 4, hash: '0x4' },
    batch: { id: 3, nextTransaction: 8 },
    blockAt: at(10_000),
    workBefore: at(10_000),
    fund: undefined,
    fundDays: [],
    decimals: { collateral: 6, fee: 18 },
    version: 1,
  }

  async function withBooks(
    given: Partial<LedgerCursor> = {},
    transaction = '0x7',
  ): Promise<MemoryStore> {
    const store = aStore()
    await store.intents.add(intent)
    const event = aDeleverage({ batch: 3, transaction: transaction as '0x7', loss: undefined })
    if (transaction !== '0x')
      for (const row of bookRows(aBooking({ isBatched: true, events: [event] })))
        await store.ledger.add('perps', row)
    await store.ledger.move('perps', { ...cursor, ...given })
    return store
  }

  test('has books up to a batch, and tells of no fund', async () => {
    expect(await shown(await withBooks())).toMatchObject([
      {
        engine: 'perps',
        tellsFund: false,
        fund: undefined,
        today: { upTo: { unit: 'batch', number: 3 }, deleveraged: 1 },
      },
    ])
  })

  test('knows a deleverage of ours in its books by the id that it was handed in with, whose loss nobody may tell', async () => {
    const [one] = await shown(await withBooks())
    expect(one?.deleverage.parts).toMatchObject([{ state: 'booked', loss: undefined }])
  })

  test('counts its transactions and not its batches to say what should be booked by now', async () => {
    const [missing] = await shown(await withBooks({}, '0x'))
    expect(missing?.deleverage.parts).toMatchObject([{ state: 'failed', loss: '70.00' }])
    const later = { batch: { id: 3, nextTransaction: 7 } }
    const [waiting] = await shown(await withBooks(later, '0x'))
    expect(waiting?.deleverage.parts).toMatchObject([{ state: 'included' }])
  })
})

test('a slot of another version is a problem, and the rest is shown', async () => {
  const store = aStore()
  await recorded(store, 'liquidate', { view: { look: 'another' }, decided: {} })
  const view = await look(store)
  expect(view.problems).toMatchObject([{ where: 'newest slot of liquidate for evm' }])
  expect(view.liquidation).toMatchObject([{ engine: 'evm', newest: undefined }])
})
