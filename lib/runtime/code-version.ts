import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { onceEach } from './once-each.ts'

/**
 * Names the code that decides: twelve digits of the SHA-256 of the rules' and the keepers' sources, or of the bundle that they are
 * in. So a decision that comes out otherwise later is told from one that was made by other code.
 */
export async function codeVersion(): Promise<string> {
  return await version(undefined)
}

const version = onceEach(
  () => 'version',
  async () => {
    const here = fileURLToPath(import.meta.url)
    const isSource = here.endsWith(join('lib', 'runtime', 'code-version.ts'))
    return isSource ? digestOfSources(dirname(dirname(here))) : digestOf([here], dirname(here))
  },
)

function digestOfSources(lib: string): string {
  const files = ['domain', 'keepers'].flatMap((part) =>
    readdirSync(join(lib, part), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(lib, part, file)),
  )
  return digestOf(files.toSorted(), lib)
}

function digestOf(files: readonly string[], root: string): string {
  const hash = createHash('sha256')
  for (const file of files) hash.update(file.slice(root.length)).update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}
