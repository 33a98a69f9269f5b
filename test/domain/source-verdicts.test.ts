import { expect, test } from 'vitest'

import { parseMarket } from '../../lib/domain/market.ts'
import type { SourceResult } from '../../lib/domain/price-round.ts'
import { verdictRound } from '../../lib/domain/source-verdicts.ts'
import { start } from './quotes.ts'

test.each<[SourceResult['verdict'], string]>([
  ['agrees', 'live'],
  ['disagrees', 'live'],
  ['frozen', 'frozen'],
  ['missing', 'unknown'],
  ['invalid', 'unknown'],
  ['suspended', 'unknown'],
  ['stale', 'unknown'],
  ['future', 'unknown'],
  ['no-conversion', 'unknown'],
  ['insane', 'unknown'],
])('a source that %s is %s to the watch over frozen venues', (verdict, said) => {
  const feed = parseMarket('BTC-USD')
  const source = {
    venue: 'okx',
    instrument: 'BTC-USDT',
    price: undefined,
    at: undefined,
    detail: '',
  }
  const outcome = { kind: 'refused', reason: 'no-sources', detail: '' } as const
  const round = verdictRound({
    round: 1,
    at: start,
    feeds: [{ feed, role: 'market', outcome, sources: [{ ...source, verdict }] }],
    memory: { tuples: {}, accepted: {}, held: {} },
  })
  expect(round).toEqual({
    at: start,
    sources: [{ venue: 'okx', market: 'BTC-USD', instrument: 'BTC-USDT', verdict: said }],
  })
})
