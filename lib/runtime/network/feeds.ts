import * as z from 'zod'

import { parseInstrument } from '../../domain/instrument.ts'
import { parseMarket } from '../../domain/market.ts'
import { aggregationOverrides, withOverrides } from './aggregation.ts'
import { listing } from './engines.ts'
import { marketFunding } from './funding.ts'
import { section } from './section.ts'
import { bps, name, ratio, seconds } from './values.ts'

const symbol = z
  .string()
  .regex(/^[A-Z0-9]+-USD$/, 'expected a symbol such as BTC-USD: prices are in USD')

/** A market or a leg of the file, by its name. */
export const marketName = symbol.transform(parseMarket)

const source = z
  .string()
  .transform((text, context) => {
    const [, venue, instrument] = /^([a-z0-9-]+):([A-Z0-9]+-[A-Z0-9]+(?:-PERP)?)$/.exec(text) ?? []
    if (venue !== undefined && instrument !== undefined)
      return { venue, instrument: parseInstrument(instrument) }
    context.addIssue({
      code: 'custom',
      message: 'expected venue:BASE-QUOTE or venue:BASE-QUOTE-PERP, such as okx:BTC-USDT-PERP',
    })
    return z.NEVER
  })
  .meta({ pattern: '^[a-z0-9-]+:[A-Z0-9]+-[A-Z0-9]+(-PERP)?$' })

const sources = z.array(source).max(100)

const sourcesText = 'Where prices come from: venue:BASE-QUOTE, with -PERP for a linear perpetual.'

const minSources = z
  .int()
  .min(2)
  .max(100)
  .default(3)
  .describe('Least fresh, agreeing sources for a price. With two, neither can be told wrong; so 3.')

const push = section({
  deviationBps: bps
    .default(20)
    .describe(
      'Push when the price differs by this from the posted one, in bps. Common: 10 to 50 for majors.',
    ),
  heartbeatSeconds: seconds
    .default(300)
    .describe(
      'Push at least this often, in seconds. Common: 60 to 1800; it must be below what the exchange tolerates.',
    ),
  heartbeatJitterPercent: z
    .number()
    .min(0)
    .max(50)
    .default(10)
    .describe(
      'How much earlier a heartbeat may come, in percent of it, so that not all markets and networks push in one block. Never later.',
    ),
  maxAgeSeconds: seconds
    .optional()
    .describe(
      'A posted price of this market older than this is late. Absent: what `alerts.maxPushAgeSeconds` says.',
    ),
})

const market = section({
  class: z
    .enum(['major', 'tail'], { error: 'expected major or tail' })
    .default('major')
    .describe('Which thresholds hold. `major` is the stricter.'),
  sources: sources
    .default([])
    .describe(`${sourcesText} Two at least where oracle nodes run here; a liquidator needs none.`),
  minSources,
  aggregation: aggregationOverrides.optional(),
  push: push.prefault({}),
  funding: marketFunding
    .prefault({})
    .describe('How its funding is reckoned, on every exchange whose funding is settled here.'),
  engines: z
    .record(z.string(), listing)
    .default({})
    .describe(
      'The engines that list it: {} for an evm-engine; assetId and resolutionFactor for starknet-perpetual.',
    ),
}).transform(({ aggregation, ...rest }) => ({
  ...rest,
  aggregation: withOverrides(rest.class, aggregation),
}))

export const markets = z.record(marketName, market).describe('The markets, by symbol.')

const leg = section({
  sources: sources.min(2, 'expected at least two sources').describe(sourcesText),
  minSources,
  aggregation: aggregationOverrides.optional(),
  warnBandBps: bps
    .default(500)
    .describe(
      'Warn when it is further than this from 1, in bps. Common: 500, that is 0.95 to 1.05.',
    ),
  haltBelow: ratio
    .prefault('0.90')
    .describe(
      'Below it the sources quoted in this currency are dropped: it is no dollar any more.',
    ),
}).transform(({ aggregation, ...rest }) => ({
  ...rest,
  aggregation: withOverrides('stable', aggregation),
}))

export const legs = z
  .record(marketName, leg)
  .describe(
    'Conversions: a source quoted in USDT counts only with a price of USDT-USD, which has a quorum of its own.',
  )

export const families = z
  .record(name, z.array(z.string()).min(2, 'expected at least two venues'))
  .describe('Venues that count as one, since they share an owner, an order book or an index.')
