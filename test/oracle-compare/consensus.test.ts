import { expect, test } from 'vitest'

import { consensusOf, type Traded } from './consensus.ts'

/** `close low high`, or one number for all three. */
const traded = (...rows: readonly string[]): readonly Traded[] =>
  rows.map((row, index) => {
    const [close = NaN, low = close, high = close] = row.split(' ').map(Number)
    return { venue: `v${index}`, close, low, high }
  })

test('those whose ranges meet are sound, and say from where to where the price was', () => {
  expect(consensusOf(traded('100 99 101', '100.5 100 102', '110 109 111'), 0)).toEqual({
    low: 100,
    high: 100.5,
    middle: 100.25,
  })
})

test('ranges may miss each other by the slack', () => {
  expect(consensusOf(traded('100', '100.2'), 0)).toBeUndefined()
  expect(consensusOf(traded('100', '100.2'), 10)).toMatchObject({ low: 100, high: 100.2 })
})

test('one venue, half of them, or two camps of one size are no consensus', () => {
  expect(consensusOf(traded('100'), 20)).toBeUndefined()
  expect(consensusOf([], 20)).toBeUndefined()
  expect(consensusOf(traded('100', '100', '90', '80'), 20)).toBeUndefined()
  expect(consensusOf(traded('100', '100', '90', '90'), 20)).toBeUndefined()
})

test('a range as wide as all others joins no two camps', () => {
  const bridge = traded('100 99 101', '100 99 101', '90 89 91', '90 89 91', '95 85 105')
  expect(consensusOf(bridge, 0)).toBeUndefined()
})
