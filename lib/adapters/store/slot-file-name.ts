import type { Timestamp } from '../../domain/time.ts'
import type { HistorySubject } from '../../ports.ts'

/** Of a blob: by keeper, subject and day, so that people find it too. */
export function slotFileName(
  { keeper, subject }: HistorySubject,
  from: Timestamp,
  digest: string,
): string {
  const day = new Date(from).toISOString().slice(0, 10)
  return `history/${plain(keeper)}/${plain(subject)}/${day}/${from}-${digest}`
}

/** Names of blobs are lower case, and of few signs; any other is told by its number. */
function plain(name: string): string {
  const escaped = name.replaceAll(
    /[^a-z0-9-]/g,
    (sign) => `_${(sign.codePointAt(0) ?? 0).toString(16)}_`,
  )
  return /^[a-z0-9]/.test(escaped) ? escaped : `0${escaped}`
}
