import { describe, expect, test } from 'vitest'

import type { SettleFunding } from '../../lib/domain/action.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { Book } from '../../lib/domain/funding/premium.ts'
import type { Intent } from '../../lib/domain/intent.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import { fundingIntent } from '../../lib/keepers/settle-funding.ts'
import { aRefusal, sayOfLane } from './a-suspect-lane.ts'
import { btc, eth, fundingWorld, type FundingWorld, someSettings } from './funding-world.ts'

function reasonOf(end: { readonly kind: string; readonly reason?: string } | undefined): string {
  return end?.reason ?? end?.kind ?? 'none'
}

describe('votes', () => {
  test('each node has one for each slot, whoever works in it and how often', async () => {
    const it = fundingWorld({ nodes: ['oracle-1', 'oracle-2'] })
    it.premiums = { 'oracle-1': '0.001', 'oracle-2': '0.003' }
    await it.pass(1)
    expect(await it.slot('two')).toEqual({ kind: 'taken' })
    await it.pass(1)
    const votes = await it.store.fundingVotes.ofEpoch('dex', it.epoch())
    const first = Math.floor(it.clock.now() / 60_000) - 1
    expect(
      votes.map(({ slot, voter, premiums }) => [slot, voter, premiums[btc]?.toFixed()]),
    ).toEqual([
      [first, 'oracle-1', '0.001'],
      [first, 'oracle-2', '0.003'],
      [first + 1, 'oracle-1', '0.001'],
      [first + 1, 'oracle-2', '0.003'],
    ])
  })

  test('a node that has stopped has none, and nobody’s old prices count as new ones', async () => {
    const it = fundingWorld({ nodes: ['oracle-1', 'oracle-2'] })
    it.premiums = { 'oracle-1': '0.001', 'oracle-2': '0.003' }
    await it.pass(1)
    it.premiums = { 'oracle-2': '0.003' }
    await it.pass(2)
    const votes = await it.store.fundingVotes.ofEpoch('dex', it.epoch())
    // Its last prices are a minute old in the second slot, which is still taken, and two in the third.
    expect(votes.map(({ voter }) => voter)).toEqual([
      'oracle-1',
      'oracle-2',
      'oracle-1',
      'oracle-2',
      'oracle-2',
    ])
  })

  test('where rounds are longer than a minute, one counts until the next but one would be there', async () => {
    const it = fundingWorld({ roundSeconds: 150 })
    it.premiums = { 'oracle-1': '0.001' }
    await it.pass(1)
    it.premiums = {}
    await it.pass(8)
    const votes = await it.store.fundingVotes.ofEpoch('dex', it.epoch())
    // Made in the first slot: of five minutes later too, and no more of six.
    expect(votes).toHaveLength(6)
  })

  test('several nodes make the median, so that one that lies moves nothing', async () => {
    const nodes = ['oracle-1', 'oracle-2', 'oracle-3']
    const it = fundingWorld({ nodes })
    it.premiums = { 'oracle-1': '0.001', 'oracle-2': '0.0012', 'oracle-3': '0.9' }
    await it.toNextEpoch()
    await it.toNextEpoch()
    expect(it.told()).toContain(`${it.epoch()} ${btc} 0.0012`)
  })
})

describe('the exchange’s own book', () => {
  test('shows the premium before the perpetuals of others do, and what cannot be read is named', async () => {
    const book = { bids: level('100.4'), asks: level('100.5') }
    const failures = [`book of ${eth} at paradex: timeout: no answer`]
    const it = fundingWorld({
      orderBooks: { read: async () => Promise.resolve({ books: { [btc]: book }, failures }) },
    })
    const [end] = await it.pass(1)
    const [vote] = await it.store.fundingVotes.ofEpoch('dex', it.epoch())
    // The impact bid of 1,000 USD is 0.4 % above the index of 100; ETH goes by the perpetuals, 0.1 % above theirs.
    expect(vote?.premiums[btc]?.toFixed()).toBe('0.004')
    expect(vote?.premiums[eth]?.toFixed()).toBe('0.001')
    expect(end).toMatchObject({ detail: expect.stringContaining(failures[0] ?? '') as string })
  })

  test('that is too thin for the notional says nothing, and no perpetual speaks for it', async () => {
    const book = { bids: level('100.4', '9.9'), asks: level('100.5', '9.9') }
    const it = fundingWorld({
      orderBooks: { read: async () => Promise.resolve({ books: { [btc]: book }, failures: [] }) },
    })
    await it.pass(1)
    const [vote] = await it.store.fundingVotes.ofEpoch('dex', it.epoch())
    expect(vote?.premiums[btc]?.toFixed()).toBe('0')
  })
})

describe('an epoch', () => {
  test('is settled once, by the votes of the one before it', async () => {
    const it = fundingWorld()
    await it.toNextEpoch()
    it.premiums = { 'oracle-1': '-0.002' }
    await it.pass(3)
    const first = it.epoch()
    // The first tick of a market pays one epoch: nine slots of 0.001, and the first slot of all had no prices.
    expect(it.told()).toEqual([`${first} ${btc} 0.0009`, `${first} ${eth} 0.0009`])
    await it.toNextEpoch()
    await it.pass(9)
    // One slot of the epoch before was at 0.001, nine at -0.002.
    expect(it.told()).toEqual([
      `${first} ${btc} 0.0009`,
      `${first} ${eth} 0.0009`,
      `${first + 1} ${btc} -0.0017`,
      `${first + 1} ${eth} -0.0017`,
    ])
    expect(await it.tryOf(first + 1, 2)).toBeUndefined()
  })

  test('is settled once however many workers meet in one slot', async () => {
    const it = fundingWorld()
    await it.pass(9)
    it.clock.pass(60_000)
    it.chain.mine()
    const ends = await Promise.all(['one', 'two', 'three'].map(async (name) => it.slot(name)))
    expect(ends.map(reasonOf).toSorted()).toEqual(['settled', 'taken', 'taken'])
    expect(it.told()).toHaveLength(2)
  })

  test('of which too little was seen pays nothing', async () => {
    const it = fundingWorld()
    await it.toNextEpoch()
    it.premiums = {}
    await it.toNextEpoch()
    expect(reasonOf((await it.pass(1)).at(-1))).toBe('no-rate')
    expect(it.told().filter((one) => one.startsWith(String(it.epoch())))).toEqual([])
  })

  test('whose work is on its way has nothing more done for it', async () => {
    const it = fundingWorld()
    it.chain.stalled = true
    const ends = await it.pass(12)
    expect(ends.map(reasonOf).slice(-3)).toEqual(['settled', 'in-flight', 'in-flight'])
    expect(await it.tryOf(it.epoch(), 2)).toBeUndefined()
    it.chain.stalled = false
    await it.pass(3)
    expect(it.told()).toHaveLength(2)
  })

  test('whose work failed is tried again under another name, never beside the first', async () => {
    const it = fundingWorld()
    it.chain.reverts = () => 'StalePrice'
    await it.toNextEpoch()
    expect(await it.tryOf(it.epoch(), 1)).toMatchObject({ state: { kind: 'failed' } })
    expect(await it.tryOf(it.epoch(), 2)).toBeUndefined()
    it.chain.reverts = () => undefined
    await it.pass(3)
    expect(await it.tryOf(it.epoch(), 2)).toMatchObject({
      id: `settle-funding:dex:epoch-${it.epoch()}:try-2`,
    })
    expect(await it.tryOf(it.epoch(), 3)).toBeUndefined()
    expect(it.told()).toHaveLength(2)
  })

  test('whose work failed twenty times waits for people', async () => {
    const it = fundingWorld()
    await it.pass(9)
    const round = it.epoch() + 1
    const state = { kind: 'failed', why: 'reverted', reason: 'StalePrice', hash: '0x1' } as const
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      const action = { ...anAction(it, round), attempt }
      await add(it, fundingIntent(action), { action, state })
    }
    expect((await it.pass(1)).map(reasonOf)).toEqual(['too-many-tries'])
    expect(it.told()).toEqual([])
  })

  test('is left alone while the chain makes no blocks: whether it is settled is unknown', async () => {
    const it = fundingWorld()
    it.chain.blockSeconds = 2
    await it.pass(9)
    it.clock.pass(60_000)
    const end = await it.slot()
    expect(reasonOf(end)).toBe('chain-stalled')
    expect(it.told()).toEqual([])
    await it.pass(1)
    expect(it.told()).toHaveLength(2)
  })

  test('waits while a prover refuses a batch of its chain, with samples as ever, and is settled after it', async () => {
    const it = fundingWorld()
    await sayOfLane(it.store, { suspect: aRefusal })
    const ends = await it.toNextEpoch()
    expect(new Set(ends.map(reasonOf))).toEqual(new Set(['l2-suspect']))
    expect(it.told()).toEqual([])
    expect(await it.store.fundingVotes.ofEpoch('dex', it.epoch() - 1)).not.toEqual([])
    await sayOfLane(it.store)
    await it.pass(2)
    expect(it.told()).toHaveLength(2)
  })

  test('that somebody else settles between decision and signing is not settled again', async () => {
    const it = fundingWorld()
    await it.pass(9)
    it.clock.pass(60_000)
    it.chain.mine()
    const { state } = it.engine
    it.engine.state = async () => {
      it.engine.state = state
      // The keeper has looked by now; the lane reads after this.
      const seen = await state()
      await it.tellFirst(it.epoch(), '0.004')
      return seen
    }
    await it.slot()
    expect(await it.tryOf(it.epoch(), 1)).toMatchObject({
      state: { kind: 'failed', why: 'superseded' },
    })
    expect(it.told()).toEqual([`${it.epoch()} ${btc} 0.004`, `${it.epoch()} ${eth} 0.004`])
    expect(reasonOf((await it.pass(1)).at(-1))).toBe('nothing-due')
  })
})

describe('what was settled last', () => {
  test('is found through epochs without a rate, and carried forward where the network file says so', async () => {
    const samples = {
      minSamples: 1,
      minVotes: 1,
      missing: 'carry-forward',
      average: 'mean',
    } as const
    const it = fundingWorld({ settings: someSettings({ samples }) })
    await it.toNextEpoch()
    await it.toNextEpoch()
    const before = it.epoch()
    expect(it.told().at(-1)).toBe(`${before} ${eth} 0.001`)
    // One slot of this epoch is seen, at its beginning; then two epochs of which nothing is, and one without its first slot.
    it.premiums = {}
    await it.toNextEpoch()
    await it.toNextEpoch()
    await it.toNextEpoch()
    it.premiums = { 'oracle-1': '0.003' }
    await it.toNextEpoch()
    expect(it.epoch()).toBe(before + 4)
    // One slot of 0.001, carried, and nine of 0.003.
    expect(it.told().slice(-4)).toEqual([
      `${before + 1} ${btc} 0.001`,
      `${before + 1} ${eth} 0.001`,
      `${before + 4} ${btc} 0.0028`,
      `${before + 4} ${eth} 0.0028`,
    ])
  })

  test('of each market counts, where an epoch took two tries', async () => {
    const it = fundingWorld({ settings: someSettings({ late: { kind: 'amortise', epochs: 2 } }) })
    await it.toNextEpoch()
    await it.toNextEpoch()
    const begun = it.epoch()
    // Nobody works for an epoch; in the next one there are samples, but no rate yet.
    it.clock.pass(600_000)
    await it.pass(9)
    it.chain.reverts = (data) => (data.includes(eth) ? 'StalePrice' : undefined)
    await it.pass(1)
    it.chain.reverts = () => undefined
    await it.toNextEpoch()
    expect(it.epoch()).toBe(begun + 3)
    // 1,200 s are due, 600 of them on time; the other 600 are paid in halves, in this epoch and the next one.
    expect(it.told().slice(4)).toEqual([
      `${begun + 2} ${btc} 0.00135`,
      `${begun + 2} ${eth} 0.00135`,
      `${begun + 3} ${btc} 0.0015`,
      `${begun + 3} ${eth} 0.0015`,
    ])
    await it.toNextEpoch()
    expect(it.told().slice(-2)).toEqual([`${begun + 4} ${btc} 0.001`, `${begun + 4} ${eth} 0.001`])
  })
})

describe('a tick', () => {
  test('of our own engine goes without a market that is refused', async () => {
    const it = fundingWorld()
    it.chain.reverts = (data) => (data.includes(btc) ? 'StalePrice' : undefined)
    await it.toNextEpoch()
    expect(it.told()).toEqual([`${it.epoch()} ${eth} 0.0009`])
    expect((await it.tryOf(it.epoch(), 1))?.state).toMatchObject({
      left: [{ market: btc, why: 'refused', reason: 'StalePrice' }],
    })
  })

  test('that must be whole is refused whole, and never sent in parts', async () => {
    const it = fundingWorld()
    it.chain.reverts = (data) => (data.includes(btc) ? 'INVALID_FUNDING_RATE' : undefined)
    await add(it, 'whole', { action: { ...anAction(it, it.epoch()), whole: true } })
    await advanceLane(it.lane)
    expect((await it.store.intents.get('whole'))?.state).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('INVALID_FUNDING_RATE') as string,
    })
    expect(it.chain.broadcasts).toEqual([])
  })
})

function level(price: string, size = '100'): Book['bids'] {
  return [{ price: new Decimal(price), size: new Decimal(size) }]
}

function anAction({ clock }: FundingWorld, round: number): SettleFunding {
  return {
    kind: 'settle-funding',
    engine: 'dex',
    round,
    at: clock.now(),
    attempt: 1,
    updates: [btc, eth].map((market) => ({
      market,
      rate: new Decimal('0.001'),
      epochRate: new Decimal('0.001'),
      owed: { seconds: 0, perEpoch: 0 },
      lastSample: new Decimal(0),
      before: 0n,
      after: 1n,
    })),
  }
}

async function add(
  { clock, lane, store }: FundingWorld,
  id: string,
  change: Pick<Intent, 'action'> & Partial<Intent>,
): Promise<void> {
  await store.intents.add({
    id,
    lane: lane.id,
    createdAt: clock.now(),
    deadline: timestamp(clock.now() + 60_000),
    state: { kind: 'waiting' },
    ...change,
  })
}
