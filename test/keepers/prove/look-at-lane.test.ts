import { describe, expect, test } from 'vitest'

import { memoryBlobs } from '../../../lib/adapters/blobs/memory.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { lookAtLane } from '../../../lib/keepers/prove/look-at-lane.ts'
import type { LaneParts, ProveWorld } from '../../../lib/keepers/prove/prove-world.ts'
import { aBatch, aProvingLane, at, steppedClock } from '../../adapters/store/samples.ts'
import { batchWorld, benchClock } from '../../bench/batch-world.ts'

test('the first in line keeps its pause between two looks at its prover, like all others', async () => {
  const clock = benchClock()
  const full = { ...clock, sleep: async () => undefined }
  const world = batchWorld({
    inFlight: 3,
    store: memoryStore({ clock: full }),
    blobs: memoryBlobs({ clock: full }),
    clock,
  })
  await world.plant()
  await world.slot()
  expect(world.asked.find).toBe(3)
  // Within the ten seconds of the first pause nobody is asked, and no row is written.
  const rows = await world.rows()
  for (let second = 1; second < 10; second += 1) {
    clock.advance(1_000)
    await world.slot()
  }
  expect(world.asked.find).toBe(3)
  expect(await world.rows()).toEqual(rows)
  clock.advance(1_000)
  await world.slot()
  expect(world.asked.find).toBe(6)
})

/** A lane whose contract stands on block 40, and whose chain has the blocks that `has` says, or cannot be asked. */
async function looked(
  has: (number: number) => boolean | Error,
  change: Parameters<typeof aProvingLane>[0] = {},
) {
  const clock = steppedClock()
  const store = memoryStore({ clock })
  const lane = aProvingLane(change)
  if (lane.tip) await store.batches.write(aBatch(lane.tip.number, { state: { kind: 'settled' } }))
  const standing = { number: 40, hash: '0x28' } as const
  const block = { number: 9, hash: '0x09', time: at(0) } as const
  const parts = {
    name: lane.name,
    rules: { buffer: 5 },
    provers: {},
    source: {
      name: 'blocks',
      closed: async () => [aBatch(4).content],
      async has({ number }: { readonly number: number }) {
        const answer = has(number)
        if (answer instanceof Error) throw answer
        return answer
      },
    },
    settlement: {
      sight: async () => ({ latest: standing, block, finalized: standing, time: at(0) }),
    },
  } as unknown as LaneParts
  const world = { clock, store, random: () => 0 } as unknown as ProveWorld
  const { stranded, closed } = await lookAtLane(world, parts, lane)
  return { stranded, closed }
}

describe('where no batch of a lane stands', () => {
  const none = { kind: 'told', value: undefined }
  const next = { kind: 'told', value: [aBatch(4).content] }

  test('batches follow the block that its contract stands on, if the chain has that', async () => {
    expect(await looked(() => true)).toEqual({ stranded: none, closed: next })
  })

  test('none can follow a block that the chain does not have, which is not the same as not to know', async () => {
    expect(await looked(() => false)).toEqual({
      stranded: { kind: 'told', value: { number: 40, hash: '0x28' } },
      closed: {
        kind: 'trouble',
        message:
          'the contract stands on block 40 (0x28), which the chain does not have: no batch can follow it',
      },
    })
    const trouble = { kind: 'trouble', message: 'timeout' }
    expect(await looked(() => new Error('timeout'))).toEqual({ stranded: trouble, closed: trouble })
  })

  test('it is so too where the chain lost the blocks of the only batch', async () => {
    const tip = { number: 3, content: aBatch(3).content }
    const lane = { newest: 3, settled: 3, tip }
    const { stranded } = await looked(() => false, lane)
    expect(stranded).toEqual({ kind: 'told', value: { number: 40, hash: '0x28' } })
    expect(await looked(() => true, lane)).toEqual({ stranded: none, closed: next })
  })
})
