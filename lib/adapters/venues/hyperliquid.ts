import * as z from 'zod/mini'

import type { Instrument } from '../../domain/instrument.ts'
import type { Venue } from '../../ports.ts'
import { price } from './fields.ts'
import { isPerpetual } from './names.ts'
import { quotesByName, rowOf } from './quotes.ts'
import { readBody, refuse, valueAt } from './read.ts'

const name = 'hyperliquid'

/**
 * Names in one list, numbers in another, matched by position. What is in them is read one by one: of a million that are
 * no objects, the schema would tell each.
 */
const Answer = z.tuple([z.object({ universe: z.array(z.unknown()) }), z.array(z.unknown())])

/**
 * The prices at which a usual order would fill, which are at or outside the best bid and ask: the list has no others.
 * Its mark price follows other exchanges, and would count them twice.
 */
const row = rowOf(
  {
    impactPxs: z.nullish(z.tuple([price, price])),
    isDelisted: z.optional(z.boolean()),
  },
  ({ impactPxs, isDelisted }) => ({
    bid: impactPxs?.[0],
    ask: impactPxs?.[1],
    last: undefined,
    suspended: isDelisted === true,
  }),
)

/** https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals . No time anywhere. */
export const hyperliquid: Venue = {
  name,
  baseUrl: 'https://api.hyperliquid.xyz',
  requests(instruments) {
    const wanted = instruments.filter((each) => isPerpetual(each) && each.quote === quoteOf(each))
    if (wanted.length === 0) return []
    const body = JSON.stringify({ type: 'metaAndAssetCtxs' })
    return [{ method: 'POST', path: '/info', body, instruments: wanted }]
  },
  parse(answer, request) {
    const [{ universe }, contexts] = readBody(name, Answer, answer.body)
    if (universe.length !== contexts.length)
      refuse(name, `${universe.length} names for ${contexts.length} assets`, false)
    // Each list has a say in what is its own only.
    const rows = universe.map((coin, index) => ({
      name: valueAt(coin, ['name']),
      isDelisted: valueAt(coin, ['isDelisted']),
      impactPxs: valueAt(contexts[index], ['impactPxs']),
    }))
    return quotesByName(
      { venue: name, answer, request },
      { rows, key: 'name', nameOf: coinOf, row },
    )
  },
}

/**
 * All are margined in USDC, but priced in USDT, in which their oracle prices are; two have theirs in USDC.
 * https://hyperliquid.gitbook.io/hyperliquid-docs/trading/contract-specifications
 */
function quoteOf({ base }: Instrument): string {
  return base === 'HYPE' || base === 'PURR' ? 'USDC' : 'USDT'
}

/** `kPEPE` is a thousand PEPE. */
function coinOf({ base }: Instrument): string {
  return base.replace(/^1000(?=.)/, 'k')
}
