import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { UndeployableAccountError } from '../../../lib/keepers/lane/account-deployments.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { read } from '../fake-chain.ts'
import { laneInMemory } from './lane-in-memory.ts'
import { isDeployment, undeployed } from './undeployed.ts'

/** A lane whose account is not there yet. Every broadcast is checked: its bytes must have been in the lane's stored row. */
function aYoungLane() {
  const it = laneInMemory()
  const young = undeployed(it.chain)
  const deploymentsSent = () => it.chain.broadcasts.filter(isDeployment)
  /** How often it took effect, by the chain. */
  const deployed = () =>
    it.chain.effects().filter(({ data }) => data.startsWith('deployment')).length
  return { ...it, young, deploymentsSent, deployed }
}

/** Its first transaction in a block, seen there. */
async function aDeployedLane() {
  const it = aYoungLane()
  await it.advance()
  it.chain.mine()
  await it.advance()
  return it
}

describe('an account that is not there yet', () => {
  test('is deployed by the first transaction of its lane, and work flows behind it from nonce 1', async () => {
    const it = aYoungLane()
    await it.add(1)
    await it.advance()
    expect(it.chain.broadcasts.map(read)).toMatchObject([
      { nonce: 0, data: ['deployment by first'] },
    ])
    expect(await it.stateOf(1)).toEqual({ kind: 'waiting' })
    expect(await it.lane()).toMatchObject({
      nextNonce: 1,
      inFlight: [{ nonce: 0, deploys: true, intents: [], state: 'sent' }],
    })
    it.chain.mine()
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed', nonce: 1 })
    await it.settle()
    await it.add(2)
    await it.settle()
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 2 })
    expect([it.deployed(), it.effectsOf(1), it.effectsOf(2)]).toEqual([1, 1, 1])
    // What it cost counts as whatever else the account has paid.
    expect((await it.lane()).spending).toMatchObject({ fees: 3n, transactions: 3 })
  })

  test('is deployed before there is any work', async () => {
    const it = aYoungLane()
    await it.advance()
    expect(it.deploymentsSent()).toHaveLength(1)
  })

  test('is deployed by the same bytes after a lost answer', async () => {
    const it = aYoungLane()
    const { broadcast } = it.chain
    it.chain.broadcast = async (bytes) => {
      await broadcast(bytes)
      throw new Error('timeout')
    }
    await expect(it.advance()).rejects.toThrow('timeout')
    it.chain.broadcast = broadcast
    await it.advance()
    const [first, ...again] = it.deploymentsSent()
    expect(again).toEqual([first])
    expect((await it.lane()).inFlight).toMatchObject([{ state: 'sent', attempts: [{}] }])
  })

  test('is deployed once by two workers at a time', async () => {
    const it = aYoungLane()
    await it.add(1)
    await Promise.all([advanceLane(it.world), advanceLane(it.world), advanceLane(it.world)])
    expect(new Set(it.deploymentsSent()).size).toBe(1)
    await it.settle()
    expect([it.deployed(), it.effectsOf(1)]).toEqual([1, 1])
  })

  test('gets a higher fee at the same nonce where its deployment waits, as often as others do', async () => {
    const it = aYoungLane()
    await it.advance()
    it.chain.stalled = true
    for (let look = 0; look < 20; look += 1) {
      it.clock.pass(30_000)
      await it.advance()
    }
    const prices = [...new Set(it.deploymentsSent())].map((bytes) => read(bytes).price)
    // An eighth more each time, rounded up: the fake pool's rule.
    expect(prices).toEqual([100n, 113n, 128n, 144n])
    expect((await it.lane()).inFlight).toMatchObject([{ nonce: 0, deploys: true }])
    it.chain.stalled = false
    await it.settle()
    expect(it.deployed()).toBe(1)
  })

  test('gets its deployment again, the same bytes, where the pool forgot it', async () => {
    const it = aYoungLane()
    await it.advance()
    it.chain.evict()
    it.clock.pass(5_000)
    await it.advance()
    expect(it.deploymentsSent()).toHaveLength(2)
    expect(new Set(it.deploymentsSent()).size).toBe(1)
    await it.settle()
    expect(it.deployed()).toBe(1)
  })

  test.each(['pool', 'dropped'] as const)(
    'is deployed again after a reorganisation, its transactions %s, and what was behind it follows',
    async (fate) => {
      const it = await aDeployedLane()
      await it.add(1)
      await it.advance()
      it.chain.mine()
      await it.advance()
      expect(await it.stateOf(1)).toMatchObject({ kind: 'included', nonce: 1 })
      it.chain.reorg(2, fate)
      it.clock.pass(5_000)
      await it.advance()
      expect((await it.lane()).inFlight).toMatchObject([
        { nonce: 0, deploys: true, state: 'sent' },
        { nonce: 1, state: 'sent' },
      ])
      await it.settle()
      expect([it.deployed(), it.effectsOf(1)]).toEqual([1, 1])
      expect(new Set(it.deploymentsSent()).size).toBe(1)
    },
  )

  test('is deployed anew where the chain went back behind what was final, and only then the gap behind it is filled', async () => {
    const it = await aDeployedLane()
    await it.add(1)
    await it.settle()
    await it.add(2, { deadline: timestamp(it.clock.now() + 600_000) })
    await it.advance()
    // The deployment and the first work are final and out of the row.
    expect((await it.lane()).inFlight).toMatchObject([{ nonce: 2 }])
    it.chain.reorg(100, 'dropped')
    it.chain.evict()
    // Long enough for a gap to count.
    it.clock.pass(120_000)
    await it.advance()
    expect((await it.lane()).inFlight).toMatchObject([{ nonce: 0, deploys: true }, { nonce: 2 }])
    it.chain.mine()
    for (let look = 0; look < 20; look += 1) {
      it.clock.pass(10_000)
      await it.advance()
      it.chain.mine()
    }
    expect(it.young.impossible).toEqual([])
    expect(it.chain.effects().map(({ nonce, data }) => [nonce, data.split(' ')[0]])).toEqual([
      [0, 'deployment'],
      [1, '0x'],
      [2, 'dex'],
    ])
  })

  test('is not deployed while the newest block is too old', async () => {
    const it = aYoungLane()
    it.chain.blockSeconds = 2
    it.clock.pass(15_001)
    await it.advance()
    expect(it.chain.broadcasts).toEqual([])
    it.chain.mine()
    await it.advance()
    expect(it.deploymentsSent()).toHaveLength(1)
  })

  test('is never cancelled: its nonce has no other use, whatever comes too late behind it', async () => {
    const it = aYoungLane()
    it.chain.stalled = true
    for (let round = 1; round < 20; round += 1) {
      await it.add(round)
      await it.advance()
      it.clock.pass(30_000)
    }
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'superseded' })
    expect(it.chain.broadcasts.every(isDeployment)).toBe(true)
    it.chain.stalled = false
    await it.settle()
    expect(it.deployed()).toBe(1)
    expect(it.young.impossible).toEqual([])
  })
})

describe('an account that is not there yet and has no money', () => {
  test('signs nothing, lets work expire, and is deployed by itself once somebody pays', async () => {
    const it = aYoungLane()
    it.chain.money = 99n
    const since = it.clock.now()
    await it.add(1)
    await it.advance()
    expect(await it.lane()).toMatchObject({ inFlight: [], noFunds: { since, need: 100n } })
    it.clock.pass(60_000)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'failed',
      why: 'expired',
      reason: 'the account could not pay for it in time',
    })
    expect(it.chain.broadcasts).toEqual([])
    await it.add(2)
    it.chain.money = 100n
    await it.settle()
    expect([it.deployed(), it.effectsOf(2)]).toEqual([1, 1])
    expect(await it.lane()).not.toHaveProperty('noFunds')
  })

  test('keeps the bytes that a node refused for the money, and sends them when there is some', async () => {
    const it = aYoungLane()
    it.chain.refuses = () => 'funds'
    it.chain.money = 500n
    await it.advance()
    expect(await it.lane()).toMatchObject({ noFunds: { need: 501n } })
    it.chain.refuses = () => undefined
    it.chain.money = 1_000n
    await it.settle()
    expect(new Set(it.deploymentsSent()).size).toBe(1)
    expect(it.deployed()).toBe(1)
  })
})

describe('an account that somebody else deploys meanwhile', () => {
  test('by its own first nonce: ours is given up, and work goes on behind that', async () => {
    const it = aYoungLane()
    await it.advance()
    it.chain.foreign()
    await it.add(1)
    await it.advance()
    it.clock.pass(5_000)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed', nonce: 1 })
    await it.settle()
    expect([it.deployed(), it.effectsOf(1)]).toEqual([0, 1])
  })

  test('by a contract: its first nonce is for work', async () => {
    const it = aYoungLane()
    it.chain.evict()
    const { broadcast } = it.chain
    it.chain.broadcast = async () => {
      throw new Error('timeout')
    }
    await expect(it.advance()).rejects.toThrow('timeout')
    it.chain.broadcast = broadcast
    it.young.deployedByContract = true
    await it.add(1)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed', nonce: 0 })
    await it.settle()
    expect([it.deployed(), it.effectsOf(1)]).toEqual([0, 1])
  })

  test('in the pool: nothing is signed beside it', async () => {
    const it = aYoungLane()
    it.chain.foreignInPool()
    await it.advance()
    expect(it.deploymentsSent()).toEqual([])
  })
})

describe('an account that cannot be deployed as the file says', () => {
  test('by its constructor: every look says why, and work behind it comes too late', async () => {
    const it = aYoungLane()
    it.young.reverts = 'Input too long for arguments'
    await it.add(1)
    await expect(it.advance()).rejects.toThrow(
      /^account 0x0+aa cannot be deployed: its constructor says Input too long for arguments; see what the network file says under deploy$/,
    )
    await expect(it.advance()).rejects.toThrow(UndeployableAccountError)
    it.clock.pass(60_000)
    await expect(it.advance()).rejects.toThrow(UndeployableAccountError)
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'expired' })
    expect(it.chain.broadcasts).toEqual([])
    it.young.reverts = undefined
    await it.add(2)
    await it.settle()
    expect([it.deployed(), it.effectsOf(2)]).toEqual([1, 1])
  })

  test('by a wrong key: the nonce is used for nothing else, and a mended key goes on', async () => {
    const it = aYoungLane()
    it.young.wrongKeys = ['first']
    await it.add(1)
    await expect(it.advance()).rejects.toThrow('bad signature')
    it.clock.pass(60_000)
    await expect(it.advance()).rejects.toThrow('bad signature')
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'expired' })
    expect((await it.lane()).inFlight).toMatchObject([{ deploys: true, state: 'prepared' }])
    it.young.key = 'mended'
    await it.add(2)
    await it.settle()
    expect(it.chain.effects().map(({ data }) => data)).toContain('deployment by mended')
    expect([it.deployed(), it.effectsOf(2)]).toEqual([1, 1])
    expect(it.young.impossible).toEqual([])
  })

  test('for its cost: it waits for lower fees, and says so', async () => {
    const it = aYoungLane()
    it.chain.feeCap = 99n
    await expect(it.advance()).rejects.toThrow('could cost 100, more than the allowed 99')
    it.chain.price = 99n
    await it.settle()
    expect(it.deploymentsSent().map((bytes) => read(bytes).price)).toEqual([99n])
  })

  test('for more than the cap in a replacement: what is out stays out', async () => {
    const it = aYoungLane()
    it.chain.feeCap = 112n
    await it.advance()
    it.chain.stalled = true
    it.clock.pass(30_000)
    await it.advance()
    expect((await it.lane()).inFlight).toMatchObject([{ attempts: [{}] }])
    it.chain.stalled = false
    await it.settle()
    expect(it.deployed()).toBe(1)
  })
})
