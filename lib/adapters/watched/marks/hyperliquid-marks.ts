import * as z from 'zod/mini'

import {
  type MarksExchange,
  MarketUntoldError,
  publishedPrice,
  publishedRate,
} from './published-marks.ts'

/** Names in one list, numbers in another, matched by position. */
const Answer = z.tuple([
  z.object({
    universe: z.array(z.object({ name: z.string(), isDelisted: z.optional(z.boolean()) })),
  }),
  z.array(z.unknown()),
])
const Context = z.object({
  markPx: publishedPrice,
  oraclePx: publishedPrice,
  funding: publishedRate,
})
const Status = z.object({ specialStatuses: z.nullish(z.unknown()) })

/** https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint/perpetuals . Its rates are for one hour. */
export const hyperliquidMarks: MarksExchange = {
  usualUrl: 'https://api.hyperliquid.xyz',
  async published(rest, markets) {
    const [{ universe }, contexts] = await rest.post('/info', { type: 'metaAndAssetCtxs' }, Answer)
    const rows = markets.map((market) => {
      const at = universe.findIndex(({ name }) => name === market)
      if (at < 0) throw new MarketUntoldError(rest.place, market, 'it is not listed')
      if (universe.length !== contexts.length)
        throw new MarketUntoldError(
          rest.place,
          market,
          `there are ${universe.length} names for ${contexts.length} markets`,
        )
      const read = Context.safeParse(contexts[at])
      if (!read.success) throw new MarketUntoldError(rest.place, market, wordsOf(read.error.issues))
      const { markPx, oraclePx, funding } = read.data
      return {
        isDelisted: universe[at]?.isDelisted === true,
        mark: { market, mark: markPx, index: oraclePx, fundingPerHour: funding },
      }
    })
    return {
      marks: rows.map(({ mark }) => mark),
      markets: Object.fromEntries(
        rows.map(({ mark, isDelisted }) => [mark.market, isDelisted ? 'delisted' : 'listed']),
      ),
    }
  },
  async state(rest) {
    const { specialStatuses } = await rest.post('/info', { type: 'exchangeStatus' }, Status)
    return specialStatuses === null || specialStatuses === undefined
      ? 'ok'
      : JSON.stringify(specialStatuses)
  },
}

function wordsOf(issues: readonly z.core.$ZodIssue[]): string {
  const [first] = issues
  return `${first?.path.map(String).join('.') ?? 'it'} is not as documented`
}
