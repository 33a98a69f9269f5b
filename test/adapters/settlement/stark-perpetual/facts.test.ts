import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import { assetTypeOf } from '../../../../infra/contracts/l1/deploy-stark-perpetual.ts'
import { factOfRun } from '../../../../lib/adapters/settlement/facts/gps-fact.ts'
import { mainAndData, onePage } from '../../../../lib/adapters/settlement/facts/output-tree.ts'
import { keccakOfWords, packedWords } from '../../../../lib/adapters/settlement/facts/words.ts'
import {
  forcedTradeHash,
  forcedWithdrawalHash,
  tradeConsentHash,
} from '../../../../lib/adapters/settlement/stark-perpetual/forced-request.ts'
import { buildProgramOutput } from '../../../../lib/adapters/settlement/stark-perpetual/program-output.ts'
import {
  availabilityFact,
  escapeFact,
  neededFacts,
  stateTransitionFact,
} from '../../../../lib/adapters/settlement/stark-perpetual/state-transition-fact.ts'
import { sponge256 } from '../facts/own-keccak.ts'
import { l1Cases, l1Recording, titledL1 } from '../l1-vectors.ts'
import { anOutput } from './an-output.ts'
import { wellFormedBatches } from './recorded-batches.ts'

const big = z.coerce.bigint()
const program = 0x1b40021cbe547dc19f55932fb9e92bd930917978c6b82cfe2cc1516e47407b2n
const data = fc.array(fc.bigInt({ min: 0n, max: 2n ** 251n }), { maxLength: 9 })

describe('the fact of a batch', () => {
  test('of a validium is that of an output of one page', () => {
    fc.assert(
      fc.property(anOutput, (output) => {
        const words = buildProgramOutput({ ...output, availability: { kind: 'validium' } })
        expect(stateTransitionFact(words)).toBe(sponge256(packedWords(words)))
        const { gps } = neededFacts(words, { programHashes: [program], sequenceNumber: 3n })
        expect(gps).toEqual([factOfRun(program, { pages: [words], structure: onePage })])
      }),
      { numRuns: 20 },
    )
  })

  test('of a rollup is that of the output and its data, which a prover puts out instead of the hash', () => {
    fc.assert(
      fc.property(anOutput, data, (output, page) => {
        const dataHash = keccakOfWords(page)
        const dataWords = BigInt(page.length)
        const availability = { kind: 'rollup', dataHash, dataWords } as const
        const words = buildProgramOutput({ ...output, availability })
        const needed = neededFacts(words, { programHashes: [program], sequenceNumber: 3n })
        const run = { pages: [words.slice(0, -2), page], structure: mainAndData }
        expect(needed.gps).toEqual([factOfRun(program, run)])
        expect(needed.availability).toBeUndefined()
      }),
      { numRuns: 50 },
    )
  })

  test('is another one for each program of several verifiers', () => {
    fc.assert(
      fc.property(anOutput, (output) => {
        const programHashes = [program, program + 1n]
        const { gps } = neededFacts(buildProgramOutput(output), {
          programHashes,
          sequenceNumber: 0n,
        })
        expect(new Set(gps).size).toBe(2)
      }),
      { numRuns: 5 },
    )
  })
})

describe.skipIf(l1Recording === undefined)(titledL1('facts of batches as recorded'), () => {
  // A batch brought a second time was recorded with the first time's number: the contract never came to ask for it.
  const asked = wellFormedBatches.filter(
    ({ one: { ours, result } }) =>
      ours?.['stateTransitionFact'] !== undefined &&
      result?.revert?.reason !== 'INVALID_PREVIOUS_SHARED_STATE',
  )
  test.for(asked.map((batch) => [batch.one.id, batch] as const))('%s', ([, { words, one }]) => {
    const sequenceNumber = BigInt(z.string().parse(one.pre?.['sequenceNumber']))
    const needed = neededFacts(words, { programHashes: [program], sequenceNumber })
    expect({
      stateTransitionFact: needed.stateTransition,
      sharpFact: needed.gps[0],
      availabilityFact: needed.availability,
    }).toEqual({
      stateTransitionFact: one.ours?.['stateTransitionFact'],
      sharpFact: one.ours?.['sharpFact'],
      availabilityFact: one.ours?.['availabilityFact'],
    })
  })

  const Claim = z.object({
    inputs: z.object({
      vaultsRoot: z.coerce.bigint(),
      vaultsHeight: z.coerce.bigint(),
      ordersRoot: z.coerce.bigint(),
      ordersHeight: z.coerce.bigint(),
      nextSequenceNumber: z.coerce.bigint(),
    }),
    claim: z.string(),
  })
  const committee = l1Cases('perpetual.committee').filter(
    ({ ours }) => Claim.safeParse(ours).success,
  )
  test.for(committee.map((one) => [one.id, one] as const))('%s', ([, { ours }]) => {
    const { inputs, claim } = Claim.parse(ours)
    const state = {
      positionsRoot: inputs.vaultsRoot,
      positionsHeight: inputs.vaultsHeight,
      ordersRoot: inputs.ordersRoot,
      ordersHeight: inputs.ordersHeight,
      funding: [],
      fundingTime: 0n,
      prices: [],
      systemTime: 0n,
    }
    expect(availabilityFact(state, inputs.nextSequenceNumber)).toBe(claim)
  })

  test.for(l1Cases('perpetual.freeze.escape').map((one) => [one.id, one] as const))(
    '%s',
    ([, { call, result }]) => {
      const [starkKey, position, amount] = z.tuple([big, big, big]).parse(call?.args)
      // The state of the third batch.
      const state = '0x9b466003d05df4af6fcee472982d541bfdfe79478de40db95b689f52d1427665'
      const query = result?.factQueries?.[0]
      const fact = escapeFact({ starkKey, amount, state, position })
      expect(query === undefined || fact).toBe(query?.fact ?? true)
    },
  )

  const Trade = z.tuple([
    big,
    big,
    big,
    big,
    big,
    big,
    big,
    big,
    z.boolean(),
    big,
    big,
    z.string(),
    z.boolean(),
  ])
  const trades = l1Cases('perpetual.forced.trade').filter(
    ({ call }) => Trade.safeParse(call?.args).success,
  )
  test.for(trades.map((one) => [one.id, one] as const))('%s', ([, { call, ours }]) => {
    const [starkKeyA, starkKeyB, positionA, positionB, collateral, ...rest] = Trade.parse(
      call?.args,
    )
    const [syntheticAsset, collateralAmount, syntheticAmount, aBuysSynthetic, lastHour, nonce] =
      rest
    const trade = {
      starkKeyA,
      starkKeyB,
      positionA,
      positionB,
      syntheticAsset,
      collateralAmount,
      syntheticAmount,
      aBuysSynthetic,
      nonce,
    }
    const action = forcedTradeHash(trade, collateral)
    expect({ actionHash: action, consentHash: tradeConsentHash(action, lastHour) }).toEqual(ours)
  })

  const hashes = l1Cases('perpetual.', 'hash')
  test.for(hashes.map((one) => [one.id, one] as const))('%s', ([, { inputs, outputs }]) => {
    expect(hashesOf(inputs)).toEqual(outputs)
  })
})

const Withdrawal = z.object({ starkKey: big, vaultId: big, quantizedAmount: big })
const AssetType = z.object({ assetInfo: z.templateLiteral(['0x', z.string()]), quantum: big })

/** Of what is to be hashed, by what it has; the contract's own answer is the same. */
function hashesOf(inputs: unknown): Readonly<Record<string, string>> {
  const withdrawal = Withdrawal.safeParse(inputs)
  if (withdrawal.success) {
    const { starkKey, vaultId: position, quantizedAmount: amount } = withdrawal.data
    const actionHash = forcedWithdrawalHash({ starkKey, position, amount })
    return { actionHash, contract: actionHash }
  }
  const { assetInfo, quantum } = AssetType.parse(inputs)
  return { assetType: `0x${assetTypeOf(assetInfo, quantum).toString(16)}` }
}
