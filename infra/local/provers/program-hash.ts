import { starkCurve } from '../../../lib/adapters/signers/stark-wasm/stark-curve.ts'

/** A compiled Cairo program as a PIE carries it: without its names and hints. */
export type CairoProgram = {
  /** In the order in which `main` takes them. */
  readonly builtins: readonly string[]
  /** Where `main` begins, in words. */
  readonly main: number
  readonly data: readonly bigint[]
}

/** The only one that there is. */
const bootloaderVersion = 0n

/**
 * What SHARP and Atlantic call a program by: Pedersen from the last word to the first, over how many words there are, a
 * header and the program itself (cairo-lang, hash_program.py).
 */
export function programHash({ builtins, main, data }: CairoProgram): bigint {
  const header = [bootloaderVersion, BigInt(main), BigInt(builtins.length)]
  const words = [...header, ...builtins.map(asFelt), ...data]
  return [BigInt(words.length), ...words].reduceRight((hash, word) => pedersen(word, hash))
}

function asFelt(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, 'latin1').toString('hex')}`)
}

function pedersen(first: bigint, second: bigint): bigint {
  const [hash] = starkCurve.pedersen([{ first, second }])
  if (hash === undefined) throw new Error('one pair has one hash')
  return hash
}
