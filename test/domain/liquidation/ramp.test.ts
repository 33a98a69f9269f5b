import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { rampPermille } from '../../../lib/domain/liquidation/ramp.ts'
import { type Attempt, restingAccounts } from '../../../lib/domain/liquidation/resting.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const rules = { graceSeconds: 30, stageSeconds: 15 }
const begin = timestamp(1_700_000_000_000)
const after = (seconds: number) => timestamp(begin + seconds * 1_000)

describe('after a stall', () => {
  test('nobody in the grace, then an eighth, a quarter, a half, and all', () => {
    const shares = [0, 29, 30, 44, 45, 60, 74, 75, 1_000].map((seconds) =>
      rampPermille(rules, { wellSince: begin, now: after(seconds), reverted: [] }),
    )
    expect(shares).toEqual([0, 0, 125, 125, 250, 500, 500, 1_000, 1_000])
  })

  test('and all at once where there was none', () => {
    expect(rampPermille(rules, { wellSince: undefined, now: begin, reverted: [] })).toBe(1_000)
  })

  test('more than a fifth of reverted transactions keep it at an eighth, however long ago', () => {
    const [four, five] = [4, 5].map((bad) =>
      rampPermille(rules, {
        wellSince: undefined,
        now: after(1e6),
        reverted: Array.from({ length: 20 }, (_, at) => at < bad),
      }),
    )
    expect([four, five]).toEqual([1_000, 125])
  })

  test('it never falls as time goes on, and is never more than all', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (one, more) => {
        const [early, late] = [one, one + more].map((seconds) =>
          rampPermille(rules, { wellSince: begin, now: after(seconds), reverted: [] }),
        )
        expect((early ?? 0) <= (late ?? 0) && (late ?? 0) <= 1_000).toBe(true)
      }),
    )
  })
})

function attempts(count: number, size = 7n): readonly Attempt[] {
  return Array.from({ length: count }, () => ({ account: 'a', size, at: begin }))
}

function rests(all: readonly Attempt[], seconds: number): boolean {
  return restingAccounts(all, after(seconds)).has('a')
}

describe('an account whose liquidations had no effect', () => {
  test('rests for five minutes after the third, then for ten, then for an hour', () => {
    expect(rests(attempts(2), 1)).toBe(false)
    expect([rests(attempts(3), 299), rests(attempts(3), 300)]).toEqual([true, false])
    expect([rests(attempts(4), 599), rests(attempts(4), 600)]).toEqual([true, false])
    expect([rests(attempts(9), 3_599), rests(attempts(9), 3_600)]).toEqual([true, false])
  })

  test('and is awake after one that had: its size is another one then', () => {
    expect(rests([...attempts(2, 5n), ...attempts(9)], 1)).toBe(false)
  })

  test('others do not rest with it', () => {
    const all = [...attempts(5), { account: 'b', size: 7n, at: begin }]
    expect([...restingAccounts(all, after(1))]).toEqual(['a'])
  })
})
