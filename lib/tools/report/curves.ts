import type { Band } from '../../domain/backtest/backtest-result.ts'
import { packed } from './packed.ts'
import type { Curve } from './parts.ts'

/** A band as a curve: of its lowest and highest only where they say more than its last. */
export function bandCurve(
  { low, high, last }: Band,
  curve: Omit<Curve, 'values' | 'low' | 'high'>,
): Curve {
  const isLine = last.every((value, at) => value === low[at] && value === high[at])
  const values = { ...curve, values: packed(last) }
  return isLine ? values : { ...values, low: packed(low), high: packed(high) }
}

/** The lowest and the highest of all, and the last: undefined where there never was any. */
export function bandExtent({
  low,
  high,
  last,
}: Band):
  | { readonly low: number; readonly high: number; readonly last: number | null }
  | undefined {
  const lowest = least(low)
  const highest = most(high)
  if (lowest === undefined || highest === undefined) return undefined
  return { low: lowest, high: highest, last: last.at(-1) ?? null }
}

/** For who cannot see the curve. */
export function bandWords(name: string, band: Band, text: (value: number) => string): string {
  const extent = bandExtent(band)
  if (!extent) return `${name}: nothing`
  const { low, high, last } = extent
  const end = last === null ? 'none at the end' : `${text(last)} at the end`
  return `${name}: ${text(low)} to ${text(high)}, ${end}`
}

/** Of long lists, which no argument list holds. */
function least(values: readonly (number | null)[]): number | undefined {
  let found: number | undefined
  for (const value of values)
    if (value !== null && (found === undefined || value < found)) found = value
  return found
}

function most(values: readonly (number | null)[]): number | undefined {
  let found: number | undefined
  for (const value of values)
    if (value !== null && (found === undefined || value > found)) found = value
  return found
}
