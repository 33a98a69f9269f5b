import { existsSync, readFileSync } from 'node:fs'

import { z } from 'zod'

const file = new URL('../../../../../shared/vectors/core-conformance.json', import.meta.url)

const Pre = z.looseObject({
  operator_nonce: z.string().optional(),
  caller: z.string().optional(),
  assets: z.string().optional(),
})
const Vector = z.looseObject({
  id: z.string(),
  kind: z.string(),
  case: z.string(),
  pre: Pre.optional(),
  call: z.looseObject({}).optional(),
  expect: z.looseObject({ ok: z.boolean().optional(), error: z.unknown().optional() }),
})
export type Vector = z.infer<typeof Vector>

const File = z.object({
  config: z.record(z.string(), z.string()),
  assets: z.array(
    z.object({
      symbol: z.string(),
      asset_id: z.string(),
      resolution_factor: z.string(),
      quorum: z.string(),
      risk_factor_tiers: z.array(z.string()),
      first_tier_boundary: z.string(),
      tier_size: z.string(),
      oracles: z.array(
        z.object({ public_key: z.string(), asset_name: z.string(), oracle_name: z.string() }),
      ),
    }),
  ),
  states: z.record(z.string(), z.unknown()),
  vectors: z.array(Vector),
})

/** What the real core answered (vectors recorded by execution), where the file is beside the project. */
export const conformance = existsSync(file)
  ? File.parse(JSON.parse(readFileSync(file, 'utf8')))
  : undefined

/** The title of tests that need the vectors; it says why where they are skipped. */
export function titled(title: string): string {
  return conformance === undefined ? `${title} (skipped: ${file.pathname} is not there)` : title
}

export function vectorsOf(kind: string): readonly Vector[] {
  return conformance?.vectors.filter((vector) => vector.kind === kind) ?? []
}
