import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Account } from '../../../lib/domain/margin/account.ts'
import {
  judgeEvmDeleverage,
  judgeEvmLiquidation,
} from '../../../lib/domain/margin/evm-liquidation.ts'
import { type EvmBook, evmMargin } from '../../../lib/domain/margin/evm-margin.ts'
import { Model } from '../../infra/contracts/evm-engine/model.ts'

// `Model` is written from the rules' description and held to the deployed contract by random actions.

const markets = ['BTC-USD', 'ETH-USD', 'SOL-USD']
const names = ['one', 'two', 'three']
const usd = 10n ** 6n
const bps = { initialBps: 500n, maintenanceBps: 300n, penaltyBps: 150n }
const rules = { liquidatorShareBps: 6_000n, closeFactorBps: 4_000n, smallPosition: 50n * usd }

const size = fc.bigInt(-(10n ** 21n), 10n ** 21n)
const holding = fc.record({
  size,
  cost: fc.bigInt(-(10n ** 12n), 10n ** 12n),
  index: fc.bigInt(-(10n ** 20n), 10n ** 20n),
})
const state = fc.record({
  cash: fc.tuple(...names.map(() => fc.bigInt(-(10n ** 11n), 10n ** 12n))),
  held: fc.tuple(...names.map(() => fc.tuple(...markets.map(() => fc.option(holding))))),
  prices: fc.tuple(...markets.map(() => fc.bigInt(1n, 10n ** 22n))),
  indexes: fc.tuple(...markets.map(() => fc.bigInt(-(10n ** 20n), 10n ** 20n))),
  insurance: fc.oneof(fc.constant(0n), fc.bigInt(0n, 10n ** 11n)),
  market: fc.integer({ min: 0, max: markets.length - 1 }),
  percent: fc.integer({ min: 1, max: 110 }),
  /** How the first account's cash stands to what it needs, in thousandths of its requirement. */
  edge: fc.option(fc.integer({ min: -1_500, max: 1_200 })),
  odd: fc.bigInt(-2n, 2n),
})
type State = typeof state extends fc.Arbitrary<infer T> ? T : never

function modelOf({ cash, held, prices, indexes, insurance, edge, odd }: State): Model {
  const model = new Model({
    ...bps,
    shareBps: 6_000n,
    closeBps: 4_000n,
    feeBps: 3n,
    small: 50n * usd,
  })
  model.insurance = insurance
  for (const [at, market] of markets.entries()) {
    model.price.set(market, prices[at] ?? 1n)
    model.index.set(market, indexes[at] ?? 0n)
  }
  for (const [at, name] of names.entries()) {
    const holder = model.holder(name)
    holder.cash = cash[at] ?? 0n
    for (const [which, one] of (held[at] ?? []).entries())
      if (one && one.size !== 0n) holder.held.set(markets[which] ?? '', { ...one })
  }
  if (edge !== null) {
    const { value, maintenance } = model.worth('one')
    model.holder('one').cash += (maintenance * BigInt(edge)) / 1_000n + odd - value
  }
  return model
}

function accountOf(model: Model, name: string): Account {
  const { cash, held } = model.holder(name)
  return {
    id: name,
    collateral: cash,
    holdings: [...held].map(([asset, { size: balance, cost, index: fundingIndex }]) => ({
      asset,
      balance,
      cost,
      fundingIndex,
    })),
  }
}

function bookOf(model: Model): EvmBook {
  return {
    unit: 10n ** 30n,
    marks: Object.fromEntries(
      markets.map((market) => [
        market,
        {
          price: model.price.get(market) ?? 0n,
          fundingIndex: model.index.get(market) ?? 0n,
          initialMarginBps: bps.initialBps,
          maintenanceMarginBps: bps.maintenanceBps,
          penaltyBps: bps.penaltyBps,
        },
      ]),
    ),
  }
}

function byAsset(account: Account): Account {
  return { ...account, holdings: account.holdings.toSorted((a, b) => (a.asset < b.asset ? -1 : 1)) }
}

function sizeOf(model: Model, { market, percent }: State): bigint {
  const held = model.holding('one', markets[market] ?? '').size
  return ((held < 0n ? -held : held) * BigInt(percent)) / 100n + 1n
}

const done = new Map<string, number>()

describe('the rules of the EVM engine are those of its contract', () => {
  test('what an account is worth, and what it must have', () => {
    fc.assert(
      fc.property(state, (one) => {
        const model = modelOf(one)
        for (const name of names) {
          const { value, initial, maintenance } = model.worth(name)
          expect(evmMargin(accountOf(model, name), bookOf(model))).toEqual({
            kind: 'margin',
            value,
            initial,
            requirement: maintenance,
          })
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('a liquidation: whether it is taken, and what it leaves to everybody', () => {
    fc.assert(
      fc.property(state, (one) => {
        const model = modelOf(one)
        const asset = markets[one.market] ?? ''
        const call = {
          book: bookOf(model),
          rules,
          insuranceFund: model.insurance,
          account: accountOf(model, 'one'),
          liquidator: accountOf(model, 'two'),
          asset,
          size: sizeOf(model, one),
        }
        const verdict = judgeEvmLiquidation(call)
        const refusal = model.liquidate('two', 'one', asset, call.size)
        done.set(refusal ?? 'ok', (done.get(refusal ?? 'ok') ?? 0) + 1)
        expect(verdict.kind === 'refused' ? verdict.reason : undefined).toBe(refusal)
        if (verdict.kind === 'refused') return
        expect(byAsset(verdict.account)).toEqual(byAsset(accountOf(model, 'one')))
        expect(byAsset(verdict.liquidator)).toEqual(byAsset(accountOf(model, 'two')))
        expect(verdict.insuranceFund).toBe(model.insurance)
      }),
      { numRuns: 10_000 },
    )
    for (const kind of [
      'ok',
      'NotLiquidatable',
      'SizeTooLarge',
      'InsuranceFundShort',
      'MarginTooLow',
    ])
      expect([kind, (done.get(kind) ?? 0) > 20]).toEqual([kind, true])
  })

  test('a deleveraging: whether it is taken, and what it leaves to both', () => {
    done.clear()
    fc.assert(
      fc.property(state, (one) => {
        const model = modelOf(one)
        const asset = markets[one.market] ?? ''
        const call = {
          book: bookOf(model),
          insuranceFund: model.insurance,
          account: accountOf(model, 'one'),
          counterparty: accountOf(model, 'three'),
          asset,
          size: sizeOf(model, one),
        }
        const verdict = judgeEvmDeleverage(call)
        const refusal = model.deleverage('one', 'three', asset, call.size)
        done.set(refusal ?? 'ok', (done.get(refusal ?? 'ok') ?? 0) + 1)
        expect(verdict.kind === 'refused' ? verdict.reason : undefined).toBe(refusal)
        if (verdict.kind === 'refused') return
        expect(byAsset(verdict.account)).toEqual(byAsset(accountOf(model, 'one')))
        expect(byAsset(verdict.counterparty)).toEqual(byAsset(accountOf(model, 'three')))
      }),
      { numRuns: 10_000 },
    )
    for (const kind of ['ok', 'NotBankrupt', 'InsuranceFundPays', 'NotOpposite', 'NotProfitable'])
      expect([kind, (done.get(kind) ?? 0) > 20]).toEqual([kind, true])
  })
})

test('where a price is too old nothing is said of the account, as the contract says nothing', () => {
  const account = {
    id: 'one',
    collateral: 5n,
    holdings: [{ asset: 'OLD-USD', balance: 1n, fundingIndex: 0n }],
  }
  expect(evmMargin(account, { marks: {}, unit: 10n ** 30n })).toEqual({
    kind: 'unknown',
    reason: 'StalePrice',
    asset: 'OLD-USD',
  })
})
