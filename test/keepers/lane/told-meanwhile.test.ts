import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { aReport } from '../../adapters/store/samples.ts'
import { anAction, laneInMemory } from './lane-in-memory.ts'

const markets = ['BTC-USD', 'ETH-USD'].map(parseMarket)

function pushOf(round: number) {
  const updates = markets.map((market) => ({
    market,
    price: new Decimal(round),
    reports: [aReport('n', round)],
  }))
  return { action: { kind: 'push-prices', engine: 'dex', round, updates } as const }
}

describe('a price that the exchange has been told meanwhile', () => {
  test('is left out, and the others are told', async () => {
    const it = laneInMemory({ sequenced: true })
    await it.add(7, { id: 'somebody else', action: anAction(7, 'dex') })
    await it.settle()
    await it.add(7, { id: 'ours', ...pushOf(7) })
    await it.settle()
    const [, second] = it.chain.effects()
    expect(second?.data).toContain('ETH-USD')
    expect(second?.data).not.toContain('BTC-USD')
    expect(await it.store.intents.get('ours')).toMatchObject({
      state: { kind: 'settled', left: [{ market: 'BTC-USD', why: 'not-newer' }] },
    })
    expect(await it.lane()).not.toHaveProperty('refused')
  })

  test('ends the work where nothing else is in it, and costs nothing', async () => {
    const it = laneInMemory({ sequenced: true })
    await it.add(8)
    await it.settle()
    const sent = it.chain.broadcasts.length
    await it.add(7)
    await it.settle()
    expect(it.chain.broadcasts).toHaveLength(sent)
    expect(await it.stateOf(7)).toMatchObject({ kind: 'failed', why: 'superseded' })
  })

  test.each(['before the other is in a block', 'after it'])(
    'has no second effect though a deployment with a table of its own decided the same, %s',
    async (when) => {
      const it = laneInMemory({ sequenced: true })
      // Its rows are in its own table.
      it.chain.onBroadcast = () => undefined
      const other: LaneWorld = { ...it.world, store: memoryStore({ clock: it.clock }) }
      const id = await it.add(1)
      const intent = await it.store.intents.get(id)
      if (!intent) throw new Error('there is no work')
      await other.store.intents.add(intent)
      await it.advance()
      if (when === 'after it') it.chain.mine()
      await advanceLane(other)
      for (let looks = 0; looks < 40; looks += 1) {
        it.chain.mine()
        it.clock.pass(10_000)
        await it.advance()
        await advanceLane(other)
      }
      expect(it.effectsOf(1)).toBe(1)
      expect(await it.stateOf(1)).toMatchObject({ kind: 'settled' })
      expect(await other.store.intents.get(id)).toMatchObject({ state: { kind: 'failed' } })
    },
  )
})
