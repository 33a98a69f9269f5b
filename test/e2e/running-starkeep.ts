import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import * as z from 'zod'

const cli = fileURLToPath(new URL('../../lib/tools/cli.ts', import.meta.url))

/** One object that a run told on its output; the one of `status` has no kind. */
export type Line = { readonly kind?: string | undefined } & Readonly<Record<string, unknown>>
const Line = z.looseObject({ kind: z.string().optional() })

export type Ended = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

/** The command line in a process of its own, as a person would run it, with `--json`. */
export type RunningStarkeep = {
  readonly pid: number
  /** What it has told until now. */
  readonly lines: readonly Line[]
  /** The first line that fits, of those told from `after` on; waits for it. Throws where the run ends first or takes too long. */
  waitFor(what: string, fits: (line: Line) => boolean, options?: WaitOptions): Promise<Line>
  /** Where things are; waits until the network is up. */
  ready(): Promise<Readonly<Record<string, string>>>
  signal(name: NodeJS.Signals): void
  readonly ended: Promise<Ended>
}

type WaitOptions = { readonly after?: number; readonly withinMs?: number }

export function runStarkeep(args: readonly string[]): RunningStarkeep {
  const child = spawn(process.execPath, [cli, ...args, '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: Line[] = []
  const waiting = new Set<() => void>()
  const wake = (): void => {
    for (const look of waiting) look()
  }
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(Line.parse(JSON.parse(line)))
    wake()
  })
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (some: string) => {
    complaints += some
  })
  let over: Ended | undefined
  const ended = endOf(child).then((end) => {
    over = end
    wake()
    return end
  })

  const waitFor: RunningStarkeep['waitFor'] = async (what, fits, options = {}) =>
    await new Promise((resolve, reject) => {
      const { after = 0, withinMs = 30_000 } = options
      const give = (error: Error): void => {
        done()
        reject(error)
      }
      const look = (): void => {
        const found = lines.slice(after).find(fits)
        if (found) {
          done()
          resolve(found)
        } else if (over) give(new NeverToldError(what, `it ended first: ${JSON.stringify(over)}`))
      }
      const timer = setTimeout(
        () =>
          give(
            new NeverToldError(
              what,
              `${withinMs} ms were not enough; it told ${JSON.stringify(lines.slice(-3))} and complained ${JSON.stringify(complaints.slice(-500))}`,
            ),
          ),
        withinMs,
      )
      const done = (): void => {
        clearTimeout(timer)
        waiting.delete(look)
      }
      waiting.add(look)
      look()
    })

  return {
    pid: child.pid ?? 0,
    lines,
    waitFor,
    async ready() {
      return z
        .record(z.string(), z.string())
        .parse(await waitFor('the network', ({ kind }) => kind === 'ready', { withinMs: 60_000 }))
    },
    signal: (name) => void child.kill(name),
    ended,
  }
}

/** Runs a command to its end. */
export async function starkeep(
  args: readonly string[],
): Promise<Ended & { readonly lines: readonly Line[] }> {
  const run = runStarkeep(args)
  const end = await run.ended
  return { ...end, lines: run.lines }
}

async function endOf(child: ChildProcess): Promise<Ended> {
  const errors = child.stderr ? text(child.stderr) : Promise.resolve('')
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stderr: await errors }
}

/** A run did not tell what it was to tell. */
class NeverToldError extends Error {
  override readonly name = 'NeverToldError'

  constructor(what: string, why: string) {
    super(`the run never told of ${what}: ${why}`)
  }
}
