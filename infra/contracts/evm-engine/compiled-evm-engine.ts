import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

import type { Abi } from 'viem'
import { z } from 'zod'

const folder = new URL('./', import.meta.url)
export const compiledEvmEngineUrl = new URL('evm-engine.compiled.json', folder)

type CompiledContract = { readonly abi: Abi; readonly bytecode: `0x${string}` }

/** The contracts as they lie, compiled, beside their source. */
export type CompiledEvmEngine = {
  /** SHA-256 of the source files that they were compiled from. */
  readonly sourceHash: string
  readonly engine: CompiledContract
  readonly dollar: CompiledContract
}

const Contract = z.object({
  abi: z.custom<Abi>((value) => Array.isArray(value)),
  bytecode: z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]+$/)]),
})
const File = z.object({ sourceHash: z.string(), engine: Contract, dollar: Contract })

export function readCompiledEvmEngine(): CompiledEvmEngine {
  return File.parse(JSON.parse(readFileSync(compiledEvmEngineUrl, 'utf8')))
}

/** By name, in the names' order. */
export function evmEngineSources(): Readonly<Record<string, string>> {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sol'))
  return Object.fromEntries(
    names.toSorted().map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]),
  )
}

export function hashOfSources(sources: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(JSON.stringify(sources)).digest('hex')
}
