import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

import type { Blobs, Clock } from '../../ports.ts'
import { BlobsUnavailableError, checkBlobKey, keptMsOf } from '../blob-rules.ts'

/** Old files do no harm; looking for them costs as much as there are files. */
const sweepEveryMs = 60 * 60_000

/** What a name never begins with: a file that its process may not have finished. */
const unfinished = '.new-'

/** Blobs in a folder, one file each. Several processes may share it; one that is killed leaves whole files only. */
export function filesBlobs({
  folder,
  clock,
  historyKeptMs,
}: {
  readonly folder: string
  readonly clock: Clock
  readonly historyKeptMs?: number | undefined
}): Blobs {
  let sweptAt = -Infinity

  return {
    async put(key, content) {
      const file = pathOf(folder, key)
      await disk(`put ${key}`, () => write(file, content))
      const now = clock.now()
      if (now < sweptAt + sweepEveryMs) return
      sweptAt = now
      await disk('sweep', () => sweep(folder, { now, historyKeptMs }))
    },

    get: async (key) => {
      const file = pathOf(folder, key)
      return await disk(`get ${key}`, () => unlessGone(readFile(file)))
    },
  }
}

function pathOf(folder: string, key: string): string {
  checkBlobKey(key)
  return join(folder, ...key.split('/'))
}

/** Beside its place, to the disk, and only then into its place: nobody ever reads a part of it. */
async function write(file: string, content: Uint8Array): Promise<void> {
  const folder = dirname(file)
  await mkdir(folder, { recursive: true })
  const fresh = join(folder, `${unfinished}${randomBytes(9).toString('hex')}`)
  try {
    const handle = await open(fresh, 'wx', 0o600)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

/** Deletes what was written longer ago than its folder is kept, finished or not. */
async function sweep(
  folder: string,
  { now, historyKeptMs }: { readonly now: number; readonly historyKeptMs: number | undefined },
): Promise<void> {
  const entries = await unlessGone(readdir(folder, { withFileTypes: true, recursive: true }))
  for (const entry of entries ?? []) {
    if (!entry.isFile()) continue
    const file = join(entry.parentPath, entry.name)
    const name = relative(folder, file).split(sep).join('/')
    const found = await unlessGone(stat(file))
    if (found && found.mtimeMs < now - keptMsOf(name, historyKeptMs))
      await rm(file, { force: true })
  }
}

async function unlessGone<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

async function disk<T>(operation: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw codeOf(error) === undefined ? error : new BlobsUnavailableError(operation, error)
  }
}

/** The operating system's word for what went wrong. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
