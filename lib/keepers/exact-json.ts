import { Decimal } from '../domain/decimal.ts'

/** JSON for history and people: decimals and big integers as strings, nothing rounded. */
export function exactJson(value: unknown): string {
  return JSON.stringify(plain(value))
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (Decimal.isDecimal(value)) return value.valueOf()
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}
