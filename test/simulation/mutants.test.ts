import { describe, expect, test } from 'vitest'

import { mutants } from './mutants.ts'
import { simulate } from './simulate.ts'

/** What the simulation promises: none of these bugs lives longer. */
const most = 10_000

describe('the simulation finds', () => {
  test.for(mutants)('$name', { timeout: 60_000 }, async (mutant) => {
    let seed = 1
    while (seed <= most && !(await simulate(seed, { mutant })).violation) seed += 1
    expect(seed).toBeLessThanOrEqual(most)
  })

  test('at least a dozen of them', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBeGreaterThanOrEqual(12)
  })
})
