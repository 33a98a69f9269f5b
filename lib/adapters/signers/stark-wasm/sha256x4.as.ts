// SHA-256 (FIPS 180-4) of four messages side by side, one block at a time: word i of all four stands in one vector.

/** Fractions of the cube roots of the first 64 primes. */
const ROUNDS: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
])

/** The state before the first block: fractions of the square roots of the first eight primes. */
export const INITIAL: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
])

const SCHEDULE: usize = memory.data(1024, 16)

function turned(x: v128, by: i32): v128 {
  return v128.or(i32x4.shr_u(x, by), i32x4.shl(x, 32 - by))
}

/** `state` is eight vectors, `block` sixteen; `out` may be either. */
export function compress(out: usize, state: usize, block: usize): void {
  for (let at: usize = 0; at < 256; at += 16) v128.store(SCHEDULE + at, v128.load(block + at))
  for (let at: usize = 256; at < 1024; at += 16) {
    const x = v128.load(SCHEDULE + at - 240)
    const y = v128.load(SCHEDULE + at - 32)
    const low = v128.xor(v128.xor(turned(x, 7), turned(x, 18)), i32x4.shr_u(x, 3))
    const high = v128.xor(v128.xor(turned(y, 17), turned(y, 19)), i32x4.shr_u(y, 10))
    const sum = i32x4.add(v128.load(SCHEDULE + at - 256), v128.load(SCHEDULE + at - 112))
    v128.store(SCHEDULE + at, i32x4.add(i32x4.add(sum, low), high))
  }
  let a = v128.load(state)
  let b = v128.load(state, 16)
  let c = v128.load(state, 32)
  let d = v128.load(state, 48)
  let e = v128.load(state, 64)
  let f = v128.load(state, 80)
  let g = v128.load(state, 96)
  let h = v128.load(state, 112)
  for (let at: usize = 0; at < 256; at += 4) {
    const high = v128.xor(v128.xor(turned(e, 6), turned(e, 11)), turned(e, 25))
    const choice = v128.xor(g, v128.and(e, v128.xor(f, g)))
    const word = i32x4.add(v128.load32_splat(ROUNDS + at), v128.load(SCHEDULE + (at << 2)))
    const one = i32x4.add(i32x4.add(h, high), i32x4.add(choice, word))
    const low = v128.xor(v128.xor(turned(a, 2), turned(a, 13)), turned(a, 22))
    const majority = v128.xor(v128.and(a, b), v128.and(c, v128.xor(a, b)))
    h = g
    g = f
    f = e
    e = i32x4.add(d, one)
    d = c
    c = b
    b = a
    a = i32x4.add(one, i32x4.add(low, majority))
  }
  v128.store(out, i32x4.add(a, v128.load(state)))
  v128.store(out, i32x4.add(b, v128.load(state, 16)), 16)
  v128.store(out, i32x4.add(c, v128.load(state, 32)), 32)
  v128.store(out, i32x4.add(d, v128.load(state, 48)), 48)
  v128.store(out, i32x4.add(e, v128.load(state, 64)), 64)
  v128.store(out, i32x4.add(f, v128.load(state, 80)), 80)
  v128.store(out, i32x4.add(g, v128.load(state, 96)), 96)
  v128.store(out, i32x4.add(h, v128.load(state, 112)), 112)
}
