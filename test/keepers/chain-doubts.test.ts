import { expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { whyDoubted } from '../../lib/domain/chain-doubt.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Uptime } from '../../lib/domain/watch/uptime.ts'
import { chainDoubts } from '../../lib/keepers/chain-doubts.ts'
import { aProvingLane } from '../adapters/store/samples.ts'
import { aRefusal } from './a-suspect-lane.ts'
import { movedClock } from './lane/lane-in-memory.ts'

test('an exchange is suspect by the lanes that prove its chain alone, and by the oldest refusal', async () => {
  const clock = movedClock()
  const store = memoryStore({ clock })
  const { batches } = store
  const later = { ...aRefusal, since: timestamp(aRefusal.since + 1) }
  await batches.writeLane(aProvingLane({ name: 'one', suspect: later }))
  await batches.writeLane(aProvingLane({ name: 'other', suspect: aRefusal }))
  await batches.writeLane(aProvingLane({ name: 'well' }))
  const doubts = chainDoubts(store, {
    clock,
    provenBy: { both: ['one', 'other', 'unbegun'], well: ['well', 'unbegun'], unproved: [] },
    chainOf: {},
  })
  expect(await doubts('both')).toEqual({ lane: 'other', ...aRefusal })
  expect(await doubts('well')).toBeUndefined()
  expect(await doubts('unproved')).toBeUndefined()
  expect(await doubts('constructor')).toBeUndefined()
})

test('an exchange on a chain that the watch calls down is doubted, while that is its word', async () => {
  const clock = movedClock()
  const store = memoryStore({ clock })
  const doubts = chainDoubts(store, { clock, provenBy: {}, chainOf: { dex: 'evm', core: 'stark' } })
  const say = async (state: Uptime['state']) =>
    store.uptimes.write({
      chain: 'evm',
      state,
      since: clock.now(),
      flippedAt: clock.now(),
      at: clock.now(),
      reason: 'old',
    })
  expect(await doubts('dex')).toBeUndefined()
  await say('down')
  const doubt = await doubts('dex')
  expect(doubt && whyDoubted(doubt)).toMatchObject({ reason: 'chain-down' })
  expect(await doubts('core')).toBeUndefined()
  clock.pass(120_001)
  expect(await doubts('dex')).toBeUndefined()
  await say('recovering')
  expect(await doubts('dex')).toBeUndefined()
})

test('each look reads each row of its own lanes and its chain once', async () => {
  const read: string[] = []
  const clock = movedClock()
  const { batches, uptimes } = memoryStore({ clock })
  const counted = {
    batches: {
      ...batches,
      async lane(name: string) {
        read.push(name)
        return await batches.lane(name)
      },
    },
    uptimes: {
      ...uptimes,
      async read(chain: string) {
        read.push(chain)
        return await uptimes.read(chain)
      },
    },
  }
  const provenBy = { dex: ['one', 'two'], other: ['three'] }
  await chainDoubts(counted, { clock, provenBy, chainOf: { dex: 'evm' } })('dex')
  expect(read).toEqual(['one', 'two', 'evm'])
})
