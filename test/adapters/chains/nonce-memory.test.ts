import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import {
  judgeNonce,
  nonceOfMost,
  remembered,
  type ToldNonce,
} from '../../../lib/adapters/chains/nonce-memory.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const start = 1_764_000_000_000

/** An account that has sent `latest` transactions by that block. */
function told(latest: number, number = latest * 10): ToldNonce {
  const time = timestamp(start + number * 2_000)
  return { latest, pending: latest, at: { number, hash: `0x${number.toString(16)}`, time } }
}

const any = fc.tuple(fc.nat(20), fc.nat(200)).map(([latest, number]) => told(latest, number))

test('only an answer as high as the highest is good; a lower one is of the past, or contested', () => {
  fc.assert(
    fc.property(any, any, (known, next) => {
      const verdict = judgeNonce(known, next)
      expect(verdict === 'good').toBe(next.latest >= known.latest)
      const earlier = next.at.number < known.at.number
      expect(verdict === 'past').toBe(next.latest < known.latest && earlier)
    }),
  )
})

test('along good answers neither the nonce remembered nor its block goes back', () => {
  fc.assert(
    fc.property(fc.array(any), (all) => {
      let known: ToldNonce | undefined
      for (const next of all) {
        if (judgeNonce(known, next) !== 'good') continue
        const kept = remembered(known, next)
        expect(kept.latest).toBeGreaterThanOrEqual(known?.latest ?? 0)
        const same = kept.latest === known?.latest
        expect(kept.at.number).toBeGreaterThanOrEqual(same ? (known?.at.number ?? 0) : 0)
        known = kept
      }
    }),
  )
})

test('of several answers the nonce is between those of honest nodes wherever these are the most', () => {
  const input = fc.integer({ min: 0, max: 4 }).chain((liars) =>
    fc.record({
      lies: fc.array(any, { minLength: liars, maxLength: liars }),
      truths: fc.array(fc.constantFrom(told(8), told(9)), { minLength: liars + 1, maxLength: 6 }),
    }),
  )
  fc.assert(
    fc.property(input, ({ lies, truths }) => {
      const most = nonceOfMost([...lies, ...truths])?.latest ?? -1
      expect(most).toBeGreaterThanOrEqual(Math.min(...truths.map(({ latest }) => latest)))
      expect(most).toBeLessThanOrEqual(Math.max(...truths.map(({ latest }) => latest)))
    }),
  )
})

test('of two answers the nonce is the higher one, of none it is unknown', () => {
  expect(nonceOfMost([told(9), told(3)])).toEqual(told(9))
  expect(nonceOfMost([])).toBeUndefined()
})
