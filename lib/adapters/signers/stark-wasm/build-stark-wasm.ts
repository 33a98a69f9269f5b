import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'

import { main } from 'assemblyscript/asc'

import { arithmeticSource } from './arithmetic-source.ts'

/** The sources by the names that they import each other by; the unrolled arithmetic is written here and now. */
function sources(): ReadonlyMap<string, string> {
  const folder = new URL('./', import.meta.url)
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.as.ts'))
    .toSorted()
  return new Map([
    ['arithmetic.ts', arithmeticSource()],
    ...files.map((name): [string, string] => [name, readFileSync(new URL(name, folder), 'utf8')]),
  ])
}

/** SHA-256 of all that the module is made of. */
export function hashOfSources(): string {
  const hash = createHash('sha256')
  for (const [name, text] of sources()) hash.update(`${name}\n${text}\n`)
  return hash.digest('hex')
}

/** Compiles the module: the same bytes wherever it is done, since names and options are all that the compiler sees. */
export async function buildStarkWasm(): Promise<Uint8Array> {
  const files = sources()
  let wasm: Uint8Array | undefined
  const options = [
    'stark.as.ts',
    '-o',
    'stark.wasm',
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--enable',
    'simd',
  ]
  const problems: string[] = []
  const { error } = await main(options, {
    stderr: { write: (text) => problems.push(String(text)) > 0 },
    readFile: (name) => files.get(name) ?? null,
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') wasm = contents
    },
    listFiles: () => [],
  })
  if (error || !wasm) throw new StarkSourceError(problems.join(''), error)
  return wasm
}

/** The source does not compile. */
export class StarkSourceError extends Error {
  override readonly name = 'StarkSourceError'

  constructor(problems: string, cause: unknown) {
    super(`the signer's AssemblyScript does not compile:\n${problems}`, { cause })
  }
}
