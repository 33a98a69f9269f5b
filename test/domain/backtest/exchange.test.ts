import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { unit } from '../../../lib/domain/backtest/backtest-setup.ts'
import { openBacktest } from '../../../lib/domain/backtest/backtest.ts'
import { crowdAccount } from '../../../lib/domain/backtest/crowd.ts'
import { evmExchange } from '../../../lib/domain/backtest/evm-exchange.ts'
import { collateralText } from '../../../lib/domain/backtest/exchange-course.ts'
import { assetAt } from '../../../lib/domain/backtest/played-exchange.ts'
import { Decimal } from '../../../lib/domain/decimal.ts'
import { healthOf } from '../../../lib/domain/margin/account.ts'
import { type EvmBook, evmMargin } from '../../../lib/domain/margin/evm-margin.ts'
import { parseMarket } from '../../../lib/domain/market.ts'
import { usd } from '../quotes.ts'
import {
  aSetup,
  begin,
  btc,
  evmRules,
  finder,
  minute,
  played,
  postedAt,
  together,
  valley,
  withPremium,
} from './a-backtest.ts'

describe('the made accounts', () => {
  const book: EvmBook = {
    marks: Object.fromEntries(
      [0, 1].map((at) => [
        assetAt(at),
        {
          price: BigInt(20_000 - 19_000 * at) * 10n ** 18n,
          fundingIndex: BigInt(at) * 10n ** 15n,
          initialMarginBps: 500n,
          maintenanceMarginBps: 250n,
          penaltyBps: 100n,
        },
      ]),
    ),
    unit,
  }
  const marks = evmExchange(evmRules, ['BTC-USD', 'ETH-USD'].map(parseMarket)).marksAt({
    now: begin,
    round: 0,
    posted: [postedAt(20_000), postedAt(1_000)],
    fundingIndex: [0n, 10n ** 15n],
  })
  const initialMarginBps = 500n

  test('may all be opened: they have what the exchange asks for, and no more leverage than is said', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(10_000), fc.nat(30_000), (seed, number, day) => {
        const account = crowdAccount({ seed, number, day, initialMarginBps }, marks)
        const margin = evmMargin(account, book)
        if (margin.kind !== 'margin') throw new Error('it has marks')
        expect(margin.value).toBeGreaterThanOrEqual(margin.initial)
        expect(account.holdings.length).toBeLessThanOrEqual(2)
        expect(crowdAccount({ seed, number, day, initialMarginBps }, marks)).toEqual(account)
      }),
    )
  })

  test('are distributed as the result says', () => {
    const accounts = Array.from({ length: 4_000 }, (_, number) =>
      crowdAccount({ seed: 1, number, day: 0, initialMarginBps }, marks),
    )
    const notionals = accounts.map(({ holdings }) =>
      holdings.reduce((sum, { asset, balance }) => {
        const worth = (Number(balance) / 1e18) * (Number(book.marks[asset]?.price) / 1e18)
        return sum + Math.abs(worth)
      }, 0),
    )
    const sorted = notionals.toSorted((a, b) => a - b)
    // The median of a log-normal is e to its mean; four standard errors of its logarithm, 1.25 · 1.4 / √4000.
    expect(Math.abs(Math.log((sorted[2_000] ?? 0) / 3_000))).toBeLessThan(0.12)
    const longs = accounts.flatMap(({ holdings }) => holdings).filter(({ balance }) => balance > 0n)
    const all = accounts.flatMap(({ holdings }) => holdings).length
    expect(Math.abs(longs.length / all - 0.53)).toBeLessThan((4 * 0.5) / Math.sqrt(all))
  })
})

describe('liquidations', () => {
  const setup = aSetup(valley.length, { accounts: 150 })
  const series = together(valley)

  test('find everybody: by the exact rule over all accounts nobody is below the requirement when a minute is over', () => {
    const backtest = openBacktest({ setup, seriesOf: finder(series) })
    for (let round = 0; round < valley.length; round += 1) {
      backtest.run(1)
      const { exchange, pushes } = backtest.state()
      const posted = pushes.posted[0]
      if (!posted) continue
      const mark = {
        price: posted.price,
        fundingIndex: 0n,
        initialMarginBps: 500n,
        maintenanceMarginBps: 250n,
        penaltyBps: 100n,
      }
      const book = { marks: { [assetAt(0)]: mark }, unit }
      const fallen = exchange.accounts.filter((account) => {
        const margin = evmMargin(account, book)
        return margin.kind === 'margin' && healthOf(margin) !== 'healthy'
      })
      expect(fallen).toEqual([])
    }
    const { liquidations } = backtest.result().exchange
    expect(liquidations.all).toBeGreaterThan(20)
  })

  test('leave the fund with what it had, its part of the penalties, and without what it paid', () => {
    const { exchange, totals } = played(setup, series)
    const sum = (of: (one: (typeof exchange.liquidations.listed)[number]) => string) =>
      exchange.liquidations.listed.reduce((all, one) => all.add(of(one)), new Decimal(0))
    const penalties = sum(({ penaltyUsd }) => penaltyUsd)
    const rewards = sum(({ rewardUsd }) => rewardUsd)
    const covers = sum(({ coverUsd }) => coverUsd)
    expect(exchange.liquidations.by).toBe('all')
    expect(totals.penaltiesUsd).toBe(penalties.toFixed())
    expect(totals.fundPaidUsd).toBe(covers.toFixed())
    expect(totals.fundEndUsd).toBe(usd(1_000_000).add(penalties).sub(rewards).sub(covers).toFixed())
    expect(totals.wrongfulLiquidations).toBe(0)
  })

  test('wait for as long as nobody can be there sooner', () => {
    const late = played({ ...setup, liquidationDelayMs: 30_000 }, series)
    const waits = late.exchange.liquidations.listed.map(({ waitedMs }) => waitedMs)
    expect(Math.min(...waits)).toBe(30_000)
    expect(late.exchange.liquidations.all).toBeGreaterThan(20)
  })

  test('of a wrong price are told: by every sound source those accounts were healthy', () => {
    // All three fall for one minute, and that is posted when they have come back.
    const prices = [20_000, 20_000, 20_000, 17_500, 20_000, 20_000, 20_000]
    const slow = aSetup(prices.length, { accounts: 150, pushLatencyMs: 90_000 })
    const { totals } = played(slow, together(prices))
    expect(totals.liquidations).toBeGreaterThan(10)
    expect(totals.wrongfulLiquidations).toBe(totals.liquidations)
  })

  test('that the fund cannot pay for are shared by winners, to the last cent of what was owed', () => {
    // A fifth in a minute: half of the crowd has less than nothing, and there is no fund.
    const prices = [20_000, 20_000, 16_000, 16_000, 16_000, 16_000]
    const poor = aSetup(prices.length, {
      accounts: 150,
      exchange: { ...setup.exchange, insuranceFund: 0n },
    })
    const { exchange, totals } = played(poor, together(prices))
    expect(exchange.deleverages.all).toBeGreaterThan(5)
    const losses = exchange.deleverages.listed.reduce(
      (sum, { lossUsd }) => sum.add(lossUsd),
      new Decimal(0),
    )
    expect(totals.shortfallUsd).toBe(losses.toFixed())
    expect(losses.gt(0)).toBe(true)
    // Winners are shorts in a fall: each took over from a long.
    for (const { account, counterparty } of exchange.deleverages.listed)
      expect(account).not.toBe(counterparty)
    expect(new Decimal(totals.fundLowestUsd).gte(0)).toBe(true)
  })
})

describe('funding', () => {
  test('is what the premium of the epoch before comes to, paid by longs on what they hold', () => {
    const outcome = withPremium({})
    const { funding, measures } = btc(outcome)
    expect(funding.map(({ at, samples }) => [(at - begin) / minute, samples])).toEqual([
      [10, 10],
      [20, 10],
      [30, 10],
    ])
    for (const { premium, rate, capped } of funding) {
      expect(premium).toBe('0.001')
      expect(new Decimal(rate).toFixed(15)).toBe(new Decimal('0.001').div(6).toFixed(15))
      expect(capped).toBe(false)
    }
    // The mark is the median of five, 20,000: what is long pays a six-thousandth of its value each time.
    const interest = outcome.exchange.openInterest.last.at(-1) ?? 0
    const paid = funding.map(({ paidUsd }) => Number(paidUsd))
    for (const one of paid) expect(one).toBeCloseTo(interest / 6_000, 2)
    expect(Number(measures.fundingPaidUsd)).toBeCloseTo(
      paid.reduce((sum, one) => sum + one, 0),
      5,
    )
  })
})

test('amounts of the collateral are written as dollars', () => {
  expect([0n, 1n, -1n, 1_500_000n, -12_345_678n].map(collateralText)).toEqual([
    '0',
    '0.000001',
    '-0.000001',
    '1.5',
    '-12.345678',
  ])
})
