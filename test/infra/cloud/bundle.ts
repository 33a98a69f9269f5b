import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'
import { z } from 'zod'

import { 'module.exports' as cloudPlugins } from '../../../infra/cloud/node-builtins.ts'
import { needsOf } from '../../../lib/runtime/cloud/needs.ts'
import { jobNames } from '../../../lib/runtime/network/job-names.ts'
import { readService } from './service.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** What of the framework's options is esbuild's own. */
const Options = z.object({
  bundle: z.literal(true),
  format: z.literal('esm'),
  target: z.string(),
  platform: z.literal('node'),
  mainFields: z.array(z.string()),
  minify: z.boolean(),
  keepNames: z.boolean(),
  legalComments: z.literal('none'),
  banner: z.object({ js: z.string() }),
})

/** Left to the runtime. */
const Excluded = z.object({ exclude: z.array(z.string()) })

export type Bundle = { readonly file: string; readonly output: Metafile['outputs'][string] }

type Wanted = { readonly directory: string; readonly plugins?: readonly Plugin[] }

/**
 * Functions' bundles as serverless.yml has them made, one for each; `plugins` come before those of the deployment. What
 * several have in common is read once, which takes a fraction of the time.
 */
export async function bundleFunctions(
  names: readonly string[],
  wanted: Wanted,
): Promise<ReadonlyMap<string, Bundle>> {
  // What sends alerts is left out of a build in which no function does: beside one that does, it would not be.
  const jobs = jobNames.filter((job) => needsOf(job).alerts)
  const telling = names.filter((name) => jobs.some((job) => job === name))
  const others = names.filter((name) => !telling.includes(name))
  const built = await Promise.all(
    [telling, others].map(async (some) =>
      some.length === 0 ? [] : await builtAtOnce(some, wanted),
    ),
  )
  return new Map(built.flat())
}

async function builtAtOnce(
  names: readonly string[],
  { directory, plugins = [] }: Wanted,
): Promise<readonly (readonly [name: string, bundle: Bundle])[]> {
  const { esbuild } = readService().custom
  const options: BuildOptions = Options.parse(esbuild)
  const { metafile } = await build({
    ...options,
    external: Excluded.parse(esbuild).exclude,
    absWorkingDir: root,
    entryPoints: names.map(entryOf),
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    plugins: [...plugins, ...cloudPlugins],
    metafile: true,
    logLevel: 'error',
  })
  return names.map((name) => {
    const output = Object.values(metafile.outputs).find(
      ({ entryPoint }) => entryPoint === entryOf(name),
    )
    if (!output) throw new TypeError(`${name} was not built`)
    return [name, { file: join(directory, `${name}.mjs`), output }]
  })
}

function entryOf(name: string): string {
  return `functions/${name}.ts`
}
