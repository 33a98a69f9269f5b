import type { Gap } from '../domain/history/gaps.ts'
import type { Timestamp } from '../domain/time.ts'
import type { SubjectHistory } from '../runtime/view/history-view.ts'
import { durationText } from './duration.ts'

/** Gaps that are told one by one; the rest is a number. */
const toldGaps = 3

/** For people: what is kept of each job and subject, and under it each of its days. */
export function historyLines(all: readonly SubjectHistory[]): readonly string[] {
  if (all.length === 0)
    return [
      'Nothing is kept of that time: no job has decided anything, or its history was not written.',
    ]
  return all.flatMap((one) => [
    `${one.keeper} ${one.subject}`,
    `  ${timeText(one.from)} to ${timeText(one.to)}: ${counted(one.slots, 'slot')}, ${missingText(one.missing)}; ${counted(one.files, 'file')} of ${bytesText(one.bytes)}, ${unpackedText(one)}`,
    ...one.days.map(
      ({ day, slots, missing, files, bytes }) =>
        `  ${day}  ${String(slots).padStart(6)} slots  ${String(missing).padStart(6)} missing  ${String(files).padStart(3)} files  ${bytesText(bytes).padStart(9)}`,
    ),
    ...one.gaps.slice(0, toldGaps).map(gapLine),
    ...(one.gaps.length > toldGaps
      ? [`  and ${counted(one.gaps.length - toldGaps, 'more gap')} before`]
      : []),
  ])
}

function gapLine({ after, before, slots }: Gap): string {
  return `  missing: ${counted(slots, 'slot')} after ${timeText(after)}, for ${durationText(before - after)}`
}

function missingText(missing: number): string {
  return missing === 0 ? 'none missing' : `${missing} missing`
}

function unpackedText({ unpacked }: SubjectHistory): string {
  if (unpacked.from === undefined) return 'all packed'
  return `${counted(unpacked.slots, 'slot')} not packed yet, since ${timeText(unpacked.from)}`
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function timeText(at: Timestamp): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`
  return `${(bytes / 1_000_000).toFixed(2)} MB`
}
