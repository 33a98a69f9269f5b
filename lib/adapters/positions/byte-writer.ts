/** Writes numbers and texts one after the other; {@link byteReader} reads them in the same order. */
export type ByteWriter = {
  readonly length: () => number
  /** Whole, from 0 up to 2^53. */
  whole(value: number): void
  /** Of any size, in as few bytes as it needs. */
  integer(value: bigint): void
  text(value: string): void
  bytes(value: Uint8Array): void
  /** Four bytes, so that the next one can be found without reading this one. */
  fixed(value: number): void
  /** All that was written. */
  taken(): Uint8Array
}

/** `size` is how much room it begins with. */
export function byteWriter(size = 1_024): ByteWriter {
  let buffer = Buffer.allocUnsafe(size)
  let at = 0

  function room(count: number): void {
    if (at + count <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + count))
    buffer.copy(larger, 0, 0, at)
    buffer = larger
  }

  /** Seven bits a byte, the lowest first; the eighth says that more follow. */
  function whole(value: number): void {
    room(8)
    let rest = value
    while (rest >= 0x80) {
      buffer[at] = (rest % 0x80) | 0x80
      at += 1
      rest = Math.floor(rest / 0x80)
    }
    buffer[at] = rest
    at += 1
  }

  function bytes(value: Uint8Array): void {
    room(value.length)
    buffer.set(value, at)
    at += value.length
  }

  return {
    length: () => at,
    whole,
    bytes,

    /** The sign and how many bytes follow in one byte, then those, the lowest first. */
    integer(value) {
      const isNegative = value < 0n
      let rest = isNegative ? -value : value
      const digits = rest === 0n ? '' : rest.toString(16)
      const count = Math.ceil(digits.length / 2)
      if (count > 0x7f) throw new RangeError('a number of more than 127 bytes')
      room(1 + count + 8)
      buffer[at] = count | (isNegative ? 0x80 : 0)
      at += 1
      for (let word = 0; word < count; word += 8) {
        buffer.writeBigUInt64LE(BigInt.asUintN(64, rest), at + word)
        rest >>= 64n
      }
      at += count
    },

    text(value) {
      const encoded = Buffer.from(value, 'utf8')
      whole(encoded.length)
      bytes(encoded)
    },

    fixed(value) {
      room(4)
      buffer.writeUInt32LE(value, at)
      at += 4
    },

    taken: () => Uint8Array.prototype.slice.call(buffer, 0, at),
  }
}
