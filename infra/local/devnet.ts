import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

import { ChildError, type RunningChild, startChild } from './child.ts'

/** A real Starknet node in one process, or why there is none here. */
export type LocalDevnet = RunningDevnet | { readonly reason: string }

export type RunningDevnet = RunningChild & {
  readonly url: string
  /** Funded from the start. */
  readonly accounts: readonly DevnetAccount[]
}

export type DevnetAccount = {
  readonly address: `0x${string}`
  readonly privateKey: `0x${string}`
  readonly publicKey: `0x${string}`
}

/** Starts `starknet-devnet` on a free port with the same accounts every time; it ends with this process. `blocks`: one per transaction, or only on request. */
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
  const lines: string[] = []
  const child = await started(command, argumentsOf({ blocks, accounts, startTime }), (line) => {
    lines.push(line)
    return portIn(line) !== undefined
  })
  const port = portIn(lines.at(-1) ?? '') ?? ''
  return {
    ...child,
    url: `http://127.0.0.1:${port}/rpc`,
    accounts: accountsIn(lines),
  }
}

function argumentsOf(options: {
  readonly blocks: string
  readonly accounts: number
  readonly startTime: number | undefined
}): readonly string[] {
  const { blocks, accounts, startTime } = options
  const fixed = '--port 0 --host 127.0.0.1 --seed 0 --state-archive-capacity full'.split(' ')
  const chosen = ['--accounts', String(accounts), '--block-generation-on', blocks]
  const begins = startTime === undefined ? [] : ['--start-time', String(startTime)]
  return [...fixed, ...chosen, ...begins]
}

async function started(
  command: string,
  args: readonly string[],
  readyWhen: (line: string) => boolean,
) {
  try {
    return await startChild({ name: 'starknet-devnet', command, args, readyWhen })
  } catch (error) {
    if (error instanceof ChildError) throw new DevnetError(error)
    throw error
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

function portIn(line: string): string | undefined {
  return /listening on [^\s]*?:(\d+)/.exec(line)?.[1]
}

/** It prints its accounts at the start, field by field. */
function accountsIn(lines: readonly string[]): DevnetAccount[] {
  const values = { address: [], private: [], public: [] } as Record<string, `0x${string}`[]>
  for (const line of lines) {
    const field = /^\| (?:Account )?(address|Private|Public)\b.*?(0x[0-9a-f]+)/i.exec(line)
    if (field) values[(field[1] ?? '').toLowerCase()]?.push(field[2] as `0x${string}`)
  }
  return accountsOf(values)
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

/** The node did not start. */
export class DevnetError extends Error {
  override readonly name = 'DevnetError'

  constructor(cause: ChildError) {
    super(cause.message, { cause })
  }
}
