import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { wordHex } from '../../../../lib/adapters/settlement/facts/words.ts'
import {
  buildApplicationData,
  conditionOf,
  parseApplicationData,
} from '../../../../lib/adapters/settlement/stark-perpetual/application-data.ts'
import {
  buildProgramOutput,
  type ForcedAction,
  parseProgramOutput,
  type PerpetualOutput,
  ProgramOutputError,
} from '../../../../lib/adapters/settlement/stark-perpetual/program-output.ts'
import {
  type SharedState,
  sharedStateHash,
} from '../../../../lib/adapters/settlement/stark-perpetual/shared-state.ts'
import { l1Cases, l1Recording, titledL1 } from '../l1-vectors.ts'
import { anOutput } from './an-output.ts'
import { recordedBatches, wellFormedBatches } from './recorded-batches.ts'

describe('a batch in words', () => {
  test('is read as it was written, whatever is in it', () => {
    fc.assert(
      fc.property(anOutput, (output) => {
        expect(parseProgramOutput(buildProgramOutput(output))).toEqual(output)
      }),
    )
  })

  test('is none where a word is missing, or there is one more', () => {
    fc.assert(
      fc.property(
        anOutput,
        fc.nat(),
        fc.bigInt({ min: 0n, max: 2n ** 64n }),
        (output, at, more) => {
          const words = buildProgramOutput(output)
          const cut = words.slice(0, at % words.length)
          expect(() => parseProgramOutput(cut)).toThrow(ProgramOutputError)
          expect(() => parseProgramOutput([...words, more])).toThrow(ProgramOutputError)
        },
      ),
    )
  })

  test('has no third place for its data', () => {
    fc.assert(
      fc.property(anOutput, (output) => {
        const words = buildProgramOutput(output).with(1, 2n)
        expect(() => parseProgramOutput(words)).toThrow(ProgramOutputError)
      }),
      { numRuns: 5 },
    )
  })
})

describe('application data', () => {
  const registry = '0xe7f1725e7734ce288f8367e1bb143e90bb3f0512'
  const data = {
    batchId: 40n,
    previousBatchId: 8n,
    conditions: [{ registry, fact: wordHex(5n) } as const],
  }

  test('is read as it was written, and what follows its conditions means nothing', () => {
    const words = buildApplicationData(data)
    expect(words).toEqual([40n, 8n, 1n, BigInt(registry), 5n])
    expect(parseApplicationData([...words, 99n])).toEqual(data)
  })

  test('is none where it ends before its conditions', () => {
    const words = buildApplicationData(data)
    for (let count = 0; count < words.length; count++)
      expect(parseApplicationData(words.slice(0, count))).toBeUndefined()
    expect(parseApplicationData([1n, 0n, 2n ** 200n])).toBeUndefined()
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('batches as recorded'), () => {
  test.for(wellFormedBatches.map((batch) => [batch.one.id, batch] as const))(
    '%s',
    ([, { words, one }]) => {
      const output = parseProgramOutput(words)
      expect(buildProgramOutput(output)).toEqual(words)
      const hash = one.ours?.['newSharedStateHash']
      expect(hash === undefined || sharedStateHash(output.next)).toBe(hash ?? true)
    },
  )

  const broken = recordedBatches.filter(({ one: { result } }) => {
    const reason = result?.revert?.reason ?? ''
    return /^programOutput|^SIZE_|^UNSUPPORTED/.test(reason)
  })
  test.for(broken.map((batch) => [batch.one.id, batch] as const))(
    '%s is no batch here either',
    ([, { words }]) => {
      expect(() => parseProgramOutput(words)).toThrow(ProgramOutputError)
    },
  )

  const layouts = l1Cases('perpetual.layout', 'layout')
  test.for(layouts.map((one) => [one.id, one] as const))('%s', ([, one]) => {
    const words = (one.words ?? []).map(({ value }) => BigInt(value))
    const output = parseProgramOutput(words)
    const fields = (one.words ?? []).map(({ field, value }) => [field, BigInt(value)])
    expect(annotated(output, words)).toEqual(fields)
    const application = parseApplicationData((one.applicationData ?? []).map(BigInt))
    expect(application?.conditions.map(conditionOf)).toEqual(output.conditions)
  })
})

type Field = readonly [name: string, value: bigint | undefined]

/** Each word by the name that the recording gives it; raw are only those that are read with a sign. */
function annotated(output: PerpetualOutput, raw: readonly bigint[]): readonly Field[] {
  const { availability } = output
  const values: readonly Field[] = [
    ['globalConfigurationHash', output.globalConfigurationHash],
    ['dataAvailabilityMode', availability.kind === 'validium' ? 0n : 1n],
    ['nAssetConfigs', BigInt(output.configurations.length)],
    ...output.configurations.flatMap(({ asset, hash }, at): readonly Field[] => [
      [`asset[${at}].id`, asset],
      [`asset[${at}].configHash`, hash],
    ]),
    ...stateFields('prevState', output.previous),
    ...stateFields('newState', output.next),
    ['expiration', output.expirationHour],
    ['nModifications', BigInt(output.modifications.length)],
    ...output.modifications.flatMap(({ starkKey, position, change }, at): readonly Field[] => [
      [`modification[${at}].starkKey`, starkKey],
      [`modification[${at}].position`, position],
      [`modification[${at}].biasedDiff`, change + 2n ** 64n],
    ]),
    ['forcedWords', BigInt(output.forced.reduce((sum, one) => sum + lengthOf(one), 0))],
    ['nForced', BigInt(output.forced.length)],
    ...output.forced.flatMap((action, at) =>
      Array.from({ length: lengthOf(action) }, (_, index): Field => [
        `forced[${at}].${index}`,
        undefined,
      ]),
    ),
    ['nConditions', BigInt(output.conditions.length)],
    ...output.conditions.map((condition, at): Field => [`condition[${at}]`, condition]),
    ...(availability.kind === 'validium'
      ? []
      : ([
          ['onchainDataHash', BigInt(availability.dataHash)],
          ['onchainDataSize', availability.dataWords],
        ] satisfies readonly Field[])),
  ]
  return values.map(([name, value], at) => [name, value ?? raw[at]])
}

function stateFields(which: string, state: SharedState): readonly Field[] {
  return [
    [`${which}.words`, BigInt(8 + 2 * (state.funding.length + state.prices.length))],
    [`${which}.positionsRoot`, state.positionsRoot],
    [`${which}.positionsHeight`, state.positionsHeight],
    [`${which}.ordersRoot`, state.ordersRoot],
    [`${which}.ordersHeight`, state.ordersHeight],
    [`${which}.nFunding`, BigInt(state.funding.length)],
    ...state.funding.flatMap(({ asset }, at): readonly Field[] => [
      [`${which}.funding[${at}].asset`, asset],
      [`${which}.funding[${at}].index`, undefined],
    ]),
    [`${which}.fundingTime`, state.fundingTime],
    [`${which}.nPrices`, BigInt(state.prices.length)],
    ...state.prices.flatMap(({ asset, price }, at): readonly Field[] => [
      [`${which}.price[${at}].asset`, asset],
      [`${which}.price[${at}].value`, price],
    ]),
    [`${which}.systemTime`, state.systemTime],
  ]
}

/** With the type before it. */
function lengthOf({ kind }: ForcedAction): number {
  return kind === 'withdrawal' ? 4 : 10
}
