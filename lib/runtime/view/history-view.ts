import { type Gap, gapBetween, gapsIn } from '../../domain/history/gaps.ts'
import { timestamp, type Timestamp } from '../../domain/time.ts'
import type { HistoryFile, HistorySubject, KeptSlot, Store } from '../../ports.ts'

/** What is kept of one keeper and subject. */
export type SubjectHistory = HistorySubject & {
  /** When the first slot was decided, and the last one. */
  readonly from: Timestamp
  readonly to: Timestamp
  readonly slots: number
  readonly missing: number
  /** The newest first. */
  readonly gaps: readonly Gap[]
  readonly files: number
  readonly bytes: number
  /** Slots that are in no file yet, and since when. */
  readonly unpacked: { readonly slots: number; readonly from: Timestamp | undefined }
  /** By the day, UTC, on which a file begins; oldest first. */
  readonly days: readonly DayHistory[]
}

export type DayHistory = {
  readonly day: string
  readonly slots: number
  readonly missing: number
  readonly files: number
  readonly bytes: number
}

/** More than are decided until they are packed, unless packing stands still. */
const mostUnpacked = 20_000

/** What is kept since `from`, of each keeper and subject that has anything. */
export async function historyView({
  store: { history },
  from,
  to,
}: {
  readonly store: Pick<Store, 'history'>
  readonly from: Timestamp
  readonly to: Timestamp
}): Promise<readonly SubjectHistory[]> {
  const all: SubjectHistory[] = []
  for (const of of await history.subjects()) {
    const { keeper, subject } = of
    const [files, unpackedFrom] = await Promise.all([
      history.files(keeper, subject, from, to),
      history.oldestUnpacked(keeper, subject),
    ])
    const rows = await unpackedRows({ history }, of, unpackedFrom)
    const seen = seenOf(of, files, { rows, from, to })
    if (seen) all.push(seen)
  }
  return all
}

/** Oldest first, each slot once. */
async function unpackedRows(
  { history }: Pick<Store, 'history'>,
  { keeper, subject }: HistorySubject,
  from: Timestamp | undefined,
): Promise<readonly KeptSlot[]> {
  if (from === undefined) return []
  const newest = await history.keptSlots(keeper, subject, mostUnpacked)
  const bySlot = new Map(newest.filter(({ at }) => at >= from).map((one) => [one.slot, one]))
  return [...bySlot.values()].toReversed()
}

function seenOf(
  { keeper, subject }: HistorySubject,
  files: readonly HistoryFile[],
  {
    rows: all,
    from,
    to,
  }: { readonly rows: readonly KeptSlot[] } & Record<'from' | 'to', Timestamp>,
): SubjectHistory | undefined {
  const rows = all.filter(({ at }) => at >= from && at <= to)
  const ends = [...files.map(({ from: begin }) => begin), ...rows.map(({ at }) => at)]
  const [first] = ends
  if (first === undefined) return undefined
  const [newestRow] = rows.slice(-1)
  const gaps = [...gapsOf(files, rows)]
  return {
    keeper,
    subject,
    from: first,
    to: newestRow?.at ?? files.at(-1)?.to ?? first,
    slots: sum(files.map(({ slots }) => slots)) + rows.length,
    missing: sum(gaps.map(({ slots }) => slots)),
    gaps: gaps.toSorted((one, other) => other.before - one.before),
    files: files.length,
    bytes: sum(files.map(({ bytes }) => bytes)),
    unpacked: { slots: rows.length, from: rows[0]?.at },
    days: daysOf(files, rows, gaps),
  }
}

/** Within files, between them, and among what is in none yet. */
function gapsOf(files: readonly HistoryFile[], rows: readonly KeptSlot[]): readonly Gap[] {
  const ends = files.map((file) => ({
    first: { slot: file.firstSlot, at: file.from },
    last: { slot: file.lastSlot, at: file.to },
    gaps: file.gaps,
  }))
  const within = ends.flatMap(({ gaps, first }, index) => {
    const before = ends[index - 1]
    return [...(before ? gapBetween(before.last, first) : []), ...gaps]
  })
  const [firstRow] = rows
  const last = ends.at(-1)?.last
  return [...within, ...(last && firstRow ? gapBetween(last, firstRow) : []), ...gapsIn(rows)]
}

function daysOf(
  files: readonly HistoryFile[],
  rows: readonly KeptSlot[],
  gaps: readonly Gap[],
): readonly DayHistory[] {
  const days = new Set([...files.map(({ from }) => from), ...rows.map(({ at }) => at)].map(dayOf))
  return [...days].toSorted().map((day) => {
    const own = files.filter(({ from }) => dayOf(from) === day)
    const unpacked = rows.filter(({ at }) => dayOf(at) === day).length
    return {
      day,
      slots: sum(own.map(({ slots }) => slots)) + unpacked,
      missing: sum(gaps.flatMap(({ after, slots }) => (dayOf(after) === day ? [slots] : []))),
      files: own.length,
      bytes: sum(own.map(({ bytes }) => bytes)),
    }
  })
}

function dayOf(at: Timestamp): string {
  return new Date(at).toISOString().slice(0, 10)
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0)
}

/** The beginning of the day that is so many days before. */
export function daysBefore(now: Timestamp, days: number): Timestamp {
  const dayMs = 24 * 60 * 60_000
  return timestamp(Math.max(0, (Math.floor(now / dayMs) - days + 1) * dayMs))
}
