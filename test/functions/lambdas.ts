import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { vi } from 'vitest'

import { checkedNetworks } from '../../infra/cloud/checked-networks.ts'
import { bundleFunctions } from '../infra/cloud/bundle.ts'

const functionNames = [
  'plan-ticks',
  'publish-prices',
  'push-prices',
  'watch-liveness',
  'deliver-outbox',
  'dashboard',
  'reports',
] as const
export type FunctionName = (typeof functionNames)[number]

/** The deployed functions, by what they are called with. */
export type Lambdas = {
  call(name: FunctionName, event: unknown): Promise<unknown>
  close(): Promise<void>
}

export type LambdaOptions = {
  /** Where the package is unpacked: `LAMBDA_TASK_ROOT`. */
  readonly root: string
  /** Said otherwise than it is usual, or left out where undefined. */
  readonly environment?: Readonly<Record<string, string | undefined>>
}

export type ClockedOptions = LambdaOptions & {
  /** How far the functions' clock is ahead of the machine's. */
  readonly aheadMs: () => number
}

type Handler = (event: unknown, context: unknown) => Promise<unknown>

const contextOf = (functionName: FunctionName) => ({
  functionName,
  getRemainingTimeInMillis: () => 25_000,
})

/** The functions as modules of this process, whose clock they share. */
export async function moduleLambdas({ root, environment = {} }: LambdaOptions): Promise<Lambdas> {
  vi.resetModules()
  for (const [key, value] of Object.entries({ ...usual(root), ...environment }))
    vi.stubEnv(key, value)
  const handlers = new Map<string, Handler>()
  for (const name of functionNames) {
    const module = (await import(`../../functions/${name}.ts`)) as { readonly handler: Handler }
    handlers.set(name, module.handler)
  }
  return {
    call: async (name, event) => await handlers.get(name)?.(event, contextOf(name)),
    close: async () => {
      vi.unstubAllEnvs()
    },
  }
}

/** The functions as they are packaged, each in a process of its own. */
export async function bundledLambdas({ root, aheadMs }: ClockedOptions): Promise<Lambdas> {
  const directory = join(root, 'bundles')
  const networks = checkedNetworks(join(root, 'infra/networks'))
  const bundles = await bundleFunctions(functionNames, { directory, plugins: [networks] })
  const children = new Map<string, ChildProcess>(
    await Promise.all(
      [...bundles].map(async ([name, { file }]) => [name, await started(file, root)] as const),
    ),
  )
  return {
    call: async (name, event) => await asked(children.get(name), event, aheadMs()),
    close: async () => {
      await Promise.all(
        [...children.values()].map(async (child) => {
          child.kill()
          await once(child, 'exit')
        }),
      )
    },
  }
}

async function started(file: string, root: string): Promise<ChildProcess> {
  const driver = fileURLToPath(new URL('lambda-process.ts', import.meta.url))
  const env = { PATH: '', ...usual(root) }
  const child = fork(driver, [file], { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  await once(child, 'message')
  return child
}

let calls = 0

type Answer = {
  readonly id: number
  readonly result?: unknown
  readonly error?: { readonly name: string; readonly message: string }
}

async function asked(
  child: ChildProcess | undefined,
  event: unknown,
  aheadMs: number,
): Promise<unknown> {
  if (!child) throw new TypeError('there is no such function')
  const id = (calls += 1)
  const { result, error } = await new Promise<Answer>((resolve) => {
    function take(answer: Answer): void {
      if (answer.id !== id) return
      child?.off('message', take)
      resolve(answer)
    }
    child.on('message', take)
    child.send({ id, event, aheadMs })
  })
  if (error) throw Object.assign(new Error(error.message), { name: error.name })
  return result
}

/** What Lambda and serverless.yml give every function; the keys are files here, so none of KMS is named. */
function usual(root: string): Readonly<Record<string, string>> {
  return {
    AWS_REGION: 'eu-west-1',
    LAMBDA_TASK_ROOT: root,
    STARKEEP_NETWORK: 'test',
    STARKEEP_TABLE: 'of-the-stack',
    STARKEEP_BUCKET: 'of-the-stack',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  }
}
