import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { openBacktest } from '../../../lib/domain/backtest/backtest.ts'
import { coreExchange } from '../../../lib/domain/backtest/core-exchange.ts'
import { crowdAccount } from '../../../lib/domain/backtest/crowd.ts'
import { assetAt } from '../../../lib/domain/backtest/played-exchange.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { type Account, healthOf } from '../../../lib/domain/margin/account.ts'
import { coreMargin, type CoreMarks } from '../../../lib/domain/margin/starknet-margin.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import {
  aSetup,
  begin,
  btc,
  coreRules,
  finder,
  minute,
  postedAt,
  together,
  valley,
  withPremium,
} from './a-backtest.ts'

const exchange = coreRules
const initialMarginBps = 500n
const symbols = [parseMarket('BTC-USD')]

/** The contract's own marks, made by hand: BTC in millionths, so a dollar is a 1e-6 USD for each of them, over 2^28. */
function marksBy(price: number): CoreMarks {
  return {
    [assetAt(0)]: {
      kind: 'synthetic',
      price: BigInt(price) << 28n,
      fundingIndex: 0n,
      ...exchange.risk,
    },
  }
}

function marksAt(price: number) {
  return coreExchange(exchange, symbols).marksAt({
    now: begin,
    round: 0,
    posted: [postedAt(price)],
    fundingIndex: [0n],
  })
}

function crowd(count: number, price: number): readonly Account[] {
  return Array.from({ length: count }, (_, number) =>
    crowdAccount({ seed: 1, number, day: 0, initialMarginBps }, marksAt(price)),
  )
}

describe('accounts on starknet-perpetual', () => {
  test('are healthy when they are made, and have no more leverage than is said', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(10_000), fc.nat(30_000), (seed, number, day) => {
        const account = crowdAccount({ seed, number, day, initialMarginBps }, marksAt(20_000))
        const margin = coreMargin(account, marksBy(20_000), 'D')
        if (margin.kind !== 'margin') throw new Error('it has marks')
        expect(4n * margin.value).toBeGreaterThanOrEqual(5n * margin.requirement)
        // One holding of 2.5 %: at most 16 times what it is worth.
        expect(16n * margin.value).toBeGreaterThanOrEqual(40n * margin.requirement)
        expect(account.holdings.every(({ cost }) => cost === undefined)).toBe(true)
      }),
    )
  })

  test('are found, each of them: by the contract’s rule nobody is below the requirement when a minute is over', () => {
    const setup = aSetup(valley.length, { accounts: 150, exchange })
    const backtest = openBacktest({ setup, seriesOf: finder(together(valley)) })
    for (let round = 0; round < valley.length; round += 1) {
      backtest.run(1)
      const { exchange: state, pushes } = backtest.state()
      const posted = pushes.posted[0]
      if (!posted) continue
      const price = (posted.price << 28n) / 10n ** 18n
      const [asset] = Object.keys(marksBy(1))
      const marks = { [asset ?? '']: { ...marksBy(1)[asset ?? ''], price } } as CoreMarks
      const fallen = state.accounts.filter((account) => {
        const margin = coreMargin(account, marks, 'D')
        return margin.kind !== 'margin' || healthOf(margin) !== 'healthy'
      })
      expect(fallen).toEqual([])
    }
    expect(backtest.result().exchange.liquidations.all).toBeGreaterThan(20)
  })

  test('lose by a liquidation what is the penalty and no more; the fund gets its part, and pays what is owed', () => {
    const fall = fc.integer({ min: 15_000, max: 19_900 })
    const funds = fc.bigInt({ min: 0n, max: 10n ** 9n })
    const accounts = crowd(80, 20_000)
    fc.assert(
      fc.property(fall, funds, (price, fund) => {
        const marks = marksAt(price)
        const valueOf = (account: Account): bigint => {
          const margin = coreMargin(account, marksBy(price), 'D')
          if (margin.kind !== 'margin') throw new Error('it has marks')
          return margin.value
        }
        const { policy } = aSetup(1).liquidation
        const plan = marks.planLiquidations({ candidates: accounts, fund, policy })
        let left = fund
        for (const part of plan.parts) {
          const account = accounts.find(({ id }) => id === part.account)
          const done = account && marks.liquidate(part, { account, fund: left })
          if (!account || !done) throw new Error('what is planned is taken')
          expect(valueOf(done.account)).toBe(valueOf(account) - done.penalty + done.cover)
          expect(done.fund).toBe(left + done.penalty - done.reward - done.cover)
          expect(done.fund).toBeGreaterThanOrEqual(0n)
          expect(done.penalty).toBeGreaterThanOrEqual(done.reward)
          left = done.fund
        }
        // Whoever has less than nothing and is not paid for is to be deleveraged.
        const bankrupt = accounts.filter((account) => valueOf(account) < 0n).map(({ id }) => id)
        const paid = plan.parts.map(({ account }) => account)
        expect(bankrupt.filter((id) => !paid.includes(id)).toSorted()).toEqual(
          plan.uncovered.toSorted(),
        )
      }),
    )
  })

  test('need more for holdings of a higher tier', () => {
    const boundary = 10_000
    const risk = { riskFactorTiers: [25n, 50n], firstTierBoundary: 10_000_000_000n, tierSize: 0n }
    const accounts = crowd(300, 20_000)
    const marks = coreExchange({ ...exchange, risk }, symbols).marksAt({
      now: begin,
      round: 0,
      posted: [postedAt(18_500)],
      fundingIndex: [0n],
    })
    const { policy } = aSetup(1).liquidation
    const { liquidatable } = marks.planLiquidations({ candidates: accounts, fund: 0n, policy })
    // In dollars, with doubles: by the tier that the holding's worth is of.
    const below = accounts.filter(({ collateral, holdings: [held] }) => {
      const worth = (Number(held?.balance ?? 0n) / 1e6) * 18_500
      const needed = Math.abs(worth) * (Math.abs(worth) < boundary ? 0.025 : 0.05)
      return Number(collateral) / 1e6 + worth < needed
    })
    expect(liquidatable).toBe(below.length)
    const flat = marksAt(18_500).planLiquidations({ candidates: accounts, fund: 0n, policy })
    expect(liquidatable).toBeGreaterThan(flat.liquidatable)
  })

  test('that nobody can pay for are closed against winners at a price that leaves nothing open', () => {
    // A fifth in a minute: half of the crowd has less than nothing, and there is no fund.
    const prices = [20_000, 20_000, 16_000, 16_000, 16_000, 16_000]
    const setup = aSetup(prices.length, {
      accounts: 150,
      exchange: { ...exchange, insuranceFund: 0n },
    })
    const backtest = openBacktest({ setup, seriesOf: finder(together(prices)) })
    while (backtest.run(1));
    const { accounts } = backtest.state().exchange
    const marks = marksBy(16_000)
    for (const account of accounts) {
      const margin = coreMargin(account, marks, 'D')
      expect(margin.kind === 'margin' && margin.value >= 0n).toBe(true)
    }
    const { exchange: course, totals } = backtest.result()
    expect(course.deleverages.all).toBeGreaterThan(5)
    const losses = course.deleverages.listed.reduce(
      (sum, { lossUsd }) => sum.add(lossUsd),
      new Decimal(0),
    )
    expect(totals.shortfallUsd).toBe(losses.toFixed())
    expect(losses.gt(0)).toBe(true)
    expect(new Decimal(totals.fundLowestUsd).gte(0)).toBe(true)
  })
})

describe('funding on starknet-perpetual', () => {
  test('is what the premium of the epoch before comes to, paid by longs on what they hold', () => {
    const outcome = withPremium({ exchange })
    const { funding } = btc(outcome)
    expect(funding.map(({ at, samples }) => [(at - begin) / minute, samples])).toEqual([
      [10, 10],
      [20, 10],
      [30, 10],
    ])
    const interest = outcome.exchange.openInterest.last.at(-1) ?? 0
    for (const { rate, capped, paidUsd } of funding) {
      expect(new Decimal(rate).toFixed(15)).toBe(new Decimal('0.001').div(6).toFixed(15))
      expect(capped).toBe(false)
      expect(Number(paidUsd)).toBeCloseTo(interest / 6_000, 2)
    }
  })

  test('stays below the contract’s cap, and says so', () => {
    // A ten-thousandth for each epoch at most: less than the sixth of a thousandth that the premium asks for.
    const outcome = withPremium({ exchange: { ...exchange, maxFundingRate: 10n ** 14n } })
    const { funding } = btc(outcome)
    const interest = outcome.exchange.openInterest.last.at(-1) ?? 0
    expect(funding.length).toBe(3)
    for (const { capped, paidUsd } of funding) {
      expect(capped).toBe(true)
      expect(Number(paidUsd)).toBeLessThanOrEqual(interest / 10_000)
      expect(Number(paidUsd)).toBeGreaterThan(interest / 11_000)
    }
  })
})
