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

/** Of as many nodes. */
function say(...prices: readonly string[]): readonly SignedReport[] {
  return prices.map((price, at) => aReport(`n${at}`, price))
}

function within1Percent(quorum: number, ...prices: readonly string[]) {
  return combineReports({ reports: say(...prices), quorum, agreeWithinBps: 100 })
}

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

  describe('of nodes that do not agree', () => {
    test('one that lies moves nothing, and is named', () => {
      const combined = within1Percent(3, '100', '100.2', '100.1', '130')
      // The middles are 100.1 and 100.2.
      expect(combined).toMatchObject({ kind: 'price', price: usd('100.15') })
      expect(combined).toMatchObject({ apart: [{ node: 'n3' }] })
    })

    test('one that lies moves nothing where one is missing, too', () => {
      expect(within1Percent(3, '100', '100.1', '70')).toMatchObject({ price: usd(100) })
    })

    test.each([[['100', '100', '130', '130']], [['100', '100', '130', '70']], [['100', '130']]])(
      'two camps of %j are no price, whichever is right',
      (prices) => {
        expect(within1Percent(2, ...prices)).toMatchObject({
          kind: 'refused',
          reason: 'reports-apart',
          usable: prices.length,
        })
      },
    )

    test('one at the bound agrees, one beyond does not', () => {
      expect(within1Percent(3, '100', '100', '101')).toMatchObject({ apart: [] })
      for (const beyond of ['101.000001', '98.999999'])
        expect(within1Percent(3, '100', '100', beyond)).toMatchObject({ apart: [{ node: 'n2' }] })
    })

    // Honest nodes are less than 1 % apart here, so that they agree.
    const honest = fc.integer({ min: 9_950, max: 10_040 })
    const lie = fc.integer({ min: 1, max: 100_000 })
    const told = fc.array(honest, { minLength: 1, maxLength: 5 })

    test('less than half that lie never move it out of what the honest say', () => {
      const fewer = told.chain((truths) =>
        fc.tuple(fc.constant(truths), fc.array(lie, { maxLength: truths.length - 1 })),
      )
      fc.assert(
        fc.property(fewer, ([truths, lies]) => {
          const combined = within1Percent(1, ...[...truths, ...lies].map(String))
          const price = combined.kind === 'price' ? combined.price.toNumber() : NaN
          expect(price).toBeGreaterThanOrEqual(Math.min(...truths))
          expect(price).toBeLessThanOrEqual(Math.max(...truths))
        }),
        { numRuns: 500 },
      )
    })

    test('half that lie are refused, or move it by less than the bound', () => {
      const half = told.chain((truths) =>
        fc.tuple(
          fc.constant(truths),
          fc.array(lie, { minLength: truths.length, maxLength: truths.length }),
        ),
      )
      fc.assert(
        fc.property(half, ([truths, lies]) => {
          const combined = within1Percent(1, ...[...truths, ...lies].map(String))
          fc.pre(combined.kind === 'price')
          const price = combined.kind === 'price' ? combined.price.toNumber() : NaN
          // More than half agree with it, so one of the honest is within 1 % of it.
          expect(truths.some((one) => Math.abs(price - one) <= price / 100)).toBe(true)
        }),
        { numRuns: 500, maxSkipsPerRun: 10_000 },
      )
    })
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
