import { describe, expect, test } from 'vitest'

import { parseMarket } from '../../../lib/domain/market.ts'
import type { ParametersView } from '../../../lib/runtime/studio/parameters-view.ts'
import { studioOf } from '../../../lib/runtime/studio/studio.ts'
import { aGovernedNetwork, aStudio, type AStudio, proposal, who } from './a-studio.ts'

const path = 'markets.BTC-USD.push.deviationBps'

describe('where parameters stand', () => {
  test('is the network file’s own set before anybody has done anything', async () => {
    const { studio, own } = aStudio()
    const view = await studio.parameters()
    expect(view.active).toEqual({ number: 0, hash: own })
    expect(view).toMatchObject({ changes: [], events: [] })
    expect(view.phases).toBeUndefined()
    expect(view.numbers).toBeUndefined()
  })

  test('is what is proposed, by whom and why, and what it changes within which bounds', async () => {
    const { studio, desk, network } = aStudio()
    await desk.propose(proposal, who)
    const view = await studio.parameters()
    const { candidate, changes } = view
    expect(candidate).toMatchObject({ number: 1, by: 'ann', why: 'fewer pushes', approvals: [] })
    const [change] = changes
    expect(changes).toHaveLength(1)
    expect(change).toMatchObject({ path, to: 25, unit: 'bps', most: 10_000 })
    expect(change?.from).toBe(network.markets[parseMarket('BTC-USD')]?.push.deviationBps)
    expect(change?.reason).toContain('Push when the price differs')
    expect(statesOf(view)).toEqual(['done', 'ahead', 'skipped', 'ahead', 'ahead', 'ahead'])
  })

  test('goes through each phase at the time at which it came to pass', async () => {
    const one = aStudio()
    const { studio, desk, clock } = one
    const begun = clock.now()
    await desk.propose(proposal, who)
    await desk.shadow(who)
    expect(statesOf(await studio.parameters())).toEqual(inPhase('shadow'))
    clock.pass(60_000)
    await desk.activate({ ...who, inMs: 10_000, isForced: true })
    const planned = await studio.parameters()
    expect(planned.next).toMatchObject({ how: 'activate', number: 1, from: begun + 70_000 })
    expect(planned.active.number).toBe(0)
    clock.pass(10_000)

    // Nobody has written down that its time has come.
    const active = await studio.parameters()
    expect(active.active).toMatchObject({ number: 1, since: begun + 70_000 })
    expect(active.probation).toEqual({ from: begun + 70_000, until: begun + 190_000 })
    expect(statesOf(active)).toEqual(inPhase('probation'))
    expect(active.changes).toMatchObject([{ path, to: 25 }])
    clock.pass(120_000)
    const confirmed = await studio.parameters()
    expect(statesOf(confirmed)).toEqual(['done', 'done', 'skipped', 'done', 'done', 'done'])
    expect(confirmed.phases?.phases.at(-1)?.at).toBe(begun + 190_000)
    expect(confirmed.probation).toBeUndefined()
  })

  test('says that a set was taken back, by whom and why, and what it never came to', async () => {
    const one = aStudio()
    await one.activated()
    one.clock.pass(5_000)
    await one.takenBack('too few pushes')
    one.clock.pass(1_000)
    const view = await one.studio.parameters()
    expect(view.active.number).toBe(0)
    expect(view.phases?.ended).toMatchObject({
      kind: 'rolled back',
      by: 'guard',
      why: 'too few pushes',
    })
    expect(statesOf(view)).toEqual(['done', 'done', 'skipped', 'done', 'cut', 'never'])
    // Nor when its probation would have been over.
    one.clock.pass(300_000)
    expect(statesOf(await one.studio.parameters())).toEqual(statesOf(view))
  })

  test('is read without a write, also where time has changed it', async () => {
    const one = aStudio()
    await one.activated()
    one.clock.pass(500_000)
    const before = await one.store.governance.read()
    const refusing = {
      ...one.store,
      governance: {
        ...one.store.governance,
        write: async () => Promise.reject(new Error('a viewer writes')),
        keepSet: async () => Promise.reject(new Error('a viewer writes')),
      },
    }
    const studio = studioOf({ network: one.network, store: refusing, clock: one.clock })
    expect((await studio.parameters()).active.number).toBe(1)
    expect((await studio.known()).find((found) => found.path === path)?.value).toBe(25)
    expect(await one.store.governance.read()).toEqual(before)
  })
})

describe('what a candidate comes to beside the active set', () => {
  test('is counted round by round, market by market', async () => {
    const one = await inShadow()
    await one.round({ own: '100', other: '100' })
    await one.round({ own: '100', other: '101' })
    await one.round({ own: '100', other: '99.5' })
    await one.round({ own: '100', other: 'too-few-sources' })
    const { numbers } = await one.studio.parameters()
    expect(numbers).toMatchObject({
      kind: 'candidate',
      isOver: false,
      slots: 4,
      differ: 3,
      failed: 0,
      activeMs: 16,
      candidateMs: 4,
    })
    const [btc, eth] = numbers?.markets ?? []
    // Of 0, 100 and 50 bps the middle one is 50.
    expect(btc).toMatchObject({ market: 'BTC-USD', compared: 4, differ: 3, medianBps: 50 })
    expect(btc?.worst?.bps).toBe(100)
    expect(btc?.refusals).toEqual({ active: {}, candidate: { 'refused too-few-sources': 1 } })
    expect(eth).toMatchObject({ market: 'ETH-USD', compared: 4, differ: 0, worst: null })
  })

  test('counts what each of the two would have told of the same offers', async () => {
    const one = await inShadow()
    // From 100 on: 22 bps are told by the active set alone, whose threshold is 20; the last price by both.
    for (const price of ['100', '100.22', '100.6']) {
      await one.offer(price)
      await one.round({ own: price, other: price })
    }
    const [btc] = (await one.studio.parameters()).numbers?.markets ?? []
    expect(one.network.markets[parseMarket('BTC-USD')]?.push.deviationBps).toBe(20)
    expect(btc?.pushes.active.count).toBe(2)
    expect(btc?.pushes.candidate.count).toBe(1)
  })

  test('speaks against it where its prices are too far', async () => {
    const one = await inShadow()
    await one.round({ own: '100', other: '102' })
    const { against, rules } = await one.studio.parameters()
    expect(rules.mostBps).toBe(100)
    expect(against).toContain('more than 100 bps from the active set’s, BTC-USD by 2 % at worst')
  })

  test('speaks against it where nobody has made a price yet, but not where no oracle runs here', async () => {
    const one = await inShadow()
    await one.offer('100')
    expect((await one.studio.parameters()).against).toContain('it was in no round of prices yet')
    const watcher = aStudio({ network: { ...aGovernedNetwork(), oracles: [] } })
    await watcher.desk.propose(proposal, who)
    await watcher.desk.shadow(who)
    await watcher.offer('100')
    const { numbers, against } = await watcher.studio.parameters()
    expect(numbers).toMatchObject({ isOver: false })
    expect(against).toBeUndefined()
  })

  test('is drawn for a market, with what was withheld on probation', async () => {
    const one = aStudio()
    await one.activated()
    const at = one.clock.now()
    await one.round({ own: '100', other: '100', kind: 'previous' })
    await one.round({ own: '103', other: '100', kind: 'previous', withheld: '3 % apart' })
    const course = await one.studio.course('BTC-USD')
    expect(course).toMatchObject({ kind: 'previous', withheld: [at + 10_000] })
    expect(course?.course.price.active.filter((price) => price !== null)).toEqual([100, 103])
    expect((await one.studio.parameters()).numbers?.withheld).toEqual({
      slots: 1,
      why: '3 % apart',
    })
    expect(await one.studio.course('DOGE-USD')).toBeUndefined()
  })

  test('is still there when it is over', async () => {
    const one = await inShadow()
    await one.round({ own: '100', other: '101' })
    await one.desk.withdraw(who)
    expect((await one.studio.parameters()).numbers).toMatchObject({ isOver: true, slots: 1 })
  })

  test('is read once, and then only what is new', async () => {
    const one = await inShadow()
    for (let count = 0; count < 30; count += 1) await one.round({ own: '100', other: '100' })
    const limits: number[] = []
    const { history } = one.store
    const counted = {
      ...one.store,
      history: {
        ...history,
        recent: async (...[keeper, subject, limit]: Parameters<typeof history.recent>) => {
          if (keeper === 'publish-prices') limits.push(limit)
          return await history.recent(keeper, subject, limit)
        },
      },
    }
    const studio = studioOf({ network: one.network, store: counted, clock: one.clock })
    expect((await studio.parameters()).numbers?.slots).toBe(30)
    await one.round({ own: '100', other: '101' })
    await one.round({ own: '100', other: '101' })
    expect((await studio.parameters()).numbers).toMatchObject({ slots: 32, differ: 2 })
    const [first = 0, second = 0] = limits
    expect(limits).toHaveLength(2)
    expect(first).toBe(720)
    expect(second).toBeLessThan(7)
  })

  test('leaves out a row that another version wrote', async () => {
    const one = await inShadow()
    await one.round({ own: '100', other: '101' })
    await one.store.history.record({
      keeper: 'publish-prices',
      subject: 'oracle-1',
      slot: Math.floor(one.clock.now() / 10_000),
      at: one.clock.now(),
      view: '{}',
      decided: '{"feeds":"none"}',
      parameters: one.own,
      shadow: '{"kind":"another"}',
    })
    expect((await one.studio.parameters()).numbers?.slots).toBe(1)
  })
})

async function inShadow(): Promise<AStudio> {
  const one = aStudio()
  await one.desk.propose(proposal, who)
  await one.desk.shadow(who)
  return one
}

function statesOf({ phases }: ParametersView): readonly string[] {
  return phases?.phases.map(({ state }) => state) ?? []
}

function inPhase(name: 'shadow' | 'probation'): readonly string[] {
  return name === 'shadow'
    ? ['done', 'now', 'skipped', 'ahead', 'ahead', 'ahead']
    : ['done', 'done', 'skipped', 'done', 'now', 'ahead']
}
