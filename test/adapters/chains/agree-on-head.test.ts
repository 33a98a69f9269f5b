import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { agreeOnHead, isBefore } from '../../../lib/adapters/chains/agree-on-head.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Block } from '../../../lib/domain/transaction.ts'

const now = timestamp(1_764_000_000_000)
const blockSeconds = 2

/** The chain's block of that number: number 1000 is being told now. */
function blockAt(number: number, ageMs = (1_000 - number) * 2_000): Block {
  const time = timestamp(Math.max(0, now - ageMs))
  return { number, hash: `0x${number.toString(16)}`, time }
}

function agreeing(heads: readonly Block[], floor?: Block, nodes = heads.length) {
  const seen = heads.map((head, node) => ({ node, head }))
  return agreeOnHead({ seen, floor, nodes, now, blockSeconds })
}

function places(heads: readonly Block[]): readonly string[] {
  return agreeing(heads).placed.map(({ place }) => place)
}

const honest = fc.integer({ min: 995, max: 1_000 }).map((number) => blockAt(number))
const anything = fc.record({
  number: fc.nat(10_000_000),
  hash: fc.constant('0xbad' as const),
  time: fc.integer({ min: 0, max: now + 10_000_000 }).map((ms) => timestamp(ms)),
})

/** Three to nine nodes, most of which tell the truth, in any order. */
const mostlyHonest = fc.integer({ min: 1, max: 4 }).chain((liars) =>
  fc.record({
    lies: fc.array(anything, { minLength: liars, maxLength: liars }),
    truths: fc.array(honest, { minLength: liars + 1, maxLength: 5 }),
  }),
)

describe('the block that is agreed on', () => {
  test('lies between those of honest nodes wherever these are the most', () => {
    fc.assert(
      fc.property(mostlyHonest, ({ lies, truths }) => {
        const { head } = agreeing([...lies, ...truths])
        const numbers = truths.map(({ number }) => number)
        expect(head?.number).toBeGreaterThanOrEqual(Math.min(...numbers))
        expect(head?.number).toBeLessThanOrEqual(Math.max(...numbers))
      }),
    )
  })

  test('does not depend on the order of the nodes', () => {
    fc.assert(
      fc.property(mostlyHonest, ({ lies, truths }) => {
        const one = agreeing([...lies, ...truths]).head?.number
        expect(agreeing([...truths, ...lies]).head?.number).toBe(one)
      }),
    )
  })

  test('is not from before the last one unless most of all nodes are', () => {
    const input = fc.record({
      heads: fc.array(honest, { minLength: 1, maxLength: 5 }),
      silent: fc.nat(4),
      floor: honest,
    })
    fc.assert(
      fc.property(input, ({ heads, silent, floor }) => {
        const nodes = heads.length + silent
        const { head } = agreeing(heads, floor, nodes)
        const past = heads.filter((one) => isBefore(one, floor)).length
        expect(head !== undefined && isBefore(head, floor)).toBe(past * 2 > nodes)
      }),
    )
  })

  test('is one that a node really told, or the last one agreed on', () => {
    const input = fc.record({
      heads: fc.array(fc.oneof(honest, anything), { maxLength: 6 }),
      floor: fc.option(honest, { nil: undefined }),
    })
    fc.assert(
      fc.property(input, ({ heads, floor }) => {
        const { head } = agreeing(heads, floor)
        expect(heads.length === 0 ? [undefined] : [...heads, floor]).toContain(head)
      }),
    )
  })
})

describe('the place of a node', () => {
  test('is good with the agreed block, late a few blocks behind, and else behind or ahead', () => {
    // Fifteen seconds are eight blocks of two.
    const far = [1_000, 1_000, 1_000, 999, 992, 991, 1_008, 1_009].map((number) =>
      blockAt(number, 0),
    )
    expect(places(far)).toEqual(['good', 'good', 'good', 'late', 'late', 'behind', 'good', 'ahead'])
  })

  test('of two: the old one is behind, and of two young ones the higher one is ahead', () => {
    expect(places([blockAt(990), blockAt(1_000)])).toEqual(['behind', 'good'])
    expect(places([blockAt(990, 0), blockAt(1_000, 0)])).toEqual(['good', 'ahead'])
    expect(places([blockAt(980), blockAt(981)])).toEqual(['good', 'good'])
  })

  test('a time to come tells of no newest block, unless all say so', () => {
    const future = blockAt(1_000, -60_000)
    expect(agreeing([future, blockAt(999)]).head?.number).toBe(999)
    expect(agreeing([future, future]).head?.number).toBe(1_000)
  })

  test('the hash of most is taken at one height', () => {
    const odd = { ...blockAt(1_000), hash: '0xbad' } as const
    expect(agreeing([odd, blockAt(1_000), blockAt(1_000)]).head?.hash).toBe('0x3e8')
  })
})
