import type { bls12_381 as Curve } from '@noble/curves/bls12-381.js'

import type { CoreData } from './program-output.ts'

type Hex = `0x${string}`

/** The secret of the KZG ceremony times the second group's generator: the second of Ethereum's `g2_monomial` (consensus specs, trusted setup of mainnet). */
export const ceremonyPoint =
  'b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2'

/** That the polynomial of this commitment has this value at this point. */
export type PointEvaluation = {
  /** 48 bytes. */
  readonly commitment: Hex
  readonly point: bigint
  readonly value: bigint
  /** 48 bytes. */
  readonly proof: Hex
}

/** The first of an output's blobs whose proof the chain would refuse, by its place; undefined where all of them hold. */
export async function unprovenBlob(
  data: CoreData,
  proofs: readonly Hex[],
): Promise<number | undefined> {
  if (data.kind === 'calldata') return proofs.length > 0 ? 0 : undefined
  const { point, blobs } = data
  if (blobs.length !== proofs.length) return Math.min(blobs.length, proofs.length)
  const holds = await pointEvaluation()
  const at = blobs.findIndex(
    (blob, index) => !holds({ ...blob, point, proof: proofs[index] ?? '0x' }),
  )
  return at === -1 ? undefined : at
}

/**
 * What the precompile of EIP-4844 answers, without its gas. The curve is loaded where it is first needed: that takes longer
 * than all the rest of a settlement's code.
 */
export async function pointEvaluation(): Promise<(evaluation: PointEvaluation) => boolean> {
  const { bls12_381 } = await import('@noble/curves/bls12-381.js')
  return (evaluation) => {
    try {
      return holdsOn(bls12_381, evaluation)
    } catch {
      // Not points of the curve's group: the precompile refuses them too.
      return false
    }
  }
}

/** e(commitment − value, generator) = e(proof, secret − point), as one product that is one. */
function holdsOn(
  { G1, G2, fields, pairingBatch }: typeof Curve,
  { commitment, point, value, proof }: PointEvaluation,
): boolean {
  const { ORDER } = fields.Fr
  if (point < 0n || point >= ORDER || value < 0n || value >= ORDER) return false
  const pointOf = (hex: Hex) => (hex === infinity ? G1.Point.ZERO : G1.Point.fromHex(hex.slice(2)))
  const claimed = pointOf(commitment).subtract(G1.Point.BASE.multiplyUnsafe(value))
  const divisor = G2.Point.fromHex(ceremonyPoint).subtract(G2.Point.BASE.multiplyUnsafe(point))
  const pairs = [
    { g1: claimed.negate(), g2: G2.Point.BASE },
    { g1: pointOf(proof), g2: divisor },
  ]
  // A pair with nothing in it is a factor of one.
  const product = pairingBatch(pairs.filter(({ g1, g2 }) => !g1.is0() && !g2.is0()))
  return fields.Fp12.eql(product, fields.Fp12.ONE)
}

/** The curve's zero, 48 bytes: the commitment of an empty blob, and the proof where a blob has one value everywhere. */
const infinity = `0xc0${'00'.repeat(47)}`
