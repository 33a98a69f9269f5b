import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  factStrength,
  type FactVerification,
  type StrengthRules,
} from '../../../lib/domain/proving/fact-strength.ts'

const config = {
  layout: 'recursive',
  hasher: 'keccak_160_lsb',
  stoneVersion: 'stone6',
  memoryVerification: 'relaxed',
}
const rules: StrengthRules = { minSecurityBits: 96, configurations: [config], mayBeMocked: false }
const a = (other: Partial<FactVerification> = {}): FactVerification => ({
  config,
  securityBits: 96,
  verifier: 'known',
  ...other,
})

describe('a fact', () => {
  test('that nobody registered is absent', () => {
    expect(factStrength([], rules)).toEqual({ kind: 'absent' })
  })

  test('is strong with a configuration of ours and enough bits, wherever in the list that stands', () => {
    expect(factStrength([a()], rules)).toEqual({ kind: 'strong' })
    expect(factStrength([a({ securityBits: 10 }), a()], rules)).toEqual({ kind: 'strong' })
  })

  test('is weak with too few bits, another configuration or a mock behind it, and says which', () => {
    const name = 'recursive/keccak_160_lsb/stone6/relaxed'
    expect(factStrength([a({ securityBits: 95 })], rules)).toEqual({
      kind: 'weak',
      reason: `${name}: 95 bits instead of 96`,
    })
    expect(factStrength([a({ config: { ...config, stoneVersion: 'stone5' } })], rules)).toEqual({
      kind: 'weak',
      reason: 'recursive/keccak_160_lsb/stone5/relaxed: not a configuration of ours',
    })
    expect(factStrength([a({ verifier: 'mock' })], rules)).toEqual({
      kind: 'weak',
      reason: `${name}: from a mocked registry`,
    })
    expect(factStrength([a({ verifier: 'unknown' })], rules)).toEqual({
      kind: 'weak',
      reason: `${name}: by nobody that its registry names`,
    })
  })

  test('of many weak verifications tells the three that lack least', () => {
    const weak = [1, 2, 95, 94, 93].map((securityBits) => a({ securityBits }))
    const sight = factStrength(weak, rules)
    expect(sight.kind === 'weak' && sight.reason.match(/\d+ bits(?= instead)|\d+ more/g)).toEqual([
      '95 bits',
      '94 bits',
      '93 bits',
      '2 more',
    ])
  })

  test('may be a mock where the rules say so', () => {
    expect(factStrength([a({ verifier: 'mock' })], { ...rules, mayBeMocked: true })).toEqual({
      kind: 'strong',
    })
  })
})

function keyOf(one: FactVerification['config']): string {
  return [one.layout, one.hasher, one.stoneVersion, one.memoryVerification].join(' ')
}

describe('the law of strength', () => {
  const anyConfig = fc.record({
    layout: fc.constantFrom('recursive', 'small'),
    hasher: fc.constantFrom('keccak_160_lsb', 'blake2s_248_lsb'),
    stoneVersion: fc.constantFrom('stone5', 'stone6'),
    memoryVerification: fc.constantFrom('strict', 'relaxed'),
  })
  const anyOne = fc.record({
    config: anyConfig,
    securityBits: fc.integer({ min: 0, max: 128 }),
    verifier: fc.constantFrom('known' as const, 'mock' as const, 'unknown' as const),
  })
  const anyRules = fc.record({
    minSecurityBits: fc.integer({ min: 0, max: 128 }),
    configurations: fc.array(anyConfig, { maxLength: 4 }),
    mayBeMocked: fc.boolean(),
  })
  const list = fc.array(anyOne, { maxLength: 6 })

  test('strong is one that has all at once', () => {
    fc.assert(
      fc.property(list, anyRules, (verifications, some) => {
        const trusted = new Set(some.configurations.map(keyOf))
        const hasOne = verifications.some(
          (one) =>
            trusted.has(keyOf(one.config)) &&
            one.securityBits >= some.minSecurityBits &&
            (one.verifier === 'known' || (one.verifier === 'mock' && some.mayBeMocked)),
        )
        const expected = hasOne ? 'strong' : verifications.length === 0 ? 'absent' : 'weak'
        expect(factStrength(verifications, some).kind).toBe(expected)
      }),
    )
  })

  test('more verifications never make it weaker, and their order says nothing', () => {
    fc.assert(
      fc.property(list, list, anyRules, (some, more, theRules) => {
        const kind = factStrength(some, theRules).kind
        expect(factStrength(some.toReversed(), theRules).kind).toBe(kind)
        const longer = factStrength([...more, ...some], theRules).kind
        expect(kind !== 'strong' || longer === 'strong').toBe(true)
      }),
    )
  })

  test('more bits asked for never make it stronger', () => {
    fc.assert(
      fc.property(list, anyRules, fc.nat({ max: 64 }), (some, theRules, more) => {
        const stricter = { ...theRules, minSecurityBits: theRules.minSecurityBits + more }
        const kind = factStrength(some, theRules).kind
        expect(factStrength(some, stricter).kind !== 'strong' || kind === 'strong').toBe(true)
      }),
    )
  })
})
