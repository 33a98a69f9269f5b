/**
 * What `packed` or `packedExactly` made of numbers: null where there is none.
 *
 * @param {import('../packed.ts').Packed} packed
 * @returns {(number | null)[]}
 */
export function unpacked(packed) {
  return 'doubles' in packed
    ? read(packed.doubles, 8, (view, at) => view.getFloat64(at, true))
    : read(packed.floats, 4, (view, at) => view.getFloat32(at, true) + packed.base)
}

/**
 * @param {string} text
 * @param {number} size
 * @param {(view: DataView, at: number) => number} one
 */
function read(text, size, one) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  return Array.from({ length: bytes.length / size }, (_, place) => {
    const value = one(view, place * size)
    return Number.isNaN(value) ? null : value
  })
}
