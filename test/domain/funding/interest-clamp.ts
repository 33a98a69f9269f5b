import { Decimal } from '../../../lib/domain/decimal.ts'
import { type InterestClampRule, ruleRate } from '../../../lib/domain/funding/rate.ts'

/** As Binance, BitMEX, Bybit, Gate and Hyperliquid publish it: 0.01 % of interest, ±0.05 %, for 8 hours. */
export const interestClamp: InterestClampRule = {
  kind: 'interest-clamp',
  interest: new Decimal('0.0001'),
  innerClamp: new Decimal('0.0005'),
  periodCap: new Decimal(1),
  periodSeconds: 28_800,
}

/**
 * How far Hyperliquid's hourly rate (at most 4 %) is from the one that it published. Premium and rate are published with ten
 * decimals, so 5e-11 is nothing: the premium behind a tie may lie on either side.
 */
export function hyperliquidError(premium: Decimal, published: Decimal): Decimal {
  const rule = { ...interestClamp, periodCap: new Decimal('0.32') }
  return ruleRate(rule, premium, 3_600).sub(published).abs()
}
