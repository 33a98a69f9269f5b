import { createRequire } from 'node:module'
import process from 'node:process'

import { type RunningChild, startChild } from './child.ts'

export type RunningAnvil = RunningChild & {
  readonly url: string
  readonly port: number
}

export type AnvilOptions = {
  /** Any free one unless given. */
  readonly port?: number
  /** Read at the start where it exists, written at the end. */
  readonly stateFile?: string
  /** A block each so many seconds; one per transaction unless given. */
  readonly blockSeconds?: number
  readonly chainId?: number
  readonly logFile?: string
  readonly extraArgs?: readonly string[]
}

/** Starts an Ethereum node of our own. It ends with this process. */
export async function startAnvil(options: AnvilOptions = {}): Promise<RunningAnvil> {
  let port = 0
  const child = await startChild({
    name: 'anvil',
    command: anvilBinary(),
    args: argumentsOf(options),
    logFile: options.logFile,
    readyWhen(line) {
      port = Number(/^Listening on .*:(\d+)$/.exec(line)?.[1] ?? 0)
      return port > 0
    },
  })
  return { ...child, port, url: `http://127.0.0.1:${port}` }
}

function argumentsOf({
  port = 0,
  stateFile,
  blockSeconds,
  chainId,
  extraArgs = [],
}: AnvilOptions): readonly string[] {
  return [
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    ...(stateFile === undefined ? [] : ['--state', stateFile]),
    ...(blockSeconds === undefined ? [] : ['--block-time', String(blockSeconds)]),
    ...(chainId === undefined ? [] : ['--chain-id', String(chainId)]),
    ...extraArgs,
  ]
}

/** npm installs only the package of this platform, and without its wrapper's install script. */
function anvilBinary(): string {
  const { platform, arch } = process
  const suffix = platform === 'win32' ? '.exe' : ''
  const machine = arch === 'x64' ? 'amd64' : arch
  const require = createRequire(import.meta.url)
  // The platform's package is a dependency of the wrapper, so it is found from there.
  const fromWrapper = createRequire(require.resolve('@foundry-rs/anvil/package.json'))
  return fromWrapper.resolve(`@foundry-rs/anvil-${platform}-${machine}/bin/anvil${suffix}`)
}
