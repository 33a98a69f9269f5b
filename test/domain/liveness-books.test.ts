import { describe, expect, test } from 'vitest'

import { booksBehind, fundLow, opportunitiesMissed } from '../../lib/domain/liveness-books.ts'
import { revertKind } from '../../lib/domain/revert-kind.ts'
import { timestamp } from '../../lib/domain/time.ts'

const now = timestamp(1_764_000_000_000)

describe('an insurance fund', () => {
  const fund = {
    engine: 'dex',
    balance: 20_000_000_000n,
    decimals: 6,
    floorUsd: 10_000,
    lastsDays: undefined,
    warnDays: 3,
    now,
  }

  test('above the floor that does not shrink is fine, and one that lasts long enough', () => {
    expect(fundLow(fund)).toBeUndefined()
    expect(fundLow({ ...fund, balance: 10_000_000_000n, lastsDays: 3 })).toBeUndefined()
  })

  test('below the floor is a warning, an empty one critical, also where the floor is nothing', () => {
    expect(fundLow({ ...fund, balance: 9_999_999_999n })).toMatchObject({
      rule: 'fund-low',
      subject: 'dex',
      severity: 'warning',
    })
    expect(fundLow({ ...fund, balance: 0n })?.severity).toBe('critical')
    expect(fundLow({ ...fund, balance: 0n, floorUsd: 0 })?.severity).toBe('critical')
  })

  test('that will soon be empty is a warning while it is still large', () => {
    const found = fundLow({ ...fund, lastsDays: 2 })
    expect(found?.severity).toBe('warning')
    expect(found?.summary).toBe(
      'the insurance fund of dex is 20000 USD, which lasts 2 days if all goes on as lately; the floor is 10000 USD, and 3 days',
    )
  })
})

describe('opportunities', () => {
  const hour = { engine: 'dex', won: 5, missed: 5, why: {}, mostPercent: 50, since: now }

  test('that others had up to the share are no matter', () => {
    expect(opportunitiesMissed(hour)).toBeUndefined()
  })

  test('that others had beyond it are, with the reasons, the most first', () => {
    const why = { idle: 2, raced: 4 }
    expect(opportunitiesMissed({ ...hour, missed: 6, why })).toMatchObject({
      rule: 'opportunities-missed',
      summary: `others had 6 of the last hour's 11 liquidations on dex (4 raced, 2 idle); the limit is 50 %`,
    })
  })

  test('so few say nothing, and with a limit of 100 nothing ever does', () => {
    expect(opportunitiesMissed({ ...hour, won: 0, missed: 9 })).toBeUndefined()
    expect(opportunitiesMissed({ ...hour, won: 0, missed: 90, mostPercent: 100 })).toBeUndefined()
  })
})

const look = (behindMs: number) =>
  booksBehind({
    engine: 'dex',
    blockAt: timestamp(now - 60_000 - behindMs),
    finalAt: timestamp(now - behindMs),
    seenAt: now,
    limitMs: 900_000,
  })

describe('books', () => {
  test('follow as long as what is not booked is not final, or not for long', () => {
    expect(look(0)).toBeUndefined()
    expect(look(900_000)).toBeUndefined()
  })

  test('that are behind are a warning since the limit, and critical past four times that', () => {
    expect(look(900_001)).toMatchObject({
      rule: 'books-behind',
      severity: 'warning',
      since: now - 1,
    })
    expect(look(3_600_001)?.severity).toBe('critical')
  })
})

test.each([
  ['NotLiquidatable(0x1c33c21f)', 'NotLiquidatable'],
  [' INVALID_NONCE 7', 'INVALID_NONCE'],
  ['0x08c379a0', 'other'],
  ['', 'other'],
])('the kind of revert of %j is %s', (reason, kind) => {
  expect(revertKind(reason)).toBe(kind)
})
