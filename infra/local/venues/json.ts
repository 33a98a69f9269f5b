import { Decimal } from '../../../lib/domain/decimal.ts'
import type { SimulatedAnswer } from './venue-simulator.ts'

/** What a JSON body may hold: a `Decimal` or bigint becomes a number with all its digits, which a float could not keep. */
export type Json =
  | string
  | number
  | boolean
  | null
  | bigint
  | Decimal
  | readonly Json[]
  | { readonly [key: string]: Json | undefined }

export function json(value: Json): string {
  if (value instanceof Decimal) return value.toFixed()
  if (typeof value === 'bigint') return value.toString()
  if (isList(value)) return `[${value.map(json).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value).flatMap(([key, field]) =>
    field === undefined ? [] : [`${JSON.stringify(key)}:${json(field)}`],
  )
  return `{${fields.join(',')}}`
}

/** `Array.isArray` does not narrow a readonly list. */
function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

export function ok(value: Json, headers: Readonly<Record<string, string>> = {}): SimulatedAnswer {
  return { status: 200, body: json(value), headers }
}

export function refused(status: number, value: Json): SimulatedAnswer {
  return { status, body: json(value) }
}
