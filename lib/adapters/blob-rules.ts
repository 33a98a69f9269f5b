const dayMs = 24 * 60 * 60_000

/** How long a blob is kept at least after it was put: a day longer than any row that names it. The lifecycle in infra/cloud/bucket.yml is the same. */
export const blobKeptMs = 8 * dayMs

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
