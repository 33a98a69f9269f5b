import { describe, expect, test } from 'vitest'

import {
  bpsText,
  countText,
  lastingText,
  numberText,
  percentText,
  priceText,
  timeText,
  usdText,
} from '../../../lib/tools/report/words.ts'

describe('for people', () => {
  test.each([
    [0, '0 s'],
    [340, '340 ms'],
    [5_400, '5.4 s'],
    [4_000, '4 s'],
    [119_000, '119 s'],
    [300_000, '5 min'],
    [330_000, '5 min 30 s'],
    [18_720_000, '5 h 12 min'],
    [86_400_000 * 365, '365 d'],
    [273_600_000, '3 d 4 h'],
  ])('%d ms last %s', (ms, text) => {
    expect(lastingText(ms)).toBe(text)
  })

  test('money keeps the digits that are shown, however many there are', () => {
    expect(usdText('90071992547409931234')).toBe('90,071,992,547,409,931,234 USD')
    expect(usdText('1250.5')).toBe('1,250.50 USD')
    expect(usdText('0.0038')).toBe('0.0038 USD')
    expect(usdText('-12.345')).toBe('−12.35 USD')
  })

  test('prices have as many digits as their size deserves', () => {
    expect(priceText('97123.456')).toBe('97,123.46')
    expect(priceText('0.0000123456')).toBe('0.0000123456')
  })

  test('a minus is a minus, and nothing is less than nothing', () => {
    expect(bpsText(-120)).toBe('−120 bps')
    expect(numberText(-0.0000001, 2)).toBe('0')
    expect(percentText('0.00833333')).toBe('0.8333 %')
  })

  test('times are in UTC, and one is not many', () => {
    expect(timeText(Date.UTC(2023, 2, 11, 7, 24, 5))).toBe('2023-03-11 07:24:05')
    expect(countText(1, 'push', 'pushes')).toBe('1 push')
    expect(countText(12_345, 'round')).toBe('12,345 rounds')
  })
})
