import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

import type { Abi } from 'viem'
import { z } from 'zod'

const root = new URL('./', import.meta.url)

/** One contract that can be deployed. */
export type L1Contract = { readonly abi: Abi; readonly bytecode: `0x${string}` }

/** A folder's contracts as they lie, compiled, beside it. */
export type CompiledL1 = {
  /** SHA-256 of the source files that they were compiled from, of other folders too where they are imported. */
  readonly sourceHash: string
  readonly contracts: Readonly<Record<string, L1Contract>>
}

const File = z.object({
  sourceHash: z.string(),
  contracts: z.record(
    z.string(),
    z.object({
      abi: z.custom<Abi>((value) => Array.isArray(value)),
      bytecode: z.templateLiteral(['0x', z.string().regex(/^[0-9a-f]+$/)]),
    }),
  ),
})

export function readCompiledL1(folder: string): CompiledL1 {
  return File.parse(JSON.parse(readFileSync(compiledL1Url(folder), 'utf8')))
}

/** One contract of a folder that is compiled. */
export function compiledL1Contract(folder: string, name: string): L1Contract {
  const found = readCompiledL1(folder).contracts[name]
  if (!found) throw new UnknownContractError(folder, name)
  return found
}

export function compiledL1Url(folder: string): URL {
  return new URL(`${folder}.compiled.json`, root)
}

/** The folders of contracts, in their names' order. */
export function l1Folders(): readonly string[] {
  const entries = readdirSync(root, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted()
}

/** A folder's files and all that they import, by their paths from here (`proxy/Proxy.sol`), in the paths' order. */
export function l1Sources(folder: string): Readonly<Record<string, string>> {
  const found = new Map<string, string>()
  const waiting = readdirSync(new URL(`${folder}/`, root))
    .filter((name) => name.endsWith('.sol'))
    .map((name) => `${folder}/${name}`)
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue
    const source = readFileSync(new URL(path, root), 'utf8')
    found.set(path, source)
    waiting.push(...imports(path, source))
  }
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function imports(path: string, source: string): readonly string[] {
  const named = [...source.matchAll(/^import\s(?:[^"';]*\sfrom\s*)?["'](?<to>[^"']+)["']/gm)]
  return named.map((match) => posix.join(posix.dirname(path), match.groups?.['to'] ?? ''))
}

export function hashOfL1Sources(sources: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(JSON.stringify(sources)).digest('hex')
}

/** A folder holds no such contract. */
export class UnknownContractError extends Error {
  override readonly name = 'UnknownContractError'

  constructor(folder: string, contract: string) {
    super(`there is no contract ${contract} in infra/contracts/l1/${folder}`)
  }
}
