import { gpsFact } from '../facts/gps-fact.ts'
import { encodeFactWithOnchainData } from '../facts/output-tree.ts'
import { type Hash, keccakOfWords, wordHex } from '../facts/words.ts'
import { readHeader } from './program-output.ts'
import type { PublishedData } from './state-update-call.ts'

/** What the core logs of an update: the root of the proved output, of two pages where data may be published beside it, of one with blobs. */
export function stateTransitionFact(programOutput: readonly bigint[], data: PublishedData): Hash {
  switch (data.kind) {
    case 'calldata':
      return encodeFactWithOnchainData(programOutput, {
        hash: wordHex(data.hash),
        words: data.size,
      })
    case 'blobs':
      return keccakOfWords(programOutput)
  }
}

/** The programs that a core takes facts of. */
export type CorePrograms = {
  readonly programHash: bigint
  readonly aggregatorProgramHash: bigint
}

/** The program under whose hash an output is proved: the joining one where the output names the program whose runs it joined. */
export function provedProgram(
  programOutput: readonly bigint[],
  { programHash, aggregatorProgramHash }: CorePrograms,
): bigint {
  return readHeader(programOutput).osProgramHash === 0n ? programHash : aggregatorProgramHash
}

/** What the core asks its registry for. */
export function coreFact(
  update: { readonly programOutput: readonly bigint[]; readonly data: PublishedData },
  programs: CorePrograms,
): Hash {
  const { programOutput, data } = update
  return gpsFact(provedProgram(programOutput, programs), stateTransitionFact(programOutput, data))
}
