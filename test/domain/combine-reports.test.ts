import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { combineReports, MixedReportsError } from '../../lib/domain/combine-reports.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { priceFromWire } from '../../lib/domain/price-message.ts'
import type { SignedReport } from '../../lib/domain/report.ts'
import { after, usd } from './quotes.ts'

function aReport(node: string, price: string, over: Partial<SignedReport> = {}): SignedReport {
  return {
    node,
    feed: parseMarket('BTC-USD'),
    round: 7,
    price: usd(price),
    observedAt: after(0),
    oldestInputAt: after(-2_000),
    sources: 5,
    configHash: '0x01',
    signatures: {
      core: { signer: `0x${Buffer.from(node).toString('hex')}`, signature: ['0x1', '0x2'] },
    },
    ...over,
  }
}

const nodes = (combined: ReturnType<typeof combineReports>) =>
  combined.kind === 'price' ? combined.reports.map(({ node }) => node) : combined

/** Two at the same time and one that many milliseconds later. */
const oneLate = (ms: number) => [
  aReport('a', '1'),
  aReport('b', '1'),
  aReport('c', '9', { observedAt: after(ms) }),
]

describe(combineReports, () => {
  test('an odd count has its middle', () => {
    const reports = [aReport('a', '101'), aReport('b', '99'), aReport('c', '100')]
    expect(combineReports({ reports, quorum: 3 })).toMatchObject({ kind: 'price', price: usd(100) })
  })

  test('an even count has the floor of the two middles at 18 decimals', () => {
    const reports = [
      aReport('a', '1.000000000000000001'),
      aReport('b', '1.000000000000000002'),
      aReport('c', '5'),
      aReport('d', '0.1'),
    ]
    expect(combineReports({ reports, quorum: 3 })).toMatchObject({
      price: usd('1.000000000000000001'),
    })
  })

  test('is the median by whole-number arithmetic, and what the exchange checks on chain', () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt(1n, 10n ** 24n), { minLength: 1, maxLength: 9 }), (units) => {
        const reports = units.map((one, at) => aReport(`n${at}`, priceFromWire(one).toFixed()))
        const combined = combineReports({ reports, quorum: 1 })
        if (combined.kind !== 'price') throw new Error('there is no price')
        const sorted = units.toSorted((a, b) => Number(a > b) - Number(a < b))
        const low = sorted[Math.floor((units.length - 1) / 2)] ?? 0n
        const high = sorted[Math.floor(units.length / 2)] ?? 0n
        const price = (low + high) / 2n
        expect(combined.price.eq(priceFromWire(price))).toBe(true)
        // 2(lower + equal) >= n and 2(higher + equal) >= n, as starknet-perpetual has it.
        expect(units.filter((one) => one <= price).length * 2).toBeGreaterThanOrEqual(units.length)
        expect(units.filter((one) => one >= price).length * 2).toBeGreaterThanOrEqual(units.length)
      }),
    )
  })

  test('too few are no price, and say how many there are', () => {
    const reports = [
      aReport('a', '1'),
      aReport('a', '1'),
      aReport('b', '1'),
      aReport('c', '1', { observedAt: after(60_000) }),
    ]
    expect(combineReports({ reports, quorum: 3 })).toEqual({
      kind: 'refused',
      reason: 'too-few-reports',
      usable: 2,
      needed: 3,
      duplicates: 1,
      skewed: 1,
    })
    expect(combineReports({ reports: [], quorum: 0 })).toMatchObject({ usable: 0, needed: 1 })
  })

  test('all of them count, more than the quorum too', () => {
    const reports = ['a', 'b', 'c', 'd', 'e'].map((node) => aReport(node, '1'))
    expect(nodes(combineReports({ reports, quorum: 3 }))).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('a node that says two things counts once', () => {
    const reports = [
      aReport('a', '100'),
      aReport('a', '105'),
      aReport('b', '101'),
      aReport('c', '102'),
    ]
    const combined = combineReports({ reports, quorum: 3 })
    expect(combined).toMatchObject({ price: usd(101) })
    expect(nodes(combined)).toEqual(['a', 'b', 'c'])
  })

  test('a node that signs with two keys counts once', () => {
    const core = { signer: '0xff', signature: ['0x1', '0x2'] } as const
    const other = aReport('a', '105', { observedAt: after(1_000), signatures: { core } })
    const reports = [aReport('a', '100'), other, aReport('b', '100')]
    expect(nodes(combineReports({ reports, quorum: 1 }))).toEqual(['a', 'b'])
  })

  test('a node that shows the signature of another has no vote of its own', () => {
    const { signatures } = aReport('a', '100')
    const reports = [aReport('a', '100'), aReport('b', '100'), aReport('z', '100', { signatures })]
    expect(nodes(combineReports({ reports, quorum: 1 }))).toEqual(['a', 'b'])
  })

  test('one that is further from the median time than allowed is left out, at the bound it is not', () => {
    expect(nodes(combineReports({ reports: oneLate(10_000), quorum: 1 }))).toEqual(['a', 'b', 'c'])
    expect(nodes(combineReports({ reports: oneLate(10_001), quorum: 1 }))).toEqual(['a', 'b'])
    expect(nodes(combineReports({ reports: oneLate(-10_001), quorum: 1 }))).toEqual(['a', 'b'])
    const wider = { reports: oneLate(-10_001), quorum: 1, roundSkewSeconds: 11 }
    expect(nodes(combineReports(wider))).toEqual(['a', 'b', 'c'])
  })

  test('is as new as the earliest of those used', () => {
    const reports = [
      aReport('a', '1', { observedAt: after(2_000) }),
      aReport('b', '1', { observedAt: after(1_000) }),
      aReport('c', '1', { observedAt: after(3_000) }),
    ]
    expect(combineReports({ reports, quorum: 3 })).toMatchObject({ observedAt: after(1_000) })
  })

  test('does not depend on the order in which reports were read', () => {
    const report = fc
      .record({ node: fc.constantFrom('a', 'b', 'c', 'd'), cents: fc.nat(50), late: fc.nat(30) })
      .map(({ node, cents, late }) =>
        aReport(node, `1.${cents + 10}`, { observedAt: after(late * 1000) }),
      )
    fc.assert(
      fc.property(fc.array(report, { maxLength: 8 }), (reports) => {
        expect(combineReports({ reports: reports.toReversed(), quorum: 2 })).toEqual(
          combineReports({ reports, quorum: 2 }),
        )
      }),
    )
  })

  test('reports of two feeds or rounds are an error of the caller', () => {
    const other = [
      aReport('b', '1', { round: 8 }),
      aReport('b', '1', { feed: parseMarket('ETH-USD') }),
    ]
    for (const each of other)
      expect(() => combineReports({ reports: [aReport('a', '1'), each], quorum: 1 })).toThrow(
        MixedReportsError,
      )
  })
})
