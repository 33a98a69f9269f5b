import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { matchesGlob } from '../../lib/domain/glob.ts'
import { isMeant } from '../../lib/domain/incident-match.ts'

describe('a glob', () => {
  test.each([
    ['price-late', 'price-late'],
    ['price-*', 'price-late'],
    ['*', ''],
    ['*', 'anything at all'],
    ['*-late', 'exchange-time-late'],
    ['core:*-USD', 'core:BTC-USD'],
    ['c?re', 'core'],
    ['a*b*c', 'a--b--b--c'],
    ['?', '\u{1F600}'],
    ['**', 'a'],
    ['a.c', 'a.c'],
  ])('%s matches %j', (pattern, text) => {
    expect(matchesGlob(pattern, text)).toBe(true)
  })

  test.each([
    ['price-late', 'price-later'],
    ['price-*', 'no-price'],
    ['', 'a'],
    ['?', ''],
    ['a.c', 'abc'],
    ['a*b*c', 'a--c--b'],
    ['*-late', 'late'],
  ])('%s does not match %j', (pattern, text) => {
    expect(matchesGlob(pattern, text)).toBe(false)
  })

  test('says what the regular expression of the same meaning says', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?')
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), text, (pieces, words) => {
        const source = pieces.join('').replaceAll('?', '.').replaceAll('*', '.*')
        expect(matchesGlob(pieces.join(''), words)).toBe(new RegExp(`^${source}$`).test(words))
      }),
    )
  })

  test('of many stars is not slow', () => {
    const begun = performance.now()
    expect(matchesGlob(`${'*a'.repeat(50)}*b`, 'a'.repeat(5000))).toBe(false)
    expect(performance.now() - begun).toBeLessThan(1000)
  })
})

test('what a match leaves out it does not ask for', () => {
  const incident = { rule: 'price-late', subject: 'core:BTC-USD' }
  expect(isMeant({}, incident)).toBe(true)
  expect(isMeant({ rule: 'price-*' }, incident)).toBe(true)
  expect(isMeant({ subject: 'core:*' }, incident)).toBe(true)
  expect(isMeant({ rule: 'price-*', subject: 'evm:*' }, incident)).toBe(false)
})
