import type { StarkClaim } from '../../../ports.ts'
import type { KeySlots } from './key-slots.ts'
import { type StarkModule, wordSize } from './stark-module.ts'

/**
 * Whether each claim is true, at most a batch of them with no more keys than slots; undefined for one of which this cannot
 * say it: the two halves of its check are one point, which whoever has the key can bring about.
 */
export function wasmVerify(
  { run, at, bytes, put }: StarkModule,
  slots: KeySlots,
  claims: readonly StarkClaim[],
): readonly (boolean | undefined)[] {
  const found = slots(new Set(claims.map(({ key }) => key)))
  const possible = claims.flatMap((claim) => {
    const slot = found.get(claim.key)
    return slot === undefined ? [] : [{ claim, slot }]
  })
  for (const [index, { claim, slot }] of possible.entries()) {
    bytes[at.KEYS + index] = slot
    put(at.HASHES + index * wordSize, claim.hash)
    put(at.SIGNATURES + 2 * index * wordSize, claim.r)
    put(at.SIGNATURES + (2 * index + 1) * wordSize, claim.s)
  }
  const isDone = possible.length === 0 || run.verify(possible.length) !== 0
  const verdicts = new Map(
    possible.map(({ claim }, index) => [claim, isDone ? bytes[at.VERDICTS + index] : strange]),
  )
  return claims.map((claim) => {
    const verdict = verdicts.get(claim)
    return verdict === strange ? undefined : verdict === good
  })
}

/** As stark.as.ts says it. */
const good = 1
const strange = 2

/** Parts with at most so many claims and keys each. */
export function claimBatches(
  claims: readonly StarkClaim[],
  { mostClaims, mostKeys }: { readonly mostClaims: number; readonly mostKeys: number },
): readonly (readonly StarkClaim[])[] {
  const batches: StarkClaim[][] = []
  let keys = new Set<bigint>()
  for (const claim of claims) {
    const last = batches.at(-1)
    const isFull = last?.length === mostClaims || (keys.size === mostKeys && !keys.has(claim.key))
    if (last && !isFull) last.push(claim)
    else {
      batches.push([claim])
      keys = new Set()
    }
    keys.add(claim.key)
  }
  return batches
}
