import { describe, expect, test } from 'vitest'

import type { EngineAction, LiquidationPart } from '../../../lib/domain/action.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { anAction, laneInMemory } from './lane-in-memory.ts'

const market = parseMarket('BTC-USD')

/** A lane whose exchange takes everything; `worth` is what liquidating is worth. */
function aLane(worth?: bigint) {
  const it = laneInMemory()
  const engine = {
    ...it.engine,
    encode: ({ kind, round }: EngineAction) => [
      { kind: 'evm', to: '0x01', data: `0x ${kind} ${round}` as `0x${string}` } as const,
    ],
  }
  const world: LaneWorld = {
    ...it.world,
    engines: { dex: engine },
    worthOf: ({ kind }) => (kind === 'liquidate' ? worth : undefined),
  }
  return {
    ...it,
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

function liquidate(round: number, isUrgent = false): EngineAction {
  const part: LiquidationPart = {
    market,
    account: `a${round}`,
    asset: '0xb',
    size: 1n,
    base: -1n,
    cash: 1n,
    penalty: 0n,
    reward: 0n,
    cover: 0n,
  }
  const urgent = isUrgent ? ({ urgent: true } as const) : {}
  return { kind: 'liquidate', engine: 'dex', round, at: timestamp(0), ...urgent, updates: [part] }
}

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
    const it = aLane(150n)
    await it.work(liquidate(1, true))
    await it.work(anAction(2, 'dex'))
    expect(await it.effects()).toEqual(['push-prices 2'])
    it.clock.pass(10_000)
    expect(await it.effects()).toEqual(['push-prices 2', 'liquidate 1'])
  })
})
