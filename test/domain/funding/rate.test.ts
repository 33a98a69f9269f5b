import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  dydxClampPpm,
  dydxFundingPpm,
  type DydxRule,
  fundingRate,
  type FundingRule,
  type FundingRules,
  type PremiumOnlyRule,
  ruleRate,
} from '../../../lib/domain/funding/rate.ts'
import { hyperliquidError, interestClamp } from './interest-clamp.ts'
import { exact, sharedJson, titled } from './shared.ts'

const eightHours = 28_800
const hour = 3_600
const d = (text: string) => new Decimal(text)

const dydx: DydxRule = {
  kind: 'dydx-v4',
  defaultFundingPpm: 0,
  initialMarginPpm: 50_000,
  maintenanceMarginPpm: 30_000,
  clampFactorPpm: 6_000_000,
}

const vectors = z
  .object({
    'binanceBitmexHL.rate8h': z.object({ cases: z.array(z.object({ P: exact, F: exact })) }),
    'paradex.funding': z.object({
      cases: z.array(
        z.object({
          spot: exact,
          premium: exact,
          raw: exact,
          fundingPremium8h: exact,
          seconds: z.number(),
          indexDelta: exact,
          longHalfBtcPayment: exact,
        }),
      ),
    }),
  })
  .optional()
  .parse(sharedJson('vectors/keepers.json'))

describe.skipIf(vectors === undefined)(titled('the recorded rates', 'vectors/keepers.json'), () => {
  test('of the exchanges with an interest and a clamp', () => {
    const cases = vectors?.['binanceBitmexHL.rate8h'].cases ?? []
    expect(cases).toHaveLength(9)
    for (const { P, F } of cases)
      expect(ruleRate(interestClamp, P, eightHours).toFixed()).toBe(F.toFixed())
  })

  test('of Paradex, in quote units for eight hours and for a minute', () => {
    const cases = vectors?.['paradex.funding'].cases ?? []
    expect(cases).toHaveLength(1)
    for (const one of cases) {
      const period = ruleRate(interestClamp, one.premium, eightHours)
      expect(period.toFixed()).toBe(one.raw.toFixed())
      expect(period.mul(one.spot).toFixed()).toBe(one.fundingPremium8h.toFixed())
      const change = ruleRate(interestClamp, one.premium, one.seconds).mul(one.spot)
      expect(change.toFixed()).toBe(one.indexDelta.toFixed())
      expect(change.mul('-0.5').toFixed()).toBe(one.longHalfBtcPayment.toFixed())
    }
  })
})

const golden = z
  .object({
    'bitmex_ONDOUSDT_2025-01-14T04:00Z': z.object({
      P8H_published: exact,
      interest_8h: exact,
      F_published: exact,
    }),
    hyperliquid_hourly: z.object({
      rows: z.array(z.object({ premium: exact, rate_published: exact })),
    }),
    deribit: z.object({
      examples: z.array(z.object({ mark: exact, index: exact, damper: exact, F8h: exact })),
    }),
  })
  .optional()
  .parse(sharedJson('data/funding/golden_funding_examples.json'))

describe.skipIf(golden === undefined)(
  titled('the published examples', 'data/funding/golden_funding_examples.json'),
  () => {
    test('of Hyperliquid, to the last digit', () => {
      const rows = golden?.hyperliquid_hourly.rows ?? []
      expect(rows.length).toBeGreaterThan(20)
      for (const { premium, rate_published } of rows)
        expect(hyperliquidError(premium, rate_published).lte('5e-11')).toBe(true)
    })

    test('of BitMEX', () => {
      const { P8H_published, interest_8h, F_published } = golden?.[
        'bitmex_ONDOUSDT_2025-01-14T04:00Z'
      ] ?? { P8H_published: d('0'), interest_8h: d('0'), F_published: d('1') }
      const rule = { ...interestClamp, interest: interest_8h }
      expect(ruleRate(rule, P8H_published, eightHours).toFixed()).toBe(F_published.toFixed())
    })

    test('of Deribit', () => {
      const examples = golden?.deribit.examples ?? []
      expect(examples).toHaveLength(4)
      for (const { mark, index, damper, F8h } of examples) {
        const rule = premiumOnly(damper)
        const premium = mark.sub(index).div(index)
        expect(ruleRate(rule, premium, eightHours).toFixed()).toBe(F8h.toFixed())
      }
    })
  },
)

function premiumOnly(damper: Decimal): PremiumOnlyRule {
  return { kind: 'premium-only', damper, periodCap: d('1'), periodSeconds: eightHours }
}

describe('dYdX v4’s rate', () => {
  test('ends at 600 % of the distance between the margins: 12 % for 5 % and 3 %', () => {
    expect(dydxClampPpm(dydx, dydx.clampFactorPpm)).toBe(120_000n)
    expect(dydxFundingPpm(dydx, 120_001n)).toBe(120_000n)
    expect(dydxFundingPpm(dydx, -120_001n)).toBe(-120_000n)
    expect(dydxFundingPpm(dydx, 119_999n)).toBe(119_999n)
  })

  test('lets one vote be ten times as far', () => {
    expect(dydxClampPpm(dydx, 60_000_000)).toBe(1_200_000n)
  })

  test('has the default added before the clamp', () => {
    const isolated = { ...dydx, defaultFundingPpm: 100 }
    expect(dydxFundingPpm(isolated, -100n)).toBe(0n)
    expect(dydxFundingPpm(isolated, 119_950n)).toBe(120_000n)
    // Published as 0.0000125 an hour where a market has no premium at all.
    expect(ruleRate(isolated, d('0'), hour).toFixed()).toBe('0.0000125')
  })

  test('drops what is finer than a part per million', () => {
    expect(ruleRate(dydx, d('0.0000019'), eightHours).toFixed()).toBe('0.000001')
    expect(ruleRate(dydx, d('-0.0000019'), eightHours).toFixed()).toBe('-0.000001')
  })
})

test.each([
  ['interest-clamp', { ...interestClamp, periodCap: d('0.02') }],
  ['premium-only', { ...premiumOnly(d('0')), periodCap: d('0.02') }],
] as const)('the cap of a rule with %s holds before its period is divided', (_, rule) => {
  expect(ruleRate(rule, d('1'), hour).toFixed()).toBe('0.0025')
  expect(ruleRate(rule, d('-1'), hour).toFixed()).toBe('-0.0025')
})

const rules: FundingRules = {
  rule: premiumOnly(d('0')),
  maxRate: d('0.01'),
  fullRangeSeconds: undefined,
}
const view = { premium: d('0.004'), epochSeconds: eightHours, last: undefined }

describe('a market’s rate', () => {
  test('is the rule’s where nothing limits it', () => {
    expect(fundingRate(rules, view)).toEqual({
      rate: d('0.004'),
      wanted: d('0.004'),
      limitedBy: undefined,
    })
  })

  test('is for the epoch, not for the period that the rule is quoted for', () => {
    expect(fundingRate(rules, { ...view, epochSeconds: hour }).rate.toFixed()).toBe('0.0005')
  })

  test.each(['1', '-1'])('ends at the market’s cap: %s', (sign) => {
    expect(fundingRate(rules, { ...view, premium: d('0.02').mul(sign) })).toEqual({
      rate: d('0.01').mul(sign),
      wanted: d('0.02').mul(sign),
      limitedBy: 'cap',
    })
  })

  // P1FundingOracle.sol: from one end to the other in 45 minutes.
  test.each([
    [60, '-0.01', '-0.00955555555555555556'],
    [1_350, '-0.01', '0'],
    [2_700, '-0.01', '0.01'],
    [60, '0.0099', '0.01'],
  ])('after %i s is not farther from %s than that time allows', (secondsAgo, rate, expected) => {
    const dydxV1 = { ...rules, fullRangeSeconds: 2_700 }
    const result = fundingRate(dydxV1, {
      ...view,
      premium: d('1'),
      last: { rate: d(rate), secondsAgo },
    })
    expect(result.rate.toDecimalPlaces(20).toFixed()).toBe(expected)
    expect(result.limitedBy).toBe(expected === '0.01' ? 'cap' : 'change')
  })
})

const fraction = fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((part) => d(`${part}e-9`))
const share = fc.integer({ min: 0, max: 10 ** 9 }).map((part) => d(`${part}e-9`))
const someRule: fc.Arbitrary<FundingRule> = fc.oneof(
  fc.record({ ...constantsOf(interestClamp), interest: fraction, innerClamp: share }),
  fc.record({ ...constantsOf(premiumOnly(d('0'))), damper: share }),
  fc.record({
    ...constantsOf(dydx),
    defaultFundingPpm: fc.integer({ min: 0, max: 1_000 }),
    initialMarginPpm: fc.integer({ min: 30_000, max: 1_000_000 }),
  }),
)
const someRules: fc.Arbitrary<FundingRules> = fc.record({
  rule: someRule,
  maxRate: share,
  fullRangeSeconds: fc.option(fc.integer({ min: 1, max: 10_000 }), { nil: undefined }),
})
const seconds = fc.integer({ min: 0, max: 10_000 })

function constantsOf<T extends object>(of: T): { [K in keyof T]: fc.Arbitrary<T[K]> } {
  const entries = Object.entries(of).map(([key, value]) => [key, fc.constant(value)])
  return Object.fromEntries(entries) as { [K in keyof T]: fc.Arbitrary<T[K]> }
}

describe('whatever the rules are, the rate', () => {
  test('is within the cap, and as near to the last one as its time allows', () => {
    fc.assert(
      fc.property(someRules, fraction, fraction, seconds, (some, premium, before, secondsAgo) => {
        const last = { rate: before, secondsAgo }
        const { rate } = fundingRate(some, { premium, epochSeconds: hour, last })
        expect(rate.abs().lte(some.maxRate)).toBe(true)
        if (some.fullRangeSeconds === undefined || before.abs().gt(some.maxRate)) return
        const moved = rate.sub(before).abs().mul(some.fullRangeSeconds)
        expect(moved.lte(some.maxRate.mul(2).mul(secondsAgo).add('1e-40'))).toBe(true)
      }),
    )
  })

  test('does not fall when the premium rises', () => {
    fc.assert(
      fc.property(someRules, fraction, fraction, (some, one, other) => {
        const [low, high] = one.lt(other) ? [one, other] : [other, one]
        const at = (premium: Decimal) =>
          fundingRate(some, { premium, epochSeconds: hour, last: undefined }).rate
        expect(at(low).lte(at(high))).toBe(true)
      }),
    )
  })

  test('reaches the rule’s own in the end', () => {
    fc.assert(
      fc.property(someRules, fraction, fraction, (some, premium, before) => {
        const free = fundingRate(some, { premium, epochSeconds: hour, last: undefined }).rate
        const last = { rate: before, secondsAgo: some.fullRangeSeconds ?? 0 }
        const { rate } = fundingRate(some, { premium, epochSeconds: hour, last })
        expect(rate.eq(free)).toBe(true)
      }),
    )
  })
})
