import { type ByteReader, type ByteWriter, BrokenBytesError } from './bytes.ts'

/** Beyond it the difference of two would not fit into what {@link writeWholes} can write. */
export const largestWhole = 2 ** 51 - 1

/** Beyond it a number and its sign do not fit into 53 bits. */
const largestWritten = 2 ** 52 - 1

/** Where columns go: numbers apart from texts, since what is alike is packed best beside each other. */
export type ColumnWriter = { readonly numbers: ByteWriter; readonly texts: ByteWriter }

export type ColumnReader = { readonly numbers: ByteReader; readonly texts: ByteReader }

const modes = { constant: 0, plain: 1, differences: 2, seconds: 3 } as const

/**
 * Whole numbers as they come, as differences, or as differences of differences: whichever is the shortest. Each is at
 * most 2^52 - 1, without its sign.
 */
export function writeWholes({ numbers }: ColumnWriter, values: readonly number[]): void {
  const [first] = values
  if (first === undefined) return
  if (values.every((value) => value === first)) {
    numbers.byte(modes.constant)
    numbers.varint(zigzag(first))
    return
  }
  const differences = differencesOf(values)
  const seconds = differencesOf(differences)
  const ways = [
    { mode: modes.plain, list: values },
    // A difference may be twice as large as what fits.
    ...[
      { mode: modes.differences, list: differences },
      { mode: modes.seconds, list: seconds },
    ].filter(({ list }) => list.every((value) => Math.abs(value) <= largestWritten)),
  ].map((way) => ({ ...way, length: lengthOf(way.list) }))
  const shortest = ways.reduce((best, way) => (way.length < best.length ? way : best))
  numbers.byte(shortest.mode)
  for (const value of shortest.list) numbers.varint(zigzag(value))
}

export function readWholes({ numbers }: ColumnReader, count: number): readonly number[] {
  if (count === 0) return []
  const mode = numbers.byte()
  if (mode === modes.constant) {
    return Array<number>(count).fill(unzigzag(numbers.varint()))
  }
  const values: number[] = []
  for (let index = 0; index < count; index += 1) values.push(unzigzag(numbers.varint()))
  switch (mode) {
    case modes.plain:
      return values
    case modes.differences:
      return summed(values)
    case modes.seconds:
      return summed(summed(values))
    default:
      throw new BrokenBytesError(`there is no way ${mode} to write whole numbers`)
  }
}

/** As {@link writeWholes}, of numbers of any size. */
export function writeBigs({ numbers }: ColumnWriter, values: readonly bigint[]): void {
  const [first] = values
  if (first === undefined) return
  if (values.every((value) => value === first)) {
    numbers.byte(modes.constant)
    writeBig(numbers, first)
    return
  }
  const differences = values.map((value, index) => value - (values[index - 1] ?? 0n))
  const isShorter = sumOf(differences) < sumOf(values)
  numbers.byte(isShorter ? modes.differences : modes.plain)
  for (const value of isShorter ? differences : values) writeBig(numbers, value)
}

export function readBigs({ numbers }: ColumnReader, count: number): readonly bigint[] {
  if (count === 0) return []
  const mode = numbers.byte()
  if (mode === modes.constant) {
    return Array<bigint>(count).fill(readBig(numbers))
  }
  const values: bigint[] = []
  for (let index = 0; index < count; index += 1) values.push(readBig(numbers))
  if (mode === modes.plain) return values
  if (mode !== modes.differences)
    throw new BrokenBytesError(`there is no way ${mode} to write large numbers`)
  let sum = 0n
  return values.map((value) => (sum += value))
}

/** UTF-8 where the text has such a form; half of a pair of surrogates has none. */
export function writeText({ numbers, texts }: ColumnWriter, text: string): void {
  const isUtf8 = text.isWellFormed()
  const bytes = isUtf8 ? new TextEncoder().encode(text) : codeUnitsOf(text)
  numbers.varint(bytes.length * 2 + (isUtf8 ? 0 : 1))
  texts.bytes(bytes)
}

export function readText({ numbers, texts }: ColumnReader): string {
  const length = numbers.varint()
  const bytes = texts.bytes(Math.floor(length / 2))
  if (length % 2 === 1) return textOf(bytes)
  // With the mark of the byte order, which is text like any other here.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
}

function codeUnitsOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    bytes[index * 2] = unit % 256
    bytes[index * 2 + 1] = Math.floor(unit / 256)
  }
  return bytes
}

function textOf(bytes: Uint8Array): string {
  let text = ''
  for (let index = 0; index < bytes.length; index += 2)
    text += String.fromCharCode((bytes[index] ?? 0) + (bytes[index + 1] ?? 0) * 256)
  return text
}

function differencesOf(values: readonly number[]): readonly number[] {
  return values.map((value, index) => value - (values[index - 1] ?? 0))
}

function summed(values: readonly number[]): number[] {
  let sum = 0
  return values.map((value) => (sum += value))
}

function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2
}

function unzigzag(value: number): number {
  return value % 2 === 1 ? -(value + 1) / 2 : value / 2
}

function lengthOf(values: readonly number[]): number {
  let length = 0
  for (const value of values) {
    let rest = zigzag(value)
    length += 1
    while (rest > 127) {
      rest = Math.floor(rest / 128)
      length += 1
    }
  }
  return length
}

function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + (value < 0n ? -value : value), 0n)
}

/** So many bytes of a large number are taken at once: they are exact in a number. */
const chunkBytes = 6

function writeBig(numbers: ByteWriter, value: bigint): void {
  let rest = value < 0n ? -value : value
  const bytes: number[] = []
  while (rest > 0n) {
    let chunk = Number(BigInt.asUintN(chunkBytes * 8, rest))
    rest >>= BigInt(chunkBytes * 8)
    const isLast = rest === 0n
    for (let index = 0; isLast ? chunk > 0 : index < chunkBytes; index += 1) {
      bytes.push(chunk % 256)
      chunk = Math.floor(chunk / 256)
    }
  }
  numbers.varint(bytes.length * 2 + (value < 0n ? 1 : 0))
  for (const one of bytes) numbers.byte(one)
}

function readBig(numbers: ByteReader): bigint {
  const length = numbers.varint()
  const bytes = numbers.bytes(Math.floor(length / 2))
  let value = 0n
  for (let index = bytes.length - 1; index >= 0; index -= 1)
    value = (value << 8n) + BigInt(bytes[index] ?? 0)
  return length % 2 === 1 ? -value : value
}
