/** Reads what {@link byteWriter} wrote, from any place on. Throws `RangeError` past the end. */
export type ByteReader = {
  readonly place: () => number
  moveTo(place: number): void
  whole(): number
  integer(): bigint
  text(): string
  /** In hex. */
  hex(count: number): string
  /** Four bytes at a place, without moving there. */
  fixedAt(place: number): number
}

export function byteReader(bytes: Uint8Array): ByteReader {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0

  function next(): number {
    const byte = buffer[at]
    if (byte === undefined) throw new RangeError('it ends too early')
    at += 1
    return byte
  }

  function whole(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = next()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
  }

  /** Up to six bytes are a number that is exact, and far quicker. */
  function magnitude(count: number): bigint {
    if (count === 0) return 0n
    if (count <= 6) return BigInt(buffer.readUIntLE(at, count))
    let value = 0n
    for (let end = count; end > 0;) {
      const part = end % 4 === 0 ? 4 : end % 4
      end -= part
      value = (value << BigInt(8 * part)) | BigInt(buffer.readUIntLE(at + end, part))
    }
    return value
  }

  return {
    place: () => at,

    moveTo(place) {
      at = place
    },

    whole,

    integer() {
      const head = next()
      const count = head & 0x7f
      const value = magnitude(count)
      at += count
      return head >= 0x80 ? -value : value
    },

    text() {
      const count = whole()
      if (at + count > buffer.length) throw new RangeError('it ends too early')
      at += count
      return buffer.toString('utf8', at - count, at)
    },

    hex(count) {
      if (at + count > buffer.length) throw new RangeError('it ends too early')
      at += count
      return buffer.toString('hex', at - count, at)
    },

    fixedAt: (place) => buffer.readUInt32LE(place),
  }
}
