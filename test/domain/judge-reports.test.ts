import { describe, expect, test } from 'vitest'

import { faultOf, firstOfEach, type GivenReport } from '../../lib/domain/judge-reports.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import type { SignedReport } from '../../lib/domain/report.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { usd } from './quotes.ts'

/** Round 7 of ten seconds is from second 70 to second 80. */
function aReport(change: Partial<SignedReport> = {}): SignedReport {
  return {
    node: 'a',
    feed: parseMarket('BTC-USD'),
    round: 7,
    price: usd(100),
    observedAt: timestamp(71_000),
    oldestInputAt: timestamp(69_000),
    sources: 5,
    configHash: '0x01',
    signatures: { core: { signer: '0xa', signature: ['0x1', '0x2'] } },
    ...change,
  }
}

function faultAt(
  change: Partial<SignedReport> = {},
  { by, nowMs = 75_000 }: { readonly by?: GivenReport['by']; readonly nowMs?: number } = {},
) {
  const wanted = { engine: 'core', round: 7, roundSeconds: 10, now: timestamp(nowMs) }
  return faultOf({ report: aReport(change), by }, wanted)
}

describe(faultOf, () => {
  test('is nothing of what is asked for, whoever gave it', () => {
    expect(faultAt()).toBeUndefined()
    expect(faultAt({}, { by: { node: 'a', signers: ['0xb', '0xa'] } })).toBeUndefined()
  })

  test('is another node, or another key than the one that is registered for it', () => {
    expect(faultAt({}, { by: { node: 'b', signers: ['0xa'] } })).toBe('foreign')
    expect(faultAt({}, { by: { node: 'a', signers: ['0xb'] } })).toBe('foreign')
    expect(faultAt({}, { by: { node: 'a', signers: [] } })).toBe('foreign')
  })

  test('is another round, before or after', () => {
    expect(faultAt({ round: 6 })).toBe('replayed')
    expect(faultAt({ round: 8 })).toBe('replayed')
  })

  test('is no signature for this exchange', () => {
    expect(faultAt({ signatures: {} })).toBe('unsigned')
    expect(faultAt({ signatures: { other: { signer: '0xa', signature: [] } } })).toBe('unsigned')
  })

  test.for([
    // Ten seconds before the round and after it are the bounds.
    [60_000, 75_000, undefined],
    [59_000, 75_000, 'off-time'],
    [90_000, 90_000, undefined],
    [91_000, 91_000, 'off-time'],
    // Five seconds ahead of our clock is the bound.
    [80_000, 75_000, undefined],
    [81_000, 75_000, 'off-time'],
  ] as const)('of a time of %i ms at %i ms: %s', ([seen, nowMs, fault]) => {
    expect(faultAt({ observedAt: timestamp(seen) }, { nowMs })).toBe(fault)
  })
})

describe(firstOfEach, () => {
  test('leaves one of each signer and feed, the first', () => {
    const eth = aReport({ feed: parseMarket('ETH-USD') })
    const other = aReport({ node: 'b', signatures: { core: { signer: '0xb', signature: [] } } })
    const reports = [aReport(), eth, other, aReport()]
    expect(firstOfEach(reports, 'core')).toEqual({
      first: [aReport(), eth, other],
      duplicates: [aReport()],
      equivocations: [],
    })
  })

  test('goes by what was signed, never by the signature or by the node’s name', () => {
    const resigned = aReport({
      node: 'z',
      signatures: { core: { signer: '0xa', signature: ['0x1', '0x3'] } },
    })
    // Below a second nothing is signed.
    const later = aReport({ oldestInputAt: timestamp(69_999) })
    expect(firstOfEach([aReport(), resigned, later], 'core')).toMatchObject({
      duplicates: [resigned, later],
      equivocations: [],
    })
  })

  test.for<Partial<SignedReport>>([
    { price: usd('100.000000000000000001') },
    { observedAt: timestamp(72_000) },
    { oldestInputAt: timestamp(68_000) },
    { sources: 6 },
    { configHash: '0x02' },
  ])('tells %o from what was said before', (change) => {
    const [first, second] = [aReport(), aReport(change)]
    expect(firstOfEach([first, second], 'core')).toEqual({
      first: [first],
      duplicates: [],
      equivocations: [{ node: 'a', first, second }],
    })
  })
})
