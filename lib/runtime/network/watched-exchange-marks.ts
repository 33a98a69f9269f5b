import * as z from 'zod'

import { marketName } from './feeds.ts'
import { section } from './section.ts'
import { privateUrl } from './values.ts'
import { judged } from './watched-shared.ts'

export const exchangeMarksWatched = section({
  kind: z.literal('exchange-marks'),
  exchange: z.enum(['extended', 'paradex', 'dydx-v4', 'hyperliquid']),
  baseUrl: privateUrl
    .optional()
    .describe("Another address of the same public API. Absent: the exchange's own."),
  markets: z
    .record(marketName, z.string().min(1).max(60))
    .refine((markets) => Object.keys(markets).length > 0, 'expected at least one market')
    .describe(
      "Its own name of each market whose mark is held against ours, by our name; where there is none of ours, against the other exchanges' median, of three at least.",
    ),
  ...judged,
})
