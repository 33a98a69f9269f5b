import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { optionalPrice, price } from './fields.ts'
import { isPerpetual, isSpot, together, underscored } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { readBody } from './read.ts'

const name = 'gate'

/** A side without orders is an empty string or `nan`; older futures tickers have no sides at all. */
const row = rowOf(
  { highest_bid: optionalPrice, lowest_ask: optionalPrice, last: price },
  ({ highest_bid, lowest_ask, last }) => ({ bid: highest_bid, ask: lowest_ask, last }),
)

/** https://www.gate.com/docs/developers/apiv4/#retrieve-ticker-information . No time anywhere. */
export const gate: Venue = {
  name,
  baseUrl: 'https://api.gateio.ws',
  requests: (instruments) => [
    ...together(instruments.filter(isSpot), () => '/api/v4/spot/tickers'),
    ...together(instruments.filter(isUsdtPerpetual), () => '/api/v4/futures/usdt/tickers'),
  ],
  parse(answer, request) {
    const rows = readBody(name, z.array(z.unknown()), answer.body)
    const key = request.instruments.some(isPerpetual) ? 'contract' : 'currency_pair'
    return quotesByName({ venue: name, answer, request }, { rows, key, nameOf: underscored, row })
  },
}

/** Others are under other addresses. */
function isUsdtPerpetual(instrument: Instrument): boolean {
  return isPerpetual(instrument) && instrument.quote === 'USDT'
}
