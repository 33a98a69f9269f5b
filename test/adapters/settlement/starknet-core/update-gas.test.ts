import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import {
  buildProgramOutput,
  parseProgramOutput,
} from '../../../../lib/adapters/settlement/starknet-core/program-output.ts'
import { updateGasCap } from '../../../../lib/adapters/settlement/starknet-core/update-gas.ts'
import { l1Recording, titledL1 } from '../l1-vectors.ts'
import { anOutput } from './an-output.ts'
import { type RecordedUpdate, recordedUpdates } from './recorded-updates.ts'

/** One transaction (EIP-7825). */
const mostOfATransaction = 2n ** 24n

describe('the gas that an update is offered', () => {
  test('grows with each blob and message', () => {
    fc.assert(
      fc.property(anOutput, (output) => {
        const message = { from: 1n, to: 2n, payload: [] }
        const more = { ...output, toL1: [...output.toL1, message] }
        expect(updateGasCap(more)).toBeGreaterThan(updateGasCap(output))
        expect(updateGasCap(parseProgramOutput(buildProgramOutput(output)))).toBe(
          updateGasCap(output),
        )
      }),
    )
  })

  test('is a fraction of a transaction’s where six blobs are brought', () => {
    const blob = { commitment: `0x${'00'.repeat(48)}`, value: 0n } as const
    const [output] = fc.sample(anOutput, 1)
    if (!output) throw new Error('there is no sample')
    const data = { kind: 'blobs', point: 1n, blobs: Array.from({ length: 6 }, () => blob) } as const
    const cap = updateGasCap({ ...output, data, toL1: [], toL2: [] })
    expect(cap * 20n).toBeLessThan(mostOfATransaction)
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('the gas of recorded updates'), () => {
  test('is within what they are offered, and that is at most three times as much', () => {
    const taken = recordedUpdates.filter(({ one }) => one.result?.status === 'ok')
    expect(taken.length).toBeGreaterThan(5)
    const [tooLow, tooHigh] = [
      taken.filter((update) => capOf(update) <= usedBy(update)),
      taken.filter((update) => capOf(update) >= 3n * usedBy(update)),
    ].map((some) => some.map(({ one }) => one.id))
    expect({ tooLow, tooHigh }).toEqual({ tooLow: [], tooHigh: [] })
  })
})

const capOf = ({ programOutput }: RecordedUpdate) => updateGasCap(parseProgramOutput(programOutput))
const usedBy = ({ one }: RecordedUpdate) => BigInt(String(one.result?.['gasUsed']))
