import { describe, expect, test } from 'vitest'

import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import { rememberLevel } from '../../../lib/domain/watch/remember-level.ts'
import type { LevelMemory } from '../../../lib/domain/watch/system-memory.ts'
import type { LevelSight } from '../../../lib/domain/watch/system-sight.ts'

const minute = 60_000
const hour = 60 * minute
const start = Date.parse('2026-01-19T04:00:00Z')

type Look = { readonly at: number; readonly value: number; readonly writtenAt?: number }

/** By the rules of a funding index that moves by 12 USD an hour at the most. */
function after(...looks: readonly (Look & { readonly mostPerHour?: number })[]): LevelMemory {
  let known: LevelMemory | undefined
  for (const { at, value, writtenAt, mostPerHour = 12 } of looks) {
    const sight: LevelSight = {
      name: 'funding-index:BTC-USD',
      value,
      unit: 'USD',
      mostPerHour,
      ...(writtenAt !== undefined && { writtenAt: timestamp(start + writtenAt) }),
    }
    known = rememberLevel(known, sight, timestamp(start + at), watchNumbers)
  }
  if (!known) throw new Error('no looks')
  return known
}

const sight = (value: number, more: Partial<LevelSight>): LevelSight => ({
  name: 'funding-index:BTC-USD',
  value,
  unit: 'USD',
  ...more,
})

/** Ticked twice, two hours apart, and looked at later. */
const overTwoHours = (value: number) =>
  after(
    { at: minute, value: 1_000, writtenAt: 0 },
    { at: 121 * minute, value, writtenAt: 2 * hour },
  )

const written = (at: number, value: number, more: { readonly mostPerHour?: number } = {}) => ({
  at,
  value,
  writtenAt: at,
  ...more,
})

describe('a funding index whose exchange tells when it was written', () => {
  test('may not change at all while nothing was written', () => {
    const changed = after(written(0, 1_204), { at: 15_000, value: 1_203.99, writtenAt: 0 })
    expect(changed.jumped).toEqual({
      at: start + 15_000,
      from: 1_204,
      to: 1_203.99,
      most: 0,
    })
  })

  test('may change by what its rules allow between the two times, however late it was looked at', () => {
    // Two hours between the ticks: 24 USD, and a tenth more for the price that moved.
    expect(overTwoHours(1_024).jumped).toBeUndefined()
    expect(overTwoHours(976).jumped).toBeUndefined()
    expect(overTwoHours(1_026).jumped).toBeUndefined()
    expect(overTwoHours(1_027).jumped).toMatchObject({ from: 1_000, to: 1_027 })
    expect(overTwoHours(973).jumped).toMatchObject({ from: 1_000, to: 973 })
  })

  test('may not change by an hour’s worth within a quarter of one', () => {
    const quarter = 15 * minute
    expect(after(written(0, 1_000), written(quarter, 1_003)).jumped).toBeUndefined()
    expect(after(written(0, 1_000), written(quarter, 1_012)).jumped).toBeDefined()
  })

  test('is held to the larger of two bounds: the price fell after the tick', () => {
    const fell = after(written(0, 1_000), written(hour, 1_012, { mostPerHour: 6 }))
    expect(fell.jumped).toBeUndefined()
  })

  test('may go back to what it was where the block of its last tick was undone', () => {
    const back = after(written(0, 1_000), written(hour, 1_010), {
      at: hour + 15_000,
      value: 1_000,
      writtenAt: 0,
    })
    expect(back.jumped).toBeUndefined()
  })

  test('is held to the bound that was told last where a look tells none', () => {
    const bounded = sight(1_000, { mostPerHour: 12, writtenAt: timestamp(start) })
    const known = [
      bounded,
      sight(1_000, { writtenAt: timestamp(start + minute) }),
      sight(0, { writtenAt: timestamp(start + 2 * minute) }),
    ].reduce<LevelMemory | undefined>(
      (memory, one, at) => rememberLevel(memory, one, timestamp(start + at * minute), watchNumbers),
      undefined,
    )
    expect(known?.jumped).toMatchObject({ from: 1_000, to: 0 })
  })

  test('keeps no past: only the last one is compared', () => {
    expect(after(written(0, 1_000), written(hour, 1_001)).buckets).toEqual([])
  })
})

test('where nobody tells when it was written, an hour’s worth is allowed at any time', () => {
  expect(after({ at: 0, value: 100 }, { at: 15_000, value: 112 }).jumped).toBeUndefined()
  expect(after({ at: 0, value: 100 }, { at: 15_000, value: 113 }).jumped).toEqual({
    at: start + 15_000,
    from: 100,
    to: 113,
  })
})
