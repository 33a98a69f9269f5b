import { existsSync, readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'

import { decode, encode } from './codec.ts'
import type { MemoryRow } from './memory-rows.ts'

/** The rows of a saved table; none where there is no file yet. */
export function loadRows(file: string): readonly MemoryRow[] {
  return existsSync(file) ? (decode(readFileSync(file, 'utf8')) as readonly MemoryRow[]) : []
}

/** Writes beside the file, then takes its place: a crash leaves the old table or the new one, never half of one. */
export async function saveRows(file: string, rows: readonly MemoryRow[]): Promise<void> {
  const fresh = `${file}.new`
  const handle = await open(fresh, 'w')
  try {
    await handle.writeFile(encode(rows))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, file)
}
