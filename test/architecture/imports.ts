import { codeOnly } from './code-only.ts'
import type { SourceFile } from './source-file.ts'

export type Import = {
  /** As written. */
  readonly specifier: string
  /** For the compiler only: gone when the file runs. */
  readonly isType: boolean
  /** `export … from`. */
  readonly isReExport: boolean
}

/** Everything that a file imports or re-exports, dynamic imports too. */
export function importsOf({ text }: Pick<SourceFile, 'text'>): readonly Import[] {
  const code = codeOnly(text)
  return [...fromClauses(code, text), ...bareImports(code, text), ...dynamicImports(code, text)]
}

/** The words between `import` or `export` and `from`: names, braces, commas and a star, on any number of lines. */
const fromClause = /^(import|export)\b((?:(?!\b(?:import|export)\b)[\w$*\s,{}])*?)\bfrom\s*(['"])/gm

function fromClauses(code: string, text: string): readonly Import[] {
  return [...code.matchAll(fromClause)].map((match) => {
    const [whole, keyword, clause = ''] = match
    return {
      specifier: quotedAt(text, match.index + whole.length),
      isType: isTypeOnly(clause),
      isReExport: keyword === 'export',
    }
  })
}

function isTypeOnly(clause: string): boolean {
  if (/^\s*type\s+(?!from\b)[\w${*]/.test(clause)) return true
  const names = /^\s*\{([^}]*)\}\s*$/.exec(clause)?.[1]?.split(',')
  const written = names?.map((name) => name.trim()).filter((name) => name !== '') ?? []
  return written.length > 0 && written.every((name) => /^type\s+\S/.test(name))
}

function bareImports(code: string, text: string): readonly Import[] {
  return [...code.matchAll(/^import\s*['"]/gm)].map((match) => ({
    specifier: quotedAt(text, match.index + match[0].length),
    isType: false,
    isReExport: false,
  }))
}

function dynamicImports(code: string, text: string): readonly Import[] {
  return [...code.matchAll(/(?<![\w$.])import\s*\(\s*['"`]/g)].map((match) => ({
    specifier: quotedAt(text, match.index + match[0].length),
    isType: false,
    isReExport: false,
  }))
}

function quotedAt(text: string, start: number): string {
  return /^[^'"`\n]*/.exec(text.slice(start, start + 500))?.[0] ?? ''
}

/** Where a relative import leads, from the project's root; undefined for a package. */
export function targetOf(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  const { pathname } = new URL(specifier, `file:///${path}`)
  return decodeURIComponent(pathname.slice(1))
}
