import { type Hash, keccakOfWords } from '../facts/words.ts'
import type { MessageToL1, MessageToL2 } from './program-output.ts'

/** What the core counts a message to L1 by (`l2ToL1Messages`). */
export function messageToL1Hash({ from, to, payload }: MessageToL1): Hash {
  return keccakOfWords([from, to, BigInt(payload.length), ...payload])
}

/** What the core keeps a message to L2 by (`l1ToL2Messages`): gone where it was consumed or cancelled. */
export function messageToL2Hash({ from, to, nonce, selector, payload }: MessageToL2): Hash {
  return keccakOfWords([from, to, nonce, selector, BigInt(payload.length), ...payload])
}
