import { randomInt } from 'node:crypto'

import { hash } from 'starknet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { hashOfCairo, readCairoClass } from '../../../infra/contracts/cairo/cairo-class.ts'
import type { CoreLiquidation } from '../../../lib/domain/margin/starknet-liquidation.ts'
import { magnitude } from '../../../lib/domain/margin/starknet-margin.ts'
import { noDevnet } from '../../adapters/chains/start-devnet-node.ts'
import {
  type Difference,
  fromModel,
  fromRules,
  type Opinion,
  opinionOf,
  tallyOf,
  wordOf,
} from './cairo/comparison.ts'
import { coreRulesSource } from './cairo/core-rules-class.ts'
import { type CoreRules, type Panic, startCoreRules } from './cairo/core-rules.ts'
import { mistakes } from './cairo/mistakes.ts'
import { mistaken, rules } from './cairo/rules.ts'
import type { Answer, Question, SignedLiquidation } from './cairo/words.ts'
import {
  big,
  deleverageOf,
  isOurs,
  liquidationOf,
  reasonOf,
  sequenceCall,
} from './recorded-calls.ts'
import {
  generations,
  judged,
  RecordedPosition,
  titled,
  type Vector,
  vectorsOf,
} from './recorded.ts'

// A third opinion of the core's margin rules: a Cairo contract of ours, written from the same text, on a real Starknet node. What the
// exchange's own contract has answered holds it, and it holds the rules and the second model.

type Generation = (typeof generations)[number]
type Words = Readonly<Record<string, unknown>>

describe('the compiled contract', () => {
  test('is what its source says, or compile.ts must be run again', () => {
    expect(readCairoClass(coreRulesSource).sourceHash).toBe(hashOfCairo(coreRulesSource))
  })

  test('is the class whose hash stands beside it', () => {
    const { classHash, contract } = readCairoClass(coreRulesSource)
    expect(hash.computeContractClassHash(contract)).toBe(classHash)
  })
})

describe.skipIf(noDevnet !== '')(`the core's margin rules in Cairo${noDevnet}`, () => {
  let contract: CoreRules
  beforeAll(async () => {
    contract = await startCoreRules()
  }, 120_000)
  afterAll(async () => contract.stop())

  describe.each(generations)('of generation %s', (generation) => {
    const margins = vectorsOf(generation, 'margin').filter(
      ({ case: name }) => name !== 'position_unknown',
    )
    test.skipIf(margins.length === 0)(
      titled('answer every recorded position as the exchange did'),
      async () => {
        const found = await contract.standings(
          margins.map(({ id, pre }) => ({
            generation,
            ...judged(generation, numberIn(id), RecordedPosition.parse(pre)),
          })),
        )
        expect(margins.map(({ id }, at) => [id, found[at]])).toEqual(
          margins.map(({ id, expect: expected }) => [id, standingIn(expected)]),
        )
        expect(margins.length).toBeGreaterThan(200)
      },
    )

    const plain = vectorsOf(generation, 'liquidate').filter(isOurs)
    const spot = vectorsOf(generation, 'liquidate_spot_asset').filter(isOurs)
    test.skipIf(plain.length === 0)(
      titled('answer every recorded liquidation as the exchange did, and leave the same positions'),
      async () => {
        const calls = [...plain, ...spot].map((vector) => signedIn(generation, vector))
        const answers = [
          ...(await contract.liquidations(calls.slice(0, plain.length))),
          ...(await contract.spotLiquidations(calls.slice(plain.length))),
        ]
        await expectRecorded(
          [...plain, ...spot],
          answers,
          calls.map(({ call }) => call),
        )
        expect(answers.length).toBeGreaterThan(400)
      },
    )

    const closings = ['deleverage', 'deleverage_spot']
      .flatMap((kind) => vectorsOf(generation, kind))
      .filter(isOurs)
    test.skipIf(closings.length === 0)(
      titled('answer every recorded deleverage as the exchange did, and leave the same positions'),
      async () => {
        const calls = closings.map((vector) => deleverageOf(generation, vector))
        const answers = await contract.deleverages(calls)
        await expectRecorded(closings, answers, calls)
        expect(answers.length).toBeGreaterThan(250)
      },
    )

    const sequences = vectorsOf(generation, 'liquidate_sequence')
    test.skipIf(sequences.length === 0)(
      titled('take several fills of one order up to its size, as recorded'),
      async () => {
        for (const vector of sequences) {
          const told = [vector.id, await sequenceOf(generation, vector)]
          expect(told).toEqual([vector.id, reasonOf(vector)])
        }
      },
    )
  })

  describe('of random states', () => {
    const seed = randomInt(2 ** 31)
    let opinion: Opinion
    beforeAll(async () => {
      opinion = await opinionOf(contract, seed)
    }, 120_000)

    test('say what our rules say', () => {
      expect({ seed, differences: first(fromRules(opinion, rules)) }).toEqual({
        seed,
        differences: [],
      })
    })

    test('say what the second model says', () => {
      expect({ seed, differences: first(fromModel(opinion)) }).toEqual({ seed, differences: [] })
    })

    test('are asked for each of these many times', () => {
      const tally = tallyOf(opinion)
      expect({ seed, rare: often.filter((word) => (tally.get(word) ?? 0) < 30) }).toEqual({
        seed,
        rare: [],
      })
      expect({ seed, never: sometimes.filter((word) => !tally.has(word)) }).toEqual({
        seed,
        never: [],
      })
    })

    test.each(mistakes)('find this mistake in a copy of the rules: $what', async (mistake) => {
      const copy = await mistaken(mistake)
      expect({ seed, isFound: first(fromRules(opinion, copy)).length > 0 }).toEqual({
        seed,
        isFound: true,
      })
    })
  })

  /** Every answer, and the margin of every position that an accepted one leaves. */
  async function expectRecorded(
    vectors: readonly Vector[],
    answers: readonly (Answer | Panic)[],
    calls: readonly Pick<Question, 'generation' | 'marks'>[],
  ): Promise<void> {
    expect(vectors.map(({ id }, at) => [id, wordAt(answers, at)])).toEqual(
      vectors.map((vector) => [vector.id, reasonOf(vector)]),
    )
    const left = vectors.flatMap((vector, at) => {
      const [answer, call] = [answers[at], calls[at]]
      if (answer?.kind !== 'accepted' || !call) return []
      const after = vector.expect['after'] as Readonly<Record<string, Words>>
      return answer.positions.map((account) => ({
        vector,
        question: { ...call, account },
        after: after[account.id],
      }))
    })
    const standings = await contract.standings(left.map(({ question }) => question))
    expect(left.map(({ vector }, at) => ({ id: vector.id, ...standings[at] }))).toMatchObject(
      left.map(({ vector, after }) => ({
        id: vector.id,
        value: big(after?.['total_value']),
        requirement: big(after?.['total_risk']),
        collateral: big(after?.['collateral_provisional']),
      })),
    )
  }

  /** Fill after fill of one order: what the first refused one says. */
  async function sequenceOf(generation: Generation, vector: Vector): Promise<string> {
    const { order, fills } = vector.call as {
      readonly order: Readonly<Record<string, string>>
      readonly fills: readonly Readonly<Record<string, string>>[]
    }
    const signed = { quoteAsset: 1n, feeAsset: 1n, expiration: 1n, now: 1n }
    let last: CoreLiquidation = { ...sequenceCall(generation, vector), base: 0n, quote: 0n }
    let filled = 0n
    for (const fill of fills) {
      const [base, quote] = [big(fill['base']), big(fill['quote'])]
      const call = {
        ...last,
        base,
        quote,
        order: {
          position: last.liquidator.id,
          base: big(order['base_amount']),
          quote: big(order['quote_amount']),
          fee: 0n,
          isInCollateral: true,
          isExpired: false,
          filled,
        },
      }
      const [answer] = await contract.liquidations([{ call, signed }])
      if (answer?.kind !== 'accepted') return answer ? wordOf(answer) : ''
      const [liquidated = last.liquidated, liquidator = last.liquidator] = answer.positions
      last = { ...last, liquidated, liquidator }
      filled += magnitude(base)
    }
    return 'ok'
  }
})

const often = [
  'healthy',
  'liquidatable',
  'deleveragable',
  'may change',
  'may not change',
  'liquidate: ok',
  'liquidate: POSITION_IS_NOT_LIQUIDATABLE',
  'liquidate: POSITION_NOT_HEALTHY_NOR_HEALTHIER',
  'liquidate: INVALID_BASE_CHANGE',
  'liquidate: INVALID_QUOTE_FEE_AMOUNT',
  'liquidate: ILLEGAL_BASE_TO_QUOTE_RATIO',
  'liquidate: ILLEGAL_FEE_TO_QUOTE_RATIO',
  'liquidate: FULFILLMENT_EXCEEDED',
  'liquidate spot: ok',
  'deleverage: ok',
  'deleverage: POSITION_IS_NOT_DELEVERAGABLE',
  'deleverage: POSITION_NOT_HEALTHY_NOR_HEALTHIER',
  'deleverage: POSITION_IS_NOT_FAIR_DELEVERAGE',
]
const sometimes = [
  'i64_sub Overflow',
  'i64_sub Underflow',
  'i64_add Overflow',
  'i64_add Underflow',
  'Funding index mul overflow',
  'liquidate: INVALID_INTEREST_RATE',
  'liquidate: Interest divergence',
  'liquidate spot: POSITION_NOT_HEALTHY_NOR_HEALTHIER',
  'deleverage: POSITION_IS_NOT_FAIR_SPOT_DELEVERAGE',
]

/** A few, for whoever reads why it failed. */
function first(differences: Generator<Difference>): readonly Difference[] {
  return differences.take(3).toArray()
}

function wordAt(answers: readonly (Answer | Panic)[], at: number): string {
  const answer = answers[at]
  return answer ? wordOf(answer) : ''
}

/** A position's number must be one in Cairo. */
function numberIn(id: string): string {
  return String(Number(/\d+$/.exec(id)?.[0]))
}

function standingIn(expected: Vector['expect']) {
  if (expected.ok === false) return { kind: 'panic', reason: expected.error }
  return {
    collateral: big(expected['collateral_provisional']),
    value: big(expected['total_value']),
    requirement: big(expected['total_risk']),
    isHealthy: expected['healthy'],
    isLiquidatable: expected['liquidatable'],
    isDeleveragable: expected['deleveragable'],
  }
}

/** With what the order itself says, where the rules are only told what it means. */
function signedIn(generation: Generation, vector: Vector): SignedLiquidation {
  const { order, ...call } = liquidationOf(generation, vector)
  if (!order) throw new Error(`${vector.id} has no order`)
  const signed = vector.call?.['liquidator_order'] as Words
  return {
    call: { ...call, order },
    signed: {
      quoteAsset: big(signed['quote_asset_id']),
      feeAsset: big(signed['fee_asset_id']),
      expiration: big(signed['expiration']),
      now: big(vector.pre?.['now']),
    },
  }
}
