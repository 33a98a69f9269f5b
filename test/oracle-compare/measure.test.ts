import { expect, test } from 'vitest'

import { after, rules as roundRules } from '../domain/quotes.ts'
import type { Moment } from './load-recording.ts'
import { measureAll } from './measure.ts'
import { type Recording } from './recordings.ts'
import type { Answer, Rule } from './rule.ts'
import { behindIn } from './standing.ts'

const everyMs = 10_000
const limits = { wrongBps: 50, moveBps: 100, followWithinMs: 30_000 }

/** One round for each true price; `undefined` where nobody knows it. */
const moments = (truths: readonly (number | undefined)[]): readonly Moment[] =>
  truths.map((truth, index) => ({
    round: { now: after(index * everyMs), market: [], legs: {} },
    truth: truth === undefined ? undefined : { low: truth, high: truth + 0.1, middle: truth },
  }))

/** Says these, one after the other. */
const saying = (name: string, ...said: readonly (number | string)[]): Rule => ({
  name,
  begin() {
    let index = 0
    return (): Answer => {
      const one = said[index]
      index += 1
      return typeof one === 'number'
        ? { kind: 'price', price: one }
        : { kind: 'none', why: one ?? '' }
    }
  },
})

const setup = {
  sources: [],
  legs: {},
  minSources: 1,
  minLegSources: 1,
  everyMs,
  families: {},
  rules: roundRules,
  legRules: roundRules,
}

const measured = (truths: readonly (number | undefined)[], ...rules: readonly Rule[]) =>
  measureAll(rules, { setup, moments: moments(truths) }, limits)

test('errors are counted from what sound venues said outwards, and only where they agree', () => {
  const [one] = measured(
    [100, 100, 100, undefined, 100],
    saying('one', 100.1, 99.4, 101.1011, 50, 100),
  )
  expect(one).toMatchObject({ judgedMs: 40_000, wrongMs: 20_000, silentMs: 0 })
  // 101.1011 is 1 % above 100.1.
  expect(one?.worst.bps).toBeCloseTo(100.01, 1)
  expect(one?.worst.at).toBe(after(20_000))
})

test('silence is counted by its reason', () => {
  const [one] = measured([100, 100, undefined, 100], saying('one', 100, 'a', 'b', 'c'))
  expect(one).toMatchObject({ silentMs: 20_000, silentFor: { a: 10_000, c: 10_000 }, wrongMs: 0 })
})

test('a move is followed once half of it shows, if that is in time', () => {
  const truths = [100, 102, 102, 102, 102, 102]
  const [prompt, late, never, silent] = measured(
    truths,
    saying('prompt', 100, 102, 102, 102, 102, 102),
    saying('late', 100, 100, 100.9, 101, 102, 102),
    saying('never', 100, 100, 100, 100, 100, 102),
    saying('silent', 'a', 'a', 'a', 'a', 'a', 'a'),
  )
  expect(prompt?.moves).toEqual({ all: 1, followed: 1, meanLagMs: 0 })
  expect(late?.moves).toEqual({ all: 1, followed: 1, meanLagMs: 20_000 })
  expect(never?.moves).toEqual({ all: 1, followed: 0, meanLagMs: 0 })
  expect(silent?.moves.followed).toBe(0)
})

test('where ours is behind is told column by column, with who is before it', () => {
  const measures = measured(
    [100, 100, 102, 102],
    saying('ours', 100, 'a', 102, 102.2),
    saying('other', 100, 100, 102, 101),
    saying('third', 100, 100, 102, 102),
  )
  const recording = { reasons: { silent: 'it waits' } } as unknown as Recording
  expect(behindIn(measures, recording)).toEqual([
    { column: 'worst', ours: '9.8', best: '0.0', rules: ['third'], reason: undefined },
    { column: 'silent', ours: '10', best: '0', rules: ['other', 'third'], reason: 'it waits' },
  ])
})
