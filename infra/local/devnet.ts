import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A real Starknet node in one process, or why there is none here. */
export type LocalDevnet = RunningDevnet | { readonly reason: string }

export type RunningDevnet = {
  readonly url: string
  /** Funded from the start. */
  readonly accounts: readonly DevnetAccount[]
  readonly stop: () => Promise<void>
}

export type DevnetAccount = {
  readonly address: `0x${string}`
  readonly privateKey: `0x${string}`
  readonly publicKey: `0x${string}`
}

/** Starts `starknet-devnet` on a free port with the same accounts every time. `blocks`: one per transaction, or only on request. */
export async function startDevnet({
  blocks = 'transaction',
  accounts = 3,
  startTime,
}: {
  readonly blocks?: 'transaction' | 'demand'
  readonly accounts?: number
  /** Seconds since 1970 of its first block; now unless given. */
  readonly startTime?: number
} = {}): Promise<LocalDevnet> {
  const command = findDevnet()
  if (command === undefined)
    return { reason: 'starknet-devnet is not in STARKNET_DEVNET, on the PATH or in ../shared/bin' }
  const child = spawn(
    command,
    [
      ...['--port', '0', '--host', '127.0.0.1', '--seed', '0', '--accounts', String(accounts)],
      ...['--block-generation-on', blocks, '--state-archive-capacity', 'full'],
      ...(startTime === undefined ? [] : ['--start-time', String(startTime)]),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const kill = (): boolean => child.kill()
  process.once('exit', kill)
  const started = await announcement(child)
  return {
    ...started,
    async stop() {
      process.off('exit', kill)
      await ended(child)
    },
  }
}

/** Where the binary is: `STARKNET_DEVNET`, the `PATH`, then `../shared/bin` beside the project. */
export function findDevnet(): string | undefined {
  const { STARKNET_DEVNET: named, PATH: path = '' } = process.env
  const shared = fileURLToPath(new URL('../../../shared/bin', import.meta.url))
  const candidates = [
    ...(named === undefined || named === '' ? [] : [named]),
    ...[...path.split(delimiter), shared].map((folder) => join(folder, 'starknet-devnet')),
  ]
  return candidates.find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not there or not to be run: the next place is tried.
    return false
  }
}

/** It is up in two seconds; thirty are for a machine that does many other things. */
const startDeadlineMs = 30_000

/** Reads what it prints at the start: its accounts, then the port it chose. */
async function announcement(child: ChildProcess): Promise<Omit<RunningDevnet, 'stop'>> {
  if (child.stdout === null || child.stderr === null) throw new DevnetError('it has no output')
  // An unread pipe fills up and stops the child.
  child.stderr.resume()
  const lines = createInterface({ input: child.stdout })
  const timer = setTimeout(() => child.kill(), startDeadlineMs)
  const values = { address: [], private: [], public: [] } as Record<string, `0x${string}`[]>
  try {
    for await (const line of lines) {
      const field = /^\| (?:Account )?(address|Private|Public)\b.*?(0x[0-9a-f]+)/i.exec(line)
      if (field) values[(field[1] ?? '').toLowerCase()]?.push(field[2] as `0x${string}`)
      const port = /listening on [^\s]*?:(\d+)/.exec(line)?.[1]
      if (port !== undefined)
        return { url: `http://127.0.0.1:${port}/rpc`, accounts: accountsOf(values) }
    }
    throw new DevnetError(`it ended with code ${String(child.exitCode)}`)
  } finally {
    clearTimeout(timer)
    lines.close()
    child.stdout.resume()
  }
}

function accountsOf(values: Record<string, `0x${string}`[]>): DevnetAccount[] {
  const { address = [], private: privateKeys = [], public: publicKeys = [] } = values
  return address.flatMap((one, index) => {
    const privateKey = privateKeys[index]
    const publicKey = publicKeys[index]
    return privateKey === undefined || publicKey === undefined
      ? []
      : [{ address: one, privateKey, publicKey }]
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill()
  await exit
}

/** The node did not start. */
export class DevnetError extends Error {
  override readonly name = 'DevnetError'

  constructor(reason: string) {
    super(`starknet-devnet did not start: ${reason}`)
  }
}
