import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import type { CompiledSierra } from 'starknet'
import { z } from 'zod'

/** Where a contract's source lies, and beside it what was compiled from it. */
export type CairoSource = { readonly sourceUrl: URL; readonly compiledUrl: URL }

/** A compiled contract as it lies beside its source. */
export type CairoClass = {
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

export function readCairoClass({ compiledUrl }: CairoSource): CairoClass {
  return File.parse(JSON.parse(readFileSync(compiledUrl, 'utf8')))
}

/** What the source is now; the compiled file is of another one where its own hash differs. */
export function hashOfCairo({ sourceUrl }: CairoSource): string {
  return createHash('sha256').update(readFileSync(sourceUrl)).digest('hex')
}
