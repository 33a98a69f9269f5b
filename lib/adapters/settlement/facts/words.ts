import { bytesToHex, keccak256 } from 'viem/utils'

/** A 32-byte hash as L1 contracts write it. */
export type Hash = `0x${string}`

/** The hash of words as Solidity packs them: 32 bytes each, without a length. */
export function keccakOfWords(words: readonly bigint[]): Hash {
  return keccak256(packedWords(words))
}

/** Words of 32 bytes, big end first. */
export function packedWords(words: readonly bigint[]): Uint8Array {
  const packed = new Uint8Array(words.length * 32)
  const view = new DataView(packed.buffer)
  for (const [at, word] of words.entries()) {
    if (word < 0n || word >= wordLimit) throw new RangeError(`${word} is no word of 256 bits`)
    for (let part = 0; part < 4; part++)
      view.setBigUint64(at * 32 + part * 8, BigInt.asUintN(64, word >> BigInt(192 - part * 64)))
  }
  return packed
}

/** What Solidity's unchecked arithmetic makes of a number that has grown too large. */
export function wordHex(value: bigint): Hash {
  return bytesToHex(packedWords([BigInt.asUintN(256, value)]))
}

const wordLimit = 2n ** 256n
