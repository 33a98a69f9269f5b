import { describe, expect, test } from 'vitest'

import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import { compose } from '../../lib/runtime/compose.ts'
import { dryChain } from '../../lib/runtime/dry-chain.ts'
import { runOnce } from '../../lib/runtime/run.ts'
import { account } from '../keepers/fake-chain.ts'
import { laneInMemory, movedClock } from '../keepers/lane/lane-in-memory.ts'
import { undeployed } from '../keepers/lane/undeployed.ts'
import { aNetwork } from './a-network.ts'
import { aWorld } from './a-world.ts'

const noFates = async () => Promise.resolve(new Map())

describe('a dry run', () => {
  test('sends nothing at all to the chain, and its lane goes on to settled', async () => {
    const it = laneInMemory()
    const world = { ...it.world, chain: dryChain(it.chain) }
    for (const round of [1, 2, 3]) {
      await it.add(round)
      for (let looks = 0; looks < 3; looks += 1) {
        await advanceLane(world)
        it.chain.mine()
        it.chain.mine()
        it.clock.pass(10_000)
      }
      expect(await it.stateOf(round)).toMatchObject({ kind: 'settled' })
    }
    expect(it.chain.broadcasts).toEqual([])
    expect(it.chain.effects()).toEqual([])
    expect((await it.lane()).inFlight).toEqual([])
  })

  test('deploys an account that is not there once, and its work goes on behind that', async () => {
    const it = laneInMemory()
    undeployed(it.chain)
    const world = { ...it.world, chain: dryChain(it.chain) }
    const nonces = new Set<number>()
    for (const round of [1, 2]) {
      await it.add(round)
      for (let looks = 0; looks < 5; looks += 1) {
        const { lane } = await advanceLane(world)
        for (const { deploys, nonce } of lane.inFlight) if (deploys) nonces.add(nonce)
        it.chain.mine()
        it.clock.pass(10_000)
      }
      expect(await it.stateOf(round)).toMatchObject({ kind: 'settled' })
    }
    expect([...nonces]).toEqual([0])
    expect((await it.lane()).spending?.transactions).toBe(3)
    expect(it.chain.broadcasts).toEqual([])
  })

  test('a whole pass is ok without a single broadcast', async () => {
    const clock = movedClock()
    const { world, chain } = aWorld({ clock })
    const chains = { ...world.ports.chains, l1: dryChain(chain) }
    const dry = { ...world, ports: { ...world.ports, chains } }
    expect(await runOnce({ world: dry, jobs: 'all', notify: () => undefined })).toEqual({
      ok: true,
    })
    expect(chain.broadcasts).toEqual([])
  })

  test('asks no batches about what was not sent', () => {
    const { chain } = laneInMemory()
    expect('fates' in dryChain({ ...chain, fates: noFates })).toBe(false)
  })

  test('takes only what it has signed, once', async () => {
    const { chain } = laneInMemory()
    const dry = dryChain(chain)
    expect(await dry.broadcast('others')).toMatchObject({ kind: 'refused', why: 'invalid' })
    const calls = [{ kind: 'evm', to: '0x01', data: '0x02' }] as const
    const simulation = await dry.simulate(account, calls)
    if (simulation.kind !== 'ok') throw new TypeError(simulation.reason)
    const { hash, bytes } = await dry.sign(account, { calls, nonce: 0, fee: simulation.fee })
    expect(await dry.status(hash)).toEqual({ kind: 'unknown' })
    expect(await dry.broadcast(bytes)).toEqual({ kind: 'accepted' })
    expect(await dry.broadcast(bytes)).toEqual({ kind: 'known' })
    expect(await dry.status(hash)).toMatchObject({ kind: 'included', outcome: 'succeeded' })
  })

  test('is what compose makes of every chain when it is asked to, without alerts', async () => {
    const world = await compose({
      network: aNetwork(),
      directory: '.',
      clock: movedClock(),
      needs: { oracles: false, senders: false, alerts: true, watched: false },
      dryRun: true,
    })
    for (const chain of Object.values(world.ports.chains))
      expect(await chain.broadcast('0x02')).toMatchObject({
        reason: 'it was not signed in this dry run',
      })
    expect(world.ports.alerts).toEqual({})
    await world.close()
  })
})
