import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { driveLane } from '../../../lib/keepers/lane/drive-lane.ts'
import { read } from '../fake-chain.ts'
import { idOf, laneInMemory, worksByNonce } from './lane-in-memory.ts'

describe('from claimed to settled', () => {
  test('work is claimed and stored, sent, seen in a block, and settled when the block is deep enough', async () => {
    const it = laneInMemory()
    await it.add(1)
    const { lane, outside } = await it.advance()
    expect(outside).toBe(1)
    expect(lane.nextNonce).toBe(1)
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed', nonce: 0, sentAt: it.clock.now() })
    it.chain.mine()
    expect((await it.advance()).outside).toBe(0)
    expect(await it.stateOf(1)).not.toHaveProperty('reverted')
    it.chain.mine()
    it.chain.mine()
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'included' })
    it.chain.mine()
    expect((await it.advance()).lane.inFlight).toEqual([])
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
    expect(it.effectsOf(1)).toBe(1)
  })

  test('what the chain itself calls final is settled at once', async () => {
    const it = laneInMemory()
    const status = it.chain.status.bind(it.chain)
    it.chain.status = async (hash) => {
      const told = await status(hash)
      return told.kind === 'included' ? { ...told, final: true } : told
    }
    await it.add(1)
    await it.advance()
    it.chain.mine()
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled' })
  })

  test('one transaction at most is in no block, and the next goes out when it is in one', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    await it.add(2)
    await it.advance()
    expect(it.chain.broadcasts).toHaveLength(1)
    expect(await it.stateOf(2)).toEqual({ kind: 'waiting' })
    it.chain.mine()
    await it.advance()
    expect(await it.stateOf(2)).toMatchObject({ kind: 'claimed', nonce: 1 })
    await it.settle()
    expect([it.effectsOf(1), it.effectsOf(2)]).toEqual([1, 1])
  })

  test('an idle lane sends nothing and writes nothing', async () => {
    const it = laneInMemory()
    const { lane } = await it.advance()
    expect(lane.version).toBe(0)
    expect(await it.store.lanes.read(it.world.id)).toBeUndefined()
  })

  test('each new state of the work is told once', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.settle()
    const told = it.notices.map((one) => one.kind === 'transaction' && one.intent.state.kind)
    expect(told).toEqual(['claimed', 'included', 'settled'])
  })

  test("the engine's own nonce is read when nothing of ours can change it any more", async () => {
    const it = laneInMemory({ sequenced: true })
    await it.add(1)
    await it.settle()
    await it.add(2)
    await it.advance()
    it.chain.mine()
    await it.advance()
    await it.add(3)
    await it.settle()
    expect(it.chain.broadcasts.map((bytes) => read(bytes).data[0]?.split(' ')[2])).toEqual([
      '0',
      '1',
      '2',
    ])
  })

  test('a worker goes on until all is in a block', async () => {
    const it = laneInMemory()
    it.clock.onSleep = () => it.chain.mine()
    await it.add(1)
    await driveLane(it.world, { until: timestamp(it.clock.now() + 20_000) })
    expect(await it.stateOf(1)).toMatchObject({ kind: 'included' })
  })

  test('a worker stops when its time is up, and the work stays in the lane', async () => {
    const it = laneInMemory()
    await it.add(1)
    const until = timestamp(it.clock.now() + 5_000)
    await driveLane(it.world, { until })
    expect(it.clock.now()).toBeLessThanOrEqual(until)
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })
})

describe('a worker that is to end before its time', () => {
  test('waits for no block any more, and what it has signed is in the lane', async () => {
    const it = laneInMemory()
    const stop = new AbortController()
    it.clock.onSleep = () => stop.abort()
    await it.add(1)
    const begun = it.clock.now()
    await driveLane(it.world, { until: timestamp(begun + 20_000), signal: stop.signal })
    expect(it.clock.now() - begun).toBeLessThan(1_000)
    const [signed] = (await it.lane()).inFlight
    expect(signed?.attempts[0]?.bytes).toBe(it.chain.broadcasts[0])
    it.clock.onSleep = () => undefined
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })

  test('signs nothing once it was told so', async () => {
    const it = laneInMemory()
    await it.add(1)
    const until = timestamp(it.clock.now() + 20_000)
    await driveLane(it.world, { until, signal: AbortSignal.abort() })
    expect(it.chain.broadcasts).toEqual([])
    expect(await it.stateOf(1)).toEqual({ kind: 'waiting' })
  })
})

describe('a worker with time left', () => {
  test('looks again after a look that failed, and tells of it', async () => {
    const it = laneInMemory()
    const status = it.chain.status.bind(it.chain)
    it.clock.onSleep = () => it.chain.mine()
    it.chain.status = async () => {
      it.chain.status = status
      throw new Error('timeout')
    }
    await it.add(1)
    await driveLane(it.world, { until: timestamp(it.clock.now() + 20_000) })
    expect(await it.stateOf(1)).toMatchObject({ kind: 'included' })
    expect(it.notices.filter(({ kind }) => kind === 'trouble')).toMatchObject([
      { where: `lane ${it.world.id}`, message: 'timeout' },
    ])
  })

  test('gives up with the error when its time is over, having asked less and less often', async () => {
    const it = laneInMemory()
    let asked = 0
    it.chain.head = async () => {
      asked += 1
      throw new Error('connection refused')
    }
    await it.add(1)
    const until = timestamp(it.clock.now() + 20_000)
    await expect(driveLane(it.world, { until })).rejects.toThrow('connection refused')
    expect(it.clock.now()).toBeLessThanOrEqual(until)
    expect(asked).toBeLessThan(10)
    expect(it.chain.broadcasts).toEqual([])
  })
})

describe('work that is not sent', () => {
  test('work whose time is over has expired', async () => {
    const it = laneInMemory()
    await it.add(1)
    it.clock.pass(60_000)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'expired' })
    expect(it.chain.broadcasts).toEqual([])
  })

  test('a newer round takes the place of older ones that still wait', async () => {
    const it = laneInMemory()
    for (const round of [1, 2, 3]) await it.add(round)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'superseded' })
    expect(await it.stateOf(2)).toMatchObject({
      why: 'superseded',
      reason: `${idOf(3)} is newer`,
    })
    await it.settle()
    expect([1, 2, 3].map((round) => it.effectsOf(round))).toEqual([0, 0, 1])
  })

  test('a newer round takes no place of one that is out', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    await it.add(2)
    await it.settle()
    expect([it.effectsOf(1), it.effectsOf(2)]).toEqual([1, 1])
  })

  test('what a node says would be reverted is not sent', async () => {
    const it = laneInMemory()
    it.chain.reverts = () => 'STALE_PRICE'
    await it.add(1)
    await it.advance()
    expect(await it.stateOf(1)).toEqual({
      kind: 'failed',
      why: 'refused',
      reason: 'it would be reverted: STALE_PRICE',
      hash: undefined,
    })
    expect(it.chain.broadcasts).toEqual([])
    expect((await it.lane()).nextNonce).toBeUndefined()
  })

  test('what every node refuses as invalid fails once its nonce is used for nothing', async () => {
    const it = laneInMemory()
    it.chain.refuses = (_nonce, bytes) => (bytes.includes('round-1 ') ? 'invalid' : undefined)
    await it.add(1)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed', nonce: 0 })
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'failed',
      why: 'refused',
      reason: 'the pool says invalid',
    })
    await it.add(2)
    await it.settle()
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 1 })
    expect(it.effectsOf(1)).toBe(0)
  })

  test('what a node calls invalid and takes nevertheless is settled', async () => {
    const it = laneInMemory()
    await it.add(1)
    const { broadcast } = it.chain
    let first = true
    it.chain.broadcast = async (bytes) => {
      const answer = await broadcast.call(it.chain, bytes)
      if (!first) return answer
      first = false
      it.chain.mine()
      return { kind: 'refused', why: 'invalid', reason: 'not so' }
    }
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
    expect(it.effectsOf(1)).toBe(1)
  })

  test('an account whose every transaction is invalid goes on when its key is mended', async () => {
    const it = laneInMemory()
    const { sign } = it.chain
    it.chain.sign = async (...given) => {
      const signed = await sign.apply(it.chain, given)
      return { ...signed, bytes: signed.bytes.replace('{', '{"key":"wrong",') }
    }
    it.chain.refuses = (_nonce, bytes) => (bytes.includes('wrong') ? 'invalid' : undefined)
    await it.add(1)
    for (let looks = 0; looks < 5; looks += 1) {
      await it.advance()
      it.clock.pass(10_000)
    }
    expect(it.chain.effects()).toEqual([])
    it.chain.sign = sign
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'refused' })
    expect(it.chain.effects().map(({ data }) => data)).toEqual(['0x'])
  })

  test('what a block reverts has used its nonce and fails with the reason', async () => {
    const it = laneInMemory()
    it.chain.revertsLater = () => 'too late'
    await it.add(1)
    await it.advance()
    it.chain.mine()
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'included', reverted: 'too late' })
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'failed',
      why: 'reverted',
      reason: 'too late',
      inclusion: { nonce: 0, feePaid: 1n, attempts: 1 },
    })
    it.chain.revertsLater = () => undefined
    await it.add(2)
    await it.settle()
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 1 })
    expect([it.effectsOf(1), it.effectsOf(2)]).toEqual([0, 1])
  })

  test('no nonce was ever signed for two works', async () => {
    const it = laneInMemory()
    for (const round of [1, 2, 3, 4]) {
      await it.add(round)
      await it.settle()
    }
    const works = worksByNonce(it.chain)
    expect([...works].map(([nonce, of]) => [nonce, of.size])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
      [3, 1],
    ])
  })
})
