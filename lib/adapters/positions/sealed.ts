import { createHash } from 'node:crypto'

import { type ByteReader, byteReader } from './byte-reader.ts'
import { type ByteWriter, byteWriter } from './byte-writer.ts'

/** What a file is, by its first bytes, and which version of it. */
export type FileKind = { readonly name: 'SKPB' | 'SKPL'; readonly version: number }

const digestBytes = 32

/** A file that says what it is and ends with its digest: half of one, or one that was changed, is never read. */
export function sealed(kind: FileKind, write: (to: ByteWriter) => void): Uint8Array {
  const writer = byteWriter()
  writer.bytes(Buffer.from(kind.name, 'latin1'))
  writer.whole(kind.version)
  write(writer)
  writer.bytes(digestOf(writer.taken()))
  return writer.taken()
}

/** Throws `UnreadableBookError` where the file is not that, whole and unchanged. */
export function unsealed(kind: FileKind, file: Uint8Array): ByteReader {
  const content = file.subarray(0, Math.max(0, file.length - digestBytes))
  if (!digestOf(content).equals(file.subarray(content.length)))
    throw new UnreadableBookError('its digest is not that of its content')
  const reader = byteReader(content)
  const name = Buffer.from(reader.hex(4), 'hex').toString('latin1')
  if (name !== kind.name) throw new UnreadableBookError(`it is no ${kind.name}`)
  const version = reader.whole()
  if (version !== kind.version)
    throw new UnreadableBookError(`its version is ${version}, ${kind.version} is read here`)
  return reader
}

/** A name for the file: what is in it. */
export function digestName(file: Uint8Array): string {
  return Buffer.from(file.subarray(-digestBytes)).toString('hex').slice(0, 16)
}

function digestOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest()
}

/** A file of accounts is damaged, or of another version: they are read from the chain again. */
export class UnreadableBookError extends Error {
  override readonly name = 'UnreadableBookError'

  constructor(why: string, cause?: unknown) {
    super(`a file of accounts cannot be read: ${why}`, { cause })
  }
}
