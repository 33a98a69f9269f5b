import { describe, expect, test } from 'vitest'

import { aBook, anEmptyEntry, anEntry, answerOf, now, told } from './a-book.ts'

// Shapes, names and times as the venues' public documentation has them.
const quoteAt = now - 1000

describe('binance and binanceus', () => {
  const book = aBook(anEntry('BTC-USDT'), anEntry('ETH-USDT'), anEntry('BTC-USDT-PERP'))

  test.each(['binance', 'binanceus'])(
    '%s writes eight digits and when the window ended',
    (venue) => {
      expect(told(venue, '/api/v3/ticker/24hr?symbols=["BTCUSDT"]', book)).toEqual([
        expect.objectContaining({
          symbol: 'BTCUSDT',
          bidPrice: '64000.10000000',
          askPrice: '64000.30000000',
          lastPrice: '64000.20000000',
          openTime: quoteAt - 86_400_000,
          closeTime: quoteAt,
        }),
      ])
    },
  )

  test('gives an object for one symbol, a list for several and for all, and no perpetual', () => {
    expect(told('binance', '/api/v3/ticker/24hr?symbol=ETHUSDT', book)).toMatchObject({
      symbol: 'ETHUSDT',
    })
    expect(told('binance', '/api/v3/ticker/24hr', book)).toHaveLength(2)
    expect(
      told('binance', '/api/v3/ticker/24hr?symbols=["ETHUSDT","BTCUSDT"]', book),
    ).toMatchObject([{ symbol: 'ETHUSDT' }, { symbol: 'BTCUSDT' }])
  })

  test('has no bid and ask in MINI, and no time in bookTicker', () => {
    const [mini] = told('binance', '/api/v3/ticker/24hr?type=MINI', book) as [object]
    expect(Object.keys(mini)).not.toContain('bidPrice')
    expect(mini).toMatchObject({ lastPrice: '64000.20000000' })
    expect(told('binance', '/api/v3/ticker/bookTicker?symbol=BTCUSDT', book)).toEqual({
      symbol: 'BTCUSDT',
      bidPrice: '64000.10000000',
      bidQty: '1.50000000',
      askPrice: '64000.30000000',
      askQty: '1.50000000',
    })
  })

  test('fails a whole batch for one unknown symbol', () => {
    const refused = { status: 400, body: '{"code":-1121,"msg":"Invalid symbol."}' }
    expect(
      answerOf('binance', '/api/v3/ticker/24hr?symbols=["BTCUSDT","NOPE"]', book),
    ).toMatchObject(refused)
    expect(answerOf('binance', '/api/v3/ticker/bookTicker?symbol=NOPE', book)).toMatchObject(
      refused,
    )
  })

  test('refuses a list that is none', () => {
    expect(answerOf('binance', '/api/v3/ticker/24hr?symbols=BTCUSDT', book).status).toBe(400)
    expect(
      answerOf('binance', '/api/v3/ticker/24hr?symbols=["BTCUSDT"]&symbol=BTCUSDT', book).status,
    ).toBe(400)
  })

  test('counts what a minute of requests weighs: 2 for a few symbols, 80 for all', () => {
    const third = { ...book, requestsThisMinute: 3 }
    const weight = (target: string): string | undefined =>
      answerOf('binance', target, third).headers?.['X-MBX-USED-WEIGHT-1M']
    expect(weight('/api/v3/ticker/24hr?symbols=["BTCUSDT"]')).toBe('6')
    expect(weight('/api/v3/ticker/24hr')).toBe('240')
  })

  test('writes an empty book as zeros', () => {
    expect(
      told('binance', '/api/v3/ticker/bookTicker?symbol=BTCUSDT', aBook(anEmptyEntry('BTC-USDT'))),
    ).toMatchObject({ bidPrice: '0.00000000', askPrice: '0.00000000' })
  })
})

test('binance-futures has the quote’s own time, and mark and index in premiumIndex', () => {
  const book = aBook(anEntry('BTC-USDT'), anEntry('BTC-USDT-PERP'))
  expect(told('binance-futures', '/fapi/v1/ticker/bookTicker', book)).toEqual([
    expect.objectContaining({
      symbol: 'BTCUSDT',
      bidPrice: '64000.1',
      askPrice: '64000.3',
      time: quoteAt,
    }),
  ])
  expect(told('binance-futures', '/fapi/v1/premiumIndex?symbol=BTCUSDT', book)).toMatchObject({
    markPrice: '64000.2',
    indexPrice: '64000.2',
    time: quoteAt,
    // The next of 00:00, 08:00 and 16:00 UTC after 03:04.
    nextFundingTime: Date.parse('2026-01-02T08:00:00Z'),
  })
  const [day] = told('binance-futures', '/fapi/v1/ticker/24hr', book) as [object]
  expect(Object.keys(day)).not.toContain('bidPrice')
  expect(answerOf('binance-futures', '/fapi/v1/ticker/bookTicker?symbol=NOPE', book).status).toBe(
    400,
  )
})

describe('coinbase', () => {
  const book = aBook(anEntry('BTC-USD'))

  test('has one product per answer, with the time of the last trade in microseconds', () => {
    expect(told('coinbase', '/products/BTC-USD/ticker', book)).toMatchObject({
      bid: '64000.1',
      ask: '64000.3',
      price: '64000.2',
      time: '2026-01-02T03:04:02.678000Z',
    })
  })

  test('does not find what it does not list, and does not talk to the nameless', () => {
    const lost = { status: 404, body: '{"message":"NotFound"}' }
    expect(answerOf('coinbase', '/products/NOPE-USD/ticker', book)).toEqual(lost)
    expect(answerOf('coinbase', '/products/BTC-USD/nothing', book)).toEqual(lost)
    expect(answerOf('coinbase', '/products/BTC-USD/ticker', book, { userAgent: '' }).status).toBe(
      400,
    )
  })
})

describe('kraken', () => {
  const names = ['BTC-USD', 'USDT-USD', 'DOGE-USD', 'SOL-USD', 'BTC-USDT', 'ETH-EUR', 'USDC-USD']
  const book = aBook(...names.map((name) => anEntry(name)))

  test('answers by canonical name whatever it was asked by', () => {
    expect(told('kraken', '/0/public/Ticker?pair=XBTUSD,USDTUSD,XBT/USDT', book)).toMatchObject({
      error: [],
      result: {
        XXBTZUSD: {
          a: ['64000.30000', '1', '1.000'],
          b: ['64000.10000', '1', '1.000'],
          c: ['64000.20000', '1.50000000'],
        },
        USDTZUSD: {},
        XBTUSDT: {},
      },
    })
    const { result } = told('kraken', '/0/public/Ticker', book) as { result: object }
    expect(Object.keys(result)).toEqual([
      'XXBTZUSD',
      'USDTZUSD',
      'XDGUSD',
      'SOLUSD',
      'XBTUSDT',
      'XETHZEUR',
      'USDCUSD',
    ])
  })

  test('fails a whole request for one unknown pair, with status 200', () => {
    expect(told('kraken', '/0/public/Ticker?pair=XBTUSD,NOPEUSD', book)).toEqual({
      error: ['EQuery:Unknown asset pair'],
    })
  })

  test('has the age of each level in whole seconds', () => {
    expect(told('kraken', '/0/public/Depth?pair=XBTUSD&count=10', book)).toMatchObject({
      result: { XXBTZUSD: { asks: [['64000.3', '1.5', Math.floor(quoteAt / 1000)]] } },
    })
  })
})

test('kraken-futures has numbers, its own time, trades’ times, and indices among the contracts', () => {
  const answer = told(
    'kraken-futures',
    '/derivatives/api/v3/tickers',
    aBook(anEntry('BTC-USD-PERP')),
  )
  expect(answer).toMatchObject({
    result: 'success',
    serverTime: '2026-01-02T03:04:05.678Z',
    tickers: [
      {
        symbol: 'PF_XBTUSD',
        tag: 'perpetual',
        bid: 64000.1,
        ask: 64000.3,
        last: 64000.2,
        lastTime: '2026-01-02T03:04:02.678Z',
        suspended: false,
      },
      { symbol: 'in_xbtusd', last: 64000.2 },
    ],
  })
})

describe('okx', () => {
  const book = aBook(anEntry('BTC-USDT'), anEntry('BTC-USDT-PERP'), anEmptyEntry('ETH-USDT'))

  test('has spot and swaps apart, and times as strings', () => {
    expect(told('okx', '/api/v5/market/tickers?instType=SPOT', book)).toMatchObject({
      code: '0',
      data: [
        {
          instId: 'BTC-USDT',
          bidPx: '64000.1',
          askPx: '64000.3',
          last: '64000.2',
          ts: String(quoteAt),
        },
        { instId: 'ETH-USDT', bidPx: '', askPx: '', last: '' },
      ],
    })
    expect(told('okx', '/api/v5/market/tickers?instType=SWAP', book)).toMatchObject({
      data: [{ instType: 'SWAP', instId: 'BTC-USDT-SWAP' }],
    })
  })

  test('says with a code what it does not know', () => {
    expect(told('okx', '/api/v5/market/ticker?instId=NOPE', book)).toMatchObject({
      code: '51001',
      data: [],
    })
    expect(answerOf('okx', '/api/v5/market/tickers', book).status).toBe(400)
  })
})

test('bybit has one time for all, and one symbol in two categories', () => {
  const book = aBook(
    anEntry('BTC-USDT', { bid: '1', ask: '2' }),
    anEntry('BTC-USDT-PERP'),
    anEntry('BTC-USDC-PERP'),
  )
  expect(told('bybit', '/v5/market/tickers?category=spot', book)).toMatchObject({
    retCode: 0,
    result: { category: 'spot', list: [{ symbol: 'BTCUSDT', bid1Price: '1', ask1Price: '2' }] },
    time: now,
  })
  expect(told('bybit', '/v5/market/tickers?category=linear', book)).toMatchObject({
    result: {
      category: 'linear',
      list: [
        { symbol: 'BTCUSDT', bid1Price: '64000.1', ask1Price: '64000.3', lastPrice: '64000.2' },
        { symbol: 'BTCPERP' },
      ],
    },
  })
  expect(told('bybit', '/v5/market/orderbook?category=spot&symbol=BTCUSDT', book)).toMatchObject({
    result: { b: [['1', '1.5']], cts: quoteAt },
  })
  expect(told('bybit', '/v5/market/tickers?category=spot&symbol=NOPE', book)).toMatchObject({
    retCode: 10001,
  })
})

test('bitstamp has seconds as strings, and pairs only in the list of all', () => {
  const book = aBook(anEntry('BTC-USD'))
  const ticker = {
    bid: '64000.1',
    ask: '64000.3',
    last: '64000.2',
    timestamp: String(Math.floor(quoteAt / 1000)),
  }
  expect(told('bitstamp', '/api/v2/ticker/', book)).toMatchObject([{ ...ticker, pair: 'BTC/USD' }])
  const single = told('bitstamp', '/api/v2/ticker/btcusd/', book)
  expect(single).toMatchObject(ticker)
  expect(single).not.toHaveProperty('pair')
  expect(answerOf('bitstamp', '/api/v2/ticker/nope/', book).status).toBe(404)
})

test('bitfinex has rows by position, a colon in long names, UST for tether, and funding between', () => {
  const names = ['BTC-USD', 'DOGE-USD', 'BTC-USDT', 'USDT-USD', 'BTC-USDT-PERP']
  const rows = told(
    'bitfinex',
    '/v2/tickers?symbols=ALL',
    aBook(...names.map((name) => anEntry(name))),
  )
  expect((rows as [string][]).map(([symbol]) => symbol)).toEqual([
    'fUSD',
    'tBTCUSD',
    'tDOGE:USD',
    'tBTCUST',
    'tUSTUSD',
    'tBTCF0:USTF0',
  ])
  const book = aBook(anEntry('BTC-USD'))
  // [symbol, bid, bid size, ask, ask size, change, relative change, last, volume, high, low]
  const row = ['tBTCUSD', 64000.1, 1.5, 64000.3, 1.5, 0, 0, 64000.2, 1000, 64000.2, 64000.2]
  expect(told('bitfinex', '/v2/tickers?symbols=tBTCUSD,tNOPE', book)).toEqual([row])
  expect(told('bitfinex', '/v2/ticker/tBTCUSD', book)).toEqual(row.slice(1))
})

test('gemini has one symbol per answer, and its time in the volume', () => {
  const book = aBook(anEntry('BTC-USD'))
  expect(told('gemini', '/v1/pubticker/btcusd', book)).toEqual({
    bid: '64000.1',
    ask: '64000.3',
    last: '64000.2',
    volume: { BTC: '1000', USD: '1000', timestamp: quoteAt },
  })
  expect(told('gemini', '/v1/pricefeed', book)).toMatchObject([
    { pair: 'BTCUSD', price: '64000.2' },
  ])
  const refused = answerOf('gemini', '/v1/pubticker/nope', book)
  expect(refused.status).toBe(400)
  expect(JSON.parse(refused.body)).toMatchObject({ result: 'error', reason: 'InvalidSymbol' })
})

test('kucoin says buy for bid and sell for ask, with one time for all and null for nothing', () => {
  const book = aBook(anEntry('BTC-USDT'), anEmptyEntry('ETH-USDT'))
  expect(told('kucoin', '/api/v1/market/allTickers', book)).toMatchObject({
    code: '200000',
    data: {
      time: now,
      ticker: [
        { symbol: 'BTC-USDT', buy: '64000.1', sell: '64000.3', last: '64000.2' },
        { symbol: 'ETH-USDT', buy: null, sell: null, last: null },
      ],
    },
  })
})

test('kucoin-futures writes nanoseconds as a number that no float can hold', () => {
  const { body } = answerOf('kucoin-futures', '/api/v1/allTickers', aBook(anEntry('BTC-USDT-PERP')))
  expect(body).toContain(`"ts":${quoteAt}000000`)
  expect(JSON.parse(body)).toMatchObject({
    code: '200000',
    data: [
      {
        symbol: 'XBTUSDTM',
        bestBidPrice: '64000.1',
        bestAskPrice: '64000.3',
        price: '64000.2',
      },
    ],
  })
})

test('gate has spot and futures without any time', () => {
  const book = aBook(anEntry('BTC-USDT'), anEntry('BTC-USDT-PERP'), anEntry('BTC-USDC-PERP'))
  const prices = { highest_bid: '64000.1', lowest_ask: '64000.3', last: '64000.2' }
  const spot = told('gate', '/api/v4/spot/tickers', book)
  expect(spot).toMatchObject([{ currency_pair: 'BTC_USDT', ...prices }])
  expect(JSON.stringify(spot)).not.toContain('time')
  const futures = told('gate', '/api/v4/futures/usdt/tickers', book)
  expect(futures).toHaveLength(1)
  expect(futures).toMatchObject([{ contract: 'BTC_USDT', mark_price: '64000.2', ...prices }])
  const refused = answerOf('gate', '/api/v4/spot/tickers?currency_pair=NOPE', book)
  expect(JSON.parse(refused.body)).toMatchObject({ label: 'INVALID_CURRENCY_PAIR' })
})

test('crypto-com has single letters, each quote’s time, and null for nothing', () => {
  const book = aBook(anEntry('BTC-USD'), anEntry('BTC-USD-PERP'), anEmptyEntry('ETH-USD'))
  expect(told('crypto-com', '/exchange/v1/public/get-tickers', book)).toMatchObject({
    code: 0,
    method: 'public/get-tickers',
    result: {
      data: [
        { i: 'BTC_USD', b: '64000.1', k: '64000.3', a: '64000.2', t: quoteAt },
        { i: 'BTCUSD-PERP' },
        { i: 'ETH_USD', b: null, k: null, a: null },
      ],
    },
  })
  const refused = answerOf(
    'crypto-com',
    '/exchange/v1/public/get-tickers?instrument_name=NOPE',
    book,
  )
  expect(JSON.parse(refused.body)).toMatchObject({ code: 30003, message: 'Invalid symbol' })
})

test('bitget has spot and futures by product type, each quote’s time as a string', () => {
  const book = aBook(anEntry('BTC-USDT'), anEntry('ETH-USDT-PERP'), anEntry('BTC-USDC-PERP'))
  expect(told('bitget', '/api/v2/spot/market/tickers', book)).toMatchObject({
    code: '00000',
    requestTime: now,
    data: [
      {
        symbol: 'BTCUSDT',
        bidPr: '64000.1',
        askPr: '64000.3',
        lastPr: '64000.2',
        ts: String(quoteAt),
      },
    ],
  })
  expect(told('bitget', '/api/v2/mix/market/tickers?productType=USDT-FUTURES', book)).toMatchObject(
    { data: [{ symbol: 'ETHUSDT', markPrice: '64000.2' }] },
  )
  const refused = answerOf('bitget', '/api/v2/spot/market/tickers?symbol=NOPE', book)
  expect(JSON.parse(refused.body)).toMatchObject({ code: '40034', msg: 'Parameter does not exist' })
})

test('htx has numbers in lower-case spot, and pairs of price and size in swaps', () => {
  const book = aBook(anEntry('BTC-USDT'), anEntry('ETH-USDT-PERP'))
  expect(told('htx', '/market/tickers', book)).toMatchObject({
    status: 'ok',
    ts: now,
    data: [{ symbol: 'btcusdt', bid: 64000.1, ask: 64000.3, close: 64000.2 }],
  })
  expect(
    told('htx', '/linear-swap-ex/market/detail/batch_merged?business_type=swap', book),
  ).toMatchObject({
    ticks: [
      {
        contract_code: 'ETH-USDT',
        bid: [64000.1, 15],
        ask: [64000.3, 15],
        close: '64000.2',
        ts: quoteAt,
      },
    ],
  })
  expect(told('htx', '/market/detail/merged?symbol=nope', book)).toMatchObject({
    status: 'error',
    'err-code': 'invalid-parameter',
  })
})

test('mexc has Binance’s words with nulls for spot, and numbers for contracts', () => {
  const book = aBook(anEntry('BTC-USDT'), anEntry('ETH-USDT-PERP'))
  expect(told('mexc', '/api/v3/ticker/24hr', book)).toMatchObject([
    {
      symbol: 'BTCUSDT',
      bidPrice: '64000.1',
      askPrice: '64000.3',
      lastPrice: '64000.2',
      closeTime: quoteAt,
      quoteVolume: null,
      count: null,
    },
  ])
  expect(told('mexc', '/api/v1/contract/ticker', book)).toMatchObject({
    success: true,
    data: [
      {
        symbol: 'ETH_USDT',
        bid1: 64000.1,
        ask1: 64000.3,
        lastPrice: 64000.2,
        timestamp: quoteAt,
      },
    ],
  })
  expect(told('mexc', '/api/v1/contract/ticker?symbol=NOPE', book)).toMatchObject({
    success: false,
  })
})

test('deribit has one instrument per answer, and microseconds around it', () => {
  const book = aBook(anEntry('BTC-USD-PERP'), anEntry('ETH-USDC-PERP'))
  expect(
    told('deribit', '/api/v2/public/ticker?instrument_name=BTC-PERPETUAL', book),
  ).toMatchObject({
    jsonrpc: '2.0',
    result: {
      instrument_name: 'BTC-PERPETUAL',
      best_bid_price: 64000.1,
      best_ask_price: 64000.3,
      last_price: 64000.2,
      timestamp: quoteAt,
      state: 'open',
    },
    usOut: now * 1000,
    usDiff: 40,
  })
  expect(
    told('deribit', '/api/v2/public/ticker?instrument_name=ETH_USDC-PERPETUAL', book),
  ).toMatchObject({ result: { instrument_name: 'ETH_USDC-PERPETUAL' } })
  expect(told('deribit', '/api/v2/public/get_index_price?index_name=btc_usd', book)).toMatchObject({
    result: { index_price: 64000.2 },
  })
  const refused = answerOf('deribit', '/api/v2/public/ticker?instrument_name=NOPE', book)
  expect(refused.status).toBe(400)
  expect(JSON.parse(refused.body)).toMatchObject({ error: { code: -32602 } })
})

describe('hyperliquid', () => {
  const book = aBook(anEntry('BTC-USD-PERP'), anEmptyEntry('ETH-USD-PERP'))

  test('has names and numbers in two lists by position, delisted ones and empty books among them', () => {
    const [{ universe }, contexts] = told('hyperliquid', '/info', book, {
      body: '{"type":"metaAndAssetCtxs"}',
    }) as [
      { universe: { name: string; isDelisted?: boolean }[] },
      { midPx: string | null; impactPxs: string[] | null }[],
    ]
    expect(contexts).toHaveLength(universe.length)
    expect(universe.find(({ isDelisted }) => isDelisted)).toBeDefined()
    const of = (coin: string) => contexts[universe.findIndex(({ name }) => name === coin)]
    expect(of('BTC')).toMatchObject({ midPx: '64000.2', impactPxs: ['64000.1', '64000.3'] })
    expect(of('ETH')).toMatchObject({ midPx: null, impactPxs: null })
  })

  test('has the book’s time in the book', () => {
    expect(
      told('hyperliquid', '/info', book, { body: '{"type":"l2Book","coin":"BTC"}' }),
    ).toMatchObject({
      coin: 'BTC',
      time: quoteAt,
      levels: [[{ px: '64000.1' }], [{ px: '64000.3' }]],
    })
  })

  test('understands no other question', () => {
    for (const body of ['{}', 'not json', '{"type":"nothing"}'])
      expect(answerOf('hyperliquid', '/info', book, { body })).toMatchObject({
        status: 422,
        contentType: 'text/plain; charset=utf-8',
      })
  })
})
