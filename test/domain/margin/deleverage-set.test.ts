import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { deleverageSet } from '../../../lib/domain/margin/deleverage-set.ts'

const takers = [
  { account: 'a', most: 40n },
  { account: 'b', most: 35n },
  { account: 'c', most: 100n },
  { account: 'd', most: 10n },
]

test('as few as cover it, the last one only by what is missing, the others kept for refusals', () => {
  expect(deleverageSet(takers, { needed: 90n, lot: 1n })).toEqual({
    chosen: [
      { account: 'a', size: 40n },
      { account: 'b', size: 35n },
      { account: 'c', size: 15n },
    ],
    fallbacks: [{ account: 'd', most: 10n }],
    missing: 0n,
    excess: 0n,
  })
})

test('lots are whole: somebody with less than one is passed over', () => {
  expect(deleverageSet(takers, { needed: 81n, lot: 20n })).toEqual({
    chosen: [
      { account: 'a', size: 40n },
      { account: 'b', size: 20n },
      { account: 'c', size: 40n },
    ],
    fallbacks: [],
    missing: 0n,
    excess: 19n,
  })
})

test('what nobody can take is told', () => {
  const { missing, excess } = deleverageSet(takers, { needed: 200n, lot: 1n })
  expect([missing, excess]).toEqual([15n, 0n])
})

test('never one too many, never a lot too much, and all is accounted for', () => {
  const most = fc.bigInt(0n, 10n ** 6n)
  fc.assert(
    fc.property(
      fc.array(most),
      fc.bigInt(0n, 10n ** 7n),
      fc.bigInt(1n, 1_000n),
      (all, needed, lot) => {
        const ranked = all.map((one, at) => ({ account: String(at), most: one }))
        const { chosen, missing, excess } = deleverageSet(ranked, { needed, lot })
        const taken = chosen.reduce((sum, { size }) => sum + size, 0n)
        const before = taken - (chosen.at(-1)?.size ?? 0n)
        expect(taken + missing).toBe(needed + excess)
        expect(excess < lot).toBe(true)
        expect(chosen.length === 0 || before < needed).toBe(true)
        expect(
          chosen.every(({ account, size }) => size > 0n && size <= (all[Number(account)] ?? 0n)),
        ).toBe(true)
        expect(chosen.every(({ size }) => size % lot === 0n)).toBe(true)
        // Something is missing only where everybody gave every whole lot.
        const could = all.reduce((sum, one) => sum + one - (one % lot), 0n)
        expect(missing === 0n || taken === could).toBe(true)
      },
    ),
    { numRuns: 2_000 },
  )
})
