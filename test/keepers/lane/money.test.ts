import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { driveLane } from '../../../lib/keepers/lane/drive-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { laneInMemory } from './lane-in-memory.ts'

describe('an account without money', () => {
  test('signs nothing, burns no attempt, and goes on by itself when it is funded', async () => {
    const it = laneInMemory()
    it.chain.money = 99n
    const since = it.clock.now()
    await it.add(1)
    for (let look = 0; look < 5; look += 1) {
      await it.advance()
      it.clock.pass(1_000)
    }
    expect(await it.stateOf(1)).toEqual({ kind: 'waiting' })
    expect(it.chain.broadcasts).toEqual([])
    // Written once, however often it was looked at.
    expect(await it.lane()).toMatchObject({
      version: 1,
      inFlight: [],
      noFunds: { since, need: 100n },
    })
    it.chain.money = 100n
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
    expect(await it.lane()).not.toHaveProperty('noFunds')
  })

  test('that a node finds out keeps its bytes and its nonce, and sends them when it is funded', async () => {
    const it = laneInMemory()
    it.chain.refuses = () => 'funds'
    await it.add(1)
    await it.advance()
    it.chain.money = 5n
    it.clock.pass(1_000)
    await it.advance()
    await it.advance()
    expect(it.chain.broadcasts).toHaveLength(1)
    it.chain.money = 1_000n
    it.chain.refuses = () => undefined
    await it.settle()
    expect(new Set(it.chain.broadcasts).size).toBe(1)
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
  })

  test('lets work expire and be overtaken meanwhile, and says why', async () => {
    const it = laneInMemory()
    it.chain.money = 0n
    await it.add(1)
    await it.advance()
    await it.add(2)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'superseded' })
    it.clock.pass(60_000)
    await it.advance()
    expect(await it.stateOf(2)).toMatchObject({
      kind: 'failed',
      why: 'expired',
      reason: 'the account could not pay for it in time',
    })
  })

  test('tries again after half a minute: fees fall, too', async () => {
    const it = laneInMemory()
    it.chain.price = 1_000n
    it.chain.money = 200n
    await it.add(1, { deadline: timestamp(it.clock.now() + 600_000) })
    await it.advance()
    it.chain.price = 100n
    it.clock.pass(29_000)
    await it.advance()
    expect(it.chain.broadcasts).toEqual([])
    it.clock.pass(1_000)
    await it.advance()
    expect(it.chain.broadcasts).toHaveLength(1)
    expect(await it.lane()).not.toHaveProperty('noFunds')
  })

  test('whose money came while nothing was to be sent is said to have it', async () => {
    const it = laneInMemory()
    it.chain.money = 0n
    await it.add(1)
    await it.advance()
    it.clock.pass(60_000)
    it.chain.money = 100n
    await it.advance()
    expect(await it.lane()).not.toHaveProperty('noFunds')
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'expired' })
  })

  test('is looked at less and less often', async () => {
    const it = laneInMemory()
    it.chain.money = 0n
    let asked = 0
    it.chain.balance = async () => {
      asked += 1
      return 0n
    }
    await it.add(1)
    await driveLane(it.world, { until: timestamp(it.clock.now() + 25_000) })
    expect(asked).toBeLessThan(12)
  })
})

/** Each price is worth 200: half of it at once, all of it after half a minute. */
function worthy() {
  const it = laneInMemory({ replaceAfterMs: 5_000, maxAttempts: 9 })
  const world: LaneWorld = {
    ...it.world,
    worthOf: ({ updates }) => 200n * BigInt(updates.length),
  }
  return { ...it, advance: async () => advanceLane(world) }
}

describe('what work is worth', () => {
  test('is spent by half at once, and the rest as it gets late', async () => {
    const it = worthy()
    it.chain.price = 150n
    await it.add(1)
    await it.advance()
    expect(it.chain.broadcasts).toEqual([])
    it.clock.pass(14_999)
    await it.advance()
    expect(it.chain.broadcasts).toEqual([])
    it.clock.pass(1)
    await it.advance()
    expect(it.chain.broadcasts).toHaveLength(1)
  })

  test('is never exceeded: what would always cost more is refused at once', async () => {
    const it = worthy()
    it.chain.price = 201n
    await it.add(1)
    await it.advance()
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'failed',
      why: 'refused',
      reason: 'a transaction on fake could cost 201, more than the allowed 200; not signed',
    })
  })

  test('holds for each replacement, which waits until it may cost that much', async () => {
    const it = worthy()
    it.chain.stalled = true
    await it.add(1)
    const seen: { readonly ageMs: number; readonly offered: bigint }[] = []
    const begun = it.clock.now()
    for (let look = 0; look < 12; look += 1) {
      await it.advance()
      const fees = (await it.lane()).inFlight[0]?.attempts.filter(({ nothing }) => !nothing) ?? []
      const newest = fees.at(-1)?.fee
      if (newest?.kind === 'evm' && fees.length > seen.length)
        seen.push({ ageMs: it.clock.now() - begun, offered: newest.maxFeePerGas })
      it.clock.pass(4_999)
    }
    expect(seen.length).toBeGreaterThan(3)
    for (const { ageMs, offered } of seen) {
      const share = Math.min(200, 100 + (100 * ageMs) / 30_000)
      expect(Number(offered)).toBeLessThanOrEqual(share)
    }
  })
})

test('what transactions cost is added up in the lane', async () => {
  const it = laneInMemory()
  for (const round of [1, 2, 3]) {
    await it.add(round)
    await it.settle()
  }
  expect((await it.lane()).spending).toMatchObject({ fees: 3n, transactions: 3 })
  expect(await it.stateOf(3)).toMatchObject({ kind: 'settled', feePaid: 1n })
})

test('a settled intent tells when it was first signed, and in how many attempts', async () => {
  const it = laneInMemory()
  const signedAt = it.clock.now()
  await it.add(1)
  await it.settle()
  expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', signedAt, attempts: 1 })
})
