import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'
import { z } from 'zod'

import { 'module.exports' as cloudPlugins } from '../../../infra/cloud/node-builtins.ts'
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

export type Bundle = { readonly file: string; readonly metafile: Metafile }

/** A function's bundle as serverless.yml has it made; `plugins` come before those of the deployment. */
export async function bundleFunction(
  name: string,
  { directory, plugins = [] }: { readonly directory: string; readonly plugins?: readonly Plugin[] },
): Promise<Bundle> {
  const { esbuild } = readService().custom
  const options: BuildOptions = Options.parse(esbuild)
  const file = join(directory, `${name}.mjs`)
  const { metafile } = await build({
    ...options,
    external: Excluded.parse(esbuild).exclude,
    absWorkingDir: root,
    entryPoints: [join('functions', `${name}.ts`)],
    outfile: file,
    plugins: [...plugins, ...cloudPlugins],
    metafile: true,
    logLevel: 'error',
  })
  return { file, metafile }
}
