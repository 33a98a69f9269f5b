import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import { z } from 'zod'

import { isRunning, type Owner, ownerWith } from './lock-file.ts'

/** Remembers a start's processes, since those of a start that was killed need a moment to save what they have. */
export type LeftBehind = {
  /** Waits until no process of an earlier start runs any more. */
  gone(): Promise<void>
  add(pid: number): void
}

/** Their guards give them ten seconds before they kill them. */
const patienceMs = 15_000
const lookMs = 50

export function openLeftBehind(file: string): LeftBehind {
  let known: readonly Owner[] = []
  const keep = (): void => {
    writeFileSync(`${file}.new`, JSON.stringify(known))
    renameSync(`${file}.new`, file)
  }
  return {
    async gone() {
      const last = existsSync(file) ? remembered(readFileSync(file, 'utf8')) : []
      for (let waited = 0; last.some(isRunning); waited += lookMs) {
        if (waited > patienceMs) throw new StillRunningError(last.filter(isRunning))
        await sleep(lookMs)
      }
      keep()
    },
    add(pid) {
      known = [...known, ownerWith(pid)]
      keep()
    },
  }
}

const Owners = z.array(z.object({ pid: z.int().positive(), began: z.string() }))

/** A file that somebody else wrote over tells nothing. */
function remembered(text: string): readonly Owner[] {
  try {
    return Owners.parse(JSON.parse(text))
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return []
    throw error
  }
}

/** What an earlier start left does not end, and would write over what this one writes. */
export class StillRunningError extends Error {
  override readonly name = 'StillRunningError'

  constructor(owners: readonly Owner[]) {
    const numbers = owners.map(({ pid }) => pid).join(', ')
    super(
      `an earlier start left ${owners.length === 1 ? 'process' : 'processes'} ${numbers} running on this directory; end ${owners.length === 1 ? 'it' : 'them'} first`,
    )
  }
}
