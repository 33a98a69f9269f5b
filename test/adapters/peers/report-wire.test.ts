import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  readReports,
  WireReportsError,
  writeReports,
} from '../../../lib/adapters/peers/report-wire.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import type { SignedReport } from '../../../lib/domain/report.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const targets = { core: 'starknet:0x534e:0xc0', evm: 'evm:1:0xee' }

const hex = (most: number) =>
  fc
    .stringMatching(new RegExp(`^[0-9a-f]{1,${most}}$`))
    .map((digits): `0x${string}` => `0x${digits}`)

const second = fc.integer({ min: 0, max: 2 ** 32 }).map((value) => timestamp(value * 1000))

const report: fc.Arbitrary<SignedReport> = fc.record({
  node: fc.constant('oracle-1'),
  round: fc.constant(7),
  feed: fc.constantFrom('BTC-USD', 'ETH-USD', '1000PEPE-USD').map(parseMarket),
  price: fc.bigInt(1n, 10n ** 40n).map((units) => new Decimal(units.toString()).div('1e18')),
  observedAt: second,
  oldestInputAt: second,
  sources: fc.nat(65_535),
  configHash: hex(64),
  signatures: fc.record(
    {
      core: fc.record(
        {
          signer: hex(63),
          signature: fc.tuple(hex(63), hex(63)),
          seal: fc.tuple(hex(63), hex(63)),
        },
        { requiredKeys: ['signer', 'signature'] },
      ),
      evm: fc.record({ signer: hex(40), signature: fc.tuple(hex(130)) }),
    },
    { requiredKeys: [] },
  ),
})

const reports = fc.array(report, { maxLength: 4 })

describe('a node’s reports over HTTP', () => {
  test('are read as they were written, for whoever calls the exchanges otherwise', () => {
    const others = { mine: targets.core, second: targets.evm }
    fc.assert(
      fc.property(reports, (given) => {
        const text = writeReports({ node: 'oracle-1', round: 7, reports: given }, targets)
        const read = readReports(text, others)
        expect(read).toEqual({
          node: 'oracle-1',
          round: 7,
          unreadable: 0,
          reports: given.map(({ signatures: { core, evm }, ...rest }) => ({
            ...rest,
            signatures: { ...(core && { mine: core }), ...(evm && { second: evm }) },
          })),
        })
      }),
    )
  })

  test('have numbers as texts, and a signature beside the contract and chain that it is for', () => {
    const [one] = fc.sample(report, 1)
    if (!one) throw new Error('there is no report')
    const given: SignedReport = {
      ...one,
      price: new Decimal('97000.1'),
      observedAt: timestamp(1_764_000_001_000),
      oldestInputAt: timestamp(1_763_999_998_500),
      sources: 7,
      configHash: '0x5f',
      feed: parseMarket('BTC-USD'),
      signatures: {
        core: { signer: '0xa', signature: ['0x1', '0x2'], seal: ['0x3', '0x4'] },
        unknown: { signer: '0xb', signature: ['0x5'] },
      },
    }
    expect(JSON.parse(writeReports({ node: 'n', round: 7, reports: [given] }, targets))).toEqual({
      schema: '1',
      node: 'n',
      round: '7',
      reports: [
        {
          feed: 'BTC-USD',
          price: '97000.1',
          observedAt: '1764000001',
          oldestInputAt: '1763999998',
          sources: '7',
          configHash: '0x5f',
          signatures: {
            'starknet:0x534e:0xc0': {
              signer: '0xa',
              signature: ['0x1', '0x2'],
              seal: ['0x3', '0x4'],
            },
          },
        },
      ],
    })
  })

  test('that end too early are no list at all', () => {
    fc.assert(
      fc.property(reports, fc.nat(10_000), (given, cut) => {
        const text = writeReports({ node: 'oracle-1', round: 7, reports: given }, targets)
        const short = text.slice(0, cut % text.length)
        expect(() => readReports(short, targets)).toThrow(WireReportsError)
      }),
    )
  })

  test('are read or refused whatever a stranger writes, and never in another way', () => {
    const odd = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ schema: fc.constant('1'), node: fc.anything(), reports: fc.anything() })
        .map((value) => JSON.stringify(value) ?? ''),
      fc
        .array(fc.anything(), { maxLength: 5 })
        .map((list) =>
          JSON.stringify({ schema: '1', node: 'n', round: '7', reports: list }, plain),
        ),
    )
    fc.assert(
      fc.property(odd, (text) => {
        expect(readOrRefused(text)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['a price with an exponent', { price: '1e5' }],
    ['a price below zero', { price: '-1' }],
    ['a price in another form', { price: '100.10' }],
    ['a number for a text', { price: 100 }],
    ['more decimals than are signed', { price: '1.0000000000000000001' }],
    ['no market', { feed: '<script>' }],
    ['a time in words', { observedAt: 'now' }],
    ['a time beyond all', { observedAt: '99999999999' }],
    ['letters in upper case', { configHash: '0xAB' }],
    ['an endless word', { configHash: `0x${'a'.repeat(1_000)}` }],
    ['something more', { more: '1' }],
    ['no signatures', { signatures: [] }],
    [
      'signatures for a hundred exchanges',
      {
        signatures: Object.fromEntries(
          Array.from({ length: 100 }, (_, at) => [`t${at}`, { signer: '0x1', signature: [] }]),
        ),
      },
    ],
    [
      'words without end',
      { signatures: { t: { signer: '0x1', signature: Array(9).fill('0x1') } } },
    ],
  ])('lose the one report that has %s, and no other', (_, change) => {
    const [one] = fc.sample(report, 1)
    if (!one) throw new Error('there is no report')
    const text = writeReports({ node: 'oracle-1', round: 7, reports: [one, one] }, targets)
    const whole = JSON.parse(text) as { readonly reports: readonly object[] }
    const [first, second_] = whole.reports
    const bent = JSON.stringify({ ...whole, reports: [{ ...first, ...change }, second_] })
    expect(readReports(bent, targets)).toMatchObject({ unreadable: 1, reports: [one] })
  })

  test.each([
    ['another schema', { schema: '2' }],
    ['no round', { round: undefined }],
    ['a round that is no number', { round: '-7' }],
    ['too many reports', { reports: Array(2_001).fill(1) }],
    ['a field of its own', { also: '1' }],
  ])('with %s are none', (_, change) => {
    const text = writeReports({ node: 'oracle-1', round: 7, reports: [] }, targets)
    const bent = JSON.stringify({ ...(JSON.parse(text) as object), ...change })
    expect(() => readReports(bent, targets)).toThrow(WireReportsError)
  })
})

/** What was read; nothing where it was refused as it should be. */
function readOrRefused(text: string): readonly SignedReport[] {
  try {
    return readReports(text, targets).reports
  } catch (error) {
    if (error instanceof WireReportsError) return []
    throw error
  }
}

/** JSON knows no bigints. */
function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}
