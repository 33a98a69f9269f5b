import { describe, expect, test } from 'vitest'

import { fairQuotes, judgeDeleverage } from '../../../lib/domain/margin/starknet-deleverage.ts'
import { coreMargin, markOf } from '../../../lib/domain/margin/starknet-margin.ts'
import { marginChange } from '../../../lib/domain/margin/starknet-quote.ts'
import { judgeReduction } from '../../../lib/domain/margin/starknet-reduce.ts'
import { spotQuotes } from '../../../lib/domain/margin/starknet-spot-share.ts'
import { holdingOf } from '../../../lib/domain/margin/starknet-trade.ts'
import {
  answerOf,
  deleverageOf,
  expectAfter,
  isOurs,
  reasonOf,
  reductionOf,
} from './recorded-calls.ts'
import { generations, titled, vectorsOf } from './recorded.ts'

describe.each(generations)('generation %s', (generation) => {
  const synthetic = vectorsOf(generation, 'deleverage')
  const spot = vectorsOf(generation, 'deleverage_spot')
  const reductions = vectorsOf(generation, 'reduce_asset_position')

  test.skipIf(synthetic.length === 0)(
    titled('every recorded deleverage is answered the same, and leaves the same positions'),
    () => {
      const ours = [...synthetic, ...spot].filter(isOurs)
      for (const vector of ours) {
        const call = deleverageOf(generation, vector)
        const verdict = judgeDeleverage(call)
        const told = [vector.id, vector.case]
        expect([...told, answerOf(verdict)]).toEqual([...told, reasonOf(vector)])
        expectAfter(call, vector, verdict)
      }
      expect(ours.length).toBeGreaterThan(250)
    },
  )

  test.skipIf(synthetic.length === 0)(
    titled('the fair quotes are those that the contract takes, and no others'),
    () => {
      let fair = 0
      for (const vector of synthetic) {
        const reason = reasonOf(vector)
        if (!['ok', 'POSITION_IS_NOT_FAIR_DELEVERAGE'].includes(reason)) continue
        const call = deleverageOf(generation, vector)
        const margin = coreMargin(call.deleveraged, call.marks, generation)
        const mark = markOf(call.marks, call.asset)
        if (margin.kind !== 'margin' || !mark) throw new Error(`${vector.id} tells no margin`)
        const { balance } = holdingOf(call.deleveraged, call.asset)
        const change = marginChange({ margin, mark, balance, base: call.base, generation })
        const found = fairQuotes(change, { base: call.base, interest: call.interestDeleveraged })
        const isFair = found.kind === 'quotes' && found.quotes.includes(call.quote)
        expect([vector.id, vector.case, isFair]).toEqual([vector.id, vector.case, reason === 'ok'])
        if (isFair) fair += 1
      }
      expect(fair).toBeGreaterThan(30)
    },
  )

  test.skipIf(reductions.length === 0)(
    titled('every recorded reduction at the mark is answered the same'),
    () => {
      for (const vector of reductions.filter(isOurs)) {
        const call = reductionOf(generation, vector)
        const verdict = judgeReduction(call)
        const told = [vector.id, vector.case]
        expect([...told, answerOf(verdict)]).toEqual([...told, reasonOf(vector)])
        expectAfter(call, vector, verdict)
      }
    },
  )
})

const spots = vectorsOf('D', 'deleverage_spot')

test.skipIf(spots.length === 0)(
  titled(
    'a spot holding is proposed whole, at the quotes that the contract takes, and never in part',
  ),
  () => {
    let whole = 0
    let parts = 0
    for (const vector of spots) {
      const reason = reasonOf(vector)
      if (!['ok', 'POSITION_IS_NOT_FAIR_SPOT_DELEVERAGE'].includes(reason)) continue
      const { deleveraged, asset, base, marks, quote } = deleverageOf('D', vector)
      const isWhole = base === -holdingOf(deleveraged, asset).balance
      const found = spotQuotes(deleveraged, { asset, base, interest: 0n }, marks)
      const isFair = found.kind === 'quotes' && found.least <= quote && quote <= found.most
      expect([vector.id, found.kind, isFair]).toEqual([
        vector.id,
        isWhole ? 'quotes' : 'not-the-whole-holding',
        isWhole && reason === 'ok',
      ])
      whole += isWhole ? 1 : 0
      parts += isWhole ? 0 : 1
    }
    expect([whole > 15, parts > 15]).toEqual([true, true])
  },
)
