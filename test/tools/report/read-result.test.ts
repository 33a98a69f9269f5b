import { describe, expect, test } from 'vitest'

import { NoResultError, readResult } from '../../../lib/tools/report/read-result.ts'
import { aBacktest } from './a-backtest.ts'

const result = aBacktest({ buckets: 40 })
const text = JSON.stringify(result)

describe('the JSON of a run', () => {
  test('is the run again', () => {
    expect(readResult(text, 'a.json')).toEqual(result)
  })

  test.each([
    ['a file that ends too early', text.slice(0, -100), 'it is no whole JSON'],
    [
      'one of another version',
      text.replace('starkeep-backtest/2', 'starkeep-backtest/9'),
      'its format is starkeep-backtest/9, and this program reads starkeep-backtest/2',
    ],
    ['one of something else', '{"a":1}', 'it lacks format'],
    [
      'one without its markets',
      JSON.stringify({ ...result, markets: undefined }),
      'it lacks markets',
    ],
    [
      'one of before a run knew its parameters',
      JSON.stringify({ ...result, run: { ...result.run, parameters: undefined } }),
      'it lacks run.parameters',
    ],
    ['a list', '[]', 'it lacks all that a result has'],
  ])('is not %s, which is said with what to do', (_, other, why) => {
    expect(() => readResult(other, 'b.json')).toThrow(NoResultError)
    expect(() => readResult(other, 'b.json')).toThrow(
      `b.json is no result of a backtest: ${why}; run the backtest again to write one`,
    )
  })
})
