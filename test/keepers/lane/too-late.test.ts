import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { read } from '../fake-chain.ts'
import { laneInMemory } from './lane-in-memory.ts'

/** A lane whose work of round 1 is signed and stored, and never sent: its process ended there. */
async function signedOnly() {
  const it = laneInMemory()
  await it.add(1)
  const { onBroadcast } = it.chain
  it.chain.onBroadcast = () => {
    throw new Error('killed')
  }
  await expect(it.advance()).rejects.toThrow('killed')
  it.chain.onBroadcast = onBroadcast
  return it
}

describe('work that comes too late', () => {
  test('is not sent any more when only its bytes are stored: its nonce is used for nothing', async () => {
    const it = await signedOnly()
    it.clock.pass(60_000)
    await it.settle()
    expect(it.effectsOf(1)).toBe(0)
    expect(it.chain.effects()).toEqual([{ data: '0x', nonce: 0 }])
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'failed',
      why: 'expired',
      reason: 'it was in no block in time, and nonce 0 was used for nothing',
      inclusion: { nonce: 0, feePaid: 1n, attempts: 2 },
    })
  })

  test('is sent while there is time', async () => {
    const it = await signedOnly()
    it.clock.pass(59_000)
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test('is given up in the pool, and what waits behind it goes on', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    it.chain.price = 300n
    it.clock.pass(61_000)
    await it.advance()
    expect(it.chain.broadcasts.map((bytes) => read(bytes).data)).toEqual([
      [expect.stringContaining('round-1')],
      ['0x'],
    ])
    await it.add(2)
    await it.settle()
    expect([it.effectsOf(1), it.effectsOf(2)]).toEqual([0, 1])
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'expired' })
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 1 })
  })

  test('may land all the same: then it is settled, and the nothing never is', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    it.clock.pass(61_000)
    // The nothing is signed and stored, and does not reach the pool.
    it.chain.refuses = () => 'underpriced'
    await it.advance()
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
    expect(it.chain.effects()).toHaveLength(1)
  })

  test('is cancelled only once it has waited as long as a fair fee takes', async () => {
    const it = laneInMemory()
    it.chain.stalled = true
    await it.add(1)
    it.clock.pass(58_000)
    await it.advance()
    it.clock.pass(10_000)
    await it.advance()
    expect((await it.lane()).inFlight[0]?.attempts).toHaveLength(1)
    it.clock.pass(20_000)
    await it.advance()
    const attempts = (await it.lane()).inFlight[0]?.attempts
    expect(attempts?.map(({ nothing }) => nothing)).toEqual([undefined, true])
  })

  test('whose nothing waits too long is raised as often as work is', async () => {
    const it = laneInMemory()
    it.chain.stalled = true
    await it.add(1)
    for (let look = 0; look < 20; look += 1) {
      await it.advance()
      it.clock.pass(30_000)
    }
    const attempts = (await it.lane()).inFlight[0]?.attempts ?? []
    expect(attempts.filter(({ nothing }) => !nothing)).toHaveLength(2)
    expect(attempts.filter(({ nothing }) => nothing)).toHaveLength(4)
    expect(attempts.filter(({ bytes }) => bytes !== undefined)).toHaveLength(1)
  })

  test('of a block that is lost is not wanted again', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    it.chain.mine()
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'included' })
    it.chain.reorg(1, 'dropped')
    it.clock.pass(120_000)
    await it.settle()
    expect(it.effectsOf(1)).toBe(0)
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'expired' })
  })
})

describe('a whole window of nonces that are ours and stuck', () => {
  test.for(['pool', 'dropped'] as const)(
    'is worked off from the lowest on, and new work follows (%s)',
    async (fate) => {
      const it = laneInMemory()
      it.chain.refusesGaps = true
      const rounds = [1, 2, 3]
      for (const round of rounds) {
        await it.add(round, { deadline: timestamp(it.clock.now() + 60_000) })
        await it.advance()
        it.chain.mine()
        await it.advance()
      }
      expect((await it.lane()).inFlight).toHaveLength(3)
      it.chain.reorg(3, fate)
      it.chain.price = 200n
      it.clock.pass(61_000)
      await it.add(4)
      await it.settle()
      expect(await it.stateOf(4)).toMatchObject({ kind: 'settled', nonce: 3 })
      expect(rounds.map((round) => it.effectsOf(round))).toEqual([0, 0, 0])
      expect((await it.lane()).inFlight).toEqual([])
    },
  )
})
