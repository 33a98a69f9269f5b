import { describe, expect, test } from 'vitest'

import { provingMutants } from './proving-mutants.ts'
import { simulateProving } from './simulate.ts'

/** What the simulation promises: none of these bugs lives longer. */
const most = 1_000

describe('the simulation of batches finds', () => {
  test.for(provingMutants)('$name', { timeout: 120_000 }, async (mutant) => {
    let seed = 1
    while (seed <= most && !(await simulateProving(seed, { mutant })).violation) seed += 1
    expect(seed).toBeLessThanOrEqual(most)
  })

  test('at least eight of them', () => {
    expect(new Set(provingMutants.map(({ name }) => name)).size).toBeGreaterThanOrEqual(8)
  })
})
