import { Buffer } from 'node:buffer'

import { describe, expect, test } from 'vitest'

import type { BacktestResult, Band } from '../../../lib/domain/backtest/backtest-result.ts'
import { backtestComparisonPage } from '../../../lib/tools/report/backtest-comparison.ts'
import { backtestPage } from '../../../lib/tools/report/backtest-page.ts'
import { aBacktest, aMeasures, steady } from './a-backtest.ts'

/** What a hostile file name, venue or account could be. */
const hostile = `</script><img src=x onerror="document.title='taken'">`

describe('the page of a backtest', () => {
  const page = backtestPage(aBacktest(), { name: 'crash' })

  test('needs nothing from elsewhere', () => {
    expect(page).not.toMatch(/<(?:img|iframe|object|link|script [^>]*src)\b/)
    expect(page).not.toMatch(/\b(?:src|href)\s*=\s*["']/)
    expect(page).not.toMatch(/url\(|@import/)
  })

  test('says in words and tables what its charts show', () => {
    const charts = page.split('data-chart="').length - 1
    const described = [...page.matchAll(/role="img"\s+tabindex="0"\s+aria-label="[^"]+: [^"]+"/g)]
      .length
    expect(described).toBe(charts)
    expect(page.split('class="summary"').length - 1).toBe(charts)
    expect(text(page)).toContain('BTC-USD: what was refused or left out, and why')
    expect(text(page)).toMatch(/kraken BTC\/USD frozen 60 60 min 10 %/)
    expect(text(page)).toMatch(/price refused too few agree 8 8 min 1.333 %/)
  })

  test('says first what matters, and last how it was run', () => {
    const words = text(page)
    expect(words).toContain('Wrong price 5 min 0.8333 % of the time judged, beyond 50 bps')
    expect(words).toContain('Shortfall 1,250.50 USD')
    expect(words).toContain('Pushes 60 cost 0.114 USD')
    const places = ['What it came to', 'Trade-offs', 'How it was run', 'crash.csv.gz'].map((word) =>
      words.indexOf(word),
    )
    expect(places).toEqual(places.toSorted((one, other) => one - other))
    expect(places).not.toContain(-1)
  })

  test('takes every name for text', () => {
    const spoilt = JSON.parse(
      JSON.stringify(
        aBacktest({ markets: ['BTC-USD', 'evil'], venues: ['binance', 'evil'] }),
      ).replaceAll(
        /evil|crash\.csv\.gz|account-\d+|okx BTC\/USD|too-few-agree|engines\.evm/g,
        JSON.stringify(hostile).slice(1, -1),
      ),
    ) as BacktestResult
    const ofOne = backtestPage(spoilt, { name: hostile })
    const ofTwo = backtestComparisonPage(
      { name: hostile, result: spoilt },
      { name: hostile, result: spoilt },
    )
    for (const made of [ofOne, ofTwo]) {
      expect(made).toContain('&lt;img')
      expect(made).not.toContain('<img')
    }
  })

  test('stays below eight megabytes, however long the run and however many its sources', () => {
    const venues = Array.from({ length: 10 }, (_, at) => `venue-${at}`)
    const markets = Array.from({ length: 20 }, (_, at) => `M${at}-USD`)
    const large = aBacktest({ markets, venues, buckets: 4_000 })
    expect(Buffer.byteLength(JSON.stringify(large))).toBeGreaterThan(20_000_000)
    for (const made of [
      backtestPage(large, { name: 'large' }),
      backtestComparisonPage({ name: 'a', result: large }, { name: 'b', result: large }),
    ])
      expect(Buffer.byteLength(made)).toBeLessThan(8_000_000)
  })

  test('says what is not known, instead of nothing wrong, where no price could be judged', () => {
    const { markets, ...rest } = aBacktest()
    const silent = markets.map((market) => ({
      ...market,
      mark: none(market.mark.last),
      deviationBps: none(market.mark.last),
      sources: market.sources.map((source) => ({
        ...source,
        price: none(market.mark.last),
        deviationBps: none(market.mark.last),
        verdicts: { missing: 600 },
      })),
    }))
    const totals = { ...aMeasures(), judgedSeconds: 0, wrongSeconds: 0, worstBps: 0, basisBps: 0 }
    const words = text(backtestPage({ ...rest, totals, markets: silent }, { name: 'silent' }))
    expect(words).toContain('Wrong price not known no posted price could be judged')
    expect(words).not.toContain('Worst deviation 0 bps basis 0 bps on average')
    expect(words).toContain(
      'BTC-USD had no consensus in the run: nothing says how far its sources were from it.',
    )
    expect(words).toContain(
      'No quote in the whole run: binance BTC/USD, coinbase BTC/USD, kraken BTC/USD, okx BTC/USD, bybit BTC/USD.',
    )
  })

  test('says of a parameter that changes nothing just that', () => {
    const { curves, ...rest } = aBacktest()
    const [first] = curves
    if (!first) throw new TypeError('there is a curve')
    const still = {
      ...first,
      points: first.points.map((point) => ({ ...point, measures: aMeasures() })),
    }
    expect(text(backtestPage({ ...rest, curves: [still] }, { name: 'still' }))).toContain(
      'engines.evm.push.deviationBps: none of 4 values changes anything in this run.',
    )
  })

  test('marks the run itself among the values that were tried, in its unit', () => {
    const words = text(page)
    expect(words).toContain('25 bps (this run) 60 s 5 bps 20.00 USD')
    expect(words).toContain('5,000 ms (this run) 25 bps 60 s 3 bps')
    expect(words).toMatch(/The same with every value: worst deviation 120 bps, /)
  })

  test('says that nothing was refused where nothing was, and shows no accounts where there are none', () => {
    const { markets, ...rest } = aBacktest({ accounts: 0 })
    const calm = markets.map((market) => ({
      ...market,
      outcomes: { price: 600 },
      silent: { all: 0, by: 'all' as const, listed: [] },
      sources: market.sources.map((source) => ({
        ...source,
        verdicts: { agrees: 600 },
        left: { all: 0, by: 'all' as const, listed: [] },
      })),
    }))
    const words = text(backtestPage({ ...rest, markets: calm }, { name: 'calm' }))
    expect(words).toContain('BTC-USD had a price in every round, and every source agreed.')
    expect(words).not.toContain('Insurance fund at the end')
  })
})

describe('the page of two backtests', () => {
  const narrow = aBacktest({ worstBps: 20 })
  const wide = aBacktest()
  const changed = {
    ...wide,
    run: {
      ...wide.run,
      seed: 8,
      changes: [
        { path: 'engines.evm.push.deviationBps', value: '100' },
        { path: 'backtest.penaltyBps', value: '200' },
      ],
      parameters: {
        hash: 'ab12'.repeat(16),
        values: { 'engines.evm.push.deviationBps': '100', 'markets.BTC-USD.minSources': '1' },
      },
    },
    totals: { ...aMeasures(), pushes: 12, pushCostUsd: '0.057', fundEndUsd: '179000' },
  }
  const page = backtestComparisonPage(
    { name: 'narrow', result: narrow },
    { name: 'wide', result: changed },
  )
  const words = text(page)

  test('says what was changed, of the network file and of the world', () => {
    expect(words).toContain('engines.evm.push.deviationBps 25 100')
    expect(words).toContain('markets.BTC-USD.minSources 3 1')
    expect(words).toContain('backtest.penaltyBps not set 200')
    expect(words).toContain(`hash of the parameters ${'5f1c'.repeat(16)} ${'ab12'.repeat(16)}`)
    expect(words).toContain('seed 7 8')
    expect(words).not.toContain('usdPerGas')
  })

  test('says what it did to each number, and whether that is better', () => {
    expect(words).toContain('wrong price 0 s 5 min +5 min')
    expect(words).toContain('worst deviation 20 bps 120 bps +100 bps +500 %')
    expect(words).toContain('pushes 60 12 −48 −80 %')
    expect(words).toContain('cost of pushes 0.114 USD 0.057 USD −0.057 USD −50 %')
    expect(toneOf('−50 %')).toBe('ok')
    expect(toneOf('+500 %')).toBe('critical')
    // Less in the fund is worse, though less of most is better.
    expect(toneOf('−0.5556 %')).toBe('critical')
    // Fewer pushes are neither.
    expect(toneOf('−80 %')).toBeUndefined()
  })

  test('says where nothing was changed', () => {
    const same = text(
      backtestComparisonPage({ name: 'a', result: wide }, { name: 'b', result: wide }),
    )
    expect(same).toContain('Nothing: both runs were made with the same parameters')
  })

  test('has the same charts of what was tried in both, though only one of the two is changed by it', () => {
    const [first] = wide.curves
    if (!first) throw new TypeError('there is a curve')
    const still = first.points.map((point) => ({ ...point, measures: aMeasures() }))
    const a = { ...wide, curves: [first] }
    const b = { ...wide, curves: [{ ...first, points: still }] }
    const both = backtestComparisonPage({ name: 'a', result: a }, { name: 'b', result: b })
    expect(both.split('<figcaption>cost of pushes, USD</figcaption>')).toHaveLength(3)
  })

  test('shows what only one of the two has', () => {
    const [first] = wide.markets
    const one = { ...wide, markets: first ? [first] : [] }
    const both = backtestComparisonPage({ name: 'one', result: one }, { name: 'two', result: wide })
    expect(text(both)).toContain('ETH-USD against every source')
  })

  /** Of the cell with that text. */
  function toneOf(cell: string): string | undefined {
    const found = new RegExp(
      `<td[^>]*>\\s*${cell.replaceAll(/[+]/g, String.raw`\+`)}\\s*</td>`,
    ).exec(page)
    if (!found) throw new TypeError(`no cell says ${cell}`)
    return /data-tone="([^"]+)"/.exec(found[0])?.[1]
  }
})

function none(values: readonly (number | null)[]): Band {
  return steady(values.map(() => null))
}

/** What a reader sees, without markup, styles and scripts. */
function text(page: string): string {
  return page
    .replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ')
}
