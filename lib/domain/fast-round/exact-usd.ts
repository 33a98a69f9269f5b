import { priceDecimals } from '../median.ts'
import { asText, noPrice, wholeAt } from '../recorded/price-column.ts'
import type { QuoteSeries } from '../recorded/quote-series.ts'

// Prices in USD in whole 1e-18 dollars: exactly what the rule's decimals of 18 places are.

/** One dollar. */
export const oneUsd = 10n ** BigInt(priceDecimals)

const powers = Array.from({ length: 100 }, (_, exponent) => 10n ** BigInt(exponent))

function tenTo(exponent: number): bigint {
  return powers[exponent] ?? 10n ** BigInt(exponent)
}

/** One state's price in USD by the rule of `pointPrice`, converted and rounded as the rule does. It must be a valid price. */
export function exactUsd(series: QuoteSeries, row: number, rate: bigint): bigint {
  const { mantissa, decimals } = exactPoint(series, row)
  return divHalfEven(mantissa * rate, tenTo(decimals))
}

type Whole = { readonly mantissa: bigint; readonly decimals: number }

/** The last trade within bid and ask; without a trade their middle; without a whole book the trade alone. */
function exactPoint(series: QuoteSeries, row: number): Whole {
  const { bid, ask, last } = series
  const [bidIn, askIn, lastIn] = [bid, ask, last].map(({ decimals }) => decimals[row] ?? noPrice)
  if (bidIn === noPrice || askIn === noPrice || isFlat(series, row)) return wholeAt(last, row)
  const [low, high] = [wholeAt(bid, row), wholeAt(ask, row)]
  if (lastIn === noPrice) {
    const most = Math.max(low.decimals, high.decimals)
    // Half of ten is five: one decimal more holds any half.
    return { mantissa: (inPlaces(low, most) + inPlaces(high, most)) * 5n, decimals: most + 1 }
  }
  const traded = wholeAt(last, row)
  if (isBelow(traded, low)) return isBelow(high, low) ? high : low
  return isBelow(high, traded) ? high : traded
}

/** Bid, ask and last are one and the same: so are all bars without a book. */
export function isFlat({ bid, ask, last }: QuoteSeries, row: number): boolean {
  const decimals = last.decimals[row] ?? noPrice
  return (
    decimals < asText &&
    bid.decimals[row] === decimals &&
    ask.decimals[row] === decimals &&
    bid.mantissas[row] === last.mantissas[row] &&
    ask.mantissas[row] === last.mantissas[row]
  )
}

function isBelow(one: Whole, other: Whole): boolean {
  const most = Math.max(one.decimals, other.decimals)
  return inPlaces(one, most) < inPlaces(other, most)
}

function inPlaces({ mantissa, decimals }: Whole, places: number): bigint {
  return mantissa * tenTo(places - decimals)
}

/** Ties go to the even neighbour, as everywhere (decimal.ts). */
export function divHalfEven(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  const twice = (dividend - quotient * divisor) * 2n
  if (twice < divisor || (twice === divisor && quotient % 2n === 0n)) return quotient
  return quotient + 1n
}

/** As `Decimal.toFixed` writes it. */
export function usdText(price: bigint): string {
  const digits = price.toString().padStart(priceDecimals + 1, '0')
  const cents = digits.slice(-priceDecimals).replace(/0+$/, '')
  const whole = digits.slice(0, -priceDecimals)
  return cents === '' ? whole : `${whole}.${cents}`
}

/** The text of a price of at most 18 decimals. */
export function parseUsd(text: string): bigint {
  const [whole = '', cents = ''] = text.split('.')
  return BigInt(whole + cents.padEnd(priceDecimals, '0'))
}

/** A double next to it: both of its roundings together are less than three half units in the last place. */
export function usdFloat(price: bigint): number {
  return Number(price) / 1e18
}
