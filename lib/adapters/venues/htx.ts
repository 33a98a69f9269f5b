import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Quote } from '../../domain/quote.ts'
import type { Venue } from '../../ports.ts'
import { milliseconds, optionalBestOf, price } from './fields.ts'
import { dashed, isPerpetual, isSpot, joined, together } from './names.ts'
import { quotesByName, type Reading, rowOf } from './quotes.ts'
import { readBody, refuse } from './read.ts'

const name = 'htx'

/** Linear swaps live on another host than spot. */
const swapsUrl = 'https://api.hbdm.com'

/** https://www.htx.com/en-us/opend/newApiPages/?id=7ec4a4da-7773-11ed-9966-0242ac110003 (spot, all tickers) */
export const htx: Venue = {
  name,
  baseUrl: 'https://api.huobi.pro',
  requests: (instruments) => [
    ...together(instruments.filter(isSpot), () => '/market/tickers'),
    ...together(
      instruments.filter(isPerpetual),
      () => '/linear-swap-ex/market/detail/batch_merged?business_type=swap',
    ).map((request) => ({ ...request, baseUrl: swapsUrl })),
  ],
  parse(answer, request) {
    const reading = { venue: name, answer, request }
    return request.instruments.some(isPerpetual) ? swaps(reading) : pairs(reading)
  },
}

const Answer = z.object({
  status: z.string(),
  'err-code': z.optional(z.string()),
  'err-msg': z.optional(z.string()),
  ts: z.optional(milliseconds),
  data: z.nullish(z.array(z.unknown())),
  ticks: z.nullish(z.array(z.unknown())),
})

function successful({ answer }: Reading): z.output<typeof Answer> {
  const read = readBody(name, Answer, answer.body)
  const { status, 'err-code': code = '', 'err-msg': message = '' } = read
  if (status !== 'ok') refuse(name, `${status} ${code}, ${message}`, /too.?many/i.test(code))
  return read
}

/** Numbers, some with exponents; an empty side is 0. The one time is the whole answer's. */
function pairs(reading: Reading): readonly Quote[] {
  const { data, ts } = successful(reading)
  const row = rowOf({ bid: price, ask: price, close: price }, ({ bid, ask, close }) => ({
    bid,
    ask,
    last: close,
    timeKind: 'envelope',
    time: ts,
  }))
  return quotesByName(reading, { rows: data ?? [], key: 'symbol', nameOf: lowerCase, row })
}

const swap = rowOf(
  { bid: optionalBestOf, ask: optionalBestOf, close: price, ts: milliseconds },
  ({ bid, ask, close, ts }) => ({ bid, ask, last: close, timeKind: 'quote', time: ts }),
)

function swaps(reading: Reading): readonly Quote[] {
  const { ticks } = successful(reading)
  const list = { rows: ticks ?? [], key: 'contract_code', nameOf: dashed, row: swap }
  return quotesByName(reading, list)
}

function lowerCase(instrument: Instrument): string {
  return joined(instrument).toLowerCase()
}
