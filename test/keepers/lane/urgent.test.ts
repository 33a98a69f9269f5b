import { describe, expect, test } from 'vitest'

import type { EngineAction } from '../../../lib/domain/action.ts'
import type { LanePolicy } from '../../../lib/domain/lane-follow.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { read } from '../fake-chain.ts'
import { aLiquidation, anAction, laneInMemory } from './lane-in-memory.ts'

/** A lane whose exchange takes everything; `worth` is what each kind of work is worth. */
function aLane({
  worth = {},
  ...policy
}: Partial<LanePolicy> & {
  readonly worth?: Partial<Record<EngineAction['kind'], bigint>>
} = {}) {
  const it = laneInMemory(policy)
  const engine = {
    ...it.engine,
    encode: ({ kind, round }: EngineAction) => [
      { kind: 'evm', to: '0x01', data: `0x ${kind} ${round}` as `0x${string}` } as const,
    ],
  }
  const world: LaneWorld = {
    ...it.world,
    engines: { dex: engine },
    worthOf: ({ kind }) => worth[kind],
  }
  return {
    ...it,
    look: async () => advanceLane(world),
    /** What is in no block, in the order of nonces. */
    outside: async () => {
      const { inFlight } = await it.lane()
      return inFlight.flatMap(({ state, intents }) => (state === 'included' ? [] : intents))
    },
    async work(action: EngineAction) {
      const createdAt = it.clock.now()
      await it.store.intents.add({
        id: `${action.kind}:${action.round}`,
        lane: world.id,
        action,
        createdAt,
        deadline: timestamp(createdAt + 30_000),
        state: { kind: 'waiting' },
      })
      it.clock.pass(1)
    },
    /** Blocks and looks, until nothing more takes effect. */
    async effects() {
      for (let look = 0; look < 8; look += 1) {
        await advanceLane(world)
        it.chain.mine()
      }
      return it.chain.effects().map(({ data }) => data.slice(3))
    },
  }
}

const liquidate = (round: number, isUrgent = false) => aLiquidation(round, 'dex', isUrgent)

describe('work on accounts', () => {
  test('with less than nothing left goes before whatever else waits', async () => {
    const it = aLane()
    await it.work(anAction(1, 'dex'))
    await it.work(liquidate(2))
    await it.work(liquidate(3, true))
    expect(await it.effects()).toEqual(['liquidate 3', 'push-prices 1', 'liquidate 2'])
  })

  test('of another slot is sent too: neither takes the place of the other', async () => {
    const it = aLane()
    for (const round of [1, 2, 3]) await it.work(liquidate(round))
    expect(await it.effects()).toEqual(['liquidate 1', 'liquidate 2', 'liquidate 3'])
  })

  test('that may not cost as much yet keeps nothing else waiting', async () => {
    // At first half of what it is worth may be spent, and a transaction costs 100.
    const it = aLane({ worth: { liquidate: 150n } })
    await it.work(liquidate(1, true))
    await it.work(anAction(2, 'dex'))
    expect(await it.effects()).toEqual(['push-prices 2'])
    it.clock.pass(10_000)
    expect(await it.effects()).toEqual(['push-prices 2', 'liquidate 1'])
  })
})

describe('an account with less than nothing', () => {
  test('waits for no transaction that no block takes', async () => {
    const it = aLane({ urgentPlaces: 1 })
    it.chain.stalled = true
    await it.work(anAction(1, 'dex'))
    await it.look()
    await it.work(liquidate(2))
    await it.work(liquidate(3, true))
    await it.look()
    expect(await it.outside()).toEqual(['push-prices:1', 'liquidate:3'])
    it.chain.stalled = false
    it.chain.mine()
    expect(it.chain.effects().map(({ data }) => data.slice(3))).toEqual([
      'push-prices 1',
      'liquidate 3',
    ])
  })

  test('has a place that nothing else ever takes', async () => {
    const it = aLane({ urgentPlaces: 2 })
    it.chain.stalled = true
    for (const round of [1, 2, 3]) await it.work(liquidate(round))
    await it.work(anAction(4, 'dex'))
    await it.look()
    expect(await it.outside()).toEqual(['liquidate:1'])
    for (const round of [5, 6, 7]) await it.work(liquidate(round, true))
    await it.look()
    expect(await it.outside()).toEqual(['liquidate:1', 'liquidate:5', 'liquidate:6'])
  })

  test('is the next one where there are no places beside what is out', async () => {
    const it = aLane()
    it.chain.stalled = true
    await it.work(anAction(1, 'dex'))
    await it.look()
    await it.work(liquidate(2))
    await it.work(liquidate(3, true))
    await it.look()
    expect(await it.outside()).toEqual(['push-prices:1'])
    it.chain.stalled = false
    it.chain.mine()
    await it.look()
    expect(await it.outside()).toEqual(['liquidate:3'])
  })

  test('pays for what it waits behind, as much as it is worth', async () => {
    const it = aLane({
      urgentPlaces: 1,
      replaceAfterMs: 5_000,
      worth: { 'push-prices': 200n, liquidate: 1_000n },
    })
    const paid = () => it.chain.broadcasts.map((bytes) => read(bytes).price)
    await it.work(anAction(1, 'dex'))
    await it.look()
    it.chain.price = 200n
    it.clock.pass(5_000)
    await it.look()
    // Of the 200 that it is worth it may cost 133 at its age.
    expect(paid()).toEqual([100n])
    await it.work(liquidate(2, true))
    await it.look()
    expect(paid()).toEqual([100n, 200n, 200n])
    it.chain.mine()
    expect(it.chain.effects().map(({ data }) => data.slice(3))).toEqual([
      'push-prices 1',
      'liquidate 2',
    ])
  })

  test('is not sent for money that what is out may need', async () => {
    const it = aLane({ urgentPlaces: 1 })
    it.chain.stalled = true
    it.chain.money = 150n
    await it.work(anAction(1, 'dex'))
    await it.work(liquidate(2))
    await it.look()
    await it.work(liquidate(3, true))
    await it.look()
    expect(await it.outside()).toEqual(['push-prices:1'])
    expect((await it.lane()).noFunds).toBeUndefined()
    it.chain.money = 250n
    await it.look()
    expect(await it.outside()).toEqual(['push-prices:1', 'liquidate:3'])
  })
})
