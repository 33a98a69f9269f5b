import { applyBlocks } from '../../domain/positions/apply-blocks.ts'
import type { Book } from '../../domain/positions/book.ts'
import type { NextBook } from '../../domain/positions/kept-book.ts'
import { isCalm, replayed } from '../../domain/positions/log-record.ts'
import { unwound } from '../../domain/positions/roll-back.ts'
import type { Blobs, Clock, PositionBooks, PositionRow, PositionRows } from '../../ports.ts'
import { openBook, packBook } from './packed-book.ts'
import { openLog, packLog } from './packed-log.ts'
import { digestName, UnreadableBookError } from './sealed.ts'

/** A restart reads them all at once: past these many one file is read sooner than they are. */
const mostLogFiles = 32
/** An account in the log costs a restart as much time as many in the snapshot, so it may grow to this part of it. A short one is not worth a snapshot. */
const mostLogShare = 1 / 16
const leastLogBytes = 64 * 1024
/** Files that nobody has needed for some days may be deleted by whoever keeps them. */
const snapshotEveryMs = 24 * 60 * 60_000

/** Books as snapshots and logs in blobs, and a row that says which of them count. Files are never changed: names say what is in them. */
export function positionBooks({
  rows,
  blobs,
  clock,
}: {
  readonly rows: PositionRows
  readonly blobs: Blobs
  readonly clock: Clock
}): PositionBooks {
  const known = new Map<string, Known>()

  async function load(row: PositionRow, had: Known | undefined): Promise<Book> {
    const start =
      had?.row.snapshot === row.snapshot && begins(row.log, had.row.log) ? had : undefined
    const names = row.log.slice(start?.row.log.length ?? 0)
    const [book, parts] = await Promise.all([
      start?.book ?? opened(blobs, row.snapshot, openBook),
      Promise.all(names.map(async (name) => opened(blobs, name, openLog))),
    ])
    const told = replayed(book, parts.flat())
    return row.calmUntil ? applyBlocks(told, [], row.calmUntil) : told
  }

  return {
    async read(engine) {
      const row = await rows.read(engine)
      if (!row) return undefined
      const { version, check } = row
      const had = known.get(engine)
      if (had?.row.version === version) return { version, book: had.book, check }
      try {
        const book = await load(row, had)
        known.set(engine, { row, book })
        return { version, book, check }
      } catch (error) {
        if (!(error instanceof UnreadableBookError)) throw error
        return { version, book: undefined, trouble: error.message, check }
      }
    },

    async write(engine, next) {
      const had = known.get(engine)
      const before = had?.row.version === next.version - 1 ? had.row : await rows.read(engine)
      if ((before?.version ?? 0) !== next.version - 1) return 'stale'
      const kept = await keep({ engine, before, next, blobs, now: clock.now() })
      const written = await rows.write(engine, kept.row)
      if (written === 'written') known.set(engine, kept)
      else known.delete(engine)
      return written
    },
  }
}

type Known = { readonly row: PositionRow; readonly book: Book }

/** Writes what is new as one more part of the log, or a new snapshot where there are too many parts. */
async function keep(work: {
  readonly engine: string
  readonly before: PositionRow | undefined
  readonly next: NextBook
  readonly blobs: Blobs
  readonly now: PositionRow['snapshotAt']
}): Promise<Known> {
  const { engine, before, next, blobs, now } = work
  const { version, check, book, records, anew = false } = next
  const part = packLog(records)
  const logBytes = (before?.logBytes ?? 0) + part.length
  const isShort =
    before !== undefined &&
    !anew &&
    before.log.length < mostLogFiles &&
    logBytes <= Math.max(leastLogBytes, before.snapshotBytes * mostLogShare) &&
    now - before.snapshotAt < snapshotEveryMs
  if (isShort) {
    const { calmUntil, ...row } = { ...before, version, check }
    // Most slots bring nothing but later blocks.
    if (records.length === 0) return { row: { ...row, ...(calmUntil && { calmUntil }) }, book }
    if (isCalm(records)) return { row: { ...row, calmUntil: book.block }, book }
    const name = await put(blobs, `positions/${engine}/log`, part)
    return { row: { ...row, log: [...before.log, name], logBytes }, book }
  }
  const { journal } = book
  const rest = packLog(journal.map(({ kind, block, after }) => ({ kind, block, after })))
  const snapshot = packBook(unwound(book))
  const [name, restName] = await Promise.all([
    put(blobs, `positions/${engine}/book`, snapshot),
    put(blobs, `positions/${engine}/log`, rest),
  ])
  const row = {
    snapshot: name,
    snapshotAt: now,
    snapshotBytes: snapshot.length,
    log: [restName],
    logBytes: rest.length,
    check,
    version,
  }
  // From here on what is packed is what is in memory, and what was changed since is little again.
  return { row, book: replayed(openBook(snapshot), openLog(rest)) }
}

async function put(blobs: Blobs, folder: string, content: Uint8Array): Promise<string> {
  const name = `${folder}-${digestName(content)}`
  await blobs.put(name, content)
  return name
}

async function opened<T>(blobs: Blobs, name: string, open: (file: Uint8Array) => T): Promise<T> {
  const file = await blobs.get(name)
  if (!file) throw new UnreadableBookError(`${name} is not there`)
  return open(file)
}

function begins(whole: readonly string[], part: readonly string[]): boolean {
  return part.every((name, at) => whole[at] === name)
}
