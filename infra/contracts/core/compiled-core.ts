import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import type { CompiledSierra } from 'starknet'
import { z } from 'zod'

export const coreSourceUrl = new URL('core.cairo', import.meta.url)
export const compiledCoreUrl = new URL('core.compiled.json', import.meta.url)

/** The compiled core as it lies beside its source. */
export type CompiledCore = {
  /** SHA-256 of the source that it was compiled from. */
  readonly sourceHash: string
  readonly classHash: string
  readonly contract: CompiledSierra
}

const File = z.object({
  sourceHash: z.string(),
  classHash: z.string(),
  contract: z.custom<CompiledSierra>((value) => typeof value === 'object' && value !== null),
})

export function readCompiledCore(): CompiledCore {
  return File.parse(JSON.parse(readFileSync(compiledCoreUrl, 'utf8')))
}

export function hashOfSource(source: string): string {
  return createHash('sha256').update(source).digest('hex')
}
