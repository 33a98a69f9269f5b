import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { Decimal } from '../../lib/domain/decimal.ts'
import {
  chainStalled,
  chainUnreachable,
  noPrice,
  offPeg,
  priceLate,
} from '../../lib/domain/liveness.ts'
import { timestamp } from '../../lib/domain/time.ts'

// 2023-11-14 22:13:20 UTC, by the unix clock's definition.
const now = timestamp(1_700_000_000_000)
const ago = (seconds: number) => timestamp(now - seconds * 1000)

const price = (publishedAt: number | undefined, maxPushAgeMs = 30_000) =>
  priceLate({
    market: 'BTC-USD',
    engine: 'core',
    publishedAt: publishedAt === undefined ? undefined : timestamp(publishedAt),
    now,
    maxPushAgeMs,
  })

describe(priceLate, () => {
  test('a price is not late up to its limit, and is past it', () => {
    expect(price(ago(30))).toBeUndefined()
    expect(price(ago(30.001))).toMatchObject({
      rule: 'price-late',
      subject: 'core:BTC-USD',
      severity: 'warning',
      afterMs: 0,
    })
  })

  test('it is critical past twice the limit', () => {
    expect(price(ago(60))?.severity).toBe('warning')
    expect(price(ago(60.001))?.severity).toBe('critical')
  })

  test('it is late since the limit passed, and its sentence does not change while it lasts', () => {
    expect(price(ago(100))?.since).toBe(ago(70))
    expect(price(ago(100))?.summary).toBe(
      'core was last told a price of BTC-USD at 2023-11-14 22:11:40 UTC; the limit is 30 s',
    )
  })

  test('a market without any price yet gets the time of the limit to get one', () => {
    expect(price(undefined)).toMatchObject({ severity: 'critical', since: now, afterMs: 30_000 })
  })

  test('a chain clock slightly ahead of ours is no trouble', () => {
    expect(price(ago(-1))).toBeUndefined()
    expect(price(ago(-15))).toBeUndefined()
  })

  test('a price from far in the future does not hide that nothing can be said of its age', () => {
    expect(price(ago(-15.001))).toMatchObject({ severity: 'warning', since: now })
    expect(price(ago(-15.001))?.summary).toContain('from the future')
  })

  test('more age never makes it better', () => {
    const level = { undefined: 0, info: 1, warning: 2, critical: 3 }
    const age = fc.integer({ min: 0, max: 500_000 })
    fc.assert(
      fc.property(age, age, fc.integer({ min: 1, max: 100_000 }), (a, b, limit) => {
        const [younger, older] = [Math.min(a, b), Math.max(a, b)].map(
          (ageMs) => level[price(now - ageMs, limit)?.severity ?? 'undefined'],
        )
        expect(older).toBeGreaterThanOrEqual(younger ?? 0)
      }),
    )
  })
})

const chain = (headSecondsAgo: number, change: { factor?: number; blockSeconds?: number } = {}) =>
  chainStalled({
    chain: 'sepolia',
    head: { number: 42, time: ago(headSecondsAgo) },
    now,
    blockSeconds: 2,
    factor: 3,
    ...change,
  })

describe(chainStalled, () => {
  test('a chain is stalled after so many block times without a block', () => {
    expect(chain(6)).toBeUndefined()
    expect(chain(6.001)).toMatchObject({
      rule: 'chain-stalled',
      subject: 'sepolia',
      severity: 'warning',
      afterMs: 0,
    })
    expect(chain(6.001, { factor: 4 })).toBeUndefined()
  })

  test('three block times warn and ten are critical', () => {
    expect(chain(20)?.severity).toBe('warning')
    expect(chain(20.001)?.severity).toBe('critical')
  })

  test('it stalls since the first block that did not come', () => {
    expect(chain(100)?.since).toBe(ago(98))
    expect(chain(100)?.summary).toBe(
      'sepolia has made no block since 42 at 2023-11-14 22:11:40 UTC; one is due every 2 s',
    )
  })

  test('block times may be fractions of a second', () => {
    expect(chain(1.5, { blockSeconds: 0.5 })).toBeUndefined()
    expect(chain(1.501, { blockSeconds: 0.5 })?.since).toBe(ago(1.001))
  })

  test('a block slightly in the future is a living chain', () => {
    expect(chain(-2)).toBeUndefined()
    expect(chain(-15)).toBeUndefined()
  })

  test('a block far in the future is told: it would hide a stall for as long', () => {
    expect(chain(-16)).toMatchObject({ rule: 'chain-stalled', severity: 'warning', since: now })
  })
})

test('a chain whose nodes do not answer is not called stalled', () => {
  const finding = chainUnreachable({ chain: 'sepolia', reason: 'ETIMEDOUT', now })
  expect(finding).toMatchObject({ rule: 'chain-unreachable', subject: 'sepolia', since: now })
  expect(finding.summary).toBe('no node of sepolia answers: ETIMEDOUT')
  expect(finding.afterMs).toBeGreaterThan(0)
})

test('a market without a price says why, and is critical after a minute unless told otherwise', () => {
  const look = {
    market: 'BTC-USD',
    reason: '2 of 5 sources are fresh, 3 are needed',
    since: ago(9),
  }
  expect(noPrice(look)).toEqual({
    rule: 'no-price',
    subject: 'BTC-USD',
    severity: 'critical',
    summary: 'BTC-USD has no price: 2 of 5 sources are fresh, 3 are needed',
    since: ago(9),
    afterMs: 60_000,
  })
  expect(noPrice({ ...look, afterMs: 5 }).afterMs).toBe(5)
})

const leg = (worth: string) =>
  offPeg({ leg: 'USDC-USD', price: new Decimal(worth), warnBandBps: 500, since: now })

describe(offPeg, () => {
  test('a dollar is on its peg up to the band’s edges, and off it past them', () => {
    expect(leg('0.95')).toBeUndefined()
    expect(leg('1.05')).toBeUndefined()
    expect(leg('0.949999')).toMatchObject({
      rule: 'off-peg',
      subject: 'USDC-USD',
      severity: 'warning',
    })
    expect(leg('1.050001')).toMatchObject({ rule: 'off-peg' })
  })

  test('says how far it is, and how far it may be', () => {
    expect(leg('0.88')?.summary).toBe('USDC-USD is 0.88, 1200 bps from 1; the limit is 500 bps')
  })
})
