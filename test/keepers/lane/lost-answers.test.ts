import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { Engine } from '../../../lib/ports.ts'
import { laneInMemory } from './lane-in-memory.ts'

/** Words of that many reports, which no packing makes small. */
function noise(round: number): string {
  const parts = Array.from({ length: 250 }, (_, at) =>
    createHash('sha512').update(`${round} ${at}`),
  )
  return parts.map((hash) => hash.digest('hex')).join('')
}

describe('what the network loses', () => {
  test('a lost answer to a broadcast is answered with the same bytes, and known is success', async () => {
    const it = laneInMemory()
    const broadcast = it.chain.broadcast.bind(it.chain)
    it.chain.broadcast = async (bytes) => {
      await broadcast(bytes)
      throw new Error('timeout')
    }
    await it.add(1)
    await expect(it.advance()).rejects.toThrow('timeout')
    it.chain.broadcast = broadcast
    await it.advance()
    const [first, ...again] = it.chain.broadcasts
    expect(again).toEqual([first])
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed', sentAt: it.clock.now() })
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test('a refusal after a lost answer drops nothing that a node has', async () => {
    const it = laneInMemory()
    const broadcast = it.chain.broadcast.bind(it.chain)
    it.chain.broadcast = async (bytes) => {
      await broadcast(bytes)
      throw new Error('timeout')
    }
    await it.add(1)
    await expect(it.advance()).rejects.toThrow('timeout')
    it.chain.broadcast = async () => ({ kind: 'refused', why: 'funds', reason: 'another node' })
    await it.advance()
    expect((await it.lane()).inFlight).toHaveLength(1)
    it.chain.broadcast = broadcast
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled' })
  })

  test('what a pool has forgotten is sent again, the same bytes', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    it.chain.evict()
    await it.advance()
    expect(it.chain.inPool()).toBe(0)
    it.clock.pass(5_000)
    await it.advance()
    expect(it.chain.inPool()).toBe(1)
    expect(new Set(it.chain.broadcasts).size).toBe(1)
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test.for(['pool', 'dropped'] as const)(
    'a block that is lost puts its work back to sent (%s), and it settles again',
    async (fate) => {
      const it = laneInMemory()
      await it.add(1)
      await it.advance()
      it.chain.mine()
      await it.advance()
      it.chain.reorg(1, fate)
      it.chain.stalled = true
      it.chain.mine()
      expect((await it.advance()).outside).toBe(1)
      expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed', nonce: 0 })
      it.chain.stalled = false
      await it.settle()
      expect(await it.stateOf(1)).toMatchObject({ kind: 'settled' })
      expect(it.effectsOf(1)).toBe(1)
      expect(new Set(it.chain.broadcasts).size).toBe(1)
    },
  )

  test('work of two blocks that are lost is sent again from one look, the older of it signed anew', async () => {
    const it = laneInMemory()
    for (const round of [1, 2]) {
      await it.add(round)
      await it.advance()
      it.chain.mine()
      await it.advance()
    }
    const before = [...it.chain.broadcasts]
    expect((await it.lane()).inFlight.map(({ attempts }) => attempts[0]?.bytes)).toEqual([
      undefined,
      before[1],
    ])
    it.chain.reorg(2, 'dropped')
    it.clock.pass(5_000)
    await it.advance()
    expect(it.chain.inPool()).toBe(2)
    expect(it.chain.broadcasts.slice(2).toSorted()).toEqual(before.toSorted())
    await it.settle()
    expect([it.effectsOf(1), it.effectsOf(2)]).toEqual([1, 1])
  })

  test('a refusal drops nothing that was in a block once', async () => {
    const it = laneInMemory()
    for (const round of [1, 2]) {
      await it.add(round)
      await it.advance()
      it.chain.mine()
      await it.advance()
    }
    it.chain.reorg(2, 'dropped')
    it.clock.pass(5_000)
    it.chain.refuses = () => 'funds'
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed' })
    it.chain.refuses = () => undefined
    await it.settle()
    expect([it.effectsOf(1), it.effectsOf(2)]).toEqual([1, 1])
  })

  test('a lane whose chain takes long to be final does not outgrow the store', async () => {
    const it = laneInMemory()
    const slow = { ...it.chain, finalityBlocks: 1_000 }
    const encode = it.engine.encode.bind(it.engine)
    const engine: Engine = {
      ...it.engine,
      encode: (action, sequence) =>
        encode(action, sequence).flatMap((call) =>
          call.kind === 'evm' ? { ...call, data: `${call.data} ${noise(action.round)}` } : [],
        ),
    }
    const world = { ...it.world, chain: slow, engines: { dex: engine } }
    for (let round = 1; round <= 60; round += 1) {
      await it.add(round)
      await advanceLane(world)
      it.chain.mine()
      await advanceLane(world)
      expect(await it.stateOf(round)).toMatchObject({ kind: 'included' })
    }
    expect((await it.lane()).inFlight).toHaveLength(60)
  })

  test('a block that was lost between two questions of one look settles nothing', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    it.chain.mine()
    await it.advance()
    const head = it.chain.head.bind(it.chain)
    it.chain.head = async () => {
      // Whatever was asked beside has its answer.
      await Promise.resolve()
      it.chain.head = head
      it.chain.reorg(1, 'dropped')
      for (let block = 0; block < 5; block += 1) it.chain.mine()
      return head()
    }
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed' })
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test('a node that is behind takes nothing back', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    it.clock.pass(2_000)
    it.chain.mine()
    await it.advance()
    const before = await it.lane()
    it.chain.lag = 1
    await it.advance()
    expect(await it.lane()).toEqual(before)
    expect(await it.stateOf(1)).toMatchObject({ kind: 'included' })
  })

  test('a node that is behind makes nobody fill nonces that are used', async () => {
    const it = laneInMemory()
    it.chain.foreign()
    it.chain.foreign()
    await it.add(1)
    await it.advance()
    it.chain.lag = 2
    await it.advance()
    expect((await it.lane()).inFlight.map(({ nonce }) => nonce)).toEqual([2])
  })

  test('the store does not answer: nothing is sent that it does not hold', async () => {
    const it = laneInMemory()
    await it.add(1)
    const world = {
      ...it.world,
      store: {
        ...it.world.store,
        lanes: {
          ...it.world.store.lanes,
          write: async () => {
            throw new Error('the store is down')
          },
        },
      },
    }
    await expect(advanceLane(world)).rejects.toThrow('the store is down')
    expect(it.chain.broadcasts).toEqual([])
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })
})
