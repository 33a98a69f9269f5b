import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One file of TypeScript, by its path from the project's root with forward slashes. */
export type SourceFile = { readonly path: string; readonly text: string }

/** All of the project's TypeScript in `folders`. */
export function sourceFiles(folders: readonly string[]): readonly SourceFile[] {
  const root = join(import.meta.dirname, '../..')
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
      .filter((path) => path.endsWith('.ts') && !path.includes('node_modules/'))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') })),
  )
}
