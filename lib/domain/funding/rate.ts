import { Decimal } from '../decimal.ts'

/**
 * From an epoch's premium to its rate, one market at a time. Rates are fractions of notional; above zero, longs pay shorts.
 * Those of a rule are for its period, mostly the 8 hours that exchanges quote.
 */
export type FundingRule = DydxRule | InterestClampRule | PremiumOnlyRule

/** Parts per million for 8 hours, as dYdX v4 keeps them. */
export type DydxRule = {
  readonly kind: 'dydx-v4'
  /** Added to every premium: 0 for cross markets, 100 for isolated ones. */
  readonly defaultFundingPpm: number
  readonly initialMarginPpm: number
  readonly maintenanceMarginPpm: number
  /** Of the distance between the two margins; dYdX has 6,000,000, which is 600 %. */
  readonly clampFactorPpm: number
}

/**
 * `P + clamp(interest - P, ±innerClamp)`, at most `periodCap` either way: BitMEX, Binance, Bybit, Gate and Hyperliquid, and
 * Paradex with its premium smoothed.
 */
export type InterestClampRule = {
  readonly kind: 'interest-clamp'
  readonly interest: Decimal
  readonly innerClamp: Decimal
  /** Before the rate is divided among the epochs of a period. */
  readonly periodCap: Decimal
  readonly periodSeconds: number
}

/** The premium, towards zero by `damper`: Deribit. */
export type PremiumOnlyRule = {
  readonly kind: 'premium-only'
  readonly damper: Decimal
  readonly periodCap: Decimal
  readonly periodSeconds: number
}

/** All that decides one market's rate. */
export type FundingRules = {
  readonly rule: FundingRule
  /** Either way, for one epoch. */
  readonly maxRate: Decimal
  /** How long the rate takes at least from one end of its range to the other (dYdX v1: 2,700); undefined: no time. */
  readonly fullRangeSeconds: number | undefined
}

export type EpochView = {
  readonly premium: Decimal
  readonly epochSeconds: number
  /** Of the epoch ticked last; undefined before the first, which has nothing to change from. */
  readonly last: { readonly rate: Decimal; readonly secondsAgo: number } | undefined
}

export type EpochRate = {
  /** For the whole epoch. */
  readonly rate: Decimal
  /** What the rule alone says. */
  readonly wanted: Decimal
  /** Which limit was the last to change it. */
  readonly limitedBy: 'cap' | 'change' | undefined
}

/** The rate of one epoch: by the rule, within the market's cap, and not too far from the last one. */
export function fundingRate(rules: FundingRules, view: EpochView): EpochRate {
  const wanted = ruleRate(rules.rule, view.premium, view.epochSeconds)
  const capped = clamp(wanted, rules.maxRate)
  const rate = withinChange(capped, rules, view.last)
  if (!rate.eq(capped)) return { rate, wanted, limitedBy: 'change' }
  return { rate, wanted, limitedBy: capped.eq(wanted) ? undefined : 'cap' }
}

/** What the rule alone makes of a premium, for an epoch of that many seconds. */
export function ruleRate(rule: FundingRule, premium: Decimal, epochSeconds: number): Decimal {
  const { rate, periodSeconds } = periodRate(rule, premium)
  return rate.mul(epochSeconds).div(periodSeconds)
}

function periodRate(
  rule: FundingRule,
  premium: Decimal,
): { readonly rate: Decimal; readonly periodSeconds: number } {
  switch (rule.kind) {
    case 'dydx-v4': {
      const premiumPpm = BigInt(premium.mul(million).toFixed(0, Decimal.ROUND_DOWN))
      const ppm = new Decimal(String(dydxFundingPpm(rule, premiumPpm)))
      return { rate: ppm.div(million), periodSeconds: dydxPeriodSeconds }
    }
    case 'interest-clamp': {
      const pulled = premium.add(clamp(rule.interest.sub(premium), rule.innerClamp))
      return { rate: clamp(pulled, rule.periodCap), periodSeconds: rule.periodSeconds }
    }
    case 'premium-only': {
      const damped = premium.sub(clamp(premium, rule.damper))
      return { rate: clamp(damped, rule.periodCap), periodSeconds: rule.periodSeconds }
    }
  }
}

/** dYdX v4's rate for 8 hours: the premium and the default, within the clamp. */
export function dydxFundingPpm(rule: DydxRule, premiumPpm: bigint): bigint {
  const most = dydxClampPpm(rule, rule.clampFactorPpm)
  const ppm = premiumPpm + BigInt(rule.defaultFundingPpm)
  if (ppm > most) return most
  return ppm < -most ? -most : ppm
}

/** `factor · (initial - maintenance margin)`, rounded down: 600 % for rates; for single votes dYdX v4 has 6,000 %. */
export function dydxClampPpm(
  margins: Pick<DydxRule, 'initialMarginPpm' | 'maintenanceMarginPpm'>,
  factorPpm: number,
): bigint {
  const distance = BigInt(margins.initialMarginPpm - margins.maintenanceMarginPpm)
  return (distance * BigInt(factorPpm)) / 1_000_000n
}

/** dYdX v1: the range in `fullRangeSeconds`, so in a shorter time only its part of the range (P1FundingOracle.sol). */
function withinChange(
  rate: Decimal,
  { maxRate, fullRangeSeconds }: FundingRules,
  last: EpochView['last'],
): Decimal {
  if (last === undefined || fullRangeSeconds === undefined) return rate
  const most = maxRate.mul(2).mul(last.secondsAgo).div(fullRangeSeconds)
  // A cap that was lowered since holds at once.
  const before = clamp(last.rate, maxRate)
  return before.add(clamp(rate.sub(before), most))
}

function clamp(value: Decimal, most: Decimal): Decimal {
  return Decimal.max(most.neg(), Decimal.min(most, value))
}

const dydxPeriodSeconds = 28_800
const million = 1_000_000
