import { existsSync, readFileSync } from 'node:fs'

import { z } from 'zod'

const files = {
  C: new URL('../../../../../shared/vectors/core-conformance.json', import.meta.url),
  D: new URL('../../../../../shared/vectors/core-conformance-d.json', import.meta.url),
} as const
export type Generation = keyof typeof files

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
  spot_assets: z
    .array(
      z.object({
        symbol: z.string(),
        asset_id: z.string(),
        resolution_factor: z.string(),
        quantum: z.string(),
        risk_factor: z.string(),
      }),
    )
    .default([]),
  liquidator_public_keys: z.record(z.string(), z.string()),
  states: z.record(z.string(), z.unknown()),
  vectors: z.array(Vector),
})

function read(file: URL): z.infer<typeof File> | undefined {
  return existsSync(file) ? File.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined
}

/** What the real core answered (vectors recorded by execution), of each generation, where the files are beside the project. */
export const recordings = { C: read(files.C), D: read(files.D) }
export const conformance = recordings.C

/** The title of tests that need the vectors; it says why where they are skipped. */
export function titled(title: string): string {
  return conformance === undefined ? `${title} (skipped: ${files.C.pathname} is not there)` : title
}

export function vectorsOf(kind: string, generation: Generation = 'C'): readonly Vector[] {
  return recordings[generation]?.vectors.filter((vector) => vector.kind === kind) ?? []
}
