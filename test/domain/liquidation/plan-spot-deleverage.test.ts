import { expect, test } from 'vitest'

import {
  isSpotOnly,
  judgeSpotClosing,
  spotTakers,
} from '../../../lib/domain/liquidation/plan-spot-deleverage.ts'
import { coreMargin } from '../../../lib/domain/margin/starknet-margin.ts'
import { big, reasonOf } from '../margin/recorded-calls.ts'
import { titled, type Vector, vectorsOf } from '../margin/recorded.ts'
import { spotWorld, symbolOf } from './spot-vectors.ts'

const quoteOf = (vector: Vector) => big(vector.call?.['deleveraged_quote_amount'])

const rich = (id: string, collateral: bigint) => ({ id, collateral, holdings: [] })

const recorded = vectorsOf('D', 'deleverage_spot')

function closingIn(vector: Vector) {
  const { call = {} } = vector
  const { look, account } = spotWorld(vector)
  return {
    look,
    closing: {
      bankrupt: account(call['deleveraged_position_id']),
      counterparty: account(call['deleverager_position_id']),
      asset: symbolOf(call['base_asset_id']),
      size: -big(call['deleveraged_base_amount']),
    },
  }
}

test.skipIf(recorded.length === 0)(
  titled(
    'the whole of a spot holding goes at a price between the least and the most that the recorded contract took',
  ),
  () => {
    const cases = [
      ...new Set(recorded.flatMap(({ case: name }) => /^(.*_full)_low$/.exec(name)?.[1] ?? [])),
    ]
    for (const name of cases) {
      const of = (end: string) => recorded.find((one) => one.case === `${name}_${end}`)
      const [low, high] = [of('low'), of('high')]
      if (!low || !high) throw new Error(name)
      const { closing, look } = closingIn(high)
      const verdict = judgeSpotClosing(closing, look)
      if (verdict.kind !== 'accepted') throw new Error(`${name} ${verdict.kind}`)
      const quote = verdict.quote ?? 0n
      expect([name, quote >= quoteOf(low), quote <= quoteOf(high)]).toEqual([name, true, true])
      // The recorded least is too little to be healthier where it is refused.
      const isEnough = quote > quoteOf(low) || reasonOf(low) === 'ok'
      expect([name, isEnough]).toEqual([name, true])
      const before = coreMargin(closing.bankrupt, look.marks, 'D')
      const after = coreMargin(verdict.account, look.marks, 'D')
      if (before.kind !== 'margin' || after.kind !== 'margin') throw new Error(name)
      expect(after.value).toBeGreaterThan(before.value)
    }
    expect(cases.length).toBeGreaterThan(3)
  },
)

test.skipIf(recorded.length === 0)(
  titled(
    'a part of a spot holding is not taken for the share of the whole, though the recorded contract would take it',
  ),
  () => {
    const parts = recorded.filter(
      ({ case: name }) => /_(?:half|unit)_(?:debt|high)$/.test(name) && !name.includes('_at_'),
    )
    for (const vector of parts) {
      expect([vector.case, reasonOf(vector)]).toEqual([vector.case, 'ok'])
      const { closing, look } = closingIn(vector)
      expect(judgeSpotClosing(closing, look)).toEqual({
        kind: 'refused',
        reason: 'not-the-whole-holding',
      })
    }
    expect(parts.length).toBeGreaterThan(5)
  },
)

test.skipIf(recorded.length === 0)(
  titled(
    'whoever cannot pay, or beside whose spot there are synthetics, is refused in the contract’s words',
  ),
  () => {
    for (const name of ['poor_deleverager', 'with_synthetic_spot_leg']) {
      const vector = recorded.find((one) => one.case === name)
      if (!vector) throw new Error(name)
      const { closing, look } = closingIn(vector)
      const verdict = judgeSpotClosing(closing, look)
      expect([name, verdict.kind === 'refused' && verdict.reason]).toEqual([name, reasonOf(vector)])
    }
    const mixed = recorded.find(({ case: name }) => name === 'with_synthetic_spot_leg')
    const only = recorded.find(({ case: name }) => name === 'deep_full_high')
    if (!mixed || !only) throw new Error('both are recorded')
    const areSpotOnly = [mixed, only].map((vector) => {
      const { closing, look } = closingIn(vector)
      return isSpotOnly(closing.bankrupt, look.marks)
    })
    expect(areSpotOnly).toEqual([false, true])
  },
)

test.skipIf(recorded.length === 0)(
  titled(
    'the insurance fund is asked first, then whoever has most to spare; nobody who could not pay',
  ),
  () => {
    const vector = recorded.find(({ case: name }) => name === 'deep_full_high')
    if (!vector) throw new Error('it is recorded')
    const { closing, look } = closingIn(vector)
    const { bankrupt, asset } = closing
    const price = big(vector.call?.['deleveraged_quote_amount'])
    const accounts = [
      rich('100', price * 2n),
      rich('101', price * 3n),
      rich('1', price * 2n),
      rich('102', price / 2n),
      bankrupt,
    ]
    expect(spotTakers(accounts, { bankrupt, asset, look })).toEqual(
      ['1', '101', '100'].map((account) => ({ account, most: closing.size })),
    )
  },
)
