import { gpsFact } from '../facts/gps-fact.ts'
import { encodeFactWithOnchainData } from '../facts/output-tree.ts'
import { type Hash, keccakOfWords } from '../facts/words.ts'
import { parseProgramOutput } from './program-output.ts'
import type { SharedState } from './shared-state.ts'

/** In a rollup, the data's hash and length. */
const dataWords = 2

/**
 * What the contract logs as a batch's fact, and asks its verifiers for. Of a rollup it covers the data, by the hash and length
 * at the end of the output. The program is not in it: each verifier adds its own.
 */
export function stateTransitionFact(words: readonly bigint[]): Hash {
  const { availability } = parseProgramOutput(words)
  if (availability.kind === 'validium') return keccakOfWords(words)
  return encodeFactWithOnchainData(words.slice(0, -dataWords), {
    hash: availability.dataHash,
    words: availability.dataWords,
  })
}

/** What a committee signs: that it has the data of the state that will be the one of that number. */
export function availabilityFact(next: SharedState, sequenceNumber: bigint): Hash {
  const { positionsRoot, positionsHeight, ordersRoot, ordersHeight } = next
  const trees = [positionsRoot, positionsHeight, ordersRoot, ordersHeight]
  return keccakOfWords([...trees, sequenceNumber])
}

/** Everything that must be registered before a batch can be settled. */
export type NeededFacts = {
  readonly stateTransition: Hash
  /** Of each verifier, by the hash of its program: what its GPS is asked for. */
  readonly gps: readonly Hash[]
  /** Absent of a rollup. */
  readonly availability?: Hash
}

export function neededFacts(
  words: readonly bigint[],
  {
    programHashes,
    sequenceNumber,
  }: {
    readonly programHashes: readonly bigint[]
    /** The exchange's, before the batch. */
    readonly sequenceNumber: bigint
  },
): NeededFacts {
  const { availability, next } = parseProgramOutput(words)
  const stateTransition = stateTransitionFact(words)
  const gps = programHashes.map((program) => gpsFact(program, stateTransition))
  if (availability.kind === 'rollup') return { stateTransition, gps }
  return { stateTransition, gps, availability: availabilityFact(next, sequenceNumber + 1n) }
}

/** What an escape needs registered once the exchange is frozen: that a position of the last state is worth so much. */
export function escapeFact({
  starkKey,
  amount,
  state,
  position,
}: {
  readonly starkKey: bigint
  readonly amount: bigint
  /** The hash of the shared state. */
  readonly state: Hash
  readonly position: bigint
}): Hash {
  return keccakOfWords([starkKey, amount, BigInt(state), position])
}
