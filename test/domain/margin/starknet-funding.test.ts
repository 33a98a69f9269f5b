import { describe, expect, test } from 'vitest'
import { z } from 'zod'

import {
  coreMargin,
  type CoreMarks,
  type CoreMark,
} from '../../../lib/domain/margin/starknet-margin.ts'
import { afterExchange, holdingOf } from '../../../lib/domain/margin/starknet-trade.ts'
import { assetsOf, generations, titled, vectorsOf } from './recorded.ts'

const Whole = z.string().transform((text) => BigInt(text))
const Held = z.object({
  asset: z.string(),
  balance: Whole,
  cached_funding_index: Whole,
  funding_index_before: Whole.optional(),
  funding_index: Whole,
})
const Before = z.object({
  collateral_stored: Whole,
  holdings: z.array(Held),
  traded_asset: z.string().optional(),
  base_amount: Whole.optional(),
  quote_amount: Whole.optional(),
  fee: Whole.optional(),
})
type Before = z.infer<typeof Before>
const Settled = z.object({
  collateral_stored: Whole,
  collateral_provisional: Whole,
  holdings: z.array(z.object({ asset: z.string(), balance: Whole, cached_funding_index: Whole })),
})

type Generation = (typeof generations)[number]

function accountOf({ collateral_stored: collateral, holdings }: Before) {
  return {
    id: '7',
    collateral,
    holdings: holdings.map(({ asset, balance, cached_funding_index: fundingIndex }) => ({
      asset,
      balance,
      fundingIndex,
    })),
  }
}

/** Prices are not told, and funding asks none. */
function marksOf(generation: Generation, { holdings }: Before, when: 'before' | 'now'): CoreMarks {
  const known = assetsOf(generation)
  return Object.fromEntries(
    holdings.map((held): readonly [string, CoreMark] => {
      const one = known[held.asset]
      if (!one) throw new Error(`${held.asset} is not listed`)
      const fundingIndex = when === 'now' ? held.funding_index : (held.funding_index_before ?? 0n)
      return [held.asset, { ...one, price: 0n, fundingIndex }]
    }),
  )
}

describe.each(generations)('funding of generation %s', (generation) => {
  const effects = vectorsOf(generation, 'funding_effect')
  const settlements = vectorsOf(generation, 'funding_settlement')

  test.skipIf(effects.length === 0)(
    titled('a tick changes what every recorded position has, each holding rounded for itself'),
    () => {
      for (const { id, pre, expect: told } of effects) {
        const before = Before.parse(pre)
        const cash = (['before', 'now'] as const).map((when) => {
          const margin = coreMargin(
            accountOf(before),
            marksOf(generation, before, when),
            generation,
          )
          return margin.kind === 'margin' ? String(margin.collateral) : margin.reason
        })
        expect([id, ...cash]).toEqual([
          id,
          told['collateral_provisional_before'],
          told['collateral_provisional'],
        ])
      }
      expect(effects.length).toBeGreaterThan(40)
    },
  )

  test.skipIf(settlements.length === 0)(
    titled('a trade settles the one holding that it touches, as recorded'),
    () => {
      for (const { id, pre, expect: told } of settlements) {
        const before = Before.parse(pre)
        const {
          traded_asset: asset = '',
          base_amount: base = 0n,
          quote_amount: quote = 0n,
        } = before
        const marks = marksOf(generation, before, 'now')
        const mark = marks[asset]
        if (!mark) throw new Error(`${id} trades ${asset}, of which it tells nothing`)
        const exchange = { asset, base, quote, fee: before.fee ?? 0n, interest: 0n }
        const next = afterExchange(accountOf(before), exchange, mark)
        const wanted = Settled.parse(told)
        const margin = coreMargin(next, marks, generation)
        expect([id, next.collateral, margin]).toEqual([
          id,
          wanted.collateral_stored,
          expect.objectContaining({ collateral: wanted.collateral_provisional }),
        ])
        const kept = wanted.holdings.filter(({ balance }) => balance !== 0n)
        expect([id, next.holdings.length]).toEqual([id, kept.length])
        for (const { asset: one, balance, cached_funding_index: fundingIndex } of kept)
          expect([id, holdingOf(next, one)]).toEqual([id, { asset: one, balance, fundingIndex }])
      }
      expect(settlements.length).toBeGreaterThan(15)
    },
  )
})
