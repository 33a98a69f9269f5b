import { describe, expect, test } from 'vitest'

import { Decimal } from '../../../lib/domain/decimal.ts'
import { fundingRate, ruleRate } from '../../../lib/domain/funding/rate.ts'
import { hyperliquidError, interestClamp } from './interest-clamp.ts'
import { type FundingRow, fundingRows, hasShared, titled } from './shared.ts'

// What was really paid. Only Hyperliquid's history has the premium beside the rate; the others show the interest, where no
// premium is beyond the clamp, and the caps, where it was far beyond.

const folder = 'data/funding'
const hyperliquid = `${folder}/hyperliquid_btc_eth_1h_2024_2025.csv.gz`
const binance = `${folder}/binance_funding_mark_2022_2026.csv.gz`
const eightHours = `${folder}/funding_spot_perp_3venues_8h_2023_2024.csv.gz`
const venues = `${folder}/multi_venue_funding_2020_2023.csv.gz`

test.skipIf(!hasShared(hyperliquid))(
  titled(
    'two years of Hyperliquid’s rates follow from its premiums, to the last digit',
    hyperliquid,
  ),
  () => {
    const rows = fundingRows(hyperliquid)
    expect(rows).toHaveLength(24_384)
    const wrong = rows.filter(({ rate, premium }) =>
      hyperliquidError(new Decimal(premium), new Decimal(rate)).gt('5e-11'),
    )
    expect(wrong).toEqual([])
  },
)

const withInterest = new Set(['binance-usdm', 'binance', 'bybit', 'gate', 'htx', 'kucoin', 'mexc'])

describe.each([binance, eightHours, venues])('in %s', (file) => {
  test.skipIf(!hasShared(file))(
    titled('the rate paid most often is the interest’s part of the interval', file),
    () => {
      const groups = Object.entries(
        Object.groupBy(
          fundingRows(file).filter(({ venue }) => withInterest.has(venue)),
          ({ venue, symbol, interval_h }) => `${venue} ${symbol} ${interval_h}`,
        ),
      ).filter(([, rows = []]) => rows.length > 50)
      expect(groups.length).toBeGreaterThan(3)
      for (const [name, rows = []] of groups) {
        const rate = ruleRate(interestClamp, new Decimal(0), 3_600 * (rows[0]?.interval_h ?? 0))
        expect([name, mostOften(rows)]).toEqual([name, rate.toFixed()])
      }
    },
  )
})

function mostOften(rows: readonly FundingRow[]): string {
  const counts = Map.groupBy(rows, ({ rate }) => new Decimal(rate).toFixed())
  const [first = ''] = [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0] ?? []
  return first
}

const farBelow = new Decimal('-0.2')
const farAbove = farBelow.neg()

test.skipIf(!hasShared(binance))(
  titled('Binance’s cap is for the interval, however short: SOL in November 2022', binance),
  () => {
    const sol = fundingRows(binance).filter(({ symbol }) => symbol === 'SOLUSDT')
    const pinned = sol.filter(({ rate }) => new Decimal(rate).eq('-0.02'))
    expect(new Set(pinned.map(({ interval_h }) => interval_h))).toEqual(new Set([4, 2]))
    const maxRate = new Decimal('0.02')
    for (const { interval_h, rate } of pinned) {
      const paid = fundingRate(
        { rule: interestClamp, maxRate, fullRangeSeconds: undefined },
        { premium: farBelow, epochSeconds: interval_h * 3_600, last: undefined },
      )
      expect([paid.rate.toFixed(), paid.limitedBy]).toEqual([new Decimal(rate).toFixed(), 'cap'])
    }
    for (const { rate } of sol) expect(new Decimal(rate).abs().lte(maxRate)).toBe(true)
  },
)

test.skipIf(!hasShared(venues))(
  titled('dYdX v3’s cap is for eight hours, whatever the epoch: 0.75 %', venues),
  () => {
    const paid = fundingRows(venues).filter(({ venue }) => venue === 'dydx-v3')
    const highest = Decimal.max(...paid.map(({ rate }) => rate))
    const rule = { ...interestClamp, periodCap: new Decimal('0.0075') }
    expect(ruleRate(rule, farAbove, 3_600).toFixed()).toBe(highest.toFixed())
    for (const { rate } of paid) expect(new Decimal(rate).abs().lte(highest)).toBe(true)
  },
)

test.skipIf(!hasShared(venues))(
  titled(
    'a margin of 1 % and 0.5 % caps a rate at 75 % of the distance, as four exchanges paid',
    venues,
  ),
  () => {
    const most = new Decimal('0.75').mul('0.005')
    const rule = { ...interestClamp, periodCap: most }
    for (const venue of ['binance', 'bybit', 'gate', 'kucoin']) {
      const rates = fundingRows(venues).filter((row) => row.venue === venue)
      const highest = Decimal.max(...rates.map(({ rate }) => rate))
      expect([venue, highest.toFixed()]).toEqual([
        venue,
        ruleRate(rule, farAbove, 28_800).toFixed(),
      ])
    }
  },
)
