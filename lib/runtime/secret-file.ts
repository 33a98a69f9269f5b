import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { resolve } from 'node:path'

import type { SecretReference } from './reference.ts'
import { SecretUnavailableError } from './secret-error.ts'

type FileReference = SecretReference & { readonly kind: 'file' }

/** A key is 66 characters and a token a few hundred; a larger file is some other file. */
const maxBytes = 64 * 1024

/** The text of a file that nobody but its owner can read, without the line's end. */
export async function readSecretFile(
  reference: FileReference,
  { directory }: { readonly directory: string },
): Promise<string> {
  const handle = await opened(reference, resolve(directory, reference.path))
  try {
    await check(reference, handle)
    const text = (await handle.readFile('utf8')).replace(/\r?\n$/, '')
    if (text.trim() === '') throw new SecretUnavailableError(reference, 'the file is empty')
    return text
  } finally {
    await handle.close()
  }
}

/** Without waiting, should it be a pipe. */
async function opened(reference: FileReference, path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'
    const reason =
      code === 'ENOENT' ? 'there is no such file' : `the file cannot be opened (${code})`
    throw new SecretUnavailableError(reference, reason, { cause })
  }
}

/** Of the open file, so that no other can take its place in between. */
async function check(reference: FileReference, handle: FileHandle): Promise<void> {
  const { mode, size, isFile } = await look(handle)
  if (!isFile) throw new SecretUnavailableError(reference, 'it is not a plain file')
  if ((mode & 0o077) !== 0)
    throw new SecretUnavailableError(
      reference,
      `others than its owner may use the file (mode ${(mode & 0o777).toString(8)}); run chmod 600 on it`,
    )
  if (size > maxBytes)
    throw new SecretUnavailableError(reference, `the file is larger than ${maxBytes} bytes`)
}

async function look(handle: FileHandle) {
  const stat = await handle.stat()
  return { mode: stat.mode, size: stat.size, isFile: stat.isFile() }
}
