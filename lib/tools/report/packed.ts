import { Buffer } from 'node:buffer'

/**
 * Numbers as a page carries them, in base64, little-endian, NaN where there is none: read without parsing, in fewer letters
 * than digits. As float32 less `base`, which near `base` is far finer than a pixel; as float64 where that is not fine enough.
 */
export type Packed =
  | { readonly base: number; readonly floats: string }
  | { readonly doubles: string }

/** What is drawn upward: a pixel's precision is enough. */
export function packed(values: readonly (number | null)[]): Packed {
  const base = values.find((value) => value !== null) ?? 0
  const bytes = Buffer.alloc(values.length * 4)
  for (const [at, value] of values.entries())
    bytes.writeFloatLE(value === null ? Number.NaN : value - base, at * 4)
  return { base, floats: bytes.toString('base64') }
}

/** Times of years to the millisecond, and the values of a parameter. */
export function packedExactly(values: readonly number[]): Packed {
  const bytes = Buffer.alloc(values.length * 8)
  for (const [at, value] of values.entries()) bytes.writeDoubleLE(value, at * 8)
  return { doubles: bytes.toString('base64') }
}
