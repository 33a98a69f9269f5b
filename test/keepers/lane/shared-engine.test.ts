import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { holdsStill } from '../../../lib/keepers/lane/engine-lease.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { prepareWork } from '../../../lib/keepers/lane/prepare-work.ts'
import { fakeChain } from '../fake-chain.ts'
import { anAction, laneInMemory } from './lane-in-memory.ts'

let holders = 0
const leaseOf = (engine: string) => {
  holders += 1
  return { name: `engine/${engine}`, holder: `holder ${holders}` }
}

/**
 * Two lanes for one exchange with one nonce for both. The fake chain has one account, so the other lane has a chain of its
 * own: what counts here is whether it may sign.
 */
function twoLanes() {
  const it = laneInMemory({ sequenced: true })
  const elsewhere = fakeChain({ clock: it.clock, name: 'elsewhere' })
  const first: LaneWorld = { ...it.world, leaseOf }
  const second: LaneWorld = { ...it.world, id: 'fake/second', chain: elsewhere, leaseOf }
  const add = async (world: LaneWorld, round: number) => {
    const createdAt = it.clock.now()
    await it.store.intents.add({
      id: `${world.id}:${round}`,
      lane: world.id,
      action: anAction(round, 'dex'),
      createdAt,
      deadline: timestamp(createdAt + 60_000),
      state: { kind: 'waiting' },
    })
  }
  return { ...it, elsewhere, first, second, add }
}

describe('two lanes that send for one exchange', () => {
  test('take turns: the second signs when the first is in a block', async () => {
    const it = twoLanes()
    await it.add(it.first, 1)
    await it.add(it.second, 2)
    await advanceLane(it.first)
    await advanceLane(it.second)
    expect([it.chain.broadcasts.length, it.elsewhere.broadcasts.length]).toEqual([1, 0])
    it.chain.mine()
    await advanceLane(it.first)
    await advanceLane(it.second)
    expect(it.elsewhere.broadcasts).toHaveLength(1)
  })

  test('one that ended holds the other up only until its work is too late', async () => {
    const it = twoLanes()
    await it.add(it.first, 1)
    await advanceLane(it.first)
    await it.add(it.second, 2)
    it.clock.pass(59_000)
    await advanceLane(it.second)
    expect(it.elsewhere.broadcasts).toEqual([])
    it.clock.pass(40_000)
    await it.add(it.second, 3)
    await advanceLane(it.second)
    expect(it.elsewhere.broadcasts).toHaveLength(1)
  })

  test('who has lost the right sends the work no more, and uses its nonce for nothing', async () => {
    const it = twoLanes()
    await it.add(it.first, 1)
    const { onBroadcast } = it.chain
    it.chain.onBroadcast = () => {
      throw new Error('killed')
    }
    await expect(advanceLane(it.first)).rejects.toThrow('killed')
    it.chain.onBroadcast = onBroadcast
    await it.store.leases.release('engine/dex', 1)
    await it.add(it.second, 2)
    await advanceLane(it.second)
    expect(it.elsewhere.broadcasts).toHaveLength(1)
    await advanceLane(it.first)
    it.chain.mine()
    expect(it.chain.effects().map(({ data }) => data)).toEqual(['0x'])
  })

  test('a second worker of a lane that has nothing to send leaves the first one its right', async () => {
    const it = twoLanes()
    await it.add(it.first, 1)
    const [intent] = await it.store.intents.open(it.first.id)
    if (!intent) throw new TypeError('nothing waits')
    await advanceLane(it.first)
    it.chain.reverts = () => 'INVALID_NONCE'
    // It has read the row before the first one wrote it.
    const lane = { id: it.first.id, nextNonce: undefined, inFlight: [], version: 0 }
    expect(await prepareWork(it.first, { lane, intent, nonce: 0 })).toEqual({ kind: 'held' })
    await it.add(it.second, 2)
    await advanceLane(it.second)
    expect(it.elsewhere.broadcasts).toEqual([])
    it.chain.mine()
    await advanceLane(it.first)
    await advanceLane(it.second)
    expect(it.elsewhere.broadcasts).toHaveLength(1)
  })

  test('a worker that asks for a right which was given back keeps it from nobody', async () => {
    const it = twoLanes()
    await it.add(it.first, 1)
    await advanceLane(it.first)
    // Another worker of the lane has read this row, and is late.
    const [transaction] = (await it.lane()).inFlight
    if (!transaction) throw new TypeError('nothing was sent')
    it.chain.mine()
    await advanceLane(it.first)
    expect(await holdsStill(it.first, transaction)).toBe(false)
    await it.add(it.second, 2)
    await advanceLane(it.second)
    expect(it.elsewhere.broadcasts).toHaveLength(1)
  })

  test('work that is refused keeps the right from nobody', async () => {
    const it = twoLanes()
    it.chain.reverts = () => 'INACTIVE_ASSET'
    await it.add(it.first, 1)
    await advanceLane(it.first)
    await it.add(it.second, 2)
    await advanceLane(it.second)
    expect(it.elsewhere.broadcasts).toHaveLength(1)
  })
})
