import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

import { main } from 'assemblyscript/asc'

const name = 'scan.as.ts'

function source(): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}

/** SHA-256 of the module's source. */
export function hashOfScanSource(): string {
  return createHash('sha256').update(source()).digest('hex')
}

/** Compiles the module: the same bytes wherever it is done, since a name and options are all that the compiler sees. */
export async function buildScanWasm(): Promise<Uint8Array> {
  const text = source()
  let wasm: Uint8Array | undefined
  const module = [name, '-o', 'scan.wasm', '-O3', '--noAssert', '--runtime', 'stub']
  const problems: string[] = []
  const { error } = await main([...module, '--enable', 'simd', '--importMemory'], {
    stderr: { write: (problem) => problems.push(String(problem)) > 0 },
    readFile: (asked) => (asked === name ? text : null),
    writeFile: (_, contents) => {
      if (typeof contents !== 'string') wasm = contents
    },
    listFiles: () => [],
  })
  if (error || !wasm) throw new ScanSourceError(problems.join(''), error)
  return wasm
}

/** The source does not compile. */
export class ScanSourceError extends Error {
  override readonly name = 'ScanSourceError'

  constructor(problems: string, cause: unknown) {
    super(`the scan's AssemblyScript does not compile:\n${problems}`, { cause })
  }
}
