import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'

import { z } from 'zod'

const Owner = z.object({
  pid: z.int().positive(),
  /** When that process began, where the system tells: numbers of processes are used again. */
  began: z.string(),
})
/** A process, told from all others that have or had its number. */
export type Owner = z.output<typeof Owner>

export function ownerWith(pid: number): Owner {
  return { pid, began: beganAt(pid) }
}

/** Makes this process the only user of what the file stands for, until the answer is called. A file that a dead process left is taken over. */
export function takeLock(file: string, what: string): () => void {
  mkdirSync(dirname(file), { recursive: true })
  for (let tries = 0; !created(file); tries += 1) {
    const owner = ownerOf(file)
    if (owner !== undefined && isRunning(owner)) throw new LockedError(what, owner.pid)
    if (tries > 10) throw new LockedError(what, owner?.pid)
    setAside(file)
  }
  return () => {
    const owner = ownerOf(file)
    if (owner !== undefined && owner.pid === process.pid) rmSync(file, { force: true })
  }
}

function created(file: string): boolean {
  try {
    writeFileSync(file, JSON.stringify(ownerWith(process.pid)), { flag: 'wx' })
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Undefined where the file is gone again, or holds nothing that we wrote. */
function ownerOf(file: string): Owner | undefined {
  try {
    return Owner.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || error instanceof SyntaxError || error instanceof z.ZodError)
      return undefined
    throw error
  }
}

/** Of two that find the same dead owner, one moves the file and the other finds it gone. */
function setAside(file: string): void {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
    rmSync(aside, { force: true })
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

export function isRunning({ pid, began }: Owner): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process: it runs, but we may not signal it.
    if (codeOf(error) !== 'EPERM') return false
  }
  return beganAt(pid) === began
}

/** Linux counts it in ticks since boot; elsewhere it is not known and the number alone decides. */
function beganAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field is the command's name in brackets and may hold anything; the third its state, the 22nd the time.
    const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // It has ended; its parent has only not asked how.
    if (state === 'Z') return 'ended'
    return rest[18] ?? ''
  } catch {
    return ''
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

/** Another process uses it. */
export class LockedError extends Error {
  override readonly name = 'LockedError'
  readonly pid: number | undefined

  constructor(what: string, pid: number | undefined) {
    super(
      `${what} is in use by ${pid === undefined ? 'another process' : `process ${pid}`}; stop that one first, or use another directory`,
    )
    this.pid = pid
  }
}
