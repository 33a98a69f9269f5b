import { expect, test } from 'vitest'

import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { batchWorld, benchClock } from '../../bench/batch-world.ts'

test('the first in line keeps its pause between two looks at its prover, like all others', async () => {
  const clock = benchClock()
  const full = { ...clock, sleep: async () => undefined }
  const world = batchWorld({
    inFlight: 3,
    store: memoryStore({ clock: full }),
    blobs: memoryBlobs({ clock: full }),
    clock,
  })
  await world.plant()
  await world.slot()
  expect(world.asked.find).toBe(3)
  // Within the ten seconds of the first pause nobody is asked, and no row is written.
  const rows = await world.rows()
  for (let second = 1; second < 10; second += 1) {
    clock.advance(1_000)
    await world.slot()
  }
  expect(world.asked.find).toBe(3)
  expect(await world.rows()).toEqual(rows)
  clock.advance(1_000)
  await world.slot()
  expect(world.asked.find).toBe(6)
})
