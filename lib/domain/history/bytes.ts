/** Bytes that grow. */
export type ByteWriter = {
  byte(value: number): void
  /** Seven bits a byte; of whole numbers from 0 to 2^53 - 1. */
  varint(value: number): void
  bytes(value: Uint8Array): void
  written(): Uint8Array
}

export function byteWriter(): ByteWriter {
  let buffer = new Uint8Array(1024)
  let length = 0

  function reserve(more: number): void {
    if (length + more <= buffer.length) return
    const grown = new Uint8Array(Math.max(length + more, buffer.length * 2))
    grown.set(buffer.subarray(0, length))
    buffer = grown
  }

  return {
    byte(value) {
      reserve(1)
      buffer[length] = value
      length += 1
    },

    varint(value) {
      reserve(8)
      let rest = value
      while (rest > 127) {
        buffer[length] = (rest % 128) + 128
        length += 1
        rest = Math.floor(rest / 128)
      }
      buffer[length] = rest
      length += 1
    },

    bytes(value) {
      reserve(value.length)
      buffer.set(value, length)
      length += value.length
    },

    written: () => buffer.slice(0, length),
  }
}

/** What {@link byteWriter} wrote, from its beginning on. Throws {@link BrokenBytesError} where there is no more. */
export type ByteReader = {
  byte(): number
  varint(): number
  bytes(length: number): Uint8Array
  isAtEnd(): boolean
}

export function byteReader(buffer: Uint8Array): ByteReader {
  let place = 0

  function next(): number {
    const value = buffer[place]
    if (value === undefined) throw new BrokenBytesError('they end too early')
    place += 1
    return value
  }

  return {
    byte: next,

    varint() {
      let value = 0
      for (let factor = 1; ; factor *= 128) {
        const one = next()
        value += (one % 128) * factor
        if (!Number.isSafeInteger(value)) throw new BrokenBytesError('a number is too large')
        if (one < 128) return value
      }
    },

    bytes(length) {
      if (place + length > buffer.length) throw new BrokenBytesError('they end too early')
      place += length
      return buffer.subarray(place - length, place)
    },

    isAtEnd: () => place === buffer.length,
  }
}

/** The bytes are not what was written. */
export class BrokenBytesError extends Error {
  override readonly name = 'BrokenBytesError'

  constructor(what: string, cause?: unknown) {
    super(`packed bytes cannot be read: ${what}`, { cause })
  }
}
