import { describe, expect, test } from 'vitest'

import type { GatewayFaultInput } from '../../../infra/local/starkex-gateway/gateway-faults.ts'
import { oraclePricesTick } from '../../../lib/domain/oracle-prices-tick.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../../lib/keepers/lane/lane-world.ts'
import { gatewayConfig } from '../../adapters/engines/starkex/a-starkex.ts'
import { type LaneOnStarkex, laneOnStarkex } from './lane-on-starkex.ts'
import { crashAt, gated, Killed, seeded } from './workers.ts'

/** A look that may meet a fault. */
async function looked(world: LaneWorld): Promise<void> {
  await advanceLane(world).catch(() => undefined)
}

/** Somebody else hands the gateway a transaction. */
function foreign({ gateway, clock }: LaneOnStarkex, nonce = gateway.exchange.firstUnused()): void {
  gateway.exchange.add(`{"tx_id":${nonce},"tx":${oraclePricesTick([], clock.now())}}`)
}

/** The first signatures of a process take it long. */
const patient = { timeoutMs: 5_000 }

describe('a lane to a gateway', () => {
  test('has its prices settled with the gateway’s word, and remembers them', async () => {
    const it = await laneOnStarkex({}, patient)
    await it.add(1)
    await advanceLane(it.process())
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0, feePaid: 0n })
    expect((await it.lane())?.inFlight).toEqual([])
    expect(it.effectsOf(1)).toBe(1)
    const { prices: told } = await it.told()
    expect(Object.keys(told)).toEqual(['BTC-USD', 'ETH-USD'])
    expect(told['BTC-USD']?.price.toString()).toBe('1')
    const { engines } = it.process()
    expect(await engines['perps']?.state()).toMatchObject({
      paused: false,
      sequence: undefined,
      quorum: { 'BTC-USD': 2, 'ETH-USD': 2 },
      prices: told,
      block: { number: 1 },
    })
  })

  test('gives each round the next id, and none twice', async () => {
    const it = await laneOnStarkex({}, patient)
    for (const round of [1, 2, 3]) {
      await it.add(round)
      await advanceLane(it.process())
      it.clock.pass(10_000)
    }
    expect(await it.stateOf(3)).toMatchObject({ kind: 'settled', nonce: 2 })
    expect(it.gateway.exchange.requests().map(({ tx_id: nonce }) => nonce)).toEqual([0, 1, 2])
    expect((await it.told()).prices['ETH-USD']?.price.toString()).toBe('3')
  })

  test('tells nothing that it has told already', async () => {
    const it = await laneOnStarkex({}, patient)
    await it.add(1)
    await advanceLane(it.process())
    // The same second, decided once more.
    await it.add(2)
    await advanceLane(it.process())
    expect(await it.stateOf(2)).toMatchObject({ kind: 'failed', why: 'superseded' })
    expect(it.gateway.exchange.firstUnused()).toBe(1)
  })
})

const lost: readonly (readonly [string, GatewayFaultInput])[] = [
  ['the connection', { fault: 'drop-answer', requests: 2 }],
  ['the answer in a page', { fault: 'html', after: true, requests: 1 }],
  ['the answer in a page that says 200', { fault: 'html', status: 200, after: true, requests: 1 }],
  ['patience', { fault: 'slow', ms: 2_500, after: true, requests: 1 }],
]

/** The faults that count requests must meet the transaction, not the questions before it. */
function faultAtBroadcast(it: LaneOnStarkex, fault: GatewayFaultInput): LaneWorld {
  const world = it.process()
  return {
    ...world,
    chain: {
      ...world.chain,
      async broadcast(bytes) {
        it.gateway.faults.set(fault)
        return world.chain.broadcast(bytes)
      },
    },
  }
}

describe('what is lost on the way', () => {
  test.for(lost)(
    '%s, after the tick was taken: the same bytes are sent again',
    async ([, fault]) => {
      const it = await laneOnStarkex()
      await it.add(1)
      await expect(advanceLane(faultAtBroadcast(it, fault))).rejects.toThrow('did not answer')
      expect(it.gateway.exchange.firstUnused()).toBe(1)
      expect((await it.lane())?.inFlight).toMatchObject([{ nonce: 0, state: 'prepared' }])
      await advanceLane(it.process())
      expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
      expect([it.effectsOf(1), it.gateway.exchange.firstUnused()]).toEqual([1, 1])
    },
  )

  test.for(lost)(
    '%s, before the tick was taken: the same bytes are sent again',
    async ([, fault]) => {
      const it = await laneOnStarkex()
      await it.add(1)
      const before = { ...fault, after: false } as GatewayFaultInput
      await expect(advanceLane(faultAtBroadcast(it, before))).rejects.toThrow('did not answer')
      expect(it.gateway.exchange.firstUnused()).toBe(0)
      await advanceLane(it.process())
      expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
    },
  )

  test.for(['API_FUNCTION_TEMPORARILY_DISABLED', 'CONNECTION_ERROR'])(
    'the gateway’s own trouble %s, with status 500 and with 200, changes nothing',
    async (code) => {
      const it = await laneOnStarkex()
      await it.add(1)
      for (const status of [500, 200]) {
        it.gateway.faults.set({ fault: 'code', code, status, requests: 1 })
        await expect(advanceLane(it.process())).rejects.toThrow(code)
        expect((await it.lane())?.inFlight).toMatchObject([{ nonce: 0, state: 'prepared' }])
      }
      await advanceLane(it.process())
      expect(await it.stateOf(1)).toMatchObject({ kind: 'settled' })
      expect(it.nothings()).toBe(0)
    },
  )

  test('a tick that the gateway has forgotten before anybody saw it is sent again', async () => {
    const it = await laneOnStarkex()
    await it.add(1)
    const world = it.process()
    const chain = {
      ...world.chain,
      async broadcast(bytes: string) {
        const answer = await world.chain.broadcast(bytes)
        it.gateway.exchange.lose(1)
        return answer
      },
    }
    await advanceLane({ ...world, chain })
    expect(await it.stateOf(1)).toMatchObject({ kind: 'claimed', nonce: 0 })
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
    expect([it.effectsOf(1), it.nothings()]).toEqual([1, 0])
  })

  test('ids that the gateway has forgotten behind a waiting tick are used for nothing', async () => {
    const it = await laneOnStarkex({ config: gatewayConfig({ gaps: 'held' }) })
    foreign(it)
    foreign(it)
    await it.add(1)
    const world = it.process()
    const chain = {
      ...world.chain,
      async broadcast(bytes: string) {
        it.gateway.exchange.lose(2)
        return world.chain.broadcast(bytes)
      },
    }
    await advanceLane({ ...world, chain })
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 2 })
    expect([it.effectsOf(1), it.nothings(), it.gateway.exchange.firstUnused()]).toEqual([1, 2, 3])
  })
})

describe('an id', () => {
  test('that others have used meanwhile is theirs: the work fails at once, and the next one has the next id', async () => {
    const it = await laneOnStarkex()
    await it.add(1)
    const world = it.process()
    const chain = {
      ...world.chain,
      async broadcast(bytes: string) {
        foreign(it, 0)
        return world.chain.broadcast(bytes)
      },
    }
    await advanceLane({ ...world, chain })
    await advanceLane(it.process())
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'failed',
      why: 'superseded',
      reason: 'nonce 0 was used by a transaction that is not ours',
    })
    it.clock.pass(10_000)
    await it.add(2)
    await advanceLane(it.process())
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 1 })
    expect([it.effectsOf(1), it.effectsOf(2)]).toEqual([0, 1])
  })

  test('of work that came too late is used for nothing, so that it can never land', async () => {
    const it = await laneOnStarkex()
    await it.add(1)
    const before = { fault: 'html', after: false } as const
    await expect(advanceLane(faultAtBroadcast(it, before))).rejects.toThrow('did not answer')
    const bytes = (await it.lane())?.inFlight[0]?.attempts[0]?.bytes ?? ''
    it.clock.pass(61_000)
    it.gateway.faults.clear()
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'expired' })
    expect([it.effectsOf(1), it.nothings()]).toEqual([0, 1])
    // A worker that was held up all that time sends it now.
    await expect(it.process().chain.broadcast(bytes)).resolves.toMatchObject({
      kind: 'refused',
      why: 'nonce-too-low',
    })
    expect(it.effectsOf(1)).toBe(0)
    await it.add(2)
    await it.settle()
    expect(await it.stateOf(2)).toMatchObject({ kind: 'settled', nonce: 1 })
  })

  test('of work that landed late after all is its own, though a tick of nothing was signed for it', async () => {
    const it = await laneOnStarkex()
    await it.add(1)
    it.gateway.faults.set({ fault: 'code', code: 'CONNECTION_ERROR', requests: 1 })
    await looked(it.process())
    const bytes = (await it.lane())?.inFlight[0]?.attempts[0]?.bytes ?? ''
    it.clock.pass(61_000)
    const world = it.process()
    const chain = {
      ...world.chain,
      async broadcast(nothing: string) {
        // The held-up worker is a moment faster.
        it.gateway.exchange.add(bytes)
        return world.chain.broadcast(nothing)
      },
    }
    await advanceLane({ ...world, chain })
    await advanceLane(it.process())
    expect((await it.lane())?.inFlight ?? []).toEqual([])
    expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
    expect([it.effectsOf(1), it.nothings()]).toEqual([1, 0])
  })

  test('of a tick that the gateway refuses is used for nothing, and the work fails in its words', async () => {
    const it = await laneOnStarkex({ config: gatewayConfig({ assets: [] }) })
    await it.add(1)
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({
      kind: 'failed',
      why: 'refused',
      reason: expect.stringContaining('MISSING_SYNTHETIC_ASSET_ID') as string,
    })
    expect(it.gateway.exchange.firstUnused()).toBe(1)
    expect((await it.told()).prices).toEqual({})
  })

  test('is given in vain to one bad market of two only once: the next push goes without that', async () => {
    const { assets } = gatewayConfig()
    const it = await laneOnStarkex({ config: gatewayConfig({ assets: assets.slice(1) }) })
    const world = it.process()
    await it.add(1)
    for (let look = 0; look < 2; look += 1) await advanceLane(world)
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'refused' })
    it.clock.pass(10_000)
    await it.add(2)
    await advanceLane(world)
    const reason = expect.stringContaining('MISSING_SYNTHETIC_ASSET_ID') as string
    expect(await it.stateOf(2)).toMatchObject({
      kind: 'settled',
      nonce: 1,
      left: [{ market: 'BTC-USD', why: 'refused', reason }],
    })
    expect(Object.keys((await it.told()).prices)).toEqual(['ETH-USD'])
    expect((await it.lane())?.refused).toMatchObject([
      { engine: 'perps', market: 'BTC-USD', reason },
    ])
    // A minute later it is tried again, and rests twice as long.
    it.clock.pass(60_000)
    await it.add(3)
    for (let look = 0; look < 2; look += 1) await advanceLane(world)
    expect(await it.stateOf(3)).toMatchObject({ kind: 'failed', why: 'refused' })
    it.clock.pass(110_000)
    await it.add(4)
    await advanceLane(world)
    expect(await it.stateOf(4)).toMatchObject({ kind: 'settled', left: [{ market: 'BTC-USD' }] })
  })

  test('is freed by a tick of now where one of before would be too old', async () => {
    const it = await laneOnStarkex()
    await it.add(1)
    it.gateway.faults.set({ fault: 'code', code: 'CONNECTION_ERROR' })
    await looked(it.process())
    it.clock.pass(61_000)
    await looked(it.process())
    const attempts = async () => (await it.lane())?.inFlight[0]?.attempts.length
    expect(await attempts()).toBe(2)
    // Longer than the gateway lets a tick be from the real time.
    it.clock.pass(3_600_000)
    it.gateway.faults.clear()
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'expired' })
    expect([it.effectsOf(1), it.nothings()]).toEqual([0, 1])
  })

  test('that can be used for nothing at no time keeps a row of two attempts', async () => {
    const it = await laneOnStarkex()
    await it.add(1)
    it.gateway.faults.set({ fault: 'code', code: 'INVALID_REQUEST' })
    for (let look = 0; look < 5; look += 1) {
      await advanceLane(it.process())
      it.clock.pass(10_000)
    }
    expect((await it.lane())?.inFlight[0]?.attempts).toHaveLength(2)
    it.gateway.faults.clear()
    await it.settle()
    expect(await it.stateOf(1)).toMatchObject({ kind: 'failed', why: 'refused' })
  })
})

describe('a worker that ends at any of its calls', () => {
  for (const side of ['before', 'after'] as const)
    test(`${side} its effect, leaves nothing undone and nothing done twice`, async () => {
      for (let at = 0; ; at += 1) {
        const it = await laneOnStarkex()
        await it.add(1)
        const crash = crashAt(at, side)
        const ended = await advanceLane(gated(it.process(), crash.gate)).then(
          () => 'done',
          (error: unknown) => (error instanceof Killed ? 'killed' : error),
        )
        expect(ended).toBe(crash.calls() > at ? 'killed' : 'done')
        await it.settle()
        expect(await it.stateOf(1)).toMatchObject({ kind: 'settled', nonce: 0 })
        expect([it.effectsOf(1), it.gateway.exchange.firstUnused()], `call ${at}`).toEqual([1, 1])
        if (ended === 'done') break
        expect(at).toBeLessThan(100)
      }
    }, 120_000)
})

const chaos: readonly GatewayFaultInput[] = [
  { fault: 'drop-answer', after: true, requests: 2 },
  { fault: 'drop-answer', after: false, requests: 2 },
  { fault: 'html', after: true, requests: 1 },
  { fault: 'html', after: false, status: 200, requests: 2 },
  { fault: 'code', code: 'CONNECTION_ERROR', requests: 1 },
  { fault: 'code', code: 'SCHEMA_VALIDATION_ERROR', status: 200, requests: 1 },
  { fault: 'slow', ms: 20, after: true, requests: 3 },
]

describe('two workers at once, with a gateway that fails at random', () => {
  test.for([1, 2, 3, 4, 5])(
    'every round has one end and at most one effect, by seed %s',
    { timeout: 60_000 },
    async (seed) => {
      const it = await laneOnStarkex()
      const random = seeded(seed)
      const rounds = Array.from({ length: 8 }, (_, at) => at + 1)
      for (const round of rounds) {
        await it.add(round)
        for (let look = 0; look < 3; look += 1) {
          const fault = chaos[random.below(chaos.length)]
          if (fault && random.chance(0.7)) it.gateway.faults.set(fault)
          if (random.chance(0.1)) foreign(it)
          await Promise.all([looked(it.process()), looked(it.process())])
          it.clock.pass(random.below(5_000))
        }
        if (random.chance(0.2)) it.clock.pass(61_000)
      }
      it.gateway.faults.clear()
      await it.settle()
      const requests = it.gateway.exchange.requests()
      expect(requests.map(({ tx_id: nonce }) => nonce)).toEqual(requests.map((_, at) => at))
      for (const round of rounds) {
        const { kind } = await it.stateOf(round)
        expect(['settled', 'failed']).toContain(kind)
        expect(it.effectsOf(round), `round ${round}`).toBe(kind === 'settled' ? 1 : 0)
      }
      expect(rounds.filter((round) => it.effectsOf(round) === 1).length).toBeGreaterThan(0)
    },
  )
})
