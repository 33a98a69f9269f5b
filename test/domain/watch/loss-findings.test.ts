import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { fundFalling } from '../../../lib/domain/watch/fund-falling.ts'
import { liquidationBurst } from '../../../lib/domain/watch/liquidation-burst.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { rememberLevel } from '../../../lib/domain/watch/remember-level.ts'
import type { LevelMemory } from '../../../lib/domain/watch/system-memory.ts'
import type { LevelSight } from '../../../lib/domain/watch/system-sight.ts'
import { rulesOfAllWrong as rules } from './a-system-all-wrong.ts'

const minute = 60_000
const start = Date.parse('2026-02-01T00:00:00Z')

/** A look each minute, at the value that it has then. */
function watched(
  level: Omit<LevelSight, 'value'>,
  minutes: number,
  valueAt: (minute: number) => number,
) {
  let known: LevelMemory | undefined
  for (let at = 0; at <= minutes; at += 1) {
    const sight = { ...level, value: valueAt(at) }
    known = rememberLevel(known, sight, timestamp(start + at * minute), watchNumbers)
  }
  if (!known) throw new Error('no looks')
  return { known, at: { now: timestamp(start + minutes * minute), rules } }
}

describe('an insurance fund', () => {
  const fund = { name: 'insurance-fund', unit: 'USD', pays: true } as const
  const falling = (minutes: number, valueAt: (minute: number) => number) => {
    const { known, at } = watched(fund, minutes, valueAt)
    return fundFalling('perps:insurance-fund', known, at)
  }

  test('that lost a tenth within an hour is told, with what it had and when', () => {
    expect(falling(180, (at) => 100_000 - (at < 150 ? 0 : 400 * (at - 150)))).toEqual({
      rule: 'fund-falling',
      subject: 'perps:insurance-fund',
      severity: 'warning',
      summary:
        'perps:insurance-fund fell from 100000 to 88000 USD within 60 min, 12 % of it; told from 10 % on',
      since: start + 150 * minute,
      afterMs: 0,
    })
  })

  test('that lost three tenths within an hour wakes somebody', () => {
    expect(falling(60, (at) => 100_000 - 600 * at)?.severity).toBe('critical')
  })

  test('that lost as much over a day is what a fund is for', () => {
    expect(falling(24 * 60, (at) => 100_000 - 25 * at)).toBeUndefined()
  })

  test('that was filled is none', () => {
    expect(falling(60, (at) => 100_000 + 5_000 * at)).toBeUndefined()
  })

  test('of a market with next to nothing in it is not told of', () => {
    expect(falling(60, (at) => (at < 30 ? 999 : 1))).toBeUndefined()
  })

  test('that is below nothing is told of as long as it was above within the hour', () => {
    expect(falling(90, (at) => (at < 60 ? 5_000 : -2_000))?.severity).toBe('critical')
    expect(falling(180, (at) => (at < 60 ? 5_000 : -2_000))).toBeUndefined()
  })

  test('without the word that it pays is any other number', () => {
    const { known, at } = watched({ name: 'l1-lag', unit: 'blocks', drains: true }, 60, (one) =>
      one < 30 ? 5_000 : 1,
    )
    expect(fundFalling('perps:l1-lag', known, at)).toBeUndefined()
  })
})

const inTurn = (at: number) => 2 + (Math.floor(at / 60) % 7)
const everyFourthBusy = (at: number) => (Math.floor(at / 60) % 4 === 0 ? 30 : 6)
const yesterdaysBurst = (at: number) => (at > 24 * 60 && at < 28 * 60 ? 300 : 1)

describe('liquidations', () => {
  const level = { name: 'liquidations', unit: 'in an hour', bursts: true } as const
  const burst = (minutes: number, valueAt: (minute: number) => number) => {
    const { known, at } = watched(level, minutes, valueAt)
    return liquidationBurst('perps:liquidations', known, at)
  }
  const days = 2 * 24 * 60

  test('beyond what two days know are told since when they are', () => {
    // Hours of 2, 3, 4, … 8 in turn: the middle one has 5 and the median distance from it is 2.
    const found = burst(days - 5, (at) => (at < days - 30 ? inTurn(at) : 60))
    expect(found).toMatchObject({ rule: 'liquidation-burst', severity: 'warning', afterMs: 0 })
    // 5 + 8 · 1.4826 · 2 = 28.7.
    expect(found?.summary).toContain('60 in the last hour, up to 28 are usual')
    expect(found?.since).toBe(start + (days - 30) * minute)
  })

  test('that are five times as many wake somebody', () => {
    expect(burst(days, (at) => (at < days - 10 ? 2 : 101))?.severity).toBe('critical')
    expect(burst(days, (at) => (at < days - 10 ? 2 : 100))?.severity).toBe('warning')
  })

  test('of a busy hour on an exchange that has such hours are none', () => {
    expect(burst(days, (at) => (at < days - 10 ? everyFourthBusy(at) : 30))).toBeUndefined()
  })

  test('of which nobody knows a day are told of nowhere', () => {
    expect(burst(20 * 60, (at) => (at < 19 * 60 ? 1 : 5_000))).toBeUndefined()
    expect(burst(25 * 60, (at) => (at < 24 * 60 + 30 ? 1 : 5_000))).toBeDefined()
  })

  test('are a burst also on the second hour of it, and after a burst of the day before', () => {
    expect(burst(days, (at) => (at < days - 90 ? 1 : 300))).toBeDefined()
    expect(burst(days, (at) => (at < days - 10 ? yesterdaysBurst(at) : 300))).toBeDefined()
  })

  test('that stay as they are for days are what is usual there', () => {
    expect(burst(days, () => 400)).toBeUndefined()
  })

  test('of a few accounts where there were none are none', () => {
    expect(burst(days, (at) => (at < days - 10 ? 0 : 20))).toBeUndefined()
    expect(burst(days, (at) => (at < days - 10 ? 0 : 21))).toBeDefined()
  })
})
