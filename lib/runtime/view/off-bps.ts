import type { Decimal } from '../../domain/decimal.ts'

/** How far `price` is from `reference`, signed, in bps with one decimal. */
export function offBps(price: Decimal, reference: Decimal): string {
  const text = price.div(reference).minus(1).times(10_000).toFixed(1)
  return text === '-0.0' ? '0.0' : text
}
