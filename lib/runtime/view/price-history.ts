import * as z from 'zod'

import type { HistoryEntry, Store } from '../../ports.ts'
import { entry } from '../network/entry.ts'
import type { Network } from '../network/schema.ts'
import { type Watch, watchSchema } from './watch-view.ts'

const decimal = z.string()

const decidedSchema = z.object({
  feeds: z.array(
    z.object({
      feed: z.string(),
      outcome: z.object({ kind: z.string(), price: decimal.optional() }),
      sources: z.array(
        z.object({
          venue: z.string(),
          instrument: z.string(),
          price: decimal.optional(),
          verdict: z.string(),
        }),
      ),
    }),
  ),
})

/** One round of one market, as a chart needs it. */
export type PricePoint = {
  readonly round: number
  readonly at: number
  /** Absent where the round had no price. */
  readonly mark: string | undefined
  /** By `venue instrument`: the sources that are in the median. */
  readonly sources: Readonly<Record<string, string>>
  /** By engine: what it had been told, as far as the watch had seen. */
  readonly posted: Readonly<Record<string, string>>
}

/** By market, oldest first. */
export type PriceHistory = Readonly<Record<string, readonly PricePoint[]>>

const lookBackMs = 15 * 60_000
/** Fifteen minutes of ten-second rounds; shorter ones are shown for less long. */
const maxSlots = 90

/**
 * The last minutes of every market as the first oracle node recorded them. Rows of another version are left out:
 * a chart with a gap is better than none. Throws `StoreUnavailableError` where the store does not answer.
 */
export async function priceHistory({
  network,
  store,
}: {
  readonly network: Network
  readonly store: Pick<Store, 'history'>
}): Promise<PriceHistory> {
  const [node] = network.oracles
  const recent = async (job: 'publish-prices' | 'watch-liveness', subject: string) => {
    const everySeconds = network.jobs[job]?.everySeconds
    if (everySeconds === undefined) return []
    const slots = Math.min(maxSlots, Math.ceil(lookBackMs / (everySeconds * 1000)))
    return await store.history.recent(job, subject, slots)
  }
  if (!node) return {}
  const [rounds, looks] = await Promise.all([
    recent('publish-prices', node.name),
    recent('watch-liveness', 'network'),
  ])
  const watched = looks.flatMap(({ view, at }) => {
    const read = watchSchema.safeParse(parsed(view))
    return read.success ? [{ at, engines: read.data.engines }] : []
  })
  const results = rounds.toReversed().flatMap(resultsOf)
  const markets = Object.keys(network.markets).map((market) => {
    const own = results.filter(({ feed }) => feed === market)
    return [market, own.map((result) => pointOf(result, watched))] as const
  })
  return Object.fromEntries(markets)
}

type Result = z.output<typeof decidedSchema>['feeds'][number] & {
  readonly round: number
  readonly at: number
}

/** The watch's looks, newest first. */
type Watched = readonly { readonly at: number; readonly engines: Watch['engines'] }[]

function resultsOf({ slot, at, decided }: HistoryEntry): readonly Result[] {
  const read = decidedSchema.safeParse(parsed(decided))
  return read.success ? read.data.feeds.map((result) => ({ ...result, round: slot, at })) : []
}

function pointOf({ feed, round, at, outcome, sources }: Result, watched: Watched): PricePoint {
  const last = watched.find((look) => look.at <= at)
  return {
    round,
    at,
    mark: outcome.kind === 'price' ? outcome.price : undefined,
    sources: Object.fromEntries(
      sources.flatMap(({ venue, instrument, price, verdict }) =>
        price !== undefined && (verdict === 'agrees' || verdict === 'disagrees')
          ? [[`${venue} ${instrument}`, price]]
          : [],
      ),
    ),
    posted: Object.fromEntries(
      Object.entries(last?.engines ?? {}).flatMap(([engine, { prices }]) => {
        const posted = prices && entry(prices, feed)
        return posted ? [[engine, posted.price]] : []
      }),
    ),
  }
}

/** Undefined where it is no JSON, which no schema takes. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
