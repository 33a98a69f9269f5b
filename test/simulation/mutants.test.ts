import { describe, expect, test } from 'vitest'

import { mutants } from './mutants.ts'
import { scheduleThat } from './schedule-that.ts'
import { simulate } from './simulate.ts'

/** What the simulation promises: none of these bugs lives longer. */
const most = 10_000

/** Where the rarest were seen last; a search for one that begins there ends there. */
const seenIn: Readonly<Record<string, number>> = {
  'an answer that is lost is a refusal': 730,
  'bytes that a node calls invalid free their nonce at once': 730,
  'what is refused is refused whole': 238,
  "the exchange's prices and its own nonce are of two blocks": 392,
}

describe('the simulation finds', () => {
  test.for(mutants)('$name', { timeout: 60_000 }, async (mutant) => {
    const seed = await scheduleThat(
      async (at) => (await simulate(at, { mutant })).violation !== undefined,
      { most, seen: seenIn[mutant.name] },
    )
    expect(seed).toBeLessThanOrEqual(most)
  })

  test('at least a dozen of them', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBeGreaterThanOrEqual(12)
  })
})
