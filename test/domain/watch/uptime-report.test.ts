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

  test('of a look before its newest report; of the same second it is', () => {
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

/** A feed as its contract is written: of an earlier time than its newest report nothing counts. */
function aFeed() {
  let [isDown, startedAt, updatedAt, lastReportAt] = [false, 0, 0, 0]
  let isTold = false
  const changes: { readonly isDown: boolean; readonly startedAt: number }[] = []
  return {
    changes,
    isDown: () => isDown,
    sight: () => ({
      told: isTold
        ? { isDown, startedAt: timestamp(startedAt), updatedAt: timestamp(updatedAt) }
        : undefined,
      lastReportAt: timestamp(lastReportAt),
    }),
    take(report: { readonly isDown: boolean; readonly at: Timestamp }, blockTime: number): void {
      if (report.at < lastReportAt) return
      lastReportAt = report.at
      updatedAt = blockTime
      if (isTold && report.isDown === isDown) return
      isTold = true
      isDown = report.isDown
      startedAt = report.at
      changes.push({ isDown, startedAt: startedAt - start })
    },
  }
}

type Says = (atMs: number) => Uptime | undefined
const says =
  (state: UptimeState, flipped: number): Says =>
  (atMs) =>
    word(state, { flipped, looked: atMs })

describe('where several tell one feed and do not agree', () => {
  const refreshMs = 600_000
  const hours = 3_600_000

  /** They look every 15 s, one after the other, and each is told of in a block 12 s later. */
  function run(
    feed: ReturnType<typeof aFeed>,
    all: readonly Says[],
    of: readonly [number, number],
  ) {
    const taken: string[] = []
    for (let now = of[0]; now < of[1]; now += 15_000)
      for (const [who, say] of all.entries()) {
        const lookedAt = now + who * 4_000
        const end = planReport(say(lookedAt), feed.sight(), { now: at(lookedAt), refreshMs })
        if (end.kind !== 'due') continue
        taken.push(end.work)
        feed.take(end.report, start + Math.floor((lookedAt + 12_000) / 1000) * 1000)
      }
    return taken
  }

  test.each([0, 1])(
    'the chain is down once, and stays so while one of them says so (%i)',
    (first) => {
      const feed = aFeed()
      const all = [says('up', 0), says('up', 1_000)]
      run(feed, all, [0, 2 * hours])
      expect(feed.changes).toEqual([{ isDown: false, startedAt: 0 }])
      // Its nodes show it down; the other one has told since that it is up, or will.
      all[first] = says('down', 2 * hours - 20_000)
      run(feed, all, [2 * hours, 5 * hours])
      expect(feed.changes.map(({ isDown }) => isDown)).toEqual([false, true])
      all[first] = says('recovering', 5 * hours)
      run(feed, all, [5 * hours, 8 * hours])
      expect(feed.changes.map(({ isDown }) => isDown)).toEqual([false, true, false])
      expect(feed.changes.at(-1)?.startedAt).toBe(5 * hours)
    },
  )

  test('that it is down is told although it was told to be up of a later time, as of the look that still sees it', () => {
    const said = word('down', { flipped: 5_000, looked: 20_000 })
    expect(plan(said, told(false, { started: 0, last: 10_000 }), 21_000)).toMatchObject({
      kind: 'due',
      work: 'down-after-1800000010',
      report: { isDown: true, at: at(20_000) },
      until: at(140_000),
    })
    const up = word('up', { flipped: 5_000, looked: 20_000 })
    expect(plan(up, told(true, { started: 0, last: 10_000 }), 21_000)).toMatchObject({
      kind: 'refused',
      reason: 'told-later',
    })
  })

  test('who falls silent has no word any more, once it has not repeated it for twice as long as it would', () => {
    const feed = aFeed()
    const all = [says('up', 0), says('up', 1_000)]
    run(feed, all, [0, hours])
    all[1] = says('down', hours)
    run(feed, all, [hours, 2 * hours])
    expect(feed.isDown()).toBe(true)
    const lastWord = (feed.sight().told?.updatedAt ?? 0) - start
    all[1] = () => undefined
    run(feed, all, [2 * hours, lastWord + 2 * refreshMs - 15_000])
    expect(feed.isDown()).toBe(true)
    const works = run(feed, all, [lastWord + 2 * refreshMs, 4 * hours])
    expect(feed.isDown()).toBe(false)
    expect(works[0]).toMatch(/^up-after-/)
    expect(feed.changes.map(({ isDown }) => isDown)).toEqual([false, true, false])
  })

  test('two that say the same tell it as often as one does', () => {
    const [one, two] = [aFeed(), aFeed()]
    const alone = run(one, [says('up', 0)], [0, 12 * hours])
    const both = run(two, [says('up', 0), says('degraded', 3_000)], [0, 12 * hours])
    expect(both.length).toBe(alone.length)
  })
})
