import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

import { z } from 'zod'

import { Decimal } from '../../../lib/domain/decimal.ts'

// Recorded data and vectors lie beside the project; tests that need one that is not there say so and are skipped.

const beside = (path: string): URL => new URL(`../../../../shared/${path}`, import.meta.url)

/** The title of tests that need the file; it says why where they are skipped. */
export function titled(title: string, path: string): string {
  return hasShared(path) ? title : `${title} (skipped: ${beside(path).pathname} is not there)`
}

export function hasShared(path: string): boolean {
  return existsSync(beside(path))
}

export function sharedJson(path: string): unknown {
  return hasShared(path) ? JSON.parse(readFileSync(beside(path), 'utf8')) : undefined
}

const Row = z.object({
  ts_ms: z.coerce.number().int(),
  venue: z.string(),
  symbol: z.string(),
  rate: z.string().min(1),
  premium: z.string(),
  interval_h: z.coerce.number().positive(),
})
export type FundingRow = z.infer<typeof Row>

/** A recorded history, one row per payment. */
export function fundingRows(path: string): readonly FundingRow[] {
  if (!hasShared(path)) return []
  const [header = '', ...lines] = gunzipSync(readFileSync(beside(path)))
    .toString()
    .trim()
    .split('\n')
  const names = header.trim().split(',')
  return lines.map((line) => {
    const cells = line.trim().split(',')
    return Row.parse(Object.fromEntries(names.map((name, at) => [name, cells[at]])))
  })
}

/** A number in a file, exactly as it is written there. */
export const exact = z.union([z.string(), z.number()]).transform((text) => new Decimal(text))

/** A whole number in a file. */
export const whole = z.union([z.string(), z.number()]).transform((text) => BigInt(text))
