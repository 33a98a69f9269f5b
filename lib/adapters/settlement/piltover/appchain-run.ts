import { poseidonHashMany } from '@scure/starknet'

import { signedFelt } from '../../starknet-felt.ts'
import { integrityFact } from '../facts/integrity-fact.ts'

/** The programs that an appchain's contract takes proofs of, by their hashes. */
export type AppchainPrograms = {
  /** Runs the layout bridge. */
  readonly bootloader: bigint
  /** Of the appchain's configuration, which its program puts out. */
  readonly snosConfig: bigint
  readonly snos: bigint
  readonly layoutBridge: bigint
}

/** What the contract reads at the head of a bootloaded run of the appchain's program. */
export type AppchainHeader = {
  readonly programHash: bigint
  readonly previousRoot: bigint
  readonly newRoot: bigint
  /** −1 before the first block. */
  readonly previousNumber: number
  readonly newNumber: number
  readonly previousHash: bigint
  readonly newHash: bigint
  readonly configHash: bigint
}

/** Three words of the bootloader, ten of the program, and a length for each of two segments of messages. */
const fewestWords = 15

/** Undefined where it ends before its messages begin. */
export function readAppchainHeader(words: readonly bigint[]): AppchainHeader | undefined {
  if (words.length < fewestWords) return undefined
  const at = (index: number): bigint => words[index] ?? 0n
  return {
    programHash: at(2),
    previousRoot: at(3),
    newRoot: at(4),
    previousNumber: Number(signedFelt(at(5))),
    newNumber: Number(signedFelt(at(6))),
    previousHash: at(7),
    newHash: at(8),
    configHash: at(10),
  }
}

/**
 * What the layout bridge puts out inside its bootloader: that it verified a run of the bootloader, and the hash of what that
 * put out. The bridge has no other output, so it follows from the run.
 */
export function layoutBridgeOutput(
  programOutput: readonly bigint[],
  { bootloader, layoutBridge }: AppchainPrograms,
): readonly bigint[] {
  const inner = [bootloader, poseidonHashMany([...programOutput])]
  return [1n, BigInt(inner.length + 2), layoutBridge, ...inner]
}

/** What the contract asks its registry for. */
export function appchainFact(
  bridgeOutput: readonly bigint[],
  { bootloader }: Pick<AppchainPrograms, 'bootloader'>,
): bigint {
  return integrityFact({ programHash: bootloader, output: bridgeOutput })
}
