import { binanceFutures } from '../../../lib/adapters/venues/binance-futures.ts'
import { binance, binanceus } from '../../../lib/adapters/venues/binance.ts'
import { bitfinex } from '../../../lib/adapters/venues/bitfinex.ts'
import { bitget } from '../../../lib/adapters/venues/bitget.ts'
import { bitstamp } from '../../../lib/adapters/venues/bitstamp.ts'
import { bybit } from '../../../lib/adapters/venues/bybit.ts'
import { coinbase } from '../../../lib/adapters/venues/coinbase.ts'
import { cryptoCom } from '../../../lib/adapters/venues/crypto-com.ts'
import { deribit } from '../../../lib/adapters/venues/deribit.ts'
import { gate } from '../../../lib/adapters/venues/gate.ts'
import { gemini } from '../../../lib/adapters/venues/gemini.ts'
import { htx } from '../../../lib/adapters/venues/htx.ts'
import { hyperliquid } from '../../../lib/adapters/venues/hyperliquid.ts'
import { krakenFutures } from '../../../lib/adapters/venues/kraken-futures.ts'
import { kraken } from '../../../lib/adapters/venues/kraken.ts'
import { kucoinFutures } from '../../../lib/adapters/venues/kucoin-futures.ts'
import { kucoin } from '../../../lib/adapters/venues/kucoin.ts'
import { mexc } from '../../../lib/adapters/venues/mexc.ts'
import { okx } from '../../../lib/adapters/venues/okx.ts'
import type { TimeKind } from '../../../lib/domain/quote.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Venue } from '../../../lib/ports.ts'

// 2026-01-01 00:00:00.123 UTC.
export const now = timestamp(1_767_225_600_123)

/** One row's values as they stand in the JSON: `"1.5"`, `1.5`, `null`, … */
export type Tokens = {
  readonly bid: string
  readonly ask: string
  readonly last: string
  readonly time: string
}

/** One kind of answer of one venue, in the shape of the venue's documents, with numbers of our own. */
export type Sample = {
  readonly title: string
  readonly venue: Venue
  readonly instrument: string
  /** How the venue writes a number. */
  readonly writes: 'strings' | 'numbers'
  readonly timeKind: TimeKind
  /** How the venue writes `ms`. */
  readonly timeOf: (ms: number) => string
  /** The time that survives the venue's unit. */
  readonly keeps?: (ms: number) => number
  /** The answer leaves it out. */
  readonly hasNoLast?: true
  /** Another instrument stands first, then one row for each of `rows`, all of the instrument. */
  readonly body: (rows: readonly Tokens[]) => string
}

const ms = (at: number): string => String(at)
const quoted = (at: number): string => `"${at}"`
const iso = (at: number): string => `"${new Date(at).toISOString()}"`
const noTime = (): string => 'null'
const list = (rows: readonly string[]): string => `[${rows.join(',')}]`
const alone = (rows: readonly string[]): string => rows.join('')

const binanceRow = ({ bid, ask, last, time }: Tokens): string =>
  `{"symbol":"BTCUSDT","priceChange":"-83.13000000","prevClosePrice":"7.1","lastPrice":${last},"lastQty":"0.1","bidPrice":${bid},"bidQty":"7.15","askPrice":${ask},"askQty":"0.09","openTime":1767139200123,"closeTime":${time},"count":697727}`

const binanceOther =
  '{"symbol":"ETHUSDT","lastPrice":"9","bidPrice":"9","askPrice":"9","closeTime":1767225600000}'

const bybitBody = (category: string, rows: readonly string[], time: string): string =>
  `{"retCode":0,"retMsg":"OK","result":{"category":"${category}","list":${list(rows)}},"retExtInfo":{},"time":${time}}`

const bybitRow = ({ bid, ask, last }: Tokens): string =>
  `{"symbol":"BTCUSDT","bid1Price":${bid},"bid1Size":"2","ask1Price":${ask},"ask1Size":"1.8","lastPrice":${last},"usdIndexPrice":"20784.12"}`

const okxRow = (id: string, { bid, ask, last, time }: Tokens): string =>
  `{"instType":"SPOT","instId":"${id}","last":${last},"lastSz":"0.1","askPx":${ask},"askSz":"11","bidPx":${bid},"bidSz":"5","open24h":"9000","ts":${time},"sodUtc0":"0.1"}`

const okxBody = (rows: readonly string[]): string => `{"code":"0","msg":"","data":${list(rows)}}`

const bitgetRow = ({ bid, ask, last, time }: Tokens): string =>
  `{"symbol":"BTCUSDT","lastPr":${last},"bidPr":${bid},"askPr":${ask},"bidSz":"1","askSz":"2","ts":${time},"change24h":"0.01"}`

const bitgetBody = (rows: readonly string[]): string =>
  `{"code":"00000","msg":"success","requestTime":1767225600000,"data":${list(rows)}}`

const firstTime = (rows: readonly Tokens[]): string => rows[0]?.time ?? 'null'

export const samples: readonly Sample[] = [
  ...[binance, binanceus].map((venue): Sample => ({
    title: venue.name,
    venue,
    instrument: 'BTC-USDT',
    writes: 'strings',
    timeKind: 'quote',
    timeOf: ms,
    body: (rows) => list([binanceOther, ...rows.map(binanceRow)]),
  })),
  {
    title: 'binance-futures',
    venue: binanceFutures,
    instrument: 'BTC-USDT-PERP',
    writes: 'strings',
    timeKind: 'quote',
    timeOf: ms,
    hasNoLast: true,
    body: (rows) =>
      list([
        '{"symbol":"ETHUSDT","bidPrice":"9","askPrice":"9","time":1767225600000}',
        ...rows.map(
          ({ bid, ask, time }) =>
            `{"symbol":"BTCUSDT","bidPrice":${bid},"bidQty":"33.592","askPrice":${ask},"askQty":"1.427","time":${time},"lastUpdateId":9123372036854775807}`,
        ),
      ]),
  },
  {
    title: 'coinbase',
    venue: coinbase,
    instrument: 'BTC-USD',
    writes: 'strings',
    timeKind: 'trade',
    timeOf: (at) => `"${new Date(at).toISOString().replace('Z', '987Z')}"`,
    body: (rows) =>
      alone(
        rows.map(
          ({ bid, ask, last, time }) =>
            `{"ask":${ask},"bid":${bid},"volume":"1.1","trade_id":86326522,"price":${last},"size":"0.002","time":${time},"rfq_volume":"1"}`,
        ),
      ),
  },
  {
    title: 'kraken',
    venue: kraken,
    instrument: 'BTC-USD',
    writes: 'strings',
    timeKind: 'none',
    timeOf: noTime,
    body: (rows) =>
      `{"error":[],"result":{${[
        '"XETHZUSD":{"a":["9","1","1.0"],"b":["9","1","1.0"],"c":["9","0.1"]}',
        ...rows.map(
          ({ bid, ask, last }) =>
            `"XXBTZUSD":{"a":[${ask},"1","1.000"],"b":[${bid},"2","2.000"],"c":[${last},"0.0440"],"v":["1","2"],"t":[1,2],"o":"2571.5"}`,
        ),
      ].join(',')}}}`,
  },
  {
    title: 'kraken-futures',
    venue: krakenFutures,
    instrument: 'BTC-USD-PERP',
    writes: 'numbers',
    timeKind: 'envelope',
    timeOf: iso,
    body: (rows) =>
      `{"result":"success","tickers":${list([
        '{"symbol":"in_xbtusd","last":9,"lastTime":"2026-01-01T00:00:00.000Z"}',
        '{"symbol":"PI_XBTUSD","bid":9,"ask":9,"last":9,"suspended":false}',
        ...rows.map(
          ({ bid, ask, last }) =>
            `{"tag":"perpetual","pair":"XBT:USD","symbol":"PF_XBTUSD","markPrice":30209.9,"bid":${bid},"bidSize":1,"ask":${ask},"askSize":1,"last":${last},"lastTime":"2025-12-31T23:00:00.000Z","suspended":false,"postOnly":false}`,
        ),
      ])},"serverTime":${firstTime(rows)}}`,
  },
  {
    title: 'okx, spot',
    venue: okx,
    instrument: 'BTC-USDT',
    writes: 'strings',
    timeKind: 'quote',
    timeOf: quoted,
    body: (rows) =>
      okxBody([
        '{"instId":"ETH-USDT","last":"9","askPx":"9","bidPx":"9","ts":"1767225600000"}',
        ...rows.map((row) => okxRow('BTC-USDT', row)),
      ]),
  },
  {
    title: 'okx, swaps',
    venue: okx,
    instrument: 'BTC-USDT-PERP',
    writes: 'strings',
    timeKind: 'quote',
    timeOf: quoted,
    body: (rows) =>
      okxBody([
        '{"instId":"BTC-USD-SWAP","last":"9","askPx":"9","bidPx":"9","ts":"1767225600000"}',
        ...rows.map((row) => okxRow('BTC-USDT-SWAP', row)),
      ]),
  },
  {
    title: 'bybit, spot',
    venue: bybit,
    instrument: 'BTC-USDT',
    writes: 'strings',
    timeKind: 'envelope',
    timeOf: ms,
    body: (rows) => bybitBody('spot', rows.map(bybitRow), firstTime(rows)),
  },
  {
    title: 'bybit, linear',
    venue: bybit,
    instrument: 'BTC-USDT-PERP',
    writes: 'strings',
    timeKind: 'envelope',
    timeOf: ms,
    body: (rows) => bybitBody('linear', rows.map(bybitRow), firstTime(rows)),
  },
  {
    title: 'bitstamp',
    venue: bitstamp,
    instrument: 'BTC-USD',
    writes: 'strings',
    timeKind: 'quote',
    timeOf: (at) => `"${Math.floor(at / 1000)}"`,
    keeps: (at) => Math.floor(at / 1000) * 1000,
    body: (rows) =>
      list([
        '{"pair":"ETH/USD","bid":"9","ask":"9","last":"9","timestamp":"1767225600"}',
        ...rows.map(
          ({ bid, ask, last, time }) =>
            `{"timestamp":${time},"open":"1","high":"3","low":"1","last":${last},"volume":"213.2","vwap":"2","bid":${bid},"ask":${ask},"side":"0","open_24":"1","percent_change_24":"13.57","pair":"BTC/USD"}`,
        ),
      ]),
  },
  {
    title: 'bitfinex',
    venue: bitfinex,
    instrument: 'BTC-USDT',
    writes: 'numbers',
    timeKind: 'none',
    timeOf: noTime,
    body: (rows) =>
      list([
        '["fUSD",0.0003,0.0004,30,1000,0.0003,2,1000,0,0,0.0003,1000,0.0004,0.0003,null,null,12]',
        '["tETHUST",9,1,9,1,0,0,9,1000,9,9]',
        ...rows.map(
          ({ bid, ask, last }) =>
            `["tBTCUST",${bid},38.6449,${ask},32.1459,126.6,0.0175,${last},1982.88,7390,7228.1]`,
        ),
      ]),
  },
  {
    title: 'gemini',
    venue: gemini,
    instrument: 'BTC-USD',
    writes: 'strings',
    timeKind: 'none',
    timeOf: noTime,
    body: (rows) =>
      alone(
        rows.map(
          ({ bid, ask, last }) =>
            `{"bid":${bid},"ask":${ask},"volume":{"BTC":"1615.4","USD":"1.1","timestamp":1767225300000},"last":${last}}`,
        ),
      ),
  },
  {
    title: 'kucoin',
    venue: kucoin,
    instrument: 'BTC-USDT',
    writes: 'strings',
    timeKind: 'envelope',
    timeOf: ms,
    body: (rows) =>
      `{"code":"200000","data":{"time":${firstTime(rows)},"ticker":${list([
        '{"symbol":"ETH-USDT","buy":"9","sell":"9","last":"9"}',
        ...rows.map(
          ({ bid, ask, last }) =>
            `{"symbol":"BTC-USDT","symbolName":"BTC-USDT","buy":${bid},"sell":${ask},"changeRate":"0.1","last":${last},"averagePrice":null}`,
        ),
      ])}}}`,
  },
  {
    title: 'kucoin-futures',
    venue: kucoinFutures,
    instrument: 'BTC-USDT-PERP',
    writes: 'strings',
    timeKind: 'quote',
    // Nanoseconds, which a float would round to 256 of them.
    timeOf: (at) => `${at}999999`,
    body: (rows) =>
      `{"code":"200000","data":${list([
        '{"symbol":"XBTUSDM","price":"9","bestBidPrice":"9","bestAskPrice":"9","ts":1767225600000000000}',
        ...rows.map(
          ({ bid, ask, last, time }) =>
            `{"sequence":1001,"symbol":"XBTUSDTM","side":"buy","size":10,"price":${last},"bestBidSize":1,"bestBidPrice":${bid},"bestAskPrice":${ask},"bestAskSize":5,"tradeId":"5e","ts":${time}}`,
        ),
      ])}}`,
  },
  {
    title: 'gate, spot',
    venue: gate,
    instrument: 'BTC-USDT',
    writes: 'strings',
    timeKind: 'none',
    timeOf: noTime,
    body: (rows) =>
      list([
        '{"currency_pair":"ETH_USDT","last":"9","lowest_ask":"9","highest_bid":"9"}',
        ...rows.map(
          ({ bid, ask, last }) =>
            `{"currency_pair":"BTC_USDT","last":${last},"lowest_ask":${ask},"highest_bid":${bid},"change_percentage":"-1.18","etf_net_value":""}`,
        ),
      ]),
  },
  {
    title: 'gate, futures',
    venue: gate,
    instrument: 'BTC-USDT-PERP',
    writes: 'strings',
    timeKind: 'none',
    timeOf: noTime,
    body: (rows) =>
      list([
        '{"contract":"ETH_USDT","last":"9","mark_price":"9"}',
        ...rows.map(
          ({ bid, ask, last }) =>
            `{"contract":"BTC_USDT","last":${last},"mark_price":"6534","index_price":"6531","funding_rate":"0.0001","lowest_ask":${ask},"highest_bid":${bid}}`,
        ),
      ]),
  },
  {
    title: 'crypto-com',
    venue: cryptoCom,
    instrument: 'BTC-USD-PERP',
    writes: 'strings',
    timeKind: 'quote',
    timeOf: ms,
    body: (rows) =>
      `{"id":-1,"method":"public/get-tickers","code":0,"result":{"data":${list([
        '{"i":"BTC_USD","a":"9","b":"9","k":"9","t":1767225600000}',
        ...rows.map(
          ({ bid, ask, last, time }) =>
            `{"i":"BTCUSD-PERP","h":"3","l":"1","a":${last},"v":"1","vv":"1","c":"0.05","b":${bid},"k":${ask},"oi":"1","t":${time}}`,
        ),
      ])}}}`,
  },
  ...(['BTC-USDT', 'BTC-USDT-PERP'] as const).map((instrument): Sample => ({
    title: `bitget, ${instrument}`,
    venue: bitget,
    instrument,
    writes: 'strings',
    timeKind: 'quote',
    timeOf: quoted,
    body: (rows) =>
      bitgetBody([
        '{"symbol":"ETHUSDT","lastPr":"9","bidPr":"9","askPr":"9","ts":"0"}',
        ...rows.map(bitgetRow),
      ]),
  })),
  {
    title: 'htx, spot',
    venue: htx,
    instrument: 'BTC-USDT',
    writes: 'numbers',
    timeKind: 'envelope',
    timeOf: ms,
    body: (rows) =>
      `{"data":${list([
        '{"symbol":"ethusdt","close":9,"bid":9,"ask":9}',
        ...rows.map(
          ({ bid, ask, last }) =>
            `{"symbol":"btcusdt","open":1,"high":3,"low":1,"close":${last},"amount":2.3822168242201668E8,"vol":1,"count":7,"bid":${bid},"bidSize":1,"ask":${ask},"askSize":1}`,
        ),
      ])},"status":"ok","ts":${firstTime(rows)}}`,
  },
  {
    title: 'htx, swaps',
    venue: htx,
    instrument: 'BTC-USDT-PERP',
    writes: 'numbers',
    timeKind: 'quote',
    timeOf: ms,
    body: (rows) =>
      `{"status":"ok","ticks":${list([
        '{"contract_code":"ETH-USDT","bid":null,"ask":[9,1],"close":"9","ts":1767225600000}',
        ...rows.map(
          ({ bid, ask, last, time }) =>
            `{"id":1,"ts":${time},"contract_code":"BTC-USDT","business_type":"swap","bid":[${bid},0.08],"ask":[${ask},0.15],"close":${last},"vol":"1"}`,
        ),
      ])},"ts":1767225600001}`,
  },
  {
    title: 'mexc, spot',
    venue: mexc,
    instrument: 'BTC-USDT',
    writes: 'strings',
    timeKind: 'quote',
    timeOf: ms,
    body: (rows) =>
      list([
        '{"symbol":"ETHUSDT","lastPrice":"9","bidPrice":"9","askPrice":"9","closeTime":1767225600000}',
        ...rows.map(
          ({ bid, ask, last, time }) =>
            `{"symbol":"BTCUSDT","lastPrice":${last},"bidPrice":${bid},"askPrice":${ask},"quoteVolume":null,"openTime":1767139200000,"closeTime":${time},"count":null}`,
        ),
      ]),
  },
  {
    title: 'mexc, contracts',
    venue: mexc,
    instrument: 'BTC-USDT-PERP',
    writes: 'numbers',
    timeKind: 'quote',
    timeOf: ms,
    body: (rows) =>
      `{"success":true,"code":0,"data":${list([
        '{"symbol":"ETH_USDT","lastPrice":9,"bid1":9,"ask1":9,"timestamp":1767225600000}',
        ...rows.map(
          ({ bid, ask, last, time }) =>
            `{"contractId":10,"symbol":"BTC_USDT","lastPrice":${last},"bid1":${bid},"ask1":${ask},"indexPrice":3580.7852,"fairPrice":3581.08,"timestamp":${time}}`,
        ),
      ])}}`,
  },
  {
    title: 'deribit',
    venue: deribit,
    instrument: 'BTC-USD-PERP',
    writes: 'numbers',
    timeKind: 'quote',
    timeOf: ms,
    body: (rows) =>
      `{"jsonrpc":"2.0","result":${alone(
        rows.map(
          ({ bid, ask, last, time }) =>
            `{"timestamp":${time},"stats":{"volume":1.5,"low":null},"state":"open","min_price":1,"mark_price":2,"last_price":${last},"instrument_name":"BTC-PERPETUAL","index_price":2,"best_bid_price":${bid},"best_bid_amount":1,"best_ask_price":${ask},"best_ask_amount":1}`,
        ),
      )},"usIn":1767225600123000,"usOut":1767225600123040,"usDiff":40,"testnet":false}`,
  },
  {
    title: 'hyperliquid',
    venue: hyperliquid,
    instrument: 'BTC-USDT-PERP',
    writes: 'strings',
    timeKind: 'none',
    timeOf: noTime,
    hasNoLast: true,
    body: (rows) =>
      list([
        `{"universe":${list([
          '{"name":"ETH","szDecimals":4,"maxLeverage":50}',
          ...rows.map(() => '{"szDecimals":5,"name":"BTC","maxLeverage":50,"marginTableId":56}'),
        ])}}`,
        list([
          '{"markPx":"9","midPx":null,"oraclePx":"9","impactPxs":null}',
          ...rows.map(
            ({ bid, ask }) =>
              `{"funding":"0.0000125","prevDayPx":"1","premium":"0.0","oraclePx":"2","markPx":"2","midPx":"2","impactPxs":[${bid},${ask}]}`,
          ),
        ]),
      ]),
  },
]

/** The samples whose answers are lists: the others say one thing only. */
export const listSamples = samples.filter(
  ({ title }) => !['coinbase', 'kraken', 'gemini', 'deribit'].includes(title),
)
