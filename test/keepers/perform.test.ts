import { describe, expect, test } from 'vitest'

import { Decimal } from '../../lib/domain/decimal.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Messenger } from '../../lib/keepers/deliver-alerts.ts'
import { performer, RoundSentError, UnknownNodeError } from '../../lib/keepers/perform.ts'
import { sweep } from '../../lib/keepers/sweep.ts'
import type { Engine } from '../../lib/ports.ts'
import { memoryBooks } from '../adapters/positions/memory-books.ts'
import { aReport } from '../adapters/store/samples.ts'
import { anAction, idOf, laneInMemory } from './lane/lane-in-memory.ts'

function aWorld(others: Readonly<Record<string, Engine>> = {}) {
  const it = laneInMemory()
  const { clock, store, engine, world, notices } = it
  const messenger: Messenger = {
    clock,
    incidents: store.incidents,
    desk: store.desk,
    rules: {},
    channels: {},
    routing: { network: 'n', routes: { critical: [], warning: [], info: [] }, fallback: [] },
    notify: world.notify,
  }
  const perform = performer({
    ports: {
      clock,
      store,
      engines: { dex: engine, ...others },
      oracles: [{ node: 'oracle-1', stark: undefined, evm: undefined }],
      positions: memoryBooks(store, clock),
    },
    laneOf: () => world,
    messenger,
    notify: world.notify,
  })
  const now = clock.now()
  const slot = { subject: 'dex', slot: 1, slotAt: now, until: timestamp(now + 5_000) }
  return { ...it, messenger, perform, slot, notices }
}

async function noAnswer(): Promise<never> {
  return await Promise.reject(new Error('no answer'))
}

const quality = {
  agreeing: 7,
  sources: 9,
  dispersionBps: new Decimal('3.2'),
  confidenceBps: new Decimal('0.8'),
  inputAgeMs: 1_500,
}

describe('publishing', () => {
  const { node: _node, signatures: _signatures, ...report } = aReport('oracle-1', 7)
  const action = {
    kind: 'publish-reports',
    node: 'oracle-1',
    round: 7,
    reports: [report],
    snapshot: 'the round',
    qualities: [{ feed: parseMarket('BTC-USD'), ...quality }],
  } as const

  test('signs each report for every exchange that lists its feed, and keeps the round', async () => {
    const { perform, slot, store } = aWorld()
    await perform(action, slot)
    expect(await store.reports.ofRound(7)).toMatchObject([
      { node: 'oracle-1', signatures: { dex: { signature: ['0x01'] } } },
    ])
    expect(await store.prices.read('oracle-1')).toEqual({ round: 7, snapshot: 'the round' })
  })

  test('an exchange whose chain does not answer keeps no other from its signatures', async () => {
    const { engine } = laneInMemory()
    const unreachable = { ...engine, name: 'far', signAll: noAnswer }
    const { perform, slot, store, notices } = aWorld({ far: unreachable })
    await perform(action, slot)
    const [published] = await store.reports.ofRound(7)
    expect(Object.keys(published?.signatures ?? {})).toEqual(['dex'])
    expect(notices).toContainEqual(
      expect.objectContaining({ kind: 'trouble', where: 'signing for far', message: 'no answer' }),
    )
  })

  test('how good each price is, is told once the round is kept', async () => {
    const { perform, slot, notices } = aWorld()
    await perform(action, slot)
    expect(notices).toContainEqual({
      kind: 'priced',
      at: slot.slotAt,
      node: 'oracle-1',
      round: 7,
      feeds: action.qualities,
    })
  })

  test('a round that nobody could sign for is an error, and still known to the next one', async () => {
    const { engine } = laneInMemory()
    const { perform, slot, store } = aWorld({ dex: { ...engine, signAll: noAnswer } })
    await expect(perform(action, slot)).rejects.toThrow('no answer')
    expect(await store.reports.ofRound(7)).toEqual([])
    expect(await store.prices.read('oracle-1')).toMatchObject({ round: 7 })
  })

  test('again changes nothing', async () => {
    const { perform, slot, store } = aWorld()
    await perform(action, slot)
    await perform({ ...action, snapshot: 'another', reports: [{ ...report, sources: 1 }] }, slot)
    expect(await store.reports.ofRound(7)).toMatchObject([{ sources: 7 }])
    expect(await store.prices.read('oracle-1')).toEqual({ round: 7, snapshot: 'the round' })
  })

  test('a round without reports is kept too', async () => {
    const { perform, slot, store } = aWorld()
    await perform({ ...action, reports: [] }, slot)
    expect(await store.reports.ofRound(7)).toEqual([])
    expect(await store.prices.read('oracle-1')).toMatchObject({ round: 7 })
  })

  test('nothing is published for a node whose keys are not here', async () => {
    const { perform, slot } = aWorld()
    await expect(perform({ ...action, node: 'oracle-9' }, slot)).rejects.toThrow(UnknownNodeError)
  })
})

describe('pushing', () => {
  test('stores the work under its name, sends it and waits for its block', async () => {
    const { perform, slot, clock, chain, stateOf, notices } = aWorld()
    clock.onSleep = () => chain.mine()
    await perform(anAction(1, 'dex'), slot)
    expect(await stateOf(1)).toMatchObject({ kind: 'included' })
    expect(notices.map((one) => one.kind === 'transaction' && one.intent.state.kind)).toEqual([
      'waiting',
      'claimed',
      'included',
    ])
  })

  test('the same round again is the same work', async () => {
    const { perform, slot, settle, effectsOf } = aWorld()
    await perform(anAction(1, 'dex'), slot)
    await settle()
    await perform(anAction(1, 'dex'), slot)
    await settle()
    expect(effectsOf(1)).toBe(1)
  })

  test('a round that went out before without one of the markets is not called pushed', async () => {
    const { perform, slot, settle } = aWorld()
    const [update] = anAction(1, 'dex').updates
    if (!update) throw new TypeError('the action has no update')
    await perform(anAction(1, 'dex'), slot)
    await settle()
    const more = { ...update, market: parseMarket('ETH-USD') }
    const again = perform({ ...anAction(1, 'dex'), updates: [update, more] }, slot)
    await expect(again).rejects.toThrow(new RoundSentError(idOf(1), [parseMarket('ETH-USD')]))
  })

  test('what a worker leaves behind the sweeper brings to its end', async () => {
    const { perform, slot, chain, clock, world, messenger, stateOf } = aWorld()
    chain.stalled = true
    await perform(anAction(1, 'dex'), slot)
    expect(await stateOf(1)).toMatchObject({ kind: 'claimed' })
    chain.stalled = false
    for (let sweeps = 0; sweeps < 6; sweeps += 1) {
      expect(await sweep({ lanes: [world], messenger })).toEqual({
        kind: 'done',
        reason: 'swept',
        detail: '',
      })
      chain.mine()
      clock.pass(60_000)
    }
    expect(await stateOf(1)).toMatchObject({ kind: 'settled' })
  })

  test('a lane that cannot be swept keeps no other from its turn', async () => {
    const { world, messenger, add, stateOf } = aWorld()
    await add(1)
    const chain = { ...world.chain, head: async () => Promise.reject(new Error('timeout')) }
    const broken = { ...world, id: 'other/0x01', chain }
    expect(await sweep({ lanes: [broken, world], messenger })).toEqual({
      kind: 'failed',
      reason: 'not-all-swept',
      detail: 'other/0x01: timeout',
    })
    expect(await stateOf(1)).toMatchObject({ kind: 'claimed' })
  })
})

describe('of other operators’ nodes', () => {
  test('what counts for an exchange is kept beside what counts for another, the first of each', async () => {
    const { perform, slot, store } = aWorld()
    const report = aReport('two', 7)
    const both = { dex: { signer: '0x1', signature: ['0x2'] }, ...report.signatures } as const
    const keep = (engine: string, price = report.price) =>
      perform(
        {
          kind: 'keep-reports',
          engine,
          node: 'two',
          round: 7,
          reports: [{ ...report, price, signatures: both }],
        },
        slot,
      )
    await keep('dex')
    await keep('evm-engine')
    await keep('dex', report.price.add(1))
    const kept = await store.reports.ofRound(7)
    expect(
      kept.map(({ node, price, signatures }) => [node, price, Object.keys(signatures)]),
    ).toEqual([
      ['two', report.price, ['dex']],
      ['two', report.price, ['evm-engine']],
    ])
  })

  test('what they said is kept with what proves a lie, and told', async () => {
    const { perform, slot, store, notices } = aWorld()
    const evidence = [aReport('two', 7, '1'), aReport('two', 7, '2')]
    const lie = {
      node: 'two',
      what: 'equivocated',
      detail: 'it said two things',
      evidence,
    } as const
    const look = { sights: [], lies: [lie], apart: [] }
    await perform({ kind: 'note-peers', engine: 'dex', round: 7, look }, slot)
    const [entry] = await store.history.recent('peers', 'dex', 1)
    expect(entry?.view).toContain('"signature":["0x1122"]')
    expect(JSON.parse(entry?.view ?? '')).toMatchObject({
      lies: [{ node: 'two', evidence: [{ price: '1' }, { price: '2' }] }],
    })
    expect(notices).toMatchObject([
      { kind: 'trouble', where: 'reports of two', message: 'it said two things' },
    ])
  })
})
