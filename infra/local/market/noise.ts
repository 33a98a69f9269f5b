/**
 * Random numbers that are looked up instead of drawn: the same seed and index always give the same
 * number, so a path can be entered at any time without playing it from its beginning.
 */

/** A seed out of words, by FNV-1a. */
export function seedOf(...words: readonly string[]): number {
  const text = words.join('/')
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return mix(hash)
}

/** A seed of its own for the n-th thing under `seed`. */
export function nthSeed(seed: number, n: number): number {
  return mix(seed + Math.imul(n + 1, 0x9e3779b1))
}

/** Uniform in [0, 1). */
export function uniform(seed: number, index: number): number {
  return drawn(seed, index) / 2 ** 32
}

/** The sum of four uniforms, scaled to mean 0 and deviation 1: bounded, and close enough to a normal one for prices. */
export function bell(seed: number, index: number): number {
  let state = drawn(seed, index)
  let sum = 0
  for (let i = 0; i < 4; i++) {
    sum += state / 2 ** 32
    state = mix(state + 0x9e3779b1)
  }
  // Four uniforms have mean 2 and variance 4/12.
  return (sum - 2) * Math.sqrt(3)
}

/** A line through one random point each `periodMs`. */
export function wave(seed: number, periodMs: number, at: number): number {
  const index = Math.floor(at / periodMs)
  const along = at / periodMs - index
  return bell(seed, index) * (1 - along) + bell(seed, index + 1) * along
}

/** Indices may count milliseconds since 1970, which need more than 32 bits. */
function drawn(seed: number, index: number): number {
  const high = Math.floor(index / 2 ** 32)
  return mix(mix(seed ^ Math.imul(high, 0x85ebca6b)) + Math.imul(index | 0, 0x9e3779b1))
}

/** The last step of MurmurHash3 (public domain, Austin Appleby): every bit of the input reaches every bit of the result. */
function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
