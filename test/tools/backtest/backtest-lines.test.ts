import { expect, test } from 'vitest'

import type { BacktestResult } from '../../../lib/domain/backtest/backtest-result.ts'
import { backtestLines } from '../../../lib/tools/backtest/backtest-lines.ts'
import { aBacktest } from '../report/a-backtest.ts'

test('series that no feed asks for are named: one may be a slip of the pen', () => {
  expect(backtestLines(aBacktest(), 'out')).toContain('no feed asks for bitmex XBTUSD')
})

test('of many series some are named, and the others counted', () => {
  const names = ['a A', 'b B', 'c C', 'd D', 'e E', 'f F', 'g G']
  expect(backtestLines(withUnused(names), 'out')).toContain(
    'no feed asks for a A, b B, c C, d D, e E and 2 more series, which report.html names',
  )
})

test('nothing is said of them where every series is asked for', () => {
  expect(backtestLines(withUnused([]), 'out').join('\n')).not.toContain('no feed asks')
})

test('a market that had no price in any round is named, with why and how much of it the recordings have', () => {
  const made = aBacktest()
  const [market] = made.markets
  if (!market) throw new RangeError('the sample has no market')
  const [first, second] = market.sources
  if (!first || !second) throw new RangeError('the sample has too few sources')
  const priceless = {
    ...market,
    feed: 'BTC-USD',
    outcomes: { 'hold jump': 2, 'refused too-few-sources': 598 },
    sources: [
      { ...first, verdicts: { agrees: 600 } },
      { ...second, verdicts: { missing: 600 } },
    ],
  }
  const lines = backtestLines({ ...made, markets: [priceless] }, 'out')
  expect(lines).toContain(
    'BTC-USD has no price in any round: refused too-few-sources in 598; the recordings have 1 of its 2 sources; --with markets.BTC-USD.minSources=<count> asks for fewer',
  )
  const families = { ...priceless, outcomes: { 'refused too-few-families': 600 } }
  expect(backtestLines({ ...made, markets: [families] }, 'out').join('\n')).toContain(
    '--with markets.BTC-USD.aggregation.minFamilies=<count> asks for fewer',
  )
  expect(backtestLines(made, 'out').join('\n')).not.toContain('no price in any round')
})

test('a market that is held for sources of which there is no recording is told, with how to ask the others alone', () => {
  const made = aBacktest()
  const [market] = made.markets
  const [first] = market?.sources ?? []
  if (!market || !first) throw new RangeError('the sample has no sources')
  const source = (venue: string, verdict: string) => ({
    ...first,
    venue,
    instrument: 'BTC-USD',
    verdicts: { [verdict]: 600 },
  })
  const held = {
    ...market,
    feed: 'BTC-USD',
    outcomes: { price: 500, 'hold jump': 100 },
    sources: [source('a', 'agrees'), source('b', 'agrees'), source('c', 'missing')],
  }
  const told = (sources: typeof held.sources) =>
    backtestLines({ ...made, markets: [{ ...held, sources }] }, 'out').join('\n')
  expect(told([...held.sources, source('d', 'missing')])).toContain(
    'BTC-USD is held in 100 rounds: 3 of its 4 sources confirm a jump, and the recordings have 2; --with markets.BTC-USD.sources=a:BTC-USD,b:BTC-USD asks these alone',
  )
  // Two of three are enough.
  expect(told(held.sources)).not.toContain('is held')
})

test('rows with a bid above their ask are told with the file and the first line', () => {
  const made = aBacktest()
  const file = made.run.recordings[0]?.file
  expect(withCrossed(3_713, [88, 91])).toContain(
    `${file}: 3713 rows have a bid above the ask, from line 88 on; as live that is no price`,
  )
  expect(withCrossed(1, [88])).toContain('one row has a bid above the ask, from line 88 on')
  expect(withCrossed(0, [])).not.toContain('above the ask')
})

function withCrossed(all: number, lines: readonly number[]): string {
  const made = aBacktest()
  const recordings = made.run.recordings.map((one) => ({ ...one, crossed: { all, lines } }))
  return backtestLines({ ...made, run: { ...made.run, recordings } }, 'out').join('\n')
}

function withUnused(unused: readonly string[]): BacktestResult {
  const made = aBacktest()
  const recordings = made.run.recordings.map((recording) => ({ ...recording, unused }))
  return { ...made, run: { ...made.run, recordings } }
}
