import { describe, expect, test } from 'vitest'

import { type Timestamp, timestamp } from '../../../lib/domain/time.ts'
import { planReport } from '../../../lib/domain/watch/uptime-report.ts'
import type { Uptime, UptimeState } from '../../../lib/domain/watch/uptime.ts'

const start = 1_800_000_000_000
const at = (ms: number): Timestamp => timestamp(start + ms)

function word(state: UptimeState, { flipped, looked }: Readonly<Record<string, number>>): Uptime {
  const flippedAt = at(flipped ?? 0)
  return {
    chain: 'l2',
    state,
    since: flippedAt,
    flippedAt,
    at: at(looked ?? 0),
    reason: '',
  }
}

function told(isDown: boolean, { started, updated, last }: Readonly<Record<string, number>>) {
  const startedAt = at(started ?? 0)
  return {
    told: { isDown, startedAt, updatedAt: at(updated ?? 0) },
    lastReportAt: at(last ?? started ?? 0),
  }
}

const nothingYet = { told: undefined, lastReportAt: timestamp(0) }
const plan = (
  said: Uptime | undefined,
  sight: Parameters<typeof planReport>[1],
  nowMs: number,
): ReturnType<typeof planReport> =>
  planReport(said, sight, { now: at(nowMs), refreshMs: 3_600_000 })

describe('a feed is told', () => {
  test('what it was never told, whichever it is', () => {
    for (const [state, isDown] of [
      ['up', false],
      ['degraded', false],
      ['recovering', false],
      ['down', true],
    ] as const)
      expect(plan(word(state, {}), nothingYet, 0)).toMatchObject({
        kind: 'due',
        report: { isDown, at: at(0) },
      })
  })

  test('a change with its own time, in whole seconds that are never later than it', () => {
    const said = word('down', { flipped: 61_999, looked: 90_000 })
    expect(plan(said, told(false, {}), 100_000)).toMatchObject({
      kind: 'due',
      work: 'down-1800000061',
      report: { isDown: true, at: at(61_000) },
    })
  })

  test('the same again after an hour, with the time of the look, for as long as that is fresh', () => {
    const said = word('up', { flipped: 0, looked: 3_604_000 })
    const before = told(false, { updated: 5_000 })
    expect(plan(said, before, 3_604_999)).toMatchObject({ kind: 'known' })
    expect(plan(said, before, 3_605_000)).toMatchObject({
      kind: 'due',
      work: 'again-1800000005',
      report: { isDown: false, at: at(3_604_000) },
      until: at(3_724_000),
    })
  })
})

describe('a feed is told nothing', () => {
  test('without a word, or by one that is more than two minutes old', () => {
    expect(plan(undefined, nothingYet, 0)).toMatchObject({ kind: 'refused', reason: 'no-word' })
    const said = word('down', {})
    expect(plan(said, nothingYet, 120_000)).toMatchObject({ kind: 'due' })
    expect(plan(said, nothingYet, 120_001)).toMatchObject({ kind: 'refused', reason: 'old-word' })
  })

  test('of a second before its newest report; of the same one it is', () => {
    const said = word('down', { flipped: 9_999, looked: 9_999 })
    expect(plan(said, told(false, { started: 10_000 }), 12_000)).toMatchObject({
      kind: 'refused',
      reason: 'told-later',
    })
    expect(plan(said, told(false, { started: 9_000 }), 12_000)).toMatchObject({ kind: 'due' })
    // What only repeats it counts too: it was seen to be up then.
    const repeated = told(false, { started: 0, last: 10_000 })
    expect(plan(said, repeated, 12_000)).toMatchObject({ kind: 'refused', reason: 'told-later' })
  })
})
