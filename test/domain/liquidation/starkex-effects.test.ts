import { describe, expect, test } from 'vitest'

import type { Deleverage, Liquidate } from '../../../lib/domain/action.ts'
import { starkexEffects, withEffects } from '../../../lib/domain/liquidation/starkex-effects.ts'
import type { Account } from '../../../lib/domain/margin/account.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { anAccount, anOffer, aStarkexLook, one } from './starkex-look.ts'

const of = { engine: 'perps', round: 1, at: timestamp(0), apart: true } as const
const market = parseMarket('A-USD')

/** 4,000 of account 1's long are sold to position 20 for 3,990, which pays 3 besides. */
const liquidation: Liquidate = {
  ...of,
  kind: 'liquidate',
  updates: [
    {
      market,
      account: '1',
      asset: '0xa',
      size: 4_000n,
      base: -4_000n,
      cash: 3_990n,
      penalty: 0n,
      reward: 7n,
      cover: 0n,
      starkex: { order: anOffer().order, fee: 3n },
    },
  ],
}

/** All 10,000 of account 1's long go to account 2, who is short, for 9,500. */
const deleverage: Deleverage = {
  ...of,
  kind: 'deleverage',
  updates: [
    {
      market,
      account: '1',
      counterparty: '2',
      asset: '0xa',
      size: 10_000n,
      loss: 500n,
      base: -10_000n,
      quote: 9_500n,
    },
  ],
}

const long = anAccount('1', -9_000n, { '0xa': 10_000n })
const after = (account: Account, ...actions: readonly (Liquidate | Deleverage)[]) =>
  withEffects(account, starkexEffects(actions), aStarkexLook())

describe('an account, with what our work has made of it since the newest batch', () => {
  test('has sold what was liquidated, and whoever took it over has it', () => {
    expect(after(long, liquidation)).toEqual(anAccount('1', -5_010n, { '0xa': 6_000n }))
    expect(after(anAccount('20', 100_000n), liquidation)).toEqual(
      anAccount('20', 96_007n, { '0xa': 4_000n }),
    )
  })

  test('pays funding of what it took over from the newest index on, and of the rest as before', () => {
    const { marks } = aStarkexLook()
    const { '0xa': mark } = marks
    if (!mark) throw new Error('it has a mark')
    const look = aStarkexLook({ marks: { ...marks, '0xa': { ...mark, fundingIndex: 5n } } })
    const effects = starkexEffects([liquidation])
    const taker = withEffects(anAccount('20', 0n, { '0xb': one }), effects, look)
    expect(taker.holdings).toEqual([
      { asset: '0xb', balance: one, fundingIndex: 0n },
      { asset: '0xa', balance: 4_000n, fundingIndex: 5n },
    ])
  })

  test('has given up what was deleveraged, and so has the other side', () => {
    expect(after(long, deleverage)).toEqual(anAccount('1', 500n))
    expect(after(anAccount('2', 50_000n, { '0xa': -12_000n }), deleverage)).toEqual(
      anAccount('2', 40_500n, { '0xa': -2_000n }),
    )
  })

  test('is as the batch says where that has it already: nothing is closed twice', () => {
    const closed = anAccount('1', 500n)
    expect(after(closed, deleverage)).toEqual(closed)
    const rest = anAccount('1', -5_010n, { '0xa': 6_000n })
    expect(after(rest, deleverage)).toEqual(rest)
  })

  test('is as the batch says where none of it concerns it', () => {
    const other = anAccount('3', 7n, { '0xb': -1n })
    expect(after(other, liquidation, deleverage)).toBe(other)
  })
})
