const dayMs = 24 * 60 * 60_000

/** How long a blob is kept at least after it was put: a day longer than any row that names it. */
export const blobKeptMs = 8 * dayMs

/** Files of slots, where nobody says otherwise: a year and a month, so that a day can be held against that of a year ago. */
export const usualHistoryKeptMs = 400 * dayMs

/**
 * Every folder of blobs, and for how many days what is in it is kept after it was put. The lifecycle in infra/cloud/bucket.yml
 * is the same: what is in another folder would be there for ever.
 */
export const blobFolderDays = {
  reports: 8,
  snapshot: 8,
  entry: 8,
  memory: 8,
  positions: 8,
  'proof-input': 8,
  'blob-sidecars': 8,
  doctor: 8,
  /** Their rows live for a month, so that no slot goes before it is packed. */
  slot: 31,
  /** Where the network file's `historyDays` says nothing else. Each is put after its last slot, and its row counts from that. */
  history: usualHistoryKeptMs / dayMs,
} as const

/** How long a blob of that name is kept after it was put. */
export function keptMsOf(name: string, historyKeptMs: number = usualHistoryKeptMs): number {
  const folder = name.slice(0, Math.max(0, name.indexOf('/')))
  if (folder === 'history') return historyKeptMs
  const known: Readonly<Record<string, number>> = blobFolderDays
  return known[folder] === undefined ? blobKeptMs : known[folder] * dayMs
}

/** Folders and a name, none of which can lead elsewhere; lower case, since some file systems know no other. */
const key = /^(?:[a-z0-9][a-z0-9._-]{0,127}\/){0,7}[a-z0-9][a-z0-9._-]{0,127}$/

/** Every adapter takes the same names. */
export function checkBlobKey(name: string): void {
  if (!key.test(name)) throw new BlobKeyError(name)
}

/** Blobs cannot be kept or fetched now. What was asked may have happened or not; asking again is safe. */
export class BlobsUnavailableError extends Error {
  override readonly name = 'BlobsUnavailableError'

  constructor(operation: string, cause: unknown) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    super(`blobs are unavailable (${operation}): ${reason}`, { cause })
  }
}

/** Not every adapter could keep a blob of that name. */
export class BlobKeyError extends Error {
  override readonly name = 'BlobKeyError'

  constructor(name: string) {
    super(
      `${JSON.stringify(name)} is no name for a blob: expected lower-case letters, digits, dots, dashes and underscores in up to eight parts with slashes between them, each beginning with a letter or a digit`,
    )
  }
}
