/** A place in a segment of a Cairo run's memory, before it is known where the segment will lie. */
export type CairoAddress = { readonly segment: number; readonly offset: number }

/** What is in a cell: a number, or where another cell is. */
export type CairoValue = bigint | CairoAddress

export type CairoCell = { readonly address: CairoAddress; readonly value: CairoValue }

/** Bytes of an address, and of a number of the field. */
const addressBytes = 8
const valueBytes = 32
const cellBytes = addressBytes + valueBytes

/** An address is written as one bit that says so, 16 bits of segment and 47 of offset (cairo-lang, relocatable.py). */
const offsetBits = 47n
const segmentBits = 16n

/** `memory.bin` of a PIE: 40 bytes for each cell, little end first. */
export function writeMemory(cells: readonly CairoCell[]): Uint8Array {
  const bytes = new Uint8Array(cells.length * cellBytes)
  for (const [at, { address, value }] of cells.entries()) {
    const cell = bytes.subarray(at * cellBytes, (at + 1) * cellBytes)
    put(cell.subarray(0, addressBytes), numberOf(address, addressBytes))
    put(cell.subarray(addressBytes), numberOf(value, valueBytes))
  }
  return bytes
}

/** The cells of a `memory.bin`; throws `RangeError` where it is none. */
export function readMemory(bytes: Uint8Array): readonly CairoCell[] {
  if (bytes.length % cellBytes !== 0)
    throw new RangeError(`${bytes.length} bytes are no whole number of cells`)
  return Array.from({ length: bytes.length / cellBytes }, (_, at) => {
    const cell = bytes.subarray(at * cellBytes, (at + 1) * cellBytes)
    const address = valueOf(cell.subarray(0, addressBytes))
    if (typeof address === 'bigint') throw new RangeError(`cell ${at} is at no address`)
    return { address, value: valueOf(cell.subarray(addressBytes)) }
  })
}

function numberOf(value: CairoValue, bytes: number): bigint {
  if (typeof value === 'bigint') return value
  return isAddressBit(bytes) | (BigInt(value.segment) << offsetBits) | BigInt(value.offset)
}

function valueOf(bytes: Uint8Array): CairoValue {
  const number = taken(bytes)
  if ((number & isAddressBit(bytes.length)) === 0n) return number
  return {
    segment: Number(BigInt.asUintN(Number(segmentBits), number >> offsetBits)),
    offset: Number(BigInt.asUintN(Number(offsetBits), number)),
  }
}

function isAddressBit(bytes: number): bigint {
  return 1n << BigInt(bytes * 8 - 1)
}

function put(bytes: Uint8Array, number: bigint): void {
  const bigEndFirst = Buffer.from(number.toString(16).padStart(bytes.length * 2, '0'), 'hex')
  bytes.set(bigEndFirst.toReversed())
}

function taken(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`)
}
