import { expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { driveLane } from '../../../lib/keepers/lane/drive-lane.ts'
import { aLiquidation, laneInMemory } from './lane-in-memory.ts'

test('where a chain takes one after another at once, nothing that waits rests between two looks', async () => {
  const it = laneInMemory()
  const { chain } = it.world
  const world = {
    ...it.world,
    chain: {
      ...chain,
      broadcast: async (bytes: string) => {
        const answer = await chain.broadcast(bytes)
        it.chain.mine()
        return answer
      },
    },
  }
  const rounds = Array.from({ length: 20 }, (_, at) => at + 1)
  for (const round of rounds) await it.add(round, { action: aLiquidation(round, 'dex') })
  const began = it.clock.now()
  await driveLane(world, { until: timestamp(began + 60_000) })
  expect(rounds.map((round) => it.effectsOf(round))).toEqual(rounds.map(() => 1))
  expect(it.clock.now()).toBe(began)
})
