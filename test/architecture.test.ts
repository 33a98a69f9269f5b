import { describe, expect, test } from 'vitest'

import { codeOnly } from './architecture/code-only.ts'
import { importsOf } from './architecture/imports.ts'
import {
  adapterKindsAreApart,
  domainIsPure,
  everyFileHasALayer,
  importsPointInward,
  namesAreKebabCase,
  noBarrels,
  noCycles,
  oneFileReadsTheEnvironment,
  type Rule,
} from './architecture/rules.ts'
import { sourceFiles } from './architecture/source-file.ts'

const house = sourceFiles(['functions', 'lib', 'infra'])
const everything = [...house, ...sourceFiles(['test'])]

describe('the house', () => {
  test('is read', () => {
    const paths = house.map(({ path }) => path)
    expect(paths).toContain('lib/ports.ts')
    expect(paths).toContain('lib/adapters/venues/index.ts')
    expect(house.flatMap((file) => importsOf(file)).length).toBeGreaterThan(house.length)
  })

  test.each([
    ['every file is in a layer', everyFileHasALayer],
    ['imports point inward', importsPointInward],
    ['adapters know no other kind of adapter', adapterKindsAreApart],
    ['the domain is pure', domainIsPure],
    ['nothing imports itself by a detour', noCycles],
    ['there are no barrels', noBarrels],
    ['one file reads the environment', oneFileReadsTheEnvironment],
  ])('%s', (_, rule) => {
    expect(rule(house)).toEqual([])
  })

  test('names are in kebab-case', () => {
    expect(namesAreKebabCase(everything)).toEqual([])
  })
})

describe('imports point inward, so that', () => {
  test.each([
    ['lib/domain/quote.ts', '../ports.ts'],
    ['lib/ports.ts', './keepers/keeper.ts'],
    ['lib/keepers/push.ts', '../adapters/store/memory.ts'],
    ['lib/keepers/push.ts', '../runtime/config.ts'],
    ['lib/adapters/store/memory.ts', '../../keepers/keeper.ts'],
    ['lib/adapters/store/memory.ts', '../../runtime/config.ts'],
    ['lib/runtime/compose.ts', '../tools/cli.ts'],
    ['lib/runtime/compose.ts', '../../infra/local/anvil.ts'],
    ['lib/runtime/compose.ts', '../../functions/push.ts'],
    ['functions/push.ts', '../lib/keepers/push.ts'],
    ['functions/push.ts', '../lib/tools/cli.ts'],
    ['infra/cloud/builtins.ts', '../../lib/runtime/config.ts'],
    ['lib/tools/cli.ts', '../../test/support.ts'],
    ['lib/elsewhere/x.ts', './y.ts'],
    // A folder whose name only begins like a layer’s is not that layer.
    ['lib/keepers/push.ts', '../domain-notes/x.ts'],
  ])('%s may not import %s', (path, specifier) => {
    expect(said(importsPointInward, importing(path, specifier))).toHaveLength(1)
  })

  test.each([
    ['lib/domain/quote.ts', './decimal.ts'],
    ['lib/ports.ts', './domain/quote.ts'],
    ['lib/keepers/lane/claim.ts', '../../ports.ts'],
    ['lib/adapters/venues/okx.ts', '../../domain/quote.ts'],
    ['lib/runtime/compose.ts', '../adapters/store/memory.ts'],
    ['functions/push.ts', '../lib/runtime/cloud/worker.ts'],
    ['lib/tools/cli.ts', '../../infra/local/anvil.ts'],
    ['infra/local/start.ts', '../../functions/push.ts'],
    ['lib/keepers/push.ts', 'zod'],
  ])('%s may import %s', (path, specifier) => {
    expect(said(importsPointInward, importing(path, specifier))).toEqual([])
  })
})

test('a file outside every layer is noticed', () => {
  expect(said(everyFileHasALayer, { 'lib/helpers.ts': '' })).toEqual([
    'lib/helpers.ts is in no layer',
  ])
})

test('adapters of one kind do not import another kind, but what lies beside both', () => {
  for (const [path, specifier] of [
    ['lib/adapters/store/dynamo.ts', '../chains/evm.ts'],
    ['lib/adapters/rpc.ts', './chains/evm.ts'],
    ['lib/adapters/engines/a/b.ts', '../../signers/kms.ts'],
  ] as const)
    expect(said(adapterKindsAreApart, importing(path, specifier))).toHaveLength(1)
  for (const [path, specifier] of [
    ['lib/adapters/store/dynamo.ts', './table.ts'],
    ['lib/adapters/engines/a/b.ts', '../evm/c.ts'],
    ['lib/adapters/chains/evm.ts', '../rpc.ts'],
    ['lib/runtime/compose.ts', '../adapters/chains/evm.ts'],
  ] as const)
    expect(said(adapterKindsAreApart, importing(path, specifier))).toEqual([])
})

describe('the domain is pure, so that', () => {
  test.each([
    ["import { readFileSync } from 'node:fs'", 'lib/domain/x.ts imports node:fs'],
    ["import { Decimal } from 'decimal.js'", 'lib/domain/x.ts imports decimal.js'],
    ["import type { Ports } from '../ports.ts'", 'lib/domain/x.ts imports ../ports.ts'],
    ["import { x } from './rules/../../x.ts'", 'lib/domain/x.ts imports ./rules/../../x.ts'],
    ["await import('viem')", 'lib/domain/x.ts imports viem'],
    ['const now = Date.now()', 'lib/domain/x.ts uses the clock'],
    ['const now = Date\n  .now()', 'lib/domain/x.ts uses the clock'],
    ['const now = new Date()', 'lib/domain/x.ts uses the clock'],
    ['const now = new Date( )', 'lib/domain/x.ts uses the clock'],
    ['const now = new Date', 'lib/domain/x.ts uses the clock'],
    ['const now = Date()', 'lib/domain/x.ts uses the clock'],
    ['const now = performance.now()', 'lib/domain/x.ts uses the clock'],
    ['const id = Math.random()', 'lib/domain/x.ts uses chance'],
    ['const id = crypto.randomUUID()', 'lib/domain/x.ts uses chance'],
    ['const stage = process.env.STAGE', 'lib/domain/x.ts uses the process'],
    ['const { env } = process', 'lib/domain/x.ts uses the process'],
    ["const f = globalThis['fetch']", 'lib/domain/x.ts uses the process'],
    ['await fetch(url)', 'lib/domain/x.ts uses the network'],
    ['setTimeout(act, 5)', 'lib/domain/x.ts uses timers'],
    ['console.log(1)', 'lib/domain/x.ts uses the console'],
  ])('it may not say: %s', (text, complaint) => {
    expect(said(domainIsPure, { 'lib/domain/x.ts': text })).toEqual([complaint])
  })

  test.each([
    ['lib/domain/x.ts', "import { Decimal } from './decimal.ts'"],
    ['lib/domain/rules/x.ts', "import { Decimal } from '../decimal.ts'"],
    ['lib/domain/x.ts', "import { rule } from './rules/x.ts'"],
    ['lib/domain/decimal.ts', "import { Decimal } from 'decimal.js'"],
    ['lib/domain/x.ts', 'const text = new Date(at).toISOString()'],
    [
      'lib/domain/x.ts',
      "// Date.now() and process.env are the runtime's.\nconst text = 'Math.random'",
    ],
    ['lib/domain/x.ts', 'const text = `fetch(${at})`'],
    ['lib/domain/x.ts', 'const what = { process: job.process }'],
    ['lib/keepers/x.ts', 'await fetch(url)'],
  ])('%s may say: %s', (path, text) => {
    expect(said(domainIsPure, { [path]: text })).toEqual([])
  })
})

test('a file that imports itself by a detour is noticed, unless only for a type', () => {
  const b = "import {\n  c,\n} from './c.ts'"
  expect(
    said(noCycles, {
      'lib/a.ts': "import { b } from './b.ts'",
      'lib/b.ts': b,
      'lib/c.ts': "import './a.ts'",
      'lib/d.ts': "import { a } from './a.ts'",
    }),
  ).toEqual(['lib/a.ts → lib/b.ts → lib/c.ts → lib/a.ts'])
  expect(said(noCycles, { 'lib/a.ts': "import { a } from './a.ts'" })).toHaveLength(1)
  for (const c of [
    "import type { A } from './a.ts'",
    "import { type A, type B } from './a.ts'",
    "// import { a } from './a.ts'",
  ])
    expect(
      said(noCycles, { 'lib/a.ts': "import { b } from './b.ts'", 'lib/b.ts': b, 'lib/c.ts': c }),
    ).toEqual([])
})

test('barrels are noticed, but for the lists of plug-ins', () => {
  expect(said(noBarrels, { 'lib/domain/index.ts': 'export const x = 1' })).toHaveLength(1)
  expect(said(noBarrels, { 'lib/domain/all.ts': "export * from './quote.ts'" })).toHaveLength(1)
  expect(
    said(noBarrels, { 'lib/domain/all.ts': "export type {\n  Quote,\n} from './quote.ts'" }),
  ).toHaveLength(1)
  expect(
    said(noBarrels, {
      'lib/adapters/venues/index.ts': "import { okx } from './okx.ts'\nexport const venues = [okx]",
    }),
  ).toEqual([])
})

test('who reads the environment elsewhere is noticed', () => {
  for (const text of [
    'const { STAGE } = process.env',
    "process['env']",
    'process?.env',
    'const { env } = process',
    "import { env } from 'node:process'",
    'process\n  .env',
  ])
    expect(said(oneFileReadsTheEnvironment, { 'lib/adapters/x.ts': text })).toEqual([
      'lib/adapters/x.ts reads the environment',
    ])
  expect(said(oneFileReadsTheEnvironment, { 'lib/runtime/config.ts': 'process.env' })).toEqual([])
  expect(said(oneFileReadsTheEnvironment, { 'lib/tools/cli.ts': 'process.env' })).toEqual([])
  expect(
    said(oneFileReadsTheEnvironment, {
      'lib/adapters/x.ts': '// process.env\nprocess.on(signal, stop)',
    }),
  ).toEqual([])
})

test('names in another case are noticed', () => {
  expect(
    ['lib/Quote.ts', 'lib/fetchQuotes.ts', 'lib/a_b.ts', 'lib/Domain/x.ts', 'lib/a--b.ts'].every(
      isRefused,
    ),
  ).toBe(true)
  expect(
    ['lib/quote.ts', 'test/a-b.test.ts', 'vitest.config.ts', 'lib/l1/x2.ts'].some(isRefused),
  ).toBe(false)
})

describe('imports are found', () => {
  test.each([
    ["import a from './a.ts'", './a.ts'],
    ["import * as z from 'zod/mini'", 'zod/mini'],
    ["import a, { b as c } from './a.ts'", './a.ts'],
    [
      "import {\n  // not './x.ts'\n  a, // from './y.ts'\n  type B,\n}\n  from\n  './a.ts'",
      './a.ts',
    ],
    ['import "./a.ts"', './a.ts'],
    ["export { a } from './a.ts'", './a.ts'],
    ["const a = await import(\n  './a.ts'\n)", './a.ts'],
    ["import type { A } from './a.ts'", 'type ./a.ts'],
    ["import type A from './a.ts'", 'type ./a.ts'],
    ["import { type A, type B } from './a.ts'", 'type ./a.ts'],
    ["import { type A, b } from './a.ts'", './a.ts'],
    // Names that are keywords elsewhere.
    ["import type from './a.ts'", './a.ts'],
    ["import { type, from } from './a.ts'", './a.ts'],
    ["export class A {}\nimport { b } from './b.ts'", './b.ts'],
  ])('in %j', (text, expected) => {
    expect(found(text)).toEqual([expected])
  })

  test.each([
    "// import { a } from './a.ts'",
    "/*\nimport { a } from './a.ts'\n*/",
    "const text = `\nimport { a } from './a.ts'\n`",
    'const text = \'import("./a.ts")\'',
    "const a = Array.from('abc')",
    "const url = import.meta.resolve('./a.ts')",
  ])('not in %j', (text) => {
    expect(found(text)).toEqual([])
  })
})

test('only code is left of a file, at its place', () => {
  const text = [
    "const a = 'it\\'s' // isn't",
    'const b = /["\'`/*]/g, c = d / e / f',
    'const g = `one ${h({ i: `two ${j}` })} three`',
    "const k = x.replace(/'/g, '')",
  ].join('\n')
  const code = codeOnly(text)
  expect(code.length).toBe(text.length)
  expect(code.replaceAll(/ +/g, ' ').split('\n')).toEqual([
    "const a = ' ' ",
    'const b = / /g, c = d / e / f',
    'const g = ` {h({ i: ` {j}` })} `',
    "const k = x.replace(/ /g, '')",
  ])
})

/** What the rule says of one file, or of several. */
function said(rule: Rule, files: Readonly<Record<string, string>>): readonly string[] {
  return rule(Object.entries(files).map(([path, text]) => ({ path, text })))
}

function importing(path: string, specifier: string): Readonly<Record<string, string>> {
  return { [path]: `import type { X } from '${specifier}'\n` }
}

function isRefused(path: string): boolean {
  return said(namesAreKebabCase, { [path]: '' }).length > 0
}

function found(text: string): readonly string[] {
  return importsOf({ text }).map(({ specifier, isType }) => `${isType ? 'type ' : ''}${specifier}`)
}
