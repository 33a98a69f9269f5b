import type { Hex } from 'viem'
import { z } from 'zod'

import { type L1Case, l1Cases, Words } from '../l1-vectors.ts'

/** A batch that somebody tried to settle, and what came of it. */
export type RecordedBatch = {
  readonly one: L1Case
  readonly words: readonly bigint[]
  readonly application: readonly bigint[]
  readonly data: Hex | undefined
}

/** All of them, in the order of the recording. */
export const recordedBatches: readonly RecordedBatch[] = l1Cases('perpetual.update', 'tx').flatMap(
  (one) => {
    const args = z.tuple([Words, Words]).safeParse(one.call?.args)
    if (!args.success) return []
    const [words, application] = args.data
    return [{ one, words, application, data: one.call?.data }]
  },
)

/** Those that are batches at all: a few were made to be no output of the program. */
export const wellFormedBatches = recordedBatches.filter(({ one: { result } }) => {
  const reason = result?.revert?.reason ?? ''
  const isForm = /^programOutput|^ILLEGAL|^UNSUPPORTED|^SIZE_|^WRONG_PREVIOUS/.test(reason)
  return !isForm && result?.allGasBurnt !== true && reason !== 'ONLY_OPERATOR'
})
