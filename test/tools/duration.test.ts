import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { DurationError, durationText, parseDuration } from '../../lib/tools/duration.ts'

describe('a length of time', () => {
  test.each([
    ['60s', 60_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1h30m', 5_400_000],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['2d', 172_800_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  test.each(['', '60', 's', '0s', '-5s', '1 h', '5min', '1e3s', 'Infinitys', '9999999999999d'])(
    '"%s" is none',
    (text) => {
      expect(() => parseDuration(text)).toThrow(DurationError)
    },
  )

  test('whole seconds are read exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (seconds) => {
        expect(parseDuration(`${seconds}s`)).toBe(seconds * 1_000)
      }),
    )
  })

  test.each([
    [0, '0 ms'],
    [849.6, '850 ms'],
    [4_200, '4.2 s'],
    [60_000, '60 s'],
    [180_000, '3 min'],
    [9_000_000, '2.5 h'],
  ])('%f ms reads as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text)
  })
})
