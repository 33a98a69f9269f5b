import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { openBacktest } from '../../../lib/domain/backtest/backtest.ts'
import { crowdAccount } from '../../../lib/domain/backtest/crowd.ts'
import { assetAt } from '../../../lib/domain/backtest/played-exchange.ts'
import { starkexExchange } from '../../../lib/domain/backtest/starkex-exchange.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { type Account, healthOf } from '../../../lib/domain/margin/account.ts'
import { starkexMargin, type StarkexMarks } from '../../../lib/domain/margin/starkex-margin.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import {
  aSetup,
  begin,
  btc,
  finder,
  minute,
  played,
  postedAt,
  starkexRules,
  together,
  valley,
  withPremium,
} from './a-backtest.ts'

const exchange = starkexRules
const initialMarginBps = 500n
const symbols = [parseMarket('BTC-USD')]
const one = 1n << 64n

/** The program's own marks, made by hand: BTC has 10 decimals and USDC 6, so a dollar is 2^32 / 10^4. */
function marksBy(price: bigint): StarkexMarks {
  return { [assetAt(0)]: { price, fundingIndex: 0n, segments, segmentedBy: 'balance' } }
}

const segments = exchange.risk['BTC-USD'] ?? []
// Rounded half up (oracle_price.cairo).
const scaled = (price: number): bigint => ((BigInt(price) << 32n) + 5_000n) / 10_000n

function marksAt(price: number) {
  return starkexExchange(exchange, symbols).marksAt({
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

function marginBy(account: Account, price: bigint) {
  const margin = starkexMargin(account, marksBy(price))
  if (margin.kind !== 'margin') throw new Error(margin.reason)
  return margin
}

describe('accounts on StarkEx', () => {
  test('are healthy when they are made, and have no more leverage than is said', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(10_000), fc.nat(30_000), (seed, number, day) => {
        const account = crowdAccount({ seed, number, day, initialMarginBps }, marksAt(20_000))
        const margin = marginBy(account, scaled(20_000))
        expect(4n * margin.value).toBeGreaterThanOrEqual(5n * margin.requirement)
        // One holding of 2.5 %: at most 16 times what it is worth, but for a unit that is rounded.
        expect(16n * (margin.value + one)).toBeGreaterThanOrEqual(40n * margin.requirement)
      }),
    )
  })

  test('are found, each of them: by the program’s rule nobody is below the requirement when a minute is over', () => {
    const setup = aSetup(valley.length, { accounts: 150, exchange })
    const backtest = openBacktest({ setup, seriesOf: finder(together(valley)) })
    for (let round = 0; round < valley.length; round += 1) {
      backtest.run(1)
      const { exchange: state, pushes } = backtest.state()
      const posted = pushes.posted[0]
      if (!posted) continue
      const divisor = 10n ** 22n
      const price = ((posted.price << 32n) + divisor / 2n) / divisor
      expect(
        state.accounts.filter((account) => healthOf(marginBy(account, price)) !== 'healthy'),
      ).toEqual([])
    }
    expect(backtest.result().exchange.liquidations.all).toBeGreaterThan(20)
  })

  test('lose by a liquidation what is the penalty, but for a unit that is rounded; whoever has less than nothing is left', () => {
    const accounts = crowd(80, 20_000)
    fc.assert(
      fc.property(fc.integer({ min: 15_000, max: 19_900 }), (price) => {
        const marks = marksAt(price)
        const mark = scaled(price)
        const { policy } = aSetup(1).liquidation
        const plan = marks.planLiquidations({ candidates: accounts, fund: 0n, policy })
        for (const part of plan.parts) {
          const account = accounts.find(({ id }) => id === part.account)
          const done = account && marks.liquidate(part, { account, fund: 0n })
          if (!account || !done) throw new Error('what is planned is taken')
          const [before, after] = [account, done.account].map((it) => marginBy(it, mark).value)
          const lost = (before ?? 0n) - (after ?? 0n) - done.penalty * one
          expect(lost).toBeGreaterThan(-one)
          expect(lost).toBeLessThan(one)
          expect(done.fund).toBe(done.penalty - done.reward)
          expect(done.cover).toBe(0n)
        }
        const bankrupt = accounts.filter((account) => marginBy(account, mark).value < 0n)
        expect(plan.uncovered.toSorted()).toEqual(bankrupt.map(({ id }) => id).toSorted())
      }),
    )
  })

  test('with less than nothing are closed against winners at the one price that is fair', () => {
    // A fifth in a minute: half of the crowd has less than nothing.
    const prices = [20_000, 20_000, 16_000, 16_000, 16_000, 16_000]
    const setup = aSetup(prices.length, { accounts: 150, exchange })
    const backtest = openBacktest({ setup, seriesOf: finder(together(prices)) })
    while (backtest.run(1));
    for (const account of backtest.state().exchange.accounts)
      expect(marginBy(account, scaled(16_000)).value).toBeGreaterThanOrEqual(0n)
    const { exchange: course, totals } = backtest.result()
    expect(course.deleverages.all).toBeGreaterThan(5)
    const losses = course.deleverages.listed.reduce(
      (sum, { lossUsd }) => sum.add(lossUsd),
      new Decimal(0),
    )
    expect(totals.shortfallUsd).toBe(losses.toFixed())
    expect(totals.fundPaidUsd).toBe('0')
  })

  test('of a market whose price its numbers cannot say are left alone', () => {
    const tiny = { ...exchange, resolution: { 'BTC-USD': 1n } }
    const outcome = played(
      aSetup(30, { accounts: 20, exchange: tiny }),
      together(valley.slice(0, 30)),
    )
    expect(outcome.totals.liquidations).toBe(0)
    expect(outcome.totals.pushes).toBeGreaterThan(0)
  })
})

describe('funding on StarkEx', () => {
  test('begins with indexes of nothing, and is then what the premium of the epoch before comes to', () => {
    const outcome = withPremium({ exchange })
    const { funding } = btc(outcome)
    expect(funding.map(({ at }) => (at - begin) / minute)).toEqual([1, 10, 20, 30])
    const interest = outcome.exchange.openInterest.last.at(-1) ?? 0
    // The first tick says 0 as soon as there is a price, and the second is of the nine minutes since.
    const shares = [0, 0.9, 1, 1]
    for (const [at, { rate, capped, paidUsd }] of funding.entries()) {
      const share = shares[at] ?? 0
      expect(new Decimal(rate).toFixed(15)).toBe(new Decimal('0.001').mul(share).div(6).toFixed(15))
      expect(capped).toBe(false)
      expect(Number(paidUsd)).toBeCloseTo((interest * share) / 6_000, 2)
    }
  })

  test('stays below the exchange’s cap, and says so', () => {
    // 1 in 2^32 a second: 600 of them in ten minutes, far less than a six-thousandth.
    const outcome = withPremium({ exchange: { ...exchange, maxFundingRate: 1n } })
    const interest = outcome.exchange.openInterest.last.at(-1) ?? 0
    for (const { capped, paidUsd } of btc(outcome).funding.slice(1)) {
      expect(capped).toBe(true)
      expect(Number(paidUsd)).toBeLessThanOrEqual((interest * 600) / 2 ** 32)
    }
  })
})
