import { readFileSync } from 'node:fs'

import type { Abi } from 'viem'
import { z } from 'zod'

import { hashOfSources } from '../evm-engine/compiled-evm-engine.ts'

const name = 'SequencerUptimeFeed.sol'

export const compiledUptimeFeedUrl = new URL('uptime-feed.compiled.json', import.meta.url)

/** The contract as it lies, compiled, beside its source. */
export type CompiledUptimeFeed = {
  /** SHA-256 of the source that it was compiled from. */
  readonly sourceHash: string
  readonly feed: { readonly abi: Abi; readonly bytecode: `0x${string}` }
}

const File = z.object({
  sourceHash: z.string(),
  feed: z.object({
    abi: z.custom<Abi>((value) => Array.isArray(value)),
    bytecode: z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]+$/)]),
  }),
})

export function readCompiledUptimeFeed(): CompiledUptimeFeed {
  return File.parse(JSON.parse(readFileSync(compiledUptimeFeedUrl, 'utf8')))
}

export function uptimeFeedSource(): Readonly<Record<string, string>> {
  return { [name]: readFileSync(new URL(name, import.meta.url), 'utf8') }
}

export function uptimeFeedSourceHash(): string {
  return hashOfSources(uptimeFeedSource())
}
