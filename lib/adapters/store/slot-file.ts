import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompressSync, constants } from 'node:zlib'

import { BrokenBytesError, byteReader, byteWriter } from '../../domain/history/bytes.ts'
import { putTogether } from '../../domain/history/put-together.ts'
import { takeApart } from '../../domain/history/take-apart.ts'
import type { SlotRecord } from '../../ports.ts'

const compress = promisify(brotliCompress)

/** So many are some ten milliseconds of work. */
export const turnSlots = 8

/** What every file begins with. */
const magic = Buffer.from('starkeep-slots', 'utf8')

/** Grows with every change of the format; a file of another version is not read. */
const version = 1

const digestBytes = 32

/**
 * An hour of one market is two or three megabytes of columns, which the best level makes an eighth smaller than the others, in
 * a second or two; of a network of many markets that would be minutes.
 */
const qualityFor = ({ length }: Uint8Array): number => (length <= 4 * 1024 * 1024 ? 11 : 9)

/** All of a file, so that what is told twice in it is kept once; at most the sixteen megabytes that there are. */
const windowFor = ({ length }: Uint8Array): number =>
  Math.min(constants.BROTLI_MAX_WINDOW_BITS, Math.max(16, Math.ceil(Math.log2(length + 16))))

/**
 * Slots of one keeper and subject as a file, much smaller than one by one: columns, compressed, behind the digest of it all.
 * What comes back is the same, every text byte for byte.
 *
 * It takes seconds, of which others in this process have their turns: where all jobs are in one, prices do not wait for it.
 */
export async function packSlots(records: readonly SlotRecord[]): Promise<Uint8Array> {
  const apart = takeApart()
  for (const [index, record] of records.entries()) {
    apart.add(inOrder(record))
    if (index % turnSlots === 0) await setImmediate()
  }
  const columns = { numbers: byteWriter(), texts: byteWriter() }
  apart.write(columns)
  const numbers = columns.numbers.written()
  const whole = byteWriter()
  whole.varint(apart.count())
  whole.varint(numbers.length)
  whole.bytes(numbers)
  whole.bytes(columns.texts.written())
  const content = whole.written()
  const compressed = await compress(content, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: qualityFor(content),
      [constants.BROTLI_PARAM_LGWIN]: windowFor(content),
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  })
  return Buffer.concat([magic, Buffer.from([version]), digestOf(compressed), compressed])
}

/** In one order, whoever made the record; and what was seen before what was decided, which tells much of it again. */
function inOrder(record: SlotRecord): SlotRecord {
  const { keeper, subject, slot, at, parameters, code, view, decided, shadow } = record
  return {
    keeper,
    subject,
    slot,
    at,
    parameters,
    code,
    ...(view !== undefined && { view }),
    decided,
    ...(shadow && { shadow: { parameters: shadow.parameters, decided: shadow.decided } }),
  }
}

/** Reads what {@link packSlots} wrote, one after the other. Throws `BrokenSlotFileError`. */
export function* unpackSlots(
  file: Uint8Array,
  name: string,
): Generator<SlotRecord, undefined, undefined> {
  const compressed = checked(file, name)
  try {
    const reader = byteReader(brotliDecompressSync(compressed))
    const count = reader.varint()
    const numbers = byteReader(reader.bytes(reader.varint()))
    const columns = { numbers, texts: reader }
    const next = putTogether(columns, count)
    if (!numbers.isAtEnd() || !reader.isAtEnd())
      throw new BrokenBytesError('there is more of them than was written')
    // What packSlots was given, which its digest shows.
    for (let index = 0; index < count; index += 1) yield next() as SlotRecord
  } catch (error) {
    if (error instanceof BrokenSlotFileError) throw error
    throw new BrokenSlotFileError(name, 'its content is not what this version wrote', error)
  }
}

function checked(file: Uint8Array, name: string): Uint8Array {
  const start = magic.length + 1 + digestBytes
  if (file.length < start)
    throw new BrokenSlotFileError(name, `it has ${file.length} bytes, and its head has ${start}`)
  if (!magic.equals(file.subarray(0, magic.length)))
    throw new BrokenSlotFileError(name, 'it does not begin as a file of slots does')
  const found = file[magic.length]
  if (found !== version)
    throw new BrokenSlotFileError(
      name,
      `it is of version ${found} of the format, and this code reads version ${version}`,
    )
  const compressed = file.subarray(start)
  if (!digestOf(compressed).equals(file.subarray(magic.length + 1, start)))
    throw new BrokenSlotFileError(
      name,
      'its content has another digest than its head says: it was cut short or changed',
    )
  return compressed
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest()
}

/** A file of slots is not as it was written. Nothing of it is guessed. */
export class BrokenSlotFileError extends Error {
  override readonly name = 'BrokenSlotFileError'
  readonly file: string

  constructor(file: string, what: string, cause?: unknown) {
    super(`the history file ${file} cannot be read: ${what}`, { cause })
    this.file = file
  }
}
