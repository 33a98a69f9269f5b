import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

import { z } from 'zod'

export type RunningChild = {
  /** Of the command itself, not of its guard. */
  readonly pid: number
  /** SIGINT, then SIGKILL ten seconds later. Resolves when the command has ended; calling it again is harmless. */
  readonly stop: () => Promise<void>
  /** The exit code; 128 and the signal's number where a signal ended it. */
  readonly exited: Promise<number>
}

export type ChildCommand = {
  /** For error messages. */
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** Is asked for each line of output, of both streams, until it says yes; without it the command is ready once it runs. */
  readonly readyWhen?: (line: string) => boolean
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>
  /** All output is appended to it. */
  readonly logFile?: string | undefined
  readonly readyWithinMs?: number
}

/** Local servers are up within a second; this is for a machine that does many other things. */
const defaultReadyMs = 30_000

/** Runs a command that never outlives this process, even when this process is killed. */
export async function startChild(wanted: ChildCommand): Promise<RunningChild> {
  const guard = spawnGuard(wanted)
  const output = watchOutput(guard, wanted.readyWhen)
  const exited = ended(guard)
  const stop = async (): Promise<void> => {
    if (guard.connected) guard.disconnect()
    await exited
  }
  const deadline = new AbortController()
  const outcome = await Promise.race([
    Promise.all([pidOf(guard), output.ready]).then(([pid]) => ({ pid })),
    exited.then((code) => ({ problem: `it ended with code ${code}` })),
    sleep(wanted.readyWithinMs ?? defaultReadyMs, undefined, { signal: deadline.signal }).then(
      () => ({ problem: 'it was not ready in time' }),
      () => ({ problem: 'the wait was given up' }),
    ),
  ])
  deadline.abort()
  if ('pid' in outcome) return { pid: outcome.pid, stop, exited }
  await stop()
  throw new ChildError(wanted.name, outcome.problem, output.lastLines())
}

function spawnGuard({ command, args, env, logFile }: ChildCommand): ChildProcess {
  const guard = fileURLToPath(new URL('guard.ts', import.meta.url))
  const { env: ours, execPath } = process
  return spawn(execPath, [guard, logFile ?? '', command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...ours, ...env },
    // A group of its own, so that what ends our group leaves the guard to do its work.
    detached: true,
  })
}

const Started = z.union([z.object({ pid: z.number() }), z.object({ error: z.string() })])

/** Never settles where the guard ends first; the caller watches for that. */
async function pidOf(guard: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    guard.once('message', (message) => {
      const started = Started.parse(message)
      if ('pid' in started) resolve(started.pid)
      else guard.stderr?.emit('data', Buffer.from(`${started.error}\n`))
    })
  })
}

/** Its code, once every last word has been read too. Node emits no `close` where it was us who closed the channel. */
async function ended(guard: ChildProcess): Promise<number> {
  const closed = [guard.stdout, guard.stderr].map(async (stream) => stream && once(stream, 'close'))
  const [code] = (await once(guard, 'exit')) as [number | null]
  await Promise.all(closed)
  return code ?? 1
}

/** Enough to see why a command failed, and no more to keep. */
const keptLines = 20

function watchOutput(guard: ChildProcess, readyWhen: ((line: string) => boolean) | undefined) {
  const last: string[] = []
  const ready = Promise.withResolvers<undefined>()
  if (readyWhen === undefined) ready.resolve(undefined)
  let waiting = readyWhen !== undefined
  for (const stream of [guard.stdout, guard.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      last.push(line)
      if (last.length > keptLines) last.shift()
      if (!waiting || readyWhen?.(line) !== true) return
      waiting = false
      ready.resolve(undefined)
    })
  }
  return { ready: ready.promise, lastLines: () => last.join('\n') }
}

/** The command could not be started, or ended before it was ready. */
export class ChildError extends Error {
  override readonly name = 'ChildError'
  readonly child: string
  /** Its last lines. */
  readonly output: string

  constructor(child: string, reason: string, output: string) {
    super(`${child} did not start: ${reason}${output === '' ? '' : `\n${output}`}`)
    this.child = child
    this.output = output
  }
}
