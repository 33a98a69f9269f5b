import { describe, expect, test } from 'vitest'

import {
  type PerpetualRefusal,
  perpetualRevertMeaning,
} from '../../../../lib/adapters/settlement/stark-perpetual/revert-meaning.ts'
import { l1Recording, titledL1 } from '../l1-vectors.ts'
import { recordedBatches } from './recorded-batches.ts'

const meaningOf = (reason: string) => perpetualRevertMeaning({ kind: 'reason', reason }).meaning

describe('a refused batch', () => {
  test.for([
    ['NO_STATE_TRANSITION_PROOF', 'wait'],
    ['NO_AVAILABILITY_PROOF', 'wait'],
    ['SYSTEM_TIME_INVALID', 'wait'],
    ['Condition for the conditional transfer was not met.', 'wait'],
    ['INVALID_PREVIOUS_SHARED_STATE', 're-read'],
    ['WRONG_PREVIOUS_BATCH_ID', 're-read'],
    ['SYSTEM_TIME_OUTDATED', 're-plan'],
    ['BATCH_TIMESTAMP_EXPIRED', 're-plan'],
    ['DEPOSIT_INSUFFICIENT', 're-plan'],
    ['NON_EXISTING_ACTION', 're-plan'],
    ['ACTION_ALREADY_CLEARED', 're-plan'],
    ['GLOBAL_CONFIGURATION_MISMATCH', 'page'],
    ['ASSET_CONFIGURATION_MISMATCH', 'page'],
    ['STATE_IS_FROZEN', 'page'],
    ['ONLY_OPERATOR', 'page'],
    ['programOutput invalid size (newState)', 'stop'],
    ['SIZE_MISMATCH', 'stop'],
  ] as const)('with %s means %s', ([reason, meaning]) => {
    expect(meaningOf(reason)).toBe(meaning)
  })

  test('without a reason is one that we built wrongly', () => {
    expect(perpetualRevertMeaning({ kind: 'silent' }).meaning).toBe('stop')
  })

  test('for a reason that nobody knows is somebody to ask about', () => {
    const { meaning, why } = perpetualRevertMeaning({ kind: 'reason', reason: 'NEW_RULE' })
    expect(meaning).toBe('page')
    expect(why).toContain('NEW_RULE')
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('refusals as recorded'), () => {
  const refused = recordedBatches.filter(({ one }) => one.result?.status === 'revert')
  test.for(refused.map((batch) => [batch.one.id, batch] as const))('%s is known', ([, { one }]) => {
    const { revert, factQueries = [] } = one.result ?? {}
    const refusal: PerpetualRefusal =
      revert?.kind === 'empty'
        ? { kind: 'silent' }
        : { kind: 'reason', reason: revert?.reason ?? '' }
    const { meaning, why } = perpetualRevertMeaning(refusal)
    expect(why).not.toContain('none of its known reasons')
    // Whoever waits for a fact waits for one that was asked for and not known; whoever stops does not.
    const isUnknown = factQueries.some(({ answer }) => !answer)
    expect(isUnknown).toBe(meaning === 'wait' && revert?.reason !== 'SYSTEM_TIME_INVALID')
  })
})
