import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

import { build, type Plugin } from 'esbuild'
import { expect, test } from 'vitest'

import * as infra from '../../../infra/cloud/node-builtins.ts'

const ours = (infra as unknown as { readonly 'module.exports': Plugin[] })['module.exports']

/** Prints whether loading the code brought undici with it, after what the code prints itself. */
async function run(code: string, plugins: Plugin[]): Promise<readonly string[]> {
  const { outputFiles } = await build({
    stdin: {
      contents: `${code}
        console.log(process.moduleLoadList.some((name) => name.includes('undici/undici')))`,
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    write: false,
    plugins,
  })
  const script = outputFiles[0]?.text ?? ''
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    script,
  ])
  return stdout.trim().split('\n')
}

test('a bundle that uses node:http starts without undici, which it otherwise loads', async () => {
  const code = `import { Agent } from 'node:http'; console.log(typeof Agent)`
  expect(await run(code, [])).toEqual(['function', 'true'])
  expect(await run(code, ours)).toEqual(['function', 'false'])
})

test('named, default and whole imports of builtins work, with and without their prefix', async () => {
  const code = `
    import { readFile } from 'fs/promises'
    import path, { sep } from 'node:path'
    import * as os from 'os'
    console.log(typeof readFile, path.join('a', 'b') === 'a' + sep + 'b', typeof os.cpus)`
  expect(await run(code, ours)).toEqual(['function true function', 'false'])
})

test('what is no builtin is left to the bundler', async () => {
  const code = `import { Decimal } from 'decimal.js'; console.log(new Decimal('0.1').plus('0.2').eq('0.3'))`
  expect(await run(code, ours)).toEqual(['true', 'false'])
})
