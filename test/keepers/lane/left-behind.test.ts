import { describe, expect, test } from 'vitest'

import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { sweep } from '../../../lib/keepers/sweep.ts'
import { type LaneInMemory, laneInMemory } from './lane-in-memory.ts'

/** A deployment on the same table whose network file does not name the account. */
async function sweepElsewhere(it: LaneInMemory): Promise<void> {
  const { id, account, chain, store, clock, policy, slotAt, notify } = it.world
  const keyless: LaneWorld = {
    id,
    account,
    chain,
    engines: {},
    store,
    clock,
    policy,
    slotAt,
    notify,
  }
  const laneOf = (wanted: string) => (wanted === id ? keyless : undefined)
  const channels = {}
  const routing = {
    network: 'test',
    routes: { info: [], warning: [], critical: [] },
    fallback: [],
  }
  const end = await sweep({
    lanes: [],
    leftBehind: { store, laneOf },
    messenger: { clock, ...it.store, rules: {}, channels, routing, notify },
  })
  expect(end).toMatchObject({ kind: 'done' })
}

describe('a lane whose account was taken out of the network file', () => {
  test('has its transaction followed to the end, and sends nothing', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    const sent = it.chain.broadcasts.length
    it.clock.pass(120_000)
    await sweepElsewhere(it)
    expect(it.chain.broadcasts).toHaveLength(sent)
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed' })
    for (let block = 0; block < 5; block += 1) it.chain.mine()
    for (let sweeps = 0; sweeps < 3; sweeps += 1) await sweepElsewhere(it)
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
    expect((await it.lane()).inFlight).toEqual([])
  })

  test('has what only waited dropped at its deadline, and no earlier', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.settle()
    await it.add(2)
    await sweepElsewhere(it)
    expect(await it.stateOf(2)).toEqual({ kind: 'waiting' })
    it.clock.pass(61_000)
    for (let sweeps = 0; sweeps < 3; sweeps += 1) await sweepElsewhere(it)
    expect(await it.stateOf(2)).toMatchObject({ kind: 'failed', why: 'expired' })
    expect(it.effectsOf(2)).toBe(0)
  })

  test('is told when others used its nonces', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    it.chain.foreign()
    await sweepElsewhere(it)
    for (let block = 0; block < 12; block += 1) it.chain.mine()
    it.clock.pass(120_000)
    for (let sweeps = 0; sweeps < 3; sweeps += 1) await sweepElsewhere(it)
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'superseded' })
  })

  test('goes on where it was when its account is back', async () => {
    const it = laneInMemory()
    await it.add(1)
    await it.advance()
    await sweepElsewhere(it)
    await it.settle()
    expect(it.effectsOf(1)).toBe(1)
  })
})
