import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'

import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

import { NoResultError } from '../../../lib/tools/report/read-result.ts'
import { comparisonLines, showComparison } from '../../../lib/tools/show-comparison.ts'
import { aBacktest, aMeasures } from './a-backtest.ts'

const narrow = aBacktest({ buckets: 60 })
const wide = {
  ...narrow,
  run: {
    ...narrow.run,
    changes: [{ path: 'backtest.penaltyBps', value: '200' }],
    parameters: { ...narrow.run.parameters, values: { 'markets.BTC-USD.minSources': '1' } },
  },
  totals: { ...aMeasures(), pushes: 12, pushCostUsd: '0.057' },
}

describe('two backtests', () => {
  let folder = ''

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'starkeep-compare-'))
    for (const [name, result] of [
      ['narrow', narrow],
      ['wide', wide],
    ] as const) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'result.json'), `${JSON.stringify(result)}\n`)
    }
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('are compared in a terminal by what was changed and what is otherwise, and by nothing else', () => {
    const lines = comparisonLines(
      { name: 'narrow', result: narrow },
      { name: 'wide', result: wide },
    )
    expect(lines.map((line) => line.split(/\s{2,}/).join('|'))).toEqual([
      'changed|narrow|wide',
      'engines.evm.push.deviationBps|25|not set',
      // Both were asked for; whatever else differs comes after.
      'backtest.penaltyBps|not set|200',
      'markets.BTC-USD.minSources|3|1',
      '',
      'all markets|narrow|wide',
      'pushes|60|12',
      'cost of pushes|0.114 USD|0.057 USD',
    ])
  })

  test('that are alike are said to be', () => {
    const same = { name: 'a', result: narrow }
    expect(comparisonLines(same, same)).toEqual([
      'Both were run with the same parameters, settings, data and program.',
      '',
      'No number is otherwise.',
    ])
  })

  test('become a page, named by their folders, from a folder or a file', () => {
    const out = join(folder, 'compared.html')
    const other = join(folder, 'wide', 'result.json')
    const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    const code = showComparison(join(folder, 'narrow'), other, { out })
    said.mockRestore()
    expect(code).toBe(0)
    expect(readFileSync(out, 'utf8')).toContain(
      '<title>Backtests compared: narrow and wide</title>',
    )
  })

  test('of which one is not there are not compared, and it is named', () => {
    const out = join(folder, 'nothing.html')
    const gone = join(folder, 'gone')
    expect(() => showComparison(join(folder, 'narrow'), gone, { out })).toThrow(NoResultError)
    expect(() => showComparison(join(folder, 'narrow'), gone, { out })).toThrow(
      `${gone} is no result of a backtest: it cannot be read`,
    )
    expect(() => readFileSync(out)).toThrow('ENOENT')
  })
})
