import { codeOnly } from './code-only.ts'
import { importsOf, targetOf } from './imports.ts'
import type { SourceFile } from './source-file.ts'

/** One rule of the house: a sentence for each place where it is broken. */
export type Rule = (files: readonly SourceFile[]) => readonly string[]

/** Who may import whom, besides their own layer. Read it from the top: nothing points outward. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'lib/domain': [],
  'lib/ports.ts': ['lib/domain'],
  'lib/keepers': ['lib/domain', 'lib/ports.ts'],
  'lib/adapters': ['lib/domain', 'lib/ports.ts'],
  'lib/runtime': ['lib/domain', 'lib/ports.ts', 'lib/keepers', 'lib/adapters'],
  functions: ['lib/runtime'],
  'infra/cloud': [],
  // Deploying a contract is asking a chain; nothing in lib deploys one.
  'infra/contracts': ['lib', 'infra'],
  'infra/local': ['lib', 'functions', 'infra'],
  'lib/tools': ['lib', 'functions', 'infra'],
}

export const importsPointInward: Rule = (files) =>
  eachImport(files).flatMap(({ path, target }) => {
    const layer = layerOf(path)
    if (layer === undefined) return [`${path} is in no layer`]
    const allowed = [layer, ...(mayImport[layer] ?? [])]
    return allowed.some((folder) => isIn(target, folder))
      ? []
      : [`${path} imports ${target}, but ${layer} may not`]
  })

export const everyFileHasALayer: Rule = (files) =>
  files
    .filter(({ path }) => layerOf(path) === undefined)
    .map(({ path }) => `${path} is in no layer`)

function layerOf(path: string): string | undefined {
  return Object.keys(mayImport).find((layer) => isIn(path, layer))
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

/** What two kinds of adapters share lies beside their folders. */
export const adapterKindsAreApart: Rule = (files) =>
  eachImport(files).flatMap(({ path, target }) => {
    const from = adapterKind(path)
    const to = adapterKind(target)
    const isWithin = from !== undefined || isIn(path, 'lib/adapters')
    return isWithin && to !== undefined && from !== to
      ? [`${path} imports ${target}, another kind of adapter`]
      : []
  })

function adapterKind(path: string): string | undefined {
  return /^lib\/adapters\/([^/]+)\//.exec(path)?.[1]
}

/** Time, chance and the world are handed in; files lie side by side, and the only package is for decimals. */
export const domainIsPure: Rule = (files) =>
  files
    .filter(({ path }) => isIn(path, 'lib/domain'))
    .flatMap((file) => [
      ...importsOf(file)
        .filter(({ specifier }) => !isDomainImport(file.path, specifier))
        .map(({ specifier }) => `${file.path} imports ${specifier}`),
      ...worldly
        .filter(([, pattern]) => pattern.test(codeOnly(file.text)))
        .map(([name]) => `${file.path} uses ${name}`),
    ])

function isDomainImport(path: string, specifier: string): boolean {
  if (specifier === 'decimal.js') return path === 'lib/domain/decimal.ts'
  return isIn(targetOf(path, specifier) ?? '', 'lib/domain')
}

const worldly: readonly (readonly [name: string, pattern: RegExp])[] = [
  [
    'the clock',
    /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\s(\w]))|(?<!new\s+)\bDate\s*\(/,
  ],
  ['the clock', /\bperformance\b|\bTemporal\s*\.\s*Now\b/],
  ['chance', /\bMath\s*\.\s*random\b|\bcrypto\b/],
  ['the process', /(?<![.\w$])process\s*(?:\.|\[)|=\s*process\b|\bglobalThis\b|\bglobal\b/],
  ['the network', /(?<![.\w$])fetch\s*\(|\bXMLHttpRequest\b|\bWebSocket\b/],
  ['timers', /\bset(?:Timeout|Interval|Immediate)\b|\bqueueMicrotask\b/],
  ['the console', /\bconsole\b/],
]

/** Types do not count: they are gone when the files run. */
export const noCycles: Rule = (files) => {
  const edges = new Map(
    files.map((file) => [
      file.path,
      importsOf(file)
        .filter(({ isType }) => !isType)
        .flatMap(({ specifier }) => targetOf(file.path, specifier) ?? []),
    ]),
  )
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const first = trail.indexOf(path)
    if (first >= 0) found.push([...trail.slice(first), path].join(' → '))
    if (first >= 0 || done.has(path)) return
    for (const target of edges.get(path) ?? []) visit(target, [...trail, path])
    done.add(path)
  }
  for (const { path } of files) visit(path, [])
  return found
}

const lists = [
  'lib/adapters/venues/index.ts',
  'lib/adapters/alerts/index.ts',
  'infra/local/venues/index.ts',
]

/** One imports the file one means. */
export const noBarrels: Rule = (files) => [
  ...files
    .filter(({ path }) => path.endsWith('/index.ts') && !lists.includes(path))
    .map(({ path }) => `${path} is no list of plug-ins`),
  ...files
    .filter((file) => importsOf(file).some(({ isReExport }) => isReExport))
    .map(({ path }) => `${path} exports what is another file’s`),
]

/**
 * Besides it: the tools for people, which have arguments and a terminal too, and two that run programs, of which one looks
 * for a program on the path and the other passes the environment on.
 */
const environmentReaders = [
  'lib/runtime/config.ts',
  'lib/tools',
  'infra/local/child.ts',
  'infra/local/devnet.ts',
]

export const oneFileReadsTheEnvironment: Rule = (files) =>
  files
    .filter(({ path }) => !environmentReaders.some((reader) => isIn(path, reader)))
    .filter((file) => readsEnvironment(file))
    .map(({ path }) => `${path} reads the environment`)

function readsEnvironment(file: SourceFile): boolean {
  const code = codeOnly(file.text)
  return (
    /\bprocess\s*\??\.\s*env\b/.test(code) ||
    // The name in brackets is blanked: whatever it is, it is a way around this rule.
    /\bprocess\s*(?:\?\.)?\s*\[/.test(code) ||
    /\{[^{}]*\benv\b[^{}]*\}\s*=\s*process\b/.test(code) ||
    /\{[^{}]*\benv\b[^{}]*\}\s*from\s*['"]/.test(code)
  )
}

export const namesAreKebabCase: Rule = (files) =>
  files
    .filter(
      ({ path }) =>
        !/^(?:[a-z0-9]+(?:-[a-z0-9]+)*\/)*[a-z0-9]+(?:-[a-z0-9]+)*(?:\.(?:test|config|as))?\.ts$/.test(
          path,
        ),
    )
    .map(({ path }) => `${path} is not in kebab-case`)

/** Each relative import with the file it leads to. */
function eachImport(
  files: readonly SourceFile[],
): readonly { readonly path: string; readonly target: string }[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap(({ specifier }) => {
      const target = targetOf(file.path, specifier)
      return target === undefined ? [] : [{ path: file.path, target }]
    }),
  )
}
