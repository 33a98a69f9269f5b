import { describe, expect, test } from 'vitest'

import {
  judgeLiquidation,
  judgeSpotLiquidation,
} from '../../../lib/domain/margin/starknet-liquidation.ts'
import { coreMargin, magnitude, markOf } from '../../../lib/domain/margin/starknet-margin.ts'
import { leastQuote, marginChange } from '../../../lib/domain/margin/starknet-quote.ts'
import { holdingOf } from '../../../lib/domain/margin/starknet-trade.ts'
import {
  answerOf,
  big,
  expectAfter,
  isOurs,
  liquidationOf,
  reasonOf,
  sequenceCall,
} from './recorded-calls.ts'
import { generations, positionOf, titled, type Vector, vectorsOf } from './recorded.ts'

type Generation = (typeof generations)[number]

function judge(generation: Generation, vector: Vector) {
  const call = liquidationOf(generation, vector)
  return vector.kind === 'liquidate' ? judgeLiquidation(call) : judgeSpotLiquidation(call)
}

/** What the exchange's own position has in cash before, as far as the vector tells it. */
function ownBefore(generation: Generation, { pre }: Vector, id: string): bigint | undefined {
  const state = ((pre?.['positions'] ?? {}) as Readonly<Record<string, unknown>>)[id]
  return state === undefined ? undefined : positionOf(generation, state).collateral_stored
}

describe.each(generations)('generation %s', (generation) => {
  const spots = vectorsOf(generation, 'liquidate_spot_asset')
  const vectors = [...vectorsOf(generation, 'liquidate'), ...spots]
  const sequences = vectorsOf(generation, 'liquidate_sequence')

  test.skipIf(vectors.length === 0)(
    titled('every recorded liquidation is answered the same, and leaves the same positions'),
    () => {
      const ours = vectors.filter(isOurs)
      for (const vector of ours) {
        const verdict = judge(generation, vector)
        const told = [vector.id, vector.case]
        expect([...told, answerOf(verdict)]).toEqual([...told, reasonOf(vector)])
        expectAfter(liquidationOf(generation, vector), vector, verdict)
      }
      expect(ours.length).toBeGreaterThan(400)
    },
  )

  test.skipIf(vectors.length === 0)(
    titled('the fee position and the insurance fund get what the contract gives them'),
    () => {
      let counted = 0
      for (const vector of vectors.filter(isOurs)) {
        const verdict = judge(generation, vector)
        const after = vector.expect['after'] as Readonly<Record<string, unknown>> | undefined
        const fees = ownBefore(generation, vector, '0')
        const fund = ownBefore(generation, vector, '1')
        if (verdict.kind !== 'accepted' || fees === undefined || fund === undefined) continue
        expect([vector.id, fees + verdict.feePosition, fund + verdict.insuranceFund]).toEqual([
          vector.id,
          big(after?.['fee_position_collateral']),
          big(after?.['insurance_fund_collateral']),
        ])
        counted += 1
      }
      expect(counted).toBeGreaterThan(50)
    },
  )

  test.skipIf(vectors.length === 0)(
    titled('the least quote is the smallest that the contract still takes'),
    () => {
      let exact = 0
      for (const vector of vectors.filter(({ case: name }) => name.includes('min_quote'))) {
        const call = liquidationOf(generation, vector)
        const margin = coreMargin(call.liquidated, call.marks, generation)
        const mark = markOf(call.marks, call.asset)
        if (margin.kind !== 'margin' || !mark) throw new Error(`${vector.id} tells no margin`)
        const { balance } = holdingOf(call.liquidated, call.asset)
        const change = marginChange({ margin, mark, balance, base: call.base, generation })
        const least = leastQuote(change, generation, call.liquidatedFee - call.interestLiquidated)
        const told = [vector.id, vector.case]
        expect([...told, call.quote >= least]).toEqual([...told, reasonOf(vector) === 'ok'])
        if (call.quote === least) exact += 1
      }
      expect(exact).toBeGreaterThan(30)
    },
  )

  test.skipIf(sequences.length === 0)(
    titled('several fills of one order are taken up to its size, as recorded'),
    () => {
      for (const vector of sequences)
        expect([vector.id, sequenceOf(generation, vector)]).toEqual([vector.id, reasonOf(vector)])
    },
  )
})

/** Fill after fill of one order, as one multicall: what the first refused one says. */
function sequenceOf(generation: Generation, vector: Vector): string {
  const { order, fills } = vector.call as {
    readonly order: Readonly<Record<string, string>>
    readonly fills: readonly Readonly<Record<string, string>>[]
  }
  let last = sequenceCall(generation, vector)
  const signed = {
    position: '5',
    base: big(order['base_amount']),
    quote: big(order['quote_amount']),
    fee: 0n,
    isInCollateral: true,
    isExpired: false,
  }
  let filled = 0n
  for (const fill of fills) {
    const [base, quote] = [big(fill['base']), big(fill['quote'])]
    const verdict = judgeLiquidation({ ...last, base, quote, order: { ...signed, filled } })
    if (verdict.kind !== 'accepted') return answerOf(verdict)
    last = { ...last, liquidated: verdict.position, liquidator: verdict.counterparty }
    filled += magnitude(base)
  }
  return 'ok'
}
