import { Decimal } from '../decimal.ts'

/**
 * Exact prices one after the other, as mantissa · 10^-decimals without trailing zeros: a year of minutes of twenty venues is
 * ten million of them. Those with more digits than a double holds stand beside as text.
 */
export type PriceColumn = {
  mantissas: Float64Array
  decimals: Uint8Array
  readonly texts: Map<number, string>
}

/** One price as it was read; the reader fills the same one again and again. */
export type Digits = {
  mantissa: number
  /** Below {@link asText} the exponent; else one of the two words. */
  decimals: number
  /** Where `decimals` is {@link asText}. */
  text: string
}

/** What `decimals` says where there is no price, and where it stands as text. */
export const noPrice = 255
export const asText = 254

/** All powers of ten that a double holds exactly. */
export const powersOfTen = Float64Array.from({ length: 23 }, (_, exponent) =>
  Number(`1e${exponent}`),
)

/** The most decimals that a price beside its text may have: more of them are divided by no exact power. */
export const mostDecimals = powersOfTen.length - 1

export function noDigits(): Digits {
  return { mantissa: 0, decimals: noPrice, text: '' }
}

/** Whether one price is above another one, exactly; false where one of them is not there. */
export function isHigher(one: Digits, other: Digits): boolean {
  if (one.decimals === noPrice || other.decimals === noPrice) return false
  if (one.decimals === other.decimals && one.decimals !== asText)
    return one.mantissa > other.mantissa
  return decimalOf(one).gt(decimalOf(other))
}

function decimalOf({ mantissa, decimals, text }: Digits): Decimal {
  return decimals === asText ? new Decimal(text) : new Decimal(`${mantissa}e-${decimals}`)
}

export function openPriceColumn(capacity: number): PriceColumn {
  return {
    mantissas: new Float64Array(capacity),
    decimals: new Uint8Array(capacity).fill(noPrice),
    texts: new Map(),
  }
}

export function growPriceColumn(column: PriceColumn, capacity: number): void {
  const mantissas = new Float64Array(capacity)
  mantissas.set(column.mantissas)
  const decimals = new Uint8Array(capacity).fill(noPrice)
  decimals.set(column.decimals)
  column.mantissas = mantissas
  column.decimals = decimals
}

export function setDigits(
  column: PriceColumn,
  at: number,
  { mantissa, decimals, text }: Digits,
): void {
  column.mantissas[at] = mantissa
  column.decimals[at] = decimals
  if (decimals === asText) column.texts.set(at, text)
}

/** Copies what stands at `from` to `to`. */
export function copyDigits(column: PriceColumn, from: number, to: number): void {
  const decimals = column.decimals[from] ?? noPrice
  column.mantissas[to] = column.mantissas[from] ?? 0
  column.decimals[to] = decimals
  if (decimals === asText) column.texts.set(to, column.texts.get(from) ?? '')
}

export function hasPrice(column: PriceColumn, at: number): boolean {
  return (column.decimals[at] ?? noPrice) !== noPrice
}

/** The nearest double; NaN where there is none. Rounded once: mantissa and power are exact. */
export function floatAt(column: PriceColumn, at: number): number {
  const decimals = column.decimals[at] ?? noPrice
  if (decimals <= mostDecimals)
    return (column.mantissas[at] ?? Number.NaN) / (powersOfTen[decimals] ?? Number.NaN)
  return decimals === asText ? Number(column.texts.get(at)) : Number.NaN
}

/** Undefined where there is none. */
export function decimalAt(column: PriceColumn, at: number): Decimal | undefined {
  const text = textAt(column, at)
  return text === undefined ? undefined : new Decimal(text)
}

/** Its digits without an exponent and without trailing zeros; undefined where there is none. */
export function textAt(column: PriceColumn, at: number): string | undefined {
  const decimals = column.decimals[at] ?? noPrice
  if (decimals === noPrice) return undefined
  if (decimals === asText) return column.texts.get(at)
  const digits = String(column.mantissas[at] ?? 0)
  if (decimals === 0) return digits
  const padded = digits.padStart(decimals + 1, '0')
  return `${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`
}

/** Mantissa and decimals in whole numbers, whatever their length. */
export function wholeAt(
  column: PriceColumn,
  at: number,
): { readonly mantissa: bigint; readonly decimals: number } {
  const decimals = column.decimals[at] ?? noPrice
  if (decimals <= mostDecimals) return { mantissa: BigInt(column.mantissas[at] ?? 0), decimals }
  const text = column.texts.get(at)
  if (text === undefined) throw new RangeError(`there is no price at ${at}`)
  const point = text.indexOf('.')
  if (point < 0) return { mantissa: BigInt(text), decimals: 0 }
  return {
    mantissa: BigInt(text.slice(0, point) + text.slice(point + 1)),
    decimals: text.length - point - 1,
  }
}
