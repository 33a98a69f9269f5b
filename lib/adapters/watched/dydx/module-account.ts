import { createHash } from 'node:crypto'

/** The address of a module of a Cosmos chain: the beginning of its name's hash, in bech32. */
export function moduleAccount(prefix: string, module: string): string {
  return bech32(prefix, createHash('sha256').update(module).digest().subarray(0, 20))
}

/** BIP-173. */
const alphabet = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
const generators = [0x3b_6a_57_b2, 0x26_50_8e_6d, 0x1e_a1_19_fa, 0x3d_42_33_dd, 0x2a_14_62_b3]

function bech32(prefix: string, bytes: Uint8Array): string {
  const words = fiveBits(bytes)
  const codes = [...Buffer.from(prefix, 'ascii')]
  const spread = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)]
  const sum = checksum([...spread, ...words, 0, 0, 0, 0, 0, 0]) ^ 1
  const check = Array.from({ length: 6 }, (_, at) => (sum >> (5 * (5 - at))) & 31)
  return `${prefix}1${[...words, ...check].map((word) => alphabet[word]).join('')}`
}

/** Eight bits become five at a time; what is left at the end is filled with zeros. */
function fiveBits(bytes: Uint8Array): readonly number[] {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{1,5}/g) ?? []).map((some) => Number.parseInt(some.padEnd(5, '0'), 2))
}

function checksum(words: readonly number[]): number {
  return words.reduce((sum, word) => {
    const top = sum >> 25
    const next = ((sum & 0x1_ff_ff_ff) << 5) ^ word
    return generators.reduce(
      (mixed, generator, at) => ((top >> at) & 1 ? mixed ^ generator : mixed),
      next,
    )
  }, 1)
}
