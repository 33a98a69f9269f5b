import { describe, expect, test } from 'vitest'

import {
  oracleMissing,
  plannerSilent,
  storeUnavailable,
  transactionStuck,
} from '../../lib/domain/liveness-workers.ts'
import { timestamp } from '../../lib/domain/time.ts'

const now = timestamp(1_700_000_000_000)
const ago = (seconds: number) => timestamp(now - seconds * 1000)

const stuck = (seconds: number) =>
  transactionStuck({ lane: 'l2:0xabc', nonce: 7, sentAt: ago(seconds), now, maxMs: 60_000 })

const silent = (lastSlotAt: number | undefined) =>
  plannerSilent({
    job: 'push-prices',
    lastSlotAt: lastSlotAt === undefined ? undefined : timestamp(lastSlotAt),
    now,
    everySeconds: 15,
    slots: 4,
  })

const missing = (lastRound: number | undefined, othersPresent = 3) =>
  oracleMissing({
    node: 'oracle-2',
    lastRound,
    newestRound: 100,
    now,
    roundSeconds: 10,
    rounds: 3,
    othersPresent,
    quorum: 3,
  })

describe(transactionStuck, () => {
  test('a transaction is stuck past its time, and critical past three times that', () => {
    expect(stuck(60)).toBeUndefined()
    expect(stuck(61)).toMatchObject({ subject: 'l2:0xabc', severity: 'warning', since: ago(1) })
    expect(stuck(180)?.severity).toBe('warning')
    expect(stuck(181)?.severity).toBe('critical')
  })

  test('one that was sent by a worker with a clock ahead of ours is not', () => {
    expect(stuck(-5)).toBeUndefined()
  })
})

describe(plannerSilent, () => {
  test('a job is silent after so many slots, since the first that it missed', () => {
    expect(silent(ago(60))).toBeUndefined()
    expect(silent(ago(61))).toMatchObject({ subject: 'push-prices', since: ago(46), afterMs: 0 })
  })

  test('a slot that was planned ahead is no silence', () => {
    expect(silent(ago(-150))).toBeUndefined()
  })

  test('a job that never ran gets the same time to begin', () => {
    expect(silent(undefined)).toMatchObject({ since: now, afterMs: 60_000 })
  })
})

describe(oracleMissing, () => {
  test('a node is missing after so many rounds without a report, since the last one', () => {
    expect(missing(97)).toBeUndefined()
    expect(missing(96)).toMatchObject({ subject: 'oracle-2', severity: 'warning', since: ago(40) })
  })

  test('it is critical when the others are too few for a price', () => {
    expect(missing(96, 2)?.severity).toBe('critical')
  })

  test('a node that never published gets the same time to begin', () => {
    expect(missing(undefined)).toMatchObject({ since: now, afterMs: 30_000 })
  })

  test('a node that is a round ahead is there', () => {
    expect(missing(101)).toBeUndefined()
  })
})

test('a store that does not answer is critical once it lasts longer than a fail-over', () => {
  const finding = storeUnavailable({ store: 'starkeep', reason: 'throttled', now })
  expect(finding).toMatchObject({ rule: 'store-unavailable', severity: 'critical', since: now })
  expect(finding.afterMs).toBe(15_000)
})
