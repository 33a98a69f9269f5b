import type { CheckBlobs, SettlementOutput } from '../../../domain/proving/settlement-output.ts'
import { BlobFormatError, type Kzg } from '../../kzg.ts'
import { parseProgramOutput } from './program-output.ts'

/** Holds a run's blobs against what its output says of them, before anything is paid for: the core burns all gas on one that differs. */
export function blobCheck(kzg: Pick<Kzg, 'commitment' | 'holds'>): CheckBlobs {
  return async ({ programOutput, data: given }: SettlementOutput) => {
    const { data } = parseProgramOutput(programOutput)
    if (data.kind !== 'blobs' || given?.kind !== 'blobs') return undefined
    const { point } = data
    for (const [at, { commitment, value }] of data.blobs.entries()) {
      const name = `blob ${at + 1}`
      const found = await commitmentOf(kzg, given.blobs[at] ?? '0x')
      if (found.trouble !== undefined)
        return { word: name, expected: 'one of 4,096 numbers', found: found.trouble }
      if (found.commitment !== commitment)
        return {
          word: `commitment of ${name}`,
          expected: commitment,
          found: found.commitment,
        }
      const proof = given.proofs[at] ?? '0x'
      if (!(await kzg.holds({ commitment, point, value, proof })))
        return { word: `proof of ${name}`, expected: 'one that holds', found: proof }
    }
    return undefined
  }
}

async function commitmentOf(kzg: Pick<Kzg, 'commitment'>, blob: `0x${string}`) {
  try {
    return { commitment: await kzg.commitment(blob), trouble: undefined }
  } catch (error) {
    if (error instanceof BlobFormatError) return { trouble: error.message }
    throw error
  }
}
