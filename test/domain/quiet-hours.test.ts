import { describe, expect, test } from 'vitest'

import { isQuiet, isZone, type QuietHours, weekdays } from '../../lib/domain/quiet-hours.ts'
import { timestamp } from '../../lib/domain/time.ts'

const at = (iso: string) => timestamp(Date.parse(iso))

const nights: QuietHours = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '22:00',
  to: '07:00',
  zone: 'Europe/Zurich',
}

describe('quiet hours', () => {
  // Zurich is UTC+1 in winter; 27 November 2026 is a Friday.
  test.each([
    ['2026-11-27T20:59:59Z', false, 'before they begin'],
    ['2026-11-27T21:00:00Z', true, 'from the minute on'],
    ['2026-11-28T05:59:59Z', true, 'past midnight, into a day that is not named'],
    ['2026-11-28T06:00:00Z', false, 'until the minute'],
    ['2026-11-28T22:00:00Z', false, 'on a Saturday'],
    ['2026-11-30T03:00:00Z', false, 'on the night from Sunday to Monday'],
    ['2026-11-30T22:00:00Z', true, 'on Monday'],
  ])('at %s: %s, %s', (iso, quiet) => {
    expect(isQuiet([nights], at(iso))).toBe(quiet)
  })

  test('follow the clock on the wall through daylight saving', () => {
    // Summer time is UTC+2: 22:00 there is 20:00 UTC.
    expect(isQuiet([nights], at('2026-07-24T20:00:00Z'))).toBe(true)
    expect(isQuiet([nights], at('2026-07-24T19:59:00Z'))).toBe(false)
    // 29 March 2026: 02:00 becomes 03:00. The morning after ends at 05:00 UTC.
    const saturdays = { ...nights, days: ['sat'] as const }
    expect(isQuiet([saturdays], at('2026-03-29T04:59:00Z'))).toBe(true)
    expect(isQuiet([saturdays], at('2026-03-29T05:00:00Z'))).toBe(false)
  })

  test('within a day, and the whole of it', () => {
    const noon = { ...nights, from: '12:00', to: '13:30', zone: 'Asia/Kolkata' }
    // India is UTC+5:30.
    expect(isQuiet([noon], at('2026-11-27T06:30:00Z'))).toBe(true)
    expect(isQuiet([noon], at('2026-11-27T08:00:00Z'))).toBe(false)
    const sundays = { days: ['sun'], from: '00:00', to: '00:00', zone: 'UTC' } as const
    expect(isQuiet([sundays], at('2026-11-29T00:00:00Z'))).toBe(true)
    expect(isQuiet([sundays], at('2026-11-29T23:59:00Z'))).toBe(true)
    expect(isQuiet([sundays], at('2026-11-30T00:00:00Z'))).toBe(false)
  })

  test('of several any one counts, and of none nothing is quiet', () => {
    const saturdays = { days: ['sat'], from: '00:00', to: '00:00', zone: 'UTC' } as const
    expect(isQuiet([nights, saturdays], at('2026-11-28T12:00:00Z'))).toBe(true)
    expect(isQuiet([], at('2026-11-28T12:00:00Z'))).toBe(false)
  })

  test('each minute of a week of every night and every day is quiet once', () => {
    const days = { ...nights, days: [...weekdays], from: '07:00', to: '22:00' }
    const all = { ...nights, days: [...weekdays] }
    for (let minute = 0; minute < 7 * 24 * 60; minute += 7) {
      const now = timestamp(at('2026-11-23T00:00:00Z') + minute * 60_000)
      expect(isQuiet([all], now)).toBe(!isQuiet([days], now))
    }
  })
})

test('a zone is known by its name', () => {
  expect([isZone('Europe/Zurich'), isZone('UTC'), isZone('Mars/Olympus')]).toEqual([
    true,
    true,
    false,
  ])
})
