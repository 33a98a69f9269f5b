import { describe, expect, test } from 'vitest'

import { minimise } from '../minimise.ts'
import { brokenWords } from '../words.ts'
import { simulateProving } from './simulate.ts'

/** The suite's share; `npm run simulate -- --of proving` runs any number. */
const schedules = 300

describe('whatever happens to batches on their way', () => {
  test(
    'each ends final or given up with its blocks, and no rule breaks',
    { timeout: 180_000 },
    async () => {
      let final = 0
      let broken: number | undefined
      for (let seed = 1; seed <= schedules && broken === undefined; seed += 1) {
        const ended = await simulateProving(seed)
        final += ended.works
        if (ended.violation) broken = seed
      }
      expect(broken && brokenWords(await minimise(broken, simulateProving))).toBeUndefined()
      // Ten batches each, and sometimes more: what was settled by others first counts, too.
      expect(final).toBeGreaterThan(schedules * 9)
    },
  )

  test('a schedule is its number: the same one happens the same way again', async () => {
    for (const seed of [11, 181, 257]) {
      const [one, other]: [string[], string[]] = [[], []]
      const first = await simulateProving(seed, { trace: (line) => one.push(line) })
      expect(await simulateProving(seed, { trace: (line) => other.push(line) })).toEqual(first)
      expect(one.length).toBeGreaterThan(20)
      expect(other).toEqual(one)
    }
  })

  test('every trouble there is may be met', async () => {
    const met = new Set<string>()
    for (let seed = 1; seed <= 60; seed += 1)
      for (const happened of (await simulateProving(seed)).happened)
        met.add(happened.replace(/^event \d+: /, '').replace(/^.*: ([a-z-]+) [\d.]+$/, '$1'))
    const every =
      'answer-lost condition configuration crash-after crash-before files-lost freeze-after freeze-before held-by-hand l1-reorg l1-stall l2-reorg lag late lie prover-outage refused revert run-missing run-wrong settled-by-others stale-list'
    expect([...met].toSorted().join(' ')).toBe(every)
  })
})
