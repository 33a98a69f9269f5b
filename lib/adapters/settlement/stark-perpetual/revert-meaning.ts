import { type RefusalMeaning, refusals } from '../refusal-meaning.ts'

/** How a call was refused. Where the contract reads past an end it gives no reason, and burns all gas. */
export type PerpetualRefusal =
  | { readonly kind: 'reason'; readonly reason: string }
  | { readonly kind: 'silent' }

/**
 * What a refusal of `updateState` means. The state and the batch before are compared before the fact is asked for, unlike in
 * the Starknet core: so a missing proof is a missing proof, if perhaps with only one of several verifiers.
 */
export function perpetualRevertMeaning(refusal: PerpetualRefusal): RefusalMeaning {
  if (refusal.kind === 'silent')
    return { meaning: 'stop', why: 'the output or the application data ends before it says' }
  const known = meanings.get(refusal.reason)
  if (known) return known
  const why = `the exchange refuses with ${refusal.reason}, which is none of its known reasons`
  return { meaning: 'page', why }
}

const meanings: ReadonlyMap<string, RefusalMeaning> = new Map([
  ...refusals('wait', {
    NO_STATE_TRANSITION_PROOF: 'a verifier does not have the fact yet',
    NO_AVAILABILITY_PROOF: 'the committee has not signed for the data yet',
    SYSTEM_TIME_INVALID: 'its system time is more than four hours ahead of L1',
    'Condition for the conditional transfer was not met.':
      'a conditional transfer waits for its fact',
  }),
  ...refusals('re-read', {
    INVALID_PREVIOUS_SHARED_STATE: 'the exchange stands at another state',
    WRONG_PREVIOUS_BATCH_ID: 'the exchange stands after another batch',
  }),
  ...refusals('re-plan', {
    SYSTEM_TIME_OUTDATED: 'its system time is seven days old',
    BATCH_TIMESTAMP_EXPIRED: 'the hour until which it was to be settled has come',
    DEPOSIT_INSUFFICIENT: 'it takes in a deposit that is not there, or was reclaimed',
    NON_EXISTING_ACTION: 'it serves a request that nobody has made, or that was served',
    ACTION_ALREADY_CLEARED: 'it serves a trade that was served',
    BAD_FACT_REGISTRY_CONTRACT: 'a conditional transfer waits for a fact of what is no registry',
    WITHDRAWAL_OVERFLOW: 'it allows a withdrawal of more than can be counted',
  }),
  ...refusals('page', {
    STATE_IS_FROZEN: 'the exchange is frozen',
    ONLY_OPERATOR: 'the account is no operator of the exchange',
    GLOBAL_CONFIGURATION_NOT_SET: 'the exchange has no configuration',
    GLOBAL_CONFIGURATION_MISMATCH: 'it was made with another configuration than the exchange has',
    ASSET_CONFIGURATION_MISMATCH: 'an asset has another configuration than it was made with',
    NO_STATE_TRANSITION_VERIFIERS: 'the exchange has nobody who knows proofs',
    NO_AVAILABILITY_VERIFIERS: 'the exchange has no committee',
    NO_CONTRACT_FOR_FUNCTION: 'the exchange takes no batches',
    MISSING_IMPLEMENTATION: 'the exchange has no implementation',
  }),
  ...refusals('stop', {
    'programOutput does not contain all required fields.': 'the output is too short',
    ILLEGAL_NUMBER_OF_ASSETS: 'the output names too many assets',
    'programOutput invalid size (nAssetConfig)': 'the output ends before its states',
    'programOutput invalid size (prevState)': 'the output ends in its previous state',
    'programOutput invalid size (newState)': 'the output ends in its new state',
    'programOutput invalid size (mods/forced/conditions)': 'the output ends elsewhere than it says',
    'Expiration timestamp is out of range.': 'it is to expire after all time',
    INCONSISTENT_POSITION_TREE_HEIGHT: 'its tree of positions changes its height',
    INCONSISTENT_ORDER_TREE_HEIGHT: 'its tree of orders changes its height',
    UNSUPPORTED_DATA_AVAILABILITY_MODE: 'its data is neither with the committee nor on the chain',
    'Asset id >= PRIME': 'the asset is not in the field',
    'Illegal Balance Diff': 'a change of a balance is out of range',
    'Stark key >= PRIME': 'a key is not in the field',
    N_CONDITIONS_MISMATCH: 'the application data has other conditions than the output',
    BAD_APP_DATA_SIZE: 'the application data ends before its conditions',
    'Condition mismatch.': 'the application data names another condition than the output',
    SIZE_MISMATCH: 'its forced actions have another length than it says',
  }),
])
