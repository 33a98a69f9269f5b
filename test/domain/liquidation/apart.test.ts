import { describe, expect, test } from 'vitest'

import type { Deleverage, Liquidate, LiquidationPart } from '../../../lib/domain/action.ts'
import { piecesOf } from '../../../lib/domain/liquidation/apart.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const of = { engine: 'perps', round: 7, at: timestamp(0) } as const
const market = parseMarket('BTC-USD')

const part = (account: string): LiquidationPart => ({
  market,
  account,
  asset: '0xb',
  size: 1n,
  base: -1n,
  cash: 1n,
  penalty: 0n,
  reward: 0n,
  cover: 0n,
})

describe('a slot’s work', () => {
  test('is one piece where one transaction has all of it', () => {
    const action: Liquidate = { ...of, kind: 'liquidate', updates: [part('1'), part('2')] }
    expect(piecesOf(action)).toEqual([{ action, suffix: '' }])
  })

  test('is a piece for each account where each is a transaction, urgent where that one has less than nothing', () => {
    const bankrupt = { ...part('9'), isBankrupt: true } as const
    const updates = [bankrupt, part('1')]
    const pieces = piecesOf({ ...of, kind: 'liquidate', apart: true, urgent: true, updates })
    expect(pieces).toEqual([
      {
        action: { ...of, kind: 'liquidate', apart: true, urgent: true, updates: [bankrupt] },
        suffix: ':001:9:BTC-USD',
      },
      {
        action: { ...of, kind: 'liquidate', apart: true, updates: [part('1')] },
        suffix: ':002:1:BTC-USD',
      },
    ])
  })

  test('keeps its order by name, however many pieces there are', () => {
    const updates = Array.from({ length: 120 }, (_, at) => ({
      market,
      account: String(500 - at),
      counterparty: '2',
      asset: '0xb',
      size: 1n,
      loss: 0n,
    }))
    const action: Deleverage = { ...of, kind: 'deleverage', apart: true, updates }
    const pieces = piecesOf(action)
    const names = pieces.map(({ suffix }) => suffix)
    expect(names.toSorted((one, next) => (one < next ? -1 : 1))).toEqual(names)
    expect(pieces.map((one) => one.action.updates)).toEqual(updates.map((one) => [one]))
  })
})
