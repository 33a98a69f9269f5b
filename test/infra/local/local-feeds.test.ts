import { describe, expect, test } from 'vitest'

import { feedsCovered } from '../../../infra/local/local-feeds.ts'
import { localTemplate } from '../../../infra/local/local-file.ts'
import { defaultListings } from '../../../infra/local/market/listings.ts'
import { venues } from '../../../lib/adapters/venues/index.ts'
import { instrumentName, parseInstrument } from '../../../lib/domain/instrument.ts'

const template = localTemplate()
const known = venues.map(({ name }) => name)
const covered = (...names: readonly string[]) =>
  feedsCovered(
    template,
    names.map((name) => {
      const [venue = '', instrument = ''] = name.split(':')
      return { venue, instrument: parseInstrument(instrument) }
    }),
    known,
  )

describe('what a recording can price', () => {
  test('is a market that two families tell of', () => {
    const { markets, missing } = covered('gemini:BTC-USD', 'bitstamp:BTC-USD', 'kraken:ETH-USD')
    expect(markets).toEqual({
      'BTC-USD': {
        sources: ['gemini:BTC-USD', 'bitstamp:BTC-USD'],
        minSources: 2,
        aggregation: { minFamilies: 2, minDirectUsd: 1 },
      },
    })
    expect(missing).toEqual(['ETH-USD', 'SOL-USD', 'STRK-USD'])
  })

  test('is nothing of one family alone', () => {
    expect(covered('binance:BTC-USDT', 'binanceus:BTC-USD').markets).toEqual({})
  })

  test('takes a source in another currency only with that currency’s own price', () => {
    const both = ['kraken:BTC-USD', 'gemini:BTC-USD', 'okx:BTC-USDT']
    expect(covered(...both).markets['BTC-USD']?.sources).toEqual(both.slice(0, 2))
    const { markets, legs } = covered(...both, 'kraken:USDT-USD', 'coinbase:USDT-USD')
    expect(markets['BTC-USD']?.sources).toEqual(both)
    expect(legs['USDT-USD']?.minSources).toBe(2)
  })

  test('never hangs on a conversion where enough sources are in USD', () => {
    const direct = ['kraken:BTC-USD', 'gemini:BTC-USD', 'bitstamp:BTC-USD']
    const legs = ['kraken:USDT-USD', 'coinbase:USDT-USD']
    const others = ['okx:BTC-USDT', 'bybit:BTC-USDT', 'gate:BTC-USDT']
    expect(covered(...direct, ...legs, ...others).markets['BTC-USD']).toMatchObject({
      minSources: 3,
    })
  })

  test('leaves out perpetuals, other markets and venues that nobody can read', () => {
    expect(covered('kraken:BTC-USD-PERP', 'mtgox:BTC-USD', 'gemini:DOGE-USD').markets).toEqual({})
  })
})

test('every source of the template is traded in the simulated market', () => {
  const traded = defaultListings.map(
    ({ venue, instrument }) => `${venue}:${instrumentName(instrument)}`,
  )
  const feeds = [...Object.values(template.markets), ...Object.values(template.legs)]
  const sources = feeds.flatMap((feed) => feed.sources)
  const wanted = sources.map(({ venue, instrument }) => `${venue}:${instrumentName(instrument)}`)
  expect(traded).toEqual(expect.arrayContaining(wanted))
})
