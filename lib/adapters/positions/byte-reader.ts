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
  /** How the bytes at a place stand to these: below zero where they come before. */
  compareAt(place: number, bytes: Uint8Array): number
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

  /** Up to six bytes are a number that is exact, which is far quicker; the rest are words of eight. */
  function magnitude(count: number): bigint {
    if (count === 0) return 0n
    if (count <= 6) return BigInt(buffer.readUIntLE(at, count))
    // What stands behind the number is read with its last word, and cut off.
    if (at + count + 8 > buffer.length) return inParts(count)
    if (count <= 8) return BigInt.asUintN(8 * count, buffer.readBigUInt64LE(at))
    let value = 0n
    for (let start = (count - 1) & ~7; start >= 0; start -= 8)
      value = (value << 64n) | buffer.readBigUInt64LE(at + start)
    return BigInt.asUintN(8 * count, value)
  }

  /** Where nothing stands behind it. */
  function inParts(count: number): bigint {
    let value = 0n
    for (let place = count - 1; place >= 0; place -= 1)
      value = (value << 8n) | BigInt(buffer.readUInt8(at + place))
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

    compareAt: (place, other) =>
      buffer.compare(other, 0, other.length, place, Math.min(place + other.length, buffer.length)),
  }
}
