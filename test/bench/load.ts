import { execFile } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { z } from 'zod'

import { bundleFunctions } from '../infra/cloud/bundle.ts'
import { readService } from '../infra/cloud/service.ts'
import { median } from './measure.ts'

export type LoadResult = {
  readonly function: string
  readonly bundleKib: number
  /** Medians over fresh processes, in milliseconds, less what an empty handler takes: of all processors, and of the wall. */
  readonly cpuMs: number
  readonly wallMs: number
}

const empty = 'empty'

/** How long each function's bundle takes to load: `rounds` fresh processes each, in turn, so that a slow minute is everybody's. */
export async function measureLoad(
  rounds: number,
  functions = Object.keys(readService().functions),
): Promise<readonly LoadResult[]> {
  const directory = await mkdtemp(join(tmpdir(), 'starkeep-load-'))
  try {
    const bundles = await makeBundles(directory, functions)
    const samples = new Map(bundles.map(({ name }): [string, Sample[]] => [name, []]))
    for (let round = 0; round < rounds; round++)
      for (const { name, file } of bundles) samples.get(name)?.push(await sample(file))
    const of = (name: string) => samples.get(name) ?? []
    const over = (name: string, key: keyof Sample) =>
      median(of(name).map((one) => one[key])) - median(of(empty).map((one) => one[key]))
    return bundles
      .filter(({ name }) => name !== empty)
      .map(({ name, bundleKib }) => ({
        function: name,
        bundleKib,
        cpuMs: over(name, 'cpuMs'),
        wallMs: over(name, 'wallMs'),
      }))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function makeBundles(directory: string, functions: readonly string[]) {
  const file = join(directory, `${empty}.mjs`)
  await writeFile(file, 'export const handler = async () => undefined\n')
  const built = await bundleFunctions(functions, { directory })
  const bundles = await Promise.all(
    [...built].map(async ([name, { file: bundle }]) => ({
      name,
      file: bundle,
      bundleKib: (await stat(bundle)).size / 1_024,
    })),
  )
  return [{ name: empty, file, bundleKib: 0 }, ...bundles]
}

const Sample = z.object({ wallMs: z.number(), cpuMs: z.number() })
type Sample = z.infer<typeof Sample>

async function sample(bundle: string): Promise<Sample> {
  const runner = fileURLToPath(new URL('load-process.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [runner, bundle])
  return Sample.parse(JSON.parse(stdout))
}
