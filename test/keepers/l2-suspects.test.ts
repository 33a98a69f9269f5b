import { expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { l2Suspects } from '../../lib/keepers/l2-suspects.ts'
import { aProvingLane } from '../adapters/store/samples.ts'
import { aRefusal } from './a-suspect-lane.ts'
import { movedClock } from './lane/lane-in-memory.ts'

test('an exchange is suspect by the lanes that prove its chain alone, and by the oldest refusal', async () => {
  const { batches } = memoryStore({ clock: movedClock() })
  const later = { ...aRefusal, since: timestamp(aRefusal.since + 1) }
  await batches.writeLane(aProvingLane({ name: 'one', suspect: later }))
  await batches.writeLane(aProvingLane({ name: 'other', suspect: aRefusal }))
  await batches.writeLane(aProvingLane({ name: 'well' }))
  const suspects = l2Suspects(
    { batches },
    { both: ['one', 'other', 'unbegun'], well: ['well', 'unbegun'], unproved: [] },
  )
  expect(await suspects('both')).toEqual({ lane: 'other', ...aRefusal })
  expect(await suspects('well')).toBeUndefined()
  expect(await suspects('unproved')).toBeUndefined()
  expect(await suspects('constructor')).toBeUndefined()
})

test('each look reads each row of its own lanes once', async () => {
  const read: string[] = []
  const { batches } = memoryStore({ clock: movedClock() })
  const counted = {
    ...batches,
    async lane(name: string) {
      read.push(name)
      return await batches.lane(name)
    },
  }
  const suspects = l2Suspects({ batches: counted }, { dex: ['one', 'two'], other: ['three'] })
  await suspects('dex')
  expect(read).toEqual(['one', 'two'])
})
