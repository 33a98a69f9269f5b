import { describe, expect, test } from 'vitest'

import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { daysBefore, historyView } from '../../lib/runtime/view/history-view.ts'
import { historyLines } from '../../lib/tools/history-lines.ts'
import { aRecord, at, start, steppedClock } from '../adapters/store/samples.ts'

const minute = 60_000

/** Of push-prices a slot a minute from 16:00 on, without `missing`; what is over is packed at the end. */
async function seenAfter(minutes: number, missing: readonly number[] = []) {
  const clock = steppedClock()
  const store = memoryStore({ clock })
  for (let slot = 0; slot < minutes; slot += 1) {
    if (!missing.includes(slot)) await store.history.keep(aRecord(slot, { at: at(slot * minute) }))
    clock.pass(minute)
  }
  while (await store.history.pack('push-prices', 'core'));
  return await historyView({ store, from: daysBefore(clock.now(), 2), to: clock.now() })
}

describe('what is kept of a job', () => {
  test('is told with its ends, its slots, its files and what is not packed yet', async () => {
    const [seen] = await seenAfter(150)
    expect(seen).toMatchObject({
      keeper: 'push-prices',
      subject: 'core',
      from: at(0),
      to: at(149 * minute),
      slots: 150,
      missing: 0,
      gaps: [],
      files: 2,
      unpacked: { slots: 30, from: at(120 * minute) },
    })
    expect(seen?.bytes).toBeGreaterThan(0)
  })

  test('is told by the day', async () => {
    // It began at 16:00, eight hours before midnight.
    const [seen] = await seenAfter(10 * 60)
    expect(seen?.days.map(({ bytes: _bytes, ...day }) => day)).toEqual([
      { day: '2025-11-24', slots: 480, missing: 0, files: 8 },
      { day: '2025-11-25', slots: 120, missing: 0, files: 1 },
    ])
  })

  test('tells every gap, within a file, between files, and in rows', async () => {
    const [seen] = await seenAfter(150, [10, 58, 59, 60, 61, 130])
    expect(seen?.missing).toBe(6)
    expect(seen?.gaps).toEqual([
      { after: at(129 * minute), before: at(131 * minute), slots: 1 },
      { after: at(57 * minute), before: at(62 * minute), slots: 4 },
      { after: at(9 * minute), before: at(11 * minute), slots: 1 },
    ])
  })

  test('is told in lines', async () => {
    const lines = historyLines(await seenAfter(150, [10, 20, 30, 40]))
    expect(lines.map((line) => line.replaceAll(/\d+(?:\.\d+)? k?B/g, 'some'))).toEqual([
      'push-prices core',
      '  2025-11-24 16:00:00 UTC to 2025-11-24 18:29:00 UTC: 146 slots, 4 missing; 2 files of some, 30 slots not packed yet, since 2025-11-24 18:00:00 UTC',
      expect.stringMatching(/^ {2}2025-11-24 +146 slots +4 missing +2 files +some$/),
      '  missing: 1 slot after 2025-11-24 16:39:00 UTC, for 2 min',
      '  missing: 1 slot after 2025-11-24 16:29:00 UTC, for 2 min',
      '  missing: 1 slot after 2025-11-24 16:19:00 UTC, for 2 min',
      '  and 1 more gap before',
    ])
  })

  test('is nothing where nothing was ever kept, and where it was before that time', async () => {
    const store = memoryStore({ clock: steppedClock() })
    expect(await historyView({ store, from: at(0), to: at(1) })).toEqual([])
    await store.history.keep(aRecord(0, { at: at(0) }))
    expect(await historyView({ store, from: at(1), to: at(2) })).toEqual([])
    expect(historyLines([])[0]).toContain('Nothing is kept of that time')
  })
})

test('days are counted with today, from midnight on', () => {
  expect(new Date(daysBefore(start, 1)).toISOString()).toBe('2025-11-24T00:00:00.000Z')
  expect(new Date(daysBefore(start, 7)).toISOString()).toBe('2025-11-18T00:00:00.000Z')
})
