import type { Hash } from '../facts/words.ts'
import { type RefusalMeaning, refusals } from '../refusal-meaning.ts'
import { readHeader } from './program-output.ts'
import type { CoreViews } from './read-core-state.ts'
import { coreFact, provedProgram } from './state-transition-fact.ts'
import type { PublishedData } from './state-update-call.ts'

/** What was brought, and what it waits for. */
export type ToldUpdate = {
  readonly programOutput: readonly bigint[]
  readonly data: PublishedData
  /** The hash of the program that it was proved as. */
  readonly programHash: bigint
  /** What the prover was to register. */
  readonly fact: Hash
}

/** What the core's reason means, with its views as they are after the refusal. */
export function coreRevertMeaning(
  reason: string,
  told: ToldUpdate,
  views: CoreViews,
): RefusalMeaning {
  if (reason === 'NO_STATE_TRANSITION_PROOF') return meaningOfNoProof(told, views)
  const known = meanings.get(reason)
  if (known) return known
  if (reason.startsWith('Panic('))
    return { meaning: 'stop', why: 'the output ends before its segments do' }
  return {
    meaning: 'page',
    why: `the core refuses with ${reason}, which is none of its known reasons`,
  }
}

/**
 * The fact is asked for before the state is compared: so the core gives this reason too for an output of another fork, with
 * other data, or of a program that it has left since. Only where all of that agrees is the fact what is missing.
 */
function meaningOfNoProof(told: ToldUpdate, views: CoreViews): RefusalMeaning {
  const { programOutput, data, programHash, fact } = told
  const header = readHeader(programOutput)
  if (header.prevBlockNumber !== views.blockNumber)
    return reRead(`the core stands at block ${views.blockNumber}, not ${header.prevBlockNumber}`)
  if (header.prevRoot !== views.root) return reRead('the core stands at another root')
  if (header.prevBlockHash !== views.blockHash) return reRead('the core stands at another hash')
  if (header.configHash !== views.configHash) return page('the core has another configuration')
  if (header.osProgramHash !== 0n && header.osProgramHash !== views.programHash)
    return page('the core has another program than the joined ones')
  if (programHash !== provedProgram(programOutput, views))
    return page('the core has another program than the proved one')
  if (fact !== coreFact({ programOutput, data }, views))
    return {
      meaning: 'stop',
      why: 'the core asks for another fact than the one that is waited for',
    }
  return { meaning: 'wait', why: 'the registry does not have the fact yet' }
}

const reRead = (why: string): RefusalMeaning => ({ meaning: 're-read', why })
const page = (why: string): RefusalMeaning => ({ meaning: 'page', why })

const meanings: ReadonlyMap<string, RefusalMeaning> = new Map([
  ...refusals('re-read', {
    INVALID_PREV_BLOCK_NUMBER: 'the core stands at another block',
    INVALID_PREV_BLOCK_HASH: 'the core stands at another hash',
    INVALID_PREVIOUS_ROOT: 'the core stands at another root',
  }),
  ...refusals('re-plan', {
    INVALID_MESSAGE_TO_CONSUME: 'a message to L2 that it consumes was cancelled',
  }),
  ...refusals('page', {
    ONLY_OPERATOR: 'the account is no operator of the core',
    INVALID_CONFIG_HASH: 'the core has another configuration',
    AGGREGATOR_MODE_INVALID_OS_PROGRAM_HASH: 'the core has another program than the joined ones',
    INVALID_NEW_BLOCK_NUMBER: 'it ends at or before the block at which the core stands',
    ETH_TRANSFER_FAILED: 'who collects the fees of messages does not take them',
    REENTRANCY_FAILURE: 'who collects the fees of messages brought another update meanwhile',
    MISSING_IMPLEMENTATION: 'the core has no implementation',
  }),
  ...refusals('stop', {
    STARKNET_OUTPUT_TOO_SHORT: 'the output has nothing after its header',
    STARKNET_OUTPUT_TOO_LONG: 'the output has words after its segments',
    UNEXPECTED_KZG_DA_FLAG: 'the output says that its data is elsewhere',
    PROGRAM_OUTPUT_VALUE_OUT_OF_RANGE: 'a word of the output is not in the field',
    FULL_OUTPUT_NOT_SUPPORTED: 'the output is a full one',
    INVALID_MESSAGE_SEGMENT_SIZE: 'a segment of messages has another size than it says',
    MESSAGE_TOO_SHORT: 'a message ends too early',
    INVALID_PAYLOAD_LENGTH: 'a message says that its payload has too many words',
    TRUNCATED_MESSAGE_PAYLOAD: 'a payload ends too early',
    KZG_SEGMENT_TOO_SHORT: 'the output says too little of its blobs',
    INVALID_NUMBER_OF_KZG_PROOFS: 'there are not as many proofs as blobs',
    INVALID_BLOB_INDEX: 'the transaction has too few blobs, or a simulation did not name them',
    UNEXPECTED_BLOB_HASH_VERSION: 'the blobs are of another kind',
    INVALID_KZG_COMMITMENT: 'a commitment is too large for its words',
    INVALID_Y_VALUE: 'a value of a blob is too large for its words',
    INVALID_KZG_PROOF_SIZE: 'a proof is not of 48 bytes',
    POINT_EVALUATION_PRECOMPILE_CALL_FAILED: 'a blob does not have the value that is said of it',
    UNEXPECTED_POINT_EVALUATION_PRECOMPILE_OUTPUT: 'the chain evaluates blobs otherwise',
  }),
])
