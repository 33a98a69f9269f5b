import { describe, expect, test } from 'vitest'

import { backtestCsv } from '../../../lib/tools/report/backtest-csv.ts'
import { aBacktest, begin } from './a-backtest.ts'

describe('a backtest as tables', () => {
  const result = aBacktest({ buckets: 60 })
  const files = backtestCsv(result)

  test('has a file for each kind, each with its units in its header and a row for each thing', () => {
    expect(Object.keys(files)).toEqual([
      'marks.csv',
      'refusals.csv',
      'wrong.csv',
      'pushes.csv',
      'funding.csv',
      'liquidations.csv',
      'deleverages.csv',
      'fund.csv',
      'curves.csv',
    ])
    // Two markets of sixty buckets; three feeds with two silences, a frozen source and one that disagrees; ten values tried.
    expect(rows('marks.csv')).toHaveLength(120)
    expect(rows('refusals.csv')).toHaveLength(12)
    expect(rows('curves.csv')).toHaveLength(10)
    expect(rows('liquidations.csv')).toHaveLength(24)
    expect(rows('pushes.csv')[0]).toEqual({
      market: 'BTC-USD',
      decided_at: new Date(begin + 56_000).toISOString(),
      posted_at: new Date(begin + 60_000).toISOString(),
      price_usd: '20000.125',
      why: 'first',
      move_bps: '',
      cost_usd: '0.0038',
    })
    expect(rows('funding.csv')[6]).toMatchObject({ rate_fraction: '-0.00075', capped: 'true' })
    expect(rows('curves.csv')[0]).toMatchObject({
      parameter_1: 'engines.evm.push.deviationBps',
      value_1: '10',
      unit_1: 'bps',
      parameter_2: '',
      is_run: 'false',
      push_cost_usd: '40',
    })
  })

  test('has all digits, never in powers of ten, and an empty cell where nothing is known', () => {
    const [market] = result.markets
    if (!market) throw new TypeError('there is a market')
    const tiny = {
      ...market,
      deviationBps: { ...market.deviationBps, low: [0.000_000_012_5, null] },
    }
    const { 'marks.csv': marks = '' } = backtestCsv({ ...result, markets: [tiny] })
    const [first, second] = parsed(marks)
    expect(first?.['deviation_lowest_bps']).toBe('0.0000000125')
    expect(second?.['deviation_lowest_bps']).toBe('')
  })

  test('quotes what others wrote, and lets no spreadsheet take it for a formula', () => {
    const [market] = result.markets
    if (!market) throw new TypeError('there is a market')
    const said = {
      ...market,
      sources: [],
      silent: {
        all: 1,
        by: 'all' as const,
        listed: [
          { from: 0, to: 1_000, kind: 'hold' as const, reason: 'jump', detail: '=1+1, "x"' },
        ],
      },
    }
    const { 'refusals.csv': refusals = '' } = backtestCsv({ ...result, markets: [said], legs: {} })
    expect(refusals.trimEnd().split('\n')[1]).toBe(
      `BTC-USD,,hold jump,1970-01-01T00:00:00.000Z,1970-01-01T00:00:01.000Z,1,"'=1+1, ""x"""`,
    )
  })

  function rows(name: string): readonly Readonly<Record<string, string>>[] {
    return parsed(files[name] ?? '')
  }
})

/** No cell here has a comma of its own. */
function parsed(text: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...lines] = text.trimEnd().split('\n')
  const columns = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    return Object.fromEntries(columns.map((column, at) => [column, cells[at] ?? '']))
  })
}
