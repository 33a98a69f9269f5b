import { describe, expect, test } from 'vitest'

import { read } from '../fake-chain.ts'
import { laneInMemory } from './lane-in-memory.ts'

/** A lane on a chain with a block every two seconds; its head counts for fifteen. */
function stoppable() {
  const it = laneInMemory()
  it.chain.blockSeconds = 2
  return it
}

describe('while the newest block is too old', () => {
  test('nothing is signed, and what waits goes out with the next block', async () => {
    const it = stoppable()
    await it.add(1)
    it.clock.pass(15_001)
    await it.advance()
    expect(it.chain.broadcasts).toEqual([])
    expect(await it.stateOf(1)).toEqual({ kind: 'waiting' })
    it.chain.mine()
    await it.advance()
    expect(it.chain.broadcasts).toHaveLength(1)
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test('nothing is replaced, but what is out is sent again and followed', async () => {
    const it = stoppable()
    await it.add(1)
    await it.advance()
    it.chain.evict()
    it.clock.pass(40_000)
    await it.advance()
    expect(it.chain.broadcasts).toHaveLength(2)
    expect(new Set(it.chain.broadcasts).size).toBe(1)
    expect((await it.lane()).inFlight[0]?.attempts).toHaveLength(1)
    it.chain.mine()
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'included' })
  })

  test('a refusal for the fee is not answered by a higher one', async () => {
    const it = stoppable()
    await it.add(1)
    it.chain.onBroadcast = () => {
      throw new Error('the line went dead')
    }
    await expect(it.advance()).rejects.toThrow('the line went dead')
    it.chain.onBroadcast = () => undefined
    it.chain.refuses = () => 'underpriced'
    it.clock.pass(16_000)
    await it.advance()
    expect((await it.lane()).inFlight[0]?.attempts).toHaveLength(1)
    it.chain.refuses = () => undefined
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test('work whose time is over is dropped all the same', async () => {
    const it = stoppable()
    await it.add(1)
    it.clock.pass(60_000)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'expired' })
  })

  test('a gap is not filled', async () => {
    const it = stoppable()
    await it.add(1)
    it.chain.mine()
    it.chain.foreign()
    await it.advance()
    it.chain.reorg(1, 'dropped')
    it.clock.pass(31_000)
    await it.advance()
    expect(it.chain.broadcasts.map((bytes) => read(bytes).nonce)).not.toContain(0)
    it.chain.mine()
    await it.advance()
    expect(it.chain.broadcasts.map((bytes) => read(bytes).nonce)).toContain(0)
  })
})

describe('after a restart', () => {
  test('a node from before what is settled gives no nonce', async () => {
    const it = laneInMemory()
    it.clock.pass(2_000)
    await it.add(1)
    await it.settle()
    it.chain.lag = it.chain.height()
    await it.add(2)
    await it.advance()
    expect(await it.stateOf(2)).toEqual({ kind: 'waiting' })
    it.chain.lag = 0
    await it.settle()
    expect(it.chain.broadcasts.map((bytes) => read(bytes).nonce)).toEqual([0, 1])
    expect(it.effectsOf(2)).toBe(1)
  })
})
