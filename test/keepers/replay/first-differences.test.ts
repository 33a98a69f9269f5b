import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { encode } from '../../../lib/domain/exact-text.ts'
import { firstDifferences } from '../../../lib/keepers/replay/first-differences.ts'

function between(was: unknown, is: unknown, most = 10): readonly string[] {
  return firstDifferences(encode(was), encode(is), most).map(
    (one) => `${one.path}: ${one.was} → ${one.is}`,
  )
}

describe('the first places in which two decisions differ', () => {
  test('are named as people find them, with numbers of many digits as they are', () => {
    const was = { actions: [{ price: new Decimal('100.10'), size: 2n ** 70n }], outcome: { a: 1 } }
    const is = { actions: [{ price: new Decimal('100.2'), size: 2n ** 70n }], outcome: { b: 1 } }
    expect(between(was, is)).toEqual([
      'actions[0].price: 100.1 → 100.2',
      'outcome.a: 1 → undefined',
      'outcome.b: undefined → 1',
    ])
  })

  test('are found within text that is itself JSON', () => {
    const was = { snapshot: JSON.stringify({ feeds: [{ feed: 'BTC-USD', at: 1 }] }) }
    const is = { snapshot: JSON.stringify({ feeds: [{ feed: 'BTC-USD', at: 2 }] }) }
    expect(between(was, is)).toEqual(['snapshot.feeds[0].at: 1 → 2'])
  })

  test('are no more than asked for, in the order of their keys', () => {
    const was = { c: 1, a: 1, b: 1 }
    const is = { c: 2, a: 2, b: 2 }
    expect(between(was, is, 2)).toEqual(['a: 1 → 2', 'b: 1 → 2'])
  })

  test('may be the kind of a value, or one more in a list', () => {
    expect(between({ a: [1], b: {} }, { a: [1, 'x'], b: 'y' })).toEqual([
      'a.length: 1 → 2',
      'a[1]: undefined → "x"',
      'b: {} → "y"',
    ])
  })

  test('are quoted where a name is no word', () => {
    expect(between({ 'USDT/USD': 1 }, { 'USDT/USD': 2 })).toEqual(['["USDT/USD"]: 1 → 2'])
  })

  test('are none where both are the same', () => {
    expect(between({ a: new Map([['k', -0]]) }, { a: new Map([['k', -0]]) })).toEqual([])
    expect(between({ a: -0 }, { a: 0 })).toEqual(['a: -0 → 0'])
  })
})
