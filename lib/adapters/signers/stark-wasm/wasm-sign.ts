import type { StarkSignature } from '../../../ports.ts'
import { type StarkModule, wordSize } from './stark-module.ts'

/**
 * Signs at most a batch of hashes; undefined where a sum was of a point and itself. Where r or the inverse of s is not
 * between 0 and 2^bits, which for 251 bits nobody will live to see, the hash is signed with the next k of RFC 6979.
 */
export function wasmSign(
  module: StarkModule,
  { secret, hashes, bits }: { secret: bigint; hashes: readonly bigint[]; bits: number },
): readonly StarkSignature[] | undefined {
  const signed = hashes.map((): StarkSignature | undefined => undefined)
  let left = [...hashes.keys()]
  for (let attempt = 0; left.length > 0; attempt += 1) {
    const tried = signOnce(module, {
      secret,
      hashes: left.map((at) => hashes[at] ?? 0n),
      bits,
      attempt,
    })
    if (!tried) return undefined
    for (const [index, at] of left.entries()) signed[at] = tried[index]
    left = left.filter((at) => !signed[at])
  }
  return signed.flatMap((one) => one ?? [])
}

function signOnce(
  module: StarkModule,
  {
    secret,
    hashes,
    bits,
    attempt,
  }: { secret: bigint; hashes: readonly bigint[]; bits: number; attempt: number },
): readonly (StarkSignature | undefined)[] | undefined {
  const { run, at, bytes } = module
  module.put(at.SECRET, secret)
  for (const [index, hash] of hashes.entries()) module.put(at.HASHES + index * wordSize, hash)
  if (run.sign(hashes.length, attempt, bits) === 0) return undefined
  return hashes.map((_, index) => {
    if (bytes[at.VERDICTS + index] !== 1) return undefined
    const from = at.SIGNATURES + 2 * index * wordSize
    return { r: module.get(from), s: module.get(from + wordSize) }
  })
}
