import { expect, test } from 'vitest'

import { planExchangeTime, whyTimeRefused } from '../../../lib/domain/interest/exchange-time.ts'
import { big, clockOf, reasonOf } from '../margin/recorded-calls.ts'
import { titled, type Vector, vectorsOf } from '../margin/recorded.ts'

/** Nonces and types are looked at elsewhere. */
const isOurs = (vector: Vector) =>
  reasonOf(vector) !== 'INVALID_NONCE' && !vector.case.endsWith('u64_over')

const vectors = vectorsOf('D', 'exchange_time').filter(isOurs)

test.skipIf(vectors.length === 0)(
  titled('a time for the exchange is answered as the recorded contract answers it'),
  () => {
    for (const vector of vectors) {
      const { pre = {}, call = {} } = vector
      const earlier = ((pre['earlier_in_transaction'] ?? []) as readonly unknown[]).map(big)
      const before = clockOf(pre)
      const look = {
        paused: vector.case.includes('paused'),
        isOperator: pre['caller'] === 'operator',
        clock: { ...before, exchangeTime: earlier.at(-1) ?? before.exchangeTime },
      }
      const reason = whyTimeRefused(look, big(call['new_timestamp'])) ?? 'ok'
      expect([vector.id, vector.case, reason]).toEqual([vector.id, vector.case, reasonOf(vector)])
    }
    expect(vectors.length).toBeGreaterThan(40)
  },
)

const day = 86_400n
const aLook = (change: {
  readonly age?: bigint
  readonly ahead?: bigint
  readonly paused?: boolean
}) => {
  const { age = 0n, ahead = -age, paused = false } = change
  const now = 1_800_000_000n
  const clock = { now, exchangeTime: now + ahead, lastUpdate: now - age }
  return { paused, isOperator: true, clock: { ...clock, maxRatePerSecond: 1n, divergence: 0n } }
}

test('the exchange’s time is brought to the block’s once the share of its day has passed, not a second before', () => {
  expect(planExchangeTime(aLook({ age: day / 4n - 1n }), 250n)).toEqual({
    kind: 'fresh',
    ageSeconds: 21_599n,
    dueAfterSeconds: 21_600n,
  })
  expect(planExchangeTime(aLook({ age: day / 4n }), 250n)).toEqual({
    kind: 'due',
    to: 1_800_000_000n,
    ageSeconds: 21_600n,
  })
})

test('a time that runs ahead of the block is left until the block has passed it', () => {
  expect(planExchangeTime(aLook({ age: day, ahead: 1n }), 250n)).toMatchObject({
    kind: 'refused',
    reason: 'NON_MONOTONIC_TIME',
  })
})

test('a paused exchange is not sent its time', () => {
  expect(planExchangeTime(aLook({ age: day, paused: true }), 250n)).toMatchObject({
    kind: 'refused',
    reason: 'PAUSED',
  })
})
