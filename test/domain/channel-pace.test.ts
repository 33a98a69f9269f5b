import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Alert, Severity } from '../../lib/domain/alert.ts'
import {
  type ChannelPace,
  type ChannelRules,
  freshPace,
  isOut,
  leaveFor,
  rested,
} from '../../lib/domain/channel-pace.ts'
import type { Delivery } from '../../lib/domain/incident-deliveries.ts'
import { timestamp } from '../../lib/domain/time.ts'

const at = (seconds: number) => timestamp(1_800_000_000_000 + Math.round(seconds * 1000))

const rules: ChannelRules = {
  mostPerMinute: 20,
  singlesPerMinute: 5,
  gapMs: 1_000,
  gatherInfoMs: 0,
  quiet: [],
  remindMs: undefined,
}

function message(severity: Severity, change: Partial<Delivery> & { n?: number } = {}): Delivery {
  const { n = 0, ...rest } = change
  const alert: Alert = {
    key: `${severity}:${n}`,
    state: 'opened',
    severity,
    rule: 'price-late',
    subject: String(n),
    summary: 's',
    network: 'n',
    since: at(0),
    at: at(0),
  }
  return { channel: 'chat', alert, ...rest }
}

const many = (severity: Severity, count: number, change: Partial<Delivery> = {}) =>
  Array.from({ length: count }, (_, n) => message(severity, { ...change, n }))

const fresh = freshPace('chat')

const within = (times: readonly number[], from: number) =>
  times.filter((time) => time >= from && time < from + 60_000).length

/** What goes, in short. */
function shape(due: readonly Delivery[], now: number, pace: ChannelPace = fresh, own = rules) {
  const { singles, digest, held, pace: after } = leaveFor(due, pace, own, at(now))
  const severities = singles.map(({ delivery }) => delivery.alert.severity[0]).join('')
  return { singles: severities, digest: digest?.deliveries.length ?? 0, held: held.length, after }
}

describe('a channel', () => {
  test('is told of a few alone, a second apart', () => {
    const { singles } = leaveFor(many('warning', 3), fresh, rules, at(0))
    expect(singles.map(({ startAt }) => startAt)).toEqual([at(0), at(1), at(2)])
  })

  test('is told of the rest in one digest, and the worst alone', () => {
    const due = [...many('info', 40), ...many('warning', 10), ...many('critical', 2)]
    expect(shape(due, 0)).toMatchObject({ singles: 'ccwww', digest: 47, held: 0 })
  })

  test('is told of a second lot of the same minute when it is over', () => {
    const { after } = shape(many('warning', 10), 0)
    expect(shape(many('warning', 3), 30, after)).toMatchObject({ singles: '', digest: 0, held: 3 })
    expect(shape(many('warning', 3, { held: true }), 59.9, after)).toMatchObject({ digest: 0 })
    expect(shape(many('warning', 3, { held: true }), 60, after)).toMatchObject({ digest: 3 })
  })

  test('is told of what is critical alone beyond what else may be', () => {
    const { after } = shape(many('warning', 10), 0)
    expect(shape(many('critical', 4), 6, after)).toMatchObject({ singles: 'cccc', held: 0 })
  })

  test('is told of more critical ones in a digest, also right after one of others', () => {
    const { after } = shape(many('warning', 10), 0)
    const burst = shape(many('critical', 100), 1, after)
    expect(burst.digest + burst.singles.length).toBe(100)
    expect(burst.held).toBe(0)
    expect(shape(many('critical', 100), 20, burst.after)).toMatchObject({ digest: 0 })
    expect(shape(many('critical', 100), 61, burst.after)).toMatchObject({ held: 0 })
  })

  test('is told of one that waited as of itself, unless it was told in a digest before', () => {
    expect(shape(many('warning', 1, { held: true }), 0)).toMatchObject({ singles: 'w', digest: 0 })
    const [end] = many('warning', 1, { digested: true })
    if (!end) throw new TypeError('there is none')
    const over = { ...end, alert: { ...end.alert, state: 'resolved' as const } }
    expect(shape([over], 0)).toMatchObject({ singles: '', digest: 1 })
    expect(shape([end], 0)).toMatchObject({ singles: 'w', digest: 0 })
  })

  test('is told of infos together at the full hour', () => {
    const hourly = { ...rules, gatherInfoMs: 3_600_000 }
    // 1,800,000,000 is a multiple of 3,600.
    expect(shape(many('info', 3), 3_599, fresh, hourly)).toMatchObject({ digest: 0, held: 3 })
    expect(shape(many('info', 3, { held: true }), 3_600, fresh, hourly)).toMatchObject({
      digest: 3,
    })
    expect(shape(many('warning', 3), 0, fresh, hourly)).toMatchObject({ singles: 'www' })
  })

  test('is told in its quiet hours of what is critical, and after them of the rest', () => {
    // 15 January 2027 is a Friday, 08:00 UTC.
    const quiet = [{ days: ['fri'], from: '08:00', to: '09:00', zone: 'UTC' }] as const
    const own = { ...rules, quiet }
    const due = [...many('warning', 3), ...many('info', 2), ...many('critical', 1)]
    expect(shape(due, 1_799, fresh, own)).toMatchObject({ singles: 'c', digest: 0, held: 5 })
    const later = [...many('warning', 3, { held: true }), ...many('info', 2, { held: true })]
    expect(shape(later, 3_600, fresh, own)).toMatchObject({ singles: '', digest: 5, held: 0 })
  })

  test('is left alone for as long as its service asks, but not for ever', () => {
    const resting = rested(fresh, 20_000, at(0))
    expect(shape(many('critical', 1), 19, resting)).toMatchObject({ singles: '', held: 0 })
    expect(shape(many('critical', 1), 20, resting)).toMatchObject({ singles: 'c' })
    expect([isOut(resting, at(0)), isOut(resting, at(15))]).toEqual([true, false])
    const forever = rested(fresh, 1e9, at(0))
    expect(shape(many('critical', 1), 300, forever)).toMatchObject({ singles: 'c' })
  })

  test('is not held back by the times of a clock that was wrong', () => {
    const wrong = {
      ...fresh,
      starts: Array.from({ length: 20 }, () => at(86_400)),
      digestAt: at(86_400),
      urgentDigestAt: at(86_400),
      restUntil: at(86_400),
    }
    expect(shape(many('warning', 8), 0, wrong)).toMatchObject({ singles: 'wwwww', digest: 3 })
  })
})

const severity = fc.constantFrom<Severity[]>('info', 'warning', 'critical')

const lots = fc.array(
  fc.record({
    pause: fc.integer({ min: 0, max: 40 }),
    due: fc.array(fc.record({ severity, held: fc.boolean(), digested: fc.boolean() }), {
      maxLength: 60,
    }),
  }),
  { minLength: 1, maxLength: 12 },
)

const anyRules = fc
  .record({
    mostPerMinute: fc.integer({ min: 3, max: 30 }),
    singlesPerMinute: fc.integer({ min: 1, max: 30 }),
    gapMs: fc.constantFrom(0, 400, 1_000),
  })
  .map((some) => ({ ...rules, ...some }))

describe('whatever is due, and whenever', () => {
  test('no minute has more messages than the service takes, nor more than two digests', () => {
    fc.assert(
      fc.property(lots, anyRules, (history, own) => {
        let pace = fresh
        let now = 0
        const starts: number[] = []
        const digests: number[] = []
        for (const { pause, due } of history) {
          now += pause
          const all = due.map((one, n) => message(one.severity, { ...one, n }))
          const leave = leaveFor(all, pace, own, at(now))
          starts.push(...leave.singles.map(({ startAt }) => startAt))
          if (leave.digest) {
            starts.push(leave.digest.startAt)
            digests.push(at(now))
          }
          expect(leave.pace.version - pace.version).toBe(leave.pace === pace ? 0 : 1)
          pace = leave.pace
        }
        for (const from of starts)
          expect(within(starts, from)).toBeLessThanOrEqual(own.mostPerMinute)
        for (const from of digests) expect(within(digests, from)).toBeLessThanOrEqual(2)
        const sorted = starts.toSorted((one, other) => one - other)
        for (const [place, time] of sorted.entries())
          expect(time - (sorted[place - 1] ?? -Infinity)).toBeGreaterThanOrEqual(own.gapMs)
      }),
    )
  })

  test('each message goes alone, in the digest or later, and only one of these', () => {
    fc.assert(
      fc.property(lots, anyRules, (history, own) => {
        const due = history
          .flatMap((one) => one.due)
          .map((one, n) => message(one.severity, { ...one, n }))
        const { singles, digest, held } = leaveFor(due, fresh, own, at(0))
        const all = [
          ...singles.map(({ delivery }) => delivery),
          ...(digest?.deliveries ?? []),
          ...held,
        ]
        expect(all).toHaveLength(due.length)
        expect(new Set(all)).toEqual(new Set(due))
      }),
    )
  })

  test('nothing critical waits while something less goes', () => {
    fc.assert(
      fc.property(lots, anyRules, (history, own) => {
        let pace = fresh
        let now = 0
        for (const { pause, due } of history) {
          now += pause
          const all = due.map((one, n) => message(one.severity, { ...one, n }))
          const leave = leaveFor(all, pace, own, at(now))
          pace = leave.pace
          const waits = leave.held.some(({ alert }) => alert.severity === 'critical')
          const goes = [
            ...leave.singles.map(({ delivery }) => delivery),
            ...(leave.digest?.deliveries ?? []),
          ].some(({ alert }) => alert.severity !== 'critical')
          expect(waits && goes).toBe(false)
        }
      }),
    )
  })
})
