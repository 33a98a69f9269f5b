import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { milliseconds, price } from './fields.ts'
import { isPerpetual, isSpot, joined, together } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { readBody, refuse } from './read.ts'

const name = 'bitget'

const Answer = z.object({
  code: z.string(),
  msg: z.optional(z.string()),
  requestTime: z.optional(milliseconds),
  data: z.nullish(z.array(z.unknown())),
})

/** Where a row's own time is 0, the answer's says at least how old the row may be. */
function rowAt(requestTime: number | undefined) {
  return rowOf({ bidPr: price, askPr: price, lastPr: price, ts: milliseconds }, (fields) => ({
    bid: fields.bidPr,
    ask: fields.askPr,
    last: fields.lastPr,
    timeKind: fields.ts === 0 ? 'envelope' : 'quote',
    time: fields.ts === 0 ? requestTime : fields.ts,
  }))
}

/** https://www.bitget.com/api-doc/spot/market/Get-Tickers and /contract/market/Get-All-Symbol-Ticker */
export const bitget: Venue = {
  name,
  baseUrl: 'https://api.bitget.com',
  requests: (instruments) => [
    ...together(instruments.filter(isSpot), () => '/api/v2/spot/market/tickers'),
    ...together(
      instruments.filter(isUsdtPerpetual),
      () => '/api/v2/mix/market/tickers?productType=USDT-FUTURES',
    ),
  ],
  parse(answer, request) {
    const { code, msg = '', requestTime, data } = readBody(name, Answer, answer.body)
    if (code !== '00000') refuse(name, `code ${code}, ${msg}`, code === '429')
    return quotesByName(
      { venue: name, answer, request },
      { rows: data ?? [], key: 'symbol', nameOf: joined, row: rowAt(requestTime) },
    )
  },
}

/** Others are of another product type. */
function isUsdtPerpetual(instrument: Instrument): boolean {
  return isPerpetual(instrument) && instrument.quote === 'USDT'
}
