import { createHash } from 'node:crypto'

const prime = 2n ** 251n + 17n * 2n ** 192n + 1n
const modulo = (value: bigint) => ((value % prime) + prime) % prime

/** Full and partial rounds of Starknet's Hades permutation. */
const [full, partial] = [8, 83]

/** Round constants are SHA-256 of the words Hades0, Hades1, … */
const constants = Array.from({ length: (full + partial) * 3 }, (_, index) =>
  modulo(BigInt(`0x${createHash('sha256').update(`Hades${index}`).digest('hex')}`)),
)

function permuted(before: readonly bigint[]): readonly bigint[] {
  let state = before
  for (let round = 0; round < full + partial; round++) {
    const isFull = round < full / 2 || round >= full / 2 + partial
    const [a = 0n, b = 0n, c = 0n] = state.map((value, index) => {
      const sum = modulo(value + (constants[round * 3 + index] ?? 0n))
      return isFull || index === 2 ? modulo(sum ** 3n) : sum
    })
    const all = a + b + c
    state = [modulo(all + 2n * a), modulo(all - 2n * b), modulo(all - 3n * c)]
  }
  return state
}

/** Starknet's Poseidon of any number of felts, by its definition: two at a time, and a one behind the last. */
export function ownPoseidon(felts: readonly bigint[]): bigint {
  const padded = [...felts, 1n, ...(felts.length % 2 === 0 ? [0n] : [])]
  let state: readonly bigint[] = [0n, 0n, 0n]
  for (let index = 0; index < padded.length; index += 2) {
    const [a = 0n, b = 0n, c = 0n] = state
    state = permuted([modulo(a + (padded[index] ?? 0n)), modulo(b + (padded[index + 1] ?? 0n)), c])
  }
  return state[0] ?? 0n
}
