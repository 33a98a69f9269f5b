import { describe, expect, test } from 'vitest'

import { scheduleThat } from '../schedule-that.ts'
import { provingMutants } from './proving-mutants.ts'
import { simulateProving } from './simulate.ts'

/** What the simulation promises: none of these bugs lives longer. */
const most = 1_000

/** Where the rarest were seen last; a search for one that begins there ends there. */
const seenIn: Readonly<Record<string, number>> = {
  'the newest block is as good as final': 866,
  'nobody asks whether the blocks still stand': 313,
}

describe('the simulation of batches finds', () => {
  test.for(provingMutants)('$name', { timeout: 120_000 }, async (mutant) => {
    const seed = await scheduleThat(
      async (at) => (await simulateProving(at, { mutant })).violation !== undefined,
      { most, seen: seenIn[mutant.name] },
    )
    expect(seed).toBeLessThanOrEqual(most)
  })

  test('at least eight of them', () => {
    expect(new Set(provingMutants.map(({ name }) => name)).size).toBeGreaterThanOrEqual(8)
  })
})
