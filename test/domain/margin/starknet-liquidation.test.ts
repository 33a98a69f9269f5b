import { describe, expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import { fairQuotes, judgeDeleverage } from '../../../lib/domain/margin/starknet-deleverage.ts'
import {
  type CoreVerdict,
  judgeLiquidation,
  leastQuote,
  marginChange,
} from '../../../lib/domain/margin/starknet-liquidation.ts'
import {
  coreMargin,
  type CoreMark,
  type CoreMarks,
} from '../../../lib/domain/margin/starknet-margin.ts'
import { holdingOf } from '../../../lib/domain/margin/starknet-trade.ts'
import {
  assetsOf,
  generations,
  judged,
  positionOf,
  titled,
  type Vector,
  vectorsOf,
} from './recorded.ts'

type Generation = (typeof generations)[number]

/** What the contract says of positions and amounts; of roles, orders, signatures and assets others judge. */
const judgedReasons = new Set([
  'ok',
  'INVALID_SAME_POSITIONS',
  'INVALID_QUOTE_FEE_AMOUNT',
  'INVALID_ZERO_AMOUNT',
  'INVALID_AMOUNT_SIGN',
  'INVALID_BASE_CHANGE',
  'POSITION_IS_NOT_LIQUIDATABLE',
  'POSITION_IS_NOT_DELEVERAGABLE',
  'POSITION_IS_NOT_FAIR_DELEVERAGE',
  'POSITION_NOT_HEALTHY_NOR_HEALTHIER',
])

type Words = Readonly<Record<string, unknown>>

function big(value: unknown): bigint {
  return BigInt(typeof value === 'string' ? value : 0)
}

/** Those whose error is about the order itself, although the amounts have the same one. */
function isOfOrder({ case: name }: Vector): boolean {
  return name.startsWith('error_order')
}

function reasonOf({ expect: { ok, error } }: Vector): string {
  return ok === true ? 'ok' : (error ?? '').split(' ')[0]?.replace(/:$/, '') || ''
}

function assetBy(generation: Generation, id: unknown): string {
  const found = Object.entries(assetsOf(generation)).find(([, one]) => BigInt(one.id) === big(id))
  return found?.[0] ?? ''
}

type Pair = { readonly one: Account; readonly other: Account; readonly marks: CoreMarks }

/** The two positions of a call, with every mark that the vector tells; undefined where it does not hold one of them. */
function pairOf(
  generation: Generation,
  { pre }: Vector,
  ids: readonly [string, string],
): Pair | undefined {
  const positions = (pre?.['positions'] ?? {}) as Words
  const all = Object.fromEntries(
    Object.entries(positions).map(([id, state]) => [
      id,
      judged(generation, id, positionOf(generation, state)),
    ]),
  )
  const [one, other] = ids.map((id) => all[id])
  if (!one || !other) return undefined
  const marks = Object.fromEntries<CoreMark>(
    Object.values(all).flatMap((each) => Object.entries(each.marks)),
  )
  return { one: one.account, other: other.account, marks }
}

function answered(verdict: CoreVerdict): string {
  return verdict.kind === 'accepted' ? 'ok' : verdict.reason
}

function liquidationOf(generation: Generation, vector: Vector) {
  const call = vector.call as Words
  const order = call['liquidator_order'] as Words
  const ids = [String(call['liquidated_position_id']), String(order['position_id'])] as const
  const pair = pairOf(generation, vector, ids)
  return (
    pair && {
      generation,
      marks: pair.marks,
      liquidated: pair.one,
      liquidator: pair.other,
      asset: assetBy(generation, order['base_asset_id']),
      base: big(call['actual_amount_base_liquidated']),
      quote: big(call['actual_amount_quote_liquidated']),
      liquidatedFee: big(call['liquidated_fee_amount']),
      liquidatorFee: big(call['actual_liquidator_fee']),
      interestLiquidated: big(call['interest_amount_liquidated']),
      interestLiquidator: big(call['interest_amount_liquidator']),
    }
  )
}

function deleverageOf(generation: Generation, vector: Vector) {
  const call = vector.call as Words
  const ids = [
    String(call['deleveraged_position_id']),
    String(call['deleverager_position_id']),
  ] as const
  const pair = pairOf(generation, vector, ids)
  return (
    pair && {
      generation,
      marks: pair.marks,
      deleveraged: pair.one,
      deleverager: pair.other,
      asset: assetBy(generation, call['base_asset_id']),
      base: big(call['deleveraged_base_amount']),
      quote: big(call['deleveraged_quote_amount']),
      interestDeleveraged: big(call['interest_amount_deleveraged']),
      interestDeleverager: big(call['interest_amount_deleverager']),
    }
  )
}

/** The positions afterwards, as the vector tells them. */
function expectAfter(
  generation: Generation,
  vector: Vector,
  {
    verdict,
    asset,
    marks,
  }: { readonly verdict: CoreVerdict; readonly asset: string; readonly marks: CoreMarks },
): void {
  if (verdict.kind !== 'accepted') return
  const after = vector.expect['after'] as Readonly<Record<string, Words>> | undefined
  for (const account of [verdict.position, verdict.counterparty]) {
    const theirs = after?.[account.id]
    if (!theirs) continue
    const margin = coreMargin(account, marks, generation)
    expect([vector.id, account.id, margin]).toEqual([
      vector.id,
      account.id,
      {
        kind: 'margin',
        value: big(theirs['total_value']),
        requirement: big(theirs['total_risk']),
        collateral: big(theirs['collateral_provisional']),
      },
    ])
    expect([vector.id, holdingOf(account, asset).balance]).toEqual([
      vector.id,
      big(theirs['base_balance']),
    ])
  }
}

describe.each(generations)('generation %s', (generation) => {
  const liquidations = vectorsOf(generation, 'liquidate')
  const deleverages = vectorsOf(generation, 'deleverage')

  test.skipIf(liquidations.length === 0)(
    titled('every recorded liquidation is answered the same, and leaves the same positions'),
    () => {
      let counted = 0
      for (const vector of liquidations) {
        const reason = reasonOf(vector)
        const call = liquidationOf(generation, vector)
        if (!call || !judgedReasons.has(reason) || isOfOrder(vector)) continue
        const verdict = judgeLiquidation(call)
        expect([vector.id, vector.case, answered(verdict)]).toEqual([
          vector.id,
          vector.case,
          reason,
        ])
        expectAfter(generation, vector, { verdict, ...call })
        counted += 1
      }
      expect(counted).toBeGreaterThan(200)
    },
  )

  test.skipIf(deleverages.length === 0)(
    titled('every recorded deleverage is answered the same, and leaves the same positions'),
    () => {
      let counted = 0
      for (const vector of deleverages) {
        const reason = reasonOf(vector)
        const call = deleverageOf(generation, vector)
        if (!call || !judgedReasons.has(reason)) continue
        const verdict = judgeDeleverage(call)
        expect([vector.id, vector.case, answered(verdict)]).toEqual([
          vector.id,
          vector.case,
          reason,
        ])
        expectAfter(generation, vector, { verdict, ...call })
        counted += 1
      }
      expect(counted).toBeGreaterThan(150)
    },
  )

  test.skipIf(liquidations.length === 0)(
    titled('the least quote is the one that the contract still takes'),
    () => {
      let exact = 0
      for (const vector of liquidations) {
        const call = liquidationOf(generation, vector)
        if (!call || !/min_quote/.test(vector.case)) continue
        const margin = coreMargin(call.liquidated, call.marks, generation)
        const mark = call.marks[call.asset]
        if (margin.kind !== 'margin' || !mark) continue
        const { balance } = holdingOf(call.liquidated, call.asset)
        const change = marginChange({ margin, mark, balance, base: call.base, generation })
        const least = leastQuote(change, generation, call.liquidatedFee - call.interestLiquidated)
        const taken = reasonOf(vector) === 'ok'
        expect([vector.id, vector.case, call.quote >= least]).toEqual([
          vector.id,
          vector.case,
          taken,
        ])
        if (call.quote === least) exact += 1
      }
      expect(exact).toBeGreaterThan(10)
    },
  )

  test.skipIf(deleverages.length === 0)(
    titled('the fair quotes are those that the contract takes, and no others'),
    () => {
      let fair = 0
      for (const vector of deleverages) {
        const reason = reasonOf(vector)
        const call = deleverageOf(generation, vector)
        const isAboutQuote = ['ok', 'POSITION_IS_NOT_FAIR_DELEVERAGE'].includes(reason)
        const mark = call?.marks[call.asset]
        if (!call || !mark || !isAboutQuote) continue
        const margin = coreMargin(call.deleveraged, call.marks, generation)
        if (margin.kind !== 'margin') continue
        const { balance } = holdingOf(call.deleveraged, call.asset)
        const change = marginChange({ margin, mark, balance, base: call.base, generation })
        const quotes = fairQuotes(change, { base: call.base, interest: call.interestDeleveraged })
        expect([vector.id, quotes.includes(call.quote)]).toEqual([vector.id, reason === 'ok'])
        if (reason === 'ok') fair += 1
      }
      expect(fair).toBeGreaterThan(30)
    },
  )
})
