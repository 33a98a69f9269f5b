import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Simulation } from '../../../lib/domain/transaction.ts'
import { passing } from '../../../lib/keepers/lane/passing.ts'

const ok: Simulation = {
  kind: 'ok',
  fee: { kind: 'evm', gas: 1n, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n },
}

/** A node that says of a batch only that one of it is bad, and how often it was asked. */
function node(isBad: (part: number) => boolean, { most = Infinity } = {}) {
  const asked: (readonly number[])[] = []
  return {
    asked,
    simulate: async (parts: readonly number[]): Promise<Simulation> => {
      asked.push(parts)
      if (parts.some(isBad)) return { kind: 'reverted', reason: 'INVALID_MEDIAN' }
      return parts.length > most ? { kind: 'reverted', reason: 'too large' } : ok
    },
  }
}

const calm = { isSuspect: () => false, concernsAll: () => false }

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => at)
}

describe('a batch', () => {
  test('that is good as a whole is asked about once', async () => {
    const { asked, simulate } = node(() => false)
    expect(await passing(numbers(200), { ...calm, simulate })).toMatchObject({
      kind: 'some',
      kept: numbers(200),
      left: [],
    })
    expect(asked).toHaveLength(1)
  })

  test('of 200 with one bad part loses that alone, within 17 questions, and is asked about together', async () => {
    for (const bad of [0, 99, 100, 199]) {
      const { asked, simulate } = node((part) => part === bad)
      const found = await passing(numbers(200), { ...calm, simulate })
      expect(found).toMatchObject({
        kind: 'some',
        kept: numbers(200).filter((part) => part !== bad),
        left: [{ part: bad, why: 'refused', reason: 'INVALID_MEDIAN' }],
      })
      expect(asked.length).toBeLessThanOrEqual(18)
      expect(asked.at(-1)).toHaveLength(199)
    }
  })

  test('with a suspect that is bad again is asked about three times', async () => {
    const { asked, simulate } = node((part) => part === 17)
    await passing(numbers(200), { ...calm, isSuspect: (part) => part === 17, simulate })
    expect(asked.map(({ length }) => length)).toEqual([200, 199, 1])
  })

  test('that would be refused whatever is in it is not searched', async () => {
    const { asked, simulate } = node(() => true)
    const found = await passing(numbers(200), { ...calm, simulate, concernsAll: () => true })
    expect(found.kind).toBe('none')
    expect(found.left).toHaveLength(200)
    expect(asked).toHaveLength(1)
  })

  test('of which each half goes alone and both do not go together sends one half', async () => {
    const { simulate } = node(() => false, { most: 6 })
    const found = await passing(numbers(10), { ...calm, simulate })
    expect(found).toMatchObject({ kind: 'some', kept: [0, 1, 2, 3, 4] })
    expect(found.left.map(({ part, why }) => `${part} ${why}`)).toEqual([
      '5 no-room',
      '6 no-room',
      '7 no-room',
      '8 no-room',
      '9 no-room',
    ])
  })

  test('loses no part and sends no bad one, whichever are bad, and asks 33 times at most', async () => {
    const law = fc.asyncProperty(
      fc.integer({ min: 1, max: 120 }),
      fc.array(fc.nat(119), { maxLength: 40 }),
      async (count, bad) => {
        const { asked, simulate } = node((part) => bad.includes(part))
        const isSuspect = (part: number) => bad.includes(part) && part % 2 === 0
        const found = await passing(numbers(count), {
          simulate,
          isSuspect,
          concernsAll: () => false,
        })
        const kept = found.kind === 'some' ? found.kept : []
        const left = found.left.map(({ part }) => part)
        expect([...kept, ...left].toSorted((a, b) => a - b)).toEqual(numbers(count))
        expect(kept.filter((part) => bad.includes(part))).toEqual([])
        for (const { part, why } of found.left)
          expect(why === 'not-tried' || bad.includes(part)).toBe(true)
        expect(asked.length).toBeLessThanOrEqual(33)
      },
    )
    await fc.assert(law, { numRuns: 300 })
  })
})
