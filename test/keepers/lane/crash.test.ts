import { describe, expect, test } from 'vitest'

import { isFinal } from '../../../lib/domain/intent.ts'
import { advanceLane } from '../../../lib/keepers/lane/advance-lane.ts'
import { type LaneInMemory, laneInMemory, worksByNonce } from './lane-in-memory.ts'
import { crashAt, type Gate, gated, Killed } from './workers.ts'

/** One story of a lane; `look` is what a worker does, and may end in the middle. */
type Story = {
  readonly name: string
  readonly rounds: readonly number[]
  /** Those that were settled on a chain that is gone. */
  readonly lost?: readonly number[]
  /** A nonce whose work nobody took serves again. */
  readonly freed?: boolean
  /** The exchange has a nonce of its own; usually so. */
  readonly sequenced?: boolean
  readonly tell: (it: LaneInMemory, look: () => Promise<void>) => Promise<void>
}

const stories: readonly Story[] = [
  {
    name: 'sent and settled',
    rounds: [1],
    async tell(it, look) {
      await it.add(1)
      for (let looks = 0; looks < 3; looks += 1) {
        await look()
        for (let block = 0; block < 2; block += 1) it.chain.mine()
      }
    },
  },
  {
    name: 'two rounds wait for the first',
    rounds: [1, 2, 3],
    async tell(it, look) {
      await it.add(1)
      await look()
      await it.add(2)
      await it.add(3)
      await look()
      it.chain.mine()
      await look()
      it.chain.mine()
      await look()
    },
  },
  {
    name: 'stuck and replaced',
    rounds: [1],
    async tell(it, look) {
      await it.add(1)
      it.chain.stalled = true
      await look()
      it.clock.pass(30_000)
      await look()
      it.chain.stalled = false
      it.chain.mine()
      await look()
    },
  },
  {
    name: 'in a block that is lost',
    rounds: [1, 2],
    async tell(it, look) {
      await it.add(1)
      await look()
      it.chain.mine()
      await look()
      await it.add(2)
      await look()
      it.chain.reorg(1, 'dropped')
      it.chain.stalled = true
      it.chain.mine()
      it.clock.pass(5_000)
      await look()
      it.chain.stalled = false
    },
  },
  {
    name: 'in two blocks that are lost',
    rounds: [1, 2, 3],
    async tell(it, look) {
      for (const round of [1, 2]) {
        await it.add(round)
        await look()
        it.chain.mine()
        await look()
      }
      it.chain.reorg(2, 'dropped')
      it.clock.pass(5_000)
      await look()
      await it.add(3)
      await look()
    },
  },
  {
    name: 'its nonce taken by others',
    rounds: [1, 2],
    async tell(it, look) {
      await it.add(1)
      await look()
      it.chain.foreign()
      await look()
      for (let block = 0; block < 3; block += 1) it.chain.mine()
      it.clock.pass(120_000)
      await look()
      await it.add(2)
      await look()
    },
  },
  {
    name: 'refused by the pool',
    rounds: [1, 2],
    async tell(it, look) {
      it.chain.refuses = (_nonce, bytes) => (bytes.includes('round-1 ') ? 'invalid' : undefined)
      await it.add(1)
      await look()
      it.chain.refuses = () => undefined
      await it.add(2)
      await look()
    },
  },
  {
    name: 'reverted in its block',
    rounds: [1, 2],
    async tell(it, look) {
      it.chain.revertsLater = (data) => (data.includes('round-1 ') ? 'too late' : undefined)
      await it.add(1)
      await look()
      it.chain.mine()
      await look()
      await it.add(2)
      await look()
    },
  },
  {
    name: 'behind a chain that went back',
    rounds: [1, 2, 3],
    lost: [1, 2],
    freed: true,
    sequenced: false,
    async tell(it, look) {
      for (const round of [1, 2]) {
        await it.add(round)
        await it.settle()
      }
      await it.add(3)
      await look()
      it.chain.mine()
      await look()
      it.chain.reorg(100, 'dropped')
      it.clock.pass(30_000)
      await look()
    },
  },
]

/** What is not true of the end: settled took effect once, failed never, nothing is open, no nonce has two works. */
async function untrue(
  it: LaneInMemory,
  { rounds, lost = [], freed = false }: Story,
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const round of rounds) {
    const state = await it.stateOf(round)
    if (!isFinal(state)) wrong.push(`round ${round} is ${state.kind}`)
    const wanted = state.kind === 'settled' && !lost.includes(round) ? 1 : 0
    if (it.effectsOf(round) !== wanted)
      wrong.push(`round ${round} is ${state.kind} and took effect ${it.effectsOf(round)} times`)
  }
  if ((await it.store.intents.open(it.world.id)).length > 0) wrong.push('work is open')
  if ((await it.lane()).inFlight.length > 0) wrong.push('a transaction is in flight')
  for (const [nonce, works] of worksByNonce(it.chain))
    if (works.size > 1 && !freed)
      wrong.push(`nonce ${nonce} was used for ${[...works].join(' and ')}`)
  return wrong
}

describe.for(stories)('$name', (story) => {
  async function tellWith(gate: Gate): Promise<LaneInMemory> {
    const it = laneInMemory({ sequenced: story.sequenced ?? true })
    await story.tell(it, async () => {
      try {
        await advanceLane(gated(it.world, gate))
      } catch (error) {
        if (!(error instanceof Killed)) throw error
      }
    })
    await it.settle()
    return it
  }

  test('a worker that ends at any awaited call, before or after its effect, leaves all to the next one', async () => {
    const whole = crashAt(Number.POSITIVE_INFINITY, 'before')
    expect(await untrue(await tellWith(whole.gate), story)).toEqual([])
    expect(whole.calls()).toBeGreaterThan(10)
    for (let at = 0; at < whole.calls(); at += 1)
      for (const side of ['before', 'after'] as const) {
        const it = await tellWith(crashAt(at, side).gate)
        expect(await untrue(it, story), `after the end ${side} call ${at}`).toEqual([])
      }
  })
})
