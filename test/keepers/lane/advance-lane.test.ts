import { createHash } from 'node:crypto'

import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { driveLane } from '../../../lib/keepers/lane/drive-lane.ts'
import type { Engine } from '../../../lib/ports.ts'
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
    await driveLane(it.world, timestamp(it.clock.now() + 20_000))
    expect(await it.stateOf(1)).toMatchObject({ kind: 'included' })
  })

  test('a worker stops when its time is up, and the work stays in the lane', async () => {
    const it = laneInMemory()
    await it.add(1)
    const until = timestamp(it.clock.now() + 5_000)
    await driveLane(it.world, until)
    expect(it.clock.now()).toBeLessThanOrEqual(until)
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })
})

/** Words of that many reports, which no packing makes small. */
function noise(round: number): string {
  const parts = Array.from({ length: 250 }, (_, at) =>
    createHash('sha512').update(`${round} ${at}`),
  )
  return parts.map((hash) => hash.digest('hex')).join('')
}

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
    await driveLane(it.world, timestamp(it.clock.now() + 20_000))
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
    await expect(driveLane(it.world, until)).rejects.toThrow('connection refused')
    expect(it.clock.now()).toBeLessThanOrEqual(until)
    expect(asked).toBeLessThan(10)
    expect(it.chain.broadcasts).toEqual([])
  })
})

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
    await it.add(1)
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

  test('work that no pool takes for an allowed price is dropped, and the lane goes on', async () => {
    const it = laneInMemory()
    it.chain.feeCap = 105n
    it.chain.refuses = () => 'underpriced'
    await it.add(1)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'refused' })
    it.chain.refuses = () => undefined
    await it.add(2)
    await it.settle()
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 0 })
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
  test('a nonce that somebody else used makes the work fail after a while, and the lane goes on', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    it.chain.foreign()
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed' })
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
      reason: `${idOf(3)} has newer prices`,
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

  test.for(['funds', 'invalid'] as const)(
    'what every node refuses (%s) fails, and its nonce goes to the next work',
    async (why) => {
      const it = laneInMemory()
      it.chain.refuses = () => why
      await it.add(1)
      await it.advance()
      expect(await it.stateOf(1)).toMatchObject({
        kind: 'failed',
        why: 'refused',
        reason: `the pool says ${why}`,
      })
      it.chain.refuses = () => undefined
      await it.add(2)
      await it.settle()
      expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 0 })
      expect(it.effectsOf(1)).toBe(0)
    },
  )

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
