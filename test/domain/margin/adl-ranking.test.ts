import { expect, test } from 'vitest'
import { z } from 'zod'

import { Decimal } from '../../../lib/domain/decimal.ts'
import {
  type AdlCandidate,
  bitmexRank,
  hyperliquidIndex,
  rankForAdl,
} from '../../../lib/domain/margin/adl-ranking.ts'
import { casesOf, Exact, isThere, titled } from './keeper-vectors.ts'

const d = (text: string | number) => new Decimal(text)

function aCandidate(account: string, bent: Partial<AdlCandidate> = {}): AdlCandidate {
  return { account, size: d(1), entryPrice: d(50_000), accountValue: d(10_000), ...bent }
}

test.skipIf(!isThere)(titled('BitMEX: profit times leverage, a loss divided by it'), () => {
  const One = z.object({ size: Exact, entry: Exact, mark: Exact, bankruptcy: Exact, rank: Exact })
  const all = casesOf('bitmex.adlRank', One)
  for (const { size, entry: entryPrice, mark, bankruptcy, rank } of all) {
    // With that position alone, the account has what lies between mark and bankruptcy.
    const accountValue = mark.minus(bankruptcy).mul(size)
    const found = bitmexRank({ account: 'one', size, entryPrice, accountValue }, mark)
    expect(found.toPrecision(9)).toBe(rank.toPrecision(9))
  }
  expect(all).toHaveLength(5)
})

test.skipIf(!isThere)(titled('Hyperliquid: gain times leverage'), () => {
  const One = z.object({
    mark: Exact,
    entry: Exact,
    notional: Exact,
    accountValue: Exact,
    index: Exact,
  })
  const all = casesOf('hyperliquid.adlIndex', One)
  for (const { mark, entry: entryPrice, notional, accountValue, index } of all) {
    const found = hyperliquidIndex(
      { account: 'one', size: notional.div(mark), entryPrice, accountValue },
      mark,
    )
    expect(found.toFixed(9)).toBe(index.toFixed(9))
  }
  expect(all).toHaveLength(2)
})

const view = { mark: d(55_000), bankruptSize: d(-3), start: 0 }
const ids = (list: readonly AdlCandidate[]) => list.map(({ account }) => account)

test('only the opposite side is asked, first the most gained and most leveraged', () => {
  const candidates = [
    aCandidate('calm', { accountValue: d(50_000) }),
    aCandidate('loser', { entryPrice: d(56_000) }),
    aCandidate('same side', { size: d(-1) }),
    aCandidate('keen', { accountValue: d(5_000) }),
    aCandidate('none', { size: d(0) }),
  ]
  expect(ids(rankForAdl(candidates, 'bitmex', view))).toEqual(['keen', 'calm', 'loser'])
  // Whoever has lost is never asked by Hyperliquid.
  expect(ids(rankForAdl(candidates, 'hyperliquid', view))).toEqual(['keen', 'calm'])
})

test('of two shorts, the one that has gained more comes first', () => {
  const mark = d(50_000)
  const shorts = [
    aCandidate('less', { size: d(-1), entryPrice: d(55_000) }),
    aCandidate('more', { size: d(-1), entryPrice: d(60_000) }),
  ]
  const long = { mark, bankruptSize: d(2), start: 0 }
  expect(ids(rankForAdl(shorts, 'hyperliquid', long))).toEqual(['more', 'less'])
  expect(ids(rankForAdl(shorts, 'bitmex', long))).toEqual(['more', 'less'])
})

test('equals stand by their names, so that all nodes have one list', () => {
  const twins = ['b', 'c', 'a'].map((name) => aCandidate(name))
  expect(ids(rankForAdl(twins, 'bitmex', view))).toEqual(['a', 'b', 'c'])
})

test('dYdX begins anywhere, goes round once, and stops after 500', () => {
  const names = Array.from({ length: 600 }, (_, at) => String(at).padStart(3, '0'))
  const all = names.map((name) => aCandidate(name))
  const found = ids(rankForAdl(all, 'dydx', { ...view, start: 1_199 }))
  expect(found.slice(0, 3)).toEqual(['599', '000', '001'])
  expect(found).toHaveLength(500)
  expect(rankForAdl([], 'dydx', view)).toEqual([])
})
