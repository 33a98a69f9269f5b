import type { Hex } from 'viem'
import { z } from 'zod'

import type { PublishedData } from '../../../../lib/adapters/settlement/starknet-core/state-update-call.ts'
import { type L1Case, l1Cases, Words } from '../l1-vectors.ts'

const big = z.string().transform((text) => BigInt(text))
const Proof = z.custom<Hex>((value) => typeof value === 'string' && value.startsWith('0x'))
const Calldata = z.tuple([Words, big, big])
const Blobs = z.tuple([Words, z.array(Proof)])
const Ours = z.object({
  programHashUsed: big,
  stateTransitionFact: Proof,
  sharpFact: Proof,
})

/** An update as it was recorded, with what the recorder computed of it. */
export type RecordedUpdate = {
  readonly one: L1Case
  readonly programOutput: readonly bigint[]
  readonly data: PublishedData
  readonly ours: z.infer<typeof Ours> | undefined
}

/** Those whose words are all there. */
export const recordedUpdates: readonly RecordedUpdate[] = l1Cases('starknet.update.', 'tx').flatMap(
  (one): readonly RecordedUpdate[] => {
    const ours = Ours.safeParse(one.ours).data
    const calldata = Calldata.safeParse(one.call?.args).data
    if (calldata) {
      const [programOutput, hash, size] = calldata
      return [{ one, ours, programOutput, data: { kind: 'calldata', hash, size } }]
    }
    const blobs = Blobs.safeParse(one.call?.args).data
    if (!blobs) return []
    const [programOutput, proofs] = blobs
    return [{ one, ours, programOutput, data: { kind: 'blobs', proofs } }]
  },
)
