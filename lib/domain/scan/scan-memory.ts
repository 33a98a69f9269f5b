/** One memory that the book writes and a scan reads, as numbers of three sizes. Addresses are in bytes. */
export type ScanMemory = {
  /** Growing replaces them: take them anew after each `reserve`. */
  readonly views: ScanViews
  /** The address of so many new bytes, all zero. */
  readonly reserve: (bytes: number) => number
}

export type ScanViews = {
  readonly doubles: Float64Array
  readonly words: Uint32Array
  readonly halves: Uint16Array
}

/** Makes the memory at least so long, keeps what is in it, and answers the whole of it. */
export type Grow = (leastBytes: number) => ArrayBuffer

/** Columns are numbers of 16 bits. */
export const mostColumns = 2 ** 16

/** Rows that are scanned in one go. */
export const mostRows = 2 ** 13

/** Where the factors stand, one for each column; what a compiled module keeps for itself is below. */
export const factorsAt = 2 ** 16

/** Where a scan writes which rows it found. */
export const foundAt = factorsAt + mostColumns * 8

const firstFree = foundAt + mostRows * 4

export function openMemory(grow: Grow): ScanMemory {
  let free = firstFree
  let views = viewsOf(grow(free))
  return {
    get views() {
      return views
    },
    reserve: (bytes) => {
      const at = free
      // Pairs of doubles stand at multiples of their own size.
      free += Math.ceil(bytes / 16) * 16
      if (free > views.halves.buffer.byteLength) views = viewsOf(grow(free))
      return at
    },
  }
}

/** Memory of no module. */
export function plainGrow(): Grow {
  let buffer = new ArrayBuffer(0)
  return (leastBytes) => {
    const longer = new ArrayBuffer(Math.max(leastBytes, Math.ceil(buffer.byteLength / 4) * 6))
    new Uint8Array(longer).set(new Uint8Array(buffer))
    buffer = longer
    return longer
  }
}

function viewsOf(buffer: ArrayBuffer): ScanViews {
  const bytes = buffer.byteLength - (buffer.byteLength % 8)
  return {
    doubles: new Float64Array(buffer, 0, bytes / 8),
    words: new Uint32Array(buffer, 0, bytes / 4),
    halves: new Uint16Array(buffer, 0, bytes / 2),
  }
}
