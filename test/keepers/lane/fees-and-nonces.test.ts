import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { read } from '../fake-chain.ts'
import { laneInMemory } from './lane-in-memory.ts'

describe('a fee that is too low', () => {
  test('what waits too long is replaced at the same nonce for an eighth more, and lands once', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    it.chain.price = 110n
    it.chain.mine()
    it.clock.pass(30_000)
    await it.advance()
    const [transaction] = (await it.lane()).inFlight
    expect(transaction?.attempts).toHaveLength(2)
    expect(it.chain.broadcasts.map((bytes) => read(bytes).price)).toEqual([100n, 113n])
    expect(it.chain.broadcasts.map((bytes) => read(bytes).nonce)).toEqual([0, 0])
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'settled',
      hash: transaction?.attempts[1]?.hash,
    })
  })

  test('a replacement is not made more often than the policy says', async () => {
    const it = laneInMemory()
    await it.add(1, { deadline: timestamp(it.clock.now() + 3_600_000) })
    it.chain.stalled = true
    for (let look = 0; look < 12; look += 1) {
      await it.advance()
      it.clock.pass(30_000)
    }
    expect((await it.lane()).inFlight[0]?.attempts).toHaveLength(4)
    it.chain.stalled = false
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test('a replacement that could cost too much is not signed, and what is out stays out', async () => {
    const it = laneInMemory()
    it.chain.feeCap = 112n
    it.chain.stalled = true
    await it.add(1)
    await it.advance()
    it.clock.pass(30_000)
    await it.advance()
    expect((await it.lane()).inFlight[0]?.attempts).toHaveLength(1)
    it.chain.stalled = false
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test('work that could cost more than allowed is refused, and says so', async () => {
    const it = laneInMemory()
    it.chain.feeCap = 99n
    await it.add(1)
    await it.advance()
    expect(await it.stateOf(1)).toEqual({
      kind: 'failed',
      why: 'refused',
      reason: 'a transaction on fake could cost 100, more than the allowed 99; not signed',
      hash: undefined,
    })
    expect(it.chain.broadcasts).toEqual([])
  })

  test('a price that rose before the first broadcast is met at once', async () => {
    const it = laneInMemory()
    await it.add(1)
    it.chain.refuses = () => 'underpriced'
    const broadcast = it.chain.broadcast.bind(it.chain)
    it.chain.broadcast = async (bytes) => {
      const answer = await broadcast(bytes)
      it.chain.refuses = () => undefined
      return answer
    }
    await it.advance()
    expect(it.chain.inPool()).toBe(1)
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test('work that no pool takes for an allowed price waits for a lower one: another worker may be sending its bytes', async () => {
    const it = laneInMemory()
    it.chain.feeCap = 105n
    it.chain.refuses = () => 'underpriced'
    await it.add(1)
    await it.advance()
    const signed = (await it.lane()).inFlight[0]?.attempts[0]?.bytes ?? ''
    expect(await it.stateOf(1)).not.toMatchObject({ kind: 'failed' })
    it.chain.refuses = () => undefined
    await it.chain.broadcast(signed)
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
    expect(it.effectsOf(1)).toBe(1)
  })

  test('its nonce is used for nothing when it is too late, for the price of now where more is not allowed', async () => {
    const it = laneInMemory()
    it.chain.feeCap = 105n
    it.chain.refuses = () => 'underpriced'
    await it.add(1)
    await it.advance()
    it.chain.refuses = () => undefined
    it.clock.pass(60_000)
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'expired' })
    expect(it.effectsOf(1)).toBe(0)
    await it.add(2)
    await it.settle()
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 1 })
  })

  test('what pools have forgotten is sent as it was where more is not allowed', async () => {
    const it = laneInMemory()
    it.chain.feeCap = 105n
    await it.add(1)
    await it.advance()
    const sent = it.chain.broadcasts.length
    it.clock.pass(30_000)
    await it.advance()
    expect(it.chain.broadcasts).toHaveLength(sent)
    it.chain.evict()
    await it.advance()
    expect(it.chain.broadcasts.slice(sent)).toEqual([it.chain.broadcasts[0]])
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test('after a replacement either of both may land', async () => {
    const it = laneInMemory()
    await it.add(1)
    it.chain.stalled = true
    await it.advance()
    it.clock.pass(30_000)
    it.chain.refuses = () => 'underpriced'
    await it.advance()
    it.chain.stalled = false
    it.chain.refuses = () => undefined
    it.chain.mine()
    await it.settle()
    const first = it.chain.broadcasts[0]
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'settled',
      hash: first && read(first).hash,
    })
    expect(it.effectsOf(1)).toBe(1)
  })
})

describe('others at the same account', () => {
  test('while the chain stands still, a nonce that somebody else used proves nothing: its block may be taken back', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    const [sent = ''] = it.chain.broadcasts
    it.chain.foreign()
    await it.advance()
    it.clock.pass(120_000)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed' })
    it.chain.reorg(1, 'dropped')
    await it.chain.broadcast(sent)
    it.chain.mine()
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
    expect(it.effectsOf(1)).toBe(1)
  })

  test('a nonce that somebody else used makes the work fail after a while, and the lane goes on', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    it.chain.foreign()
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed' })
    for (let block = 0; block < 3; block += 1) it.chain.mine()
    it.clock.pass(120_000)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'superseded' })
    expect((await it.lane()).dropped).toBeUndefined()
    await it.add(2)
    await it.settle()
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 1 })
    expect([it.effectsOf(1), it.effectsOf(2)]).toEqual([0, 1])
  })

  test('what others have in the pool is not replaced', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.settle()
    it.chain.foreignInPool()
    await it.add(2)
    await it.settle()
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 2 })
    expect(it.chain.effects().filter(({ data }) => data === 'foreign')).toHaveLength(1)
  })

  test.for([true, false])(
    'a chain that went back behind the lane is filled up, and the lane goes on (gaps refused: %s)',
    async (refusesGaps) => {
      const it = laneInMemory()
      it.chain.refusesGaps = refusesGaps
      for (const round of [1, 2, 3]) {
        await it.add(round)
        await it.settle()
      }
      await it.add(4)
      await it.advance()
      it.chain.mine()
      await it.advance()
      it.chain.reorg(100, 'dropped')
      await it.settle()
      expect(await it.stateOf(4)).toMatchObject({ kind: 'settled', nonce: 3 })
      await it.add(5)
      await it.settle()
      expect(await it.stateOf(5)).toMatchObject({ kind: 'settled', nonce: 4 })
      expect(it.chain.effects().map(({ data }) => data.split(' ')[1] ?? 'nothing')).toEqual([
        'nothing',
        'nothing',
        'nothing',
        'round-4',
        'round-5',
      ])
    },
  )

  test('a chain that went back while nothing was out is simply followed', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.settle()
    it.chain.reorg(100, 'dropped')
    await it.add(2)
    await it.settle()
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 0 })
  })

  test('a nonce that a node calls too high is waited for', async () => {
    const it = laneInMemory()
    it.chain.refuses = () => 'nonce-too-high'
    await it.add(1)
    await it.advance()
    expect(await it.stateOf(1)).not.toHaveProperty('sentAt')
    it.chain.refuses = () => undefined
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })
})
