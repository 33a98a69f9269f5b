import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'

import { decode, encode } from '../../domain/exact-text.ts'
import type { MemoryChange, MemoryRow } from './memory-rows.ts'

/** A table in a file: the rows as they once were, and beside it a line for each change since. */
export type MemoryFile = {
  readonly rows: readonly MemoryRow[]
  /** Written before it is answered, so that killing the process loses nothing that anybody was told. */
  append(change: MemoryChange): void
  /** Whether the changes have grown so long that the rows should be written anew. */
  isLong(): boolean
  /** Writes all rows, and forgets the changes that led to them; nothing where this process made none. */
  rewrite(rows: readonly MemoryRow[]): void
}

/** A busy local network changes some 20 kB a second: an hour of it. */
const longBytes = 64 * 1024 * 1024

export function openMemoryFile(file: string): MemoryFile {
  const log = `${file}.log`
  let bytes = 0
  let handle: number | undefined

  return {
    rows: changed(readRows(file), readChanges(log)),

    append(change) {
      if (handle === undefined) {
        handle = openLog(log)
        ;({ size: bytes } = fstatSync(handle))
      }
      bytes += writeSync(handle, `${encode(change)}\n`)
    },

    isLong: () => bytes > longBytes,

    rewrite(rows) {
      // Who has changed nothing may stand beside the process that does.
      if (handle === undefined) return
      saveRows(file, rows)
      // The changes lead to just these rows, so that it does no harm where a crash leaves them.
      closeSync(handle)
      handle = undefined
      bytes = 0
      rmSync(log, { force: true })
    },
  }
}

/** Writes beside the file, then takes its place: a crash leaves the old table or the new one, never half of one. */
export function saveRows(file: string, rows: readonly MemoryRow[]): void {
  const fresh = `${file}.new`
  const handle = openSync(fresh, 'w', 0o600)
  try {
    writeSync(handle, encode(rows))
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(fresh, file)
}

/** A line that was cut off with its process would spoil the one after it. */
function openLog(log: string): number {
  if (existsSync(log)) {
    const whole = readFileSync(log).lastIndexOf('\n') + 1
    truncateSync(log, whole)
  }
  return openSync(log, 'a', 0o600)
}

function readRows(file: string): readonly MemoryRow[] {
  return existsSync(file) ? (decode(readFileSync(file, 'utf8')) as readonly MemoryRow[]) : []
}

function readChanges(log: string): readonly MemoryChange[] {
  if (!existsSync(log)) return []
  const lines = readFileSync(log, 'utf8').split('\n')
  // After the last whole line there is nothing, or a line that was cut off with its process: nobody was answered.
  return lines.slice(0, -1).map((line) => decode(line) as MemoryChange)
}

function changed(
  rows: readonly MemoryRow[],
  changes: readonly MemoryChange[],
): readonly MemoryRow[] {
  const table = new Map(rows.map((row) => [nameOf(row), row]))
  for (const change of changes)
    if (change.kind === 'put') table.set(nameOf(change.row), change.row)
    else table.delete(nameOf(change.key))
  return [...table.values()]
}

function nameOf({ pk, sk }: { readonly pk: string; readonly sk: string }): string {
  return JSON.stringify([pk, sk])
}
