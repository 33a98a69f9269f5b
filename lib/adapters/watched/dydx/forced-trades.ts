import * as z from 'zod/mini'

import type { Timestamp } from '../../../domain/time.ts'
import type { LevelSight } from '../../../domain/watch/system-sight.ts'
import type { Seen } from '../look.ts'
import type { RestPlace } from '../rest-place.ts'
import { blockNumber, isoTime } from './cosmos-block.ts'

const hourMs = 3_600_000

/** As many as the indexer gives at once. */
const pageSize = 100

/** Of one market in one look: a thousand trades are more than the busiest one has in a minute. */
const mostPages = 10

/** What of a look these show. */
export const forcedTradeParts = ['level:liquidations', 'level:deleverages'] as const

const Trades = z.object({
  trades: z.array(
    z.object({
      id: z.string(),
      type: z.string(),
      createdAt: isoTime,
      createdAtHeight: blockNumber,
    }),
  ),
})
type Trade = z.infer<typeof Trades>['trades'][number]

/** Of one block of one market. */
const Row = z.object({
  height: z.int(),
  at: z.int(),
  liquidations: z.int(),
  deleverages: z.int(),
})
type Row = z.infer<typeof Row>
const Known = z.record(z.string(), z.object({ through: z.int(), rows: z.array(Row) }))

const cursorKey = 'forced-trades'

/**
 * How many trades of the last hour closed somebody's position against their will, on the markets that are watched. They are
 * counted from the first look on: the indexer tells them only among all others. Throws what the indexer's trouble throws.
 */
export async function forcedTrades(
  indexer: RestPlace,
  {
    markets,
    cursor,
    head,
  }: {
    readonly markets: readonly string[]
    readonly cursor: Readonly<Record<string, string>>
    /** The newest block that the indexer has taken in whole. */
    readonly head: { readonly number: number; readonly time: Timestamp }
  },
): Promise<Seen> {
  const before = knownIn(cursor[cursorKey])
  const read = await Promise.all(
    markets.map(async (market) => {
      const known = Object.hasOwn(before, market) ? before[market] : undefined
      const { trades, isWhole } = known
        ? await tradesSince(indexer, market, { after: known.through, head: head.number })
        : { trades: [], isWhole: true }
      const rows = [...(known?.rows ?? []), ...countedByBlock(trades)]
      const recent = rows.filter(({ at }) => at > head.time - hourMs)
      return { market, isWhole, through: Math.max(head.number, known?.through ?? 0), rows: recent }
    }),
  )
  const next = Object.fromEntries(
    read.map(({ market, through, rows }) => [market, { through, rows }]),
  )
  const lost = read.filter(({ isWhole }) => !isWhole).map(({ market }) => market)
  return {
    cursor: { [cursorKey]: JSON.stringify(next) },
    ...(lost.length === 0
      ? { levels: levelsOf(read.flatMap(({ rows }) => rows)) }
      : {
          unseen: forcedTradeParts.map((part) => ({
            part,
            reason: `${lost.join(', ')} had more trades than one look reads: some are not counted`,
          })),
        }),
  }
}

/** Those after one block, up to another; not whole where there are more than are read. */
async function tradesSince(
  indexer: RestPlace,
  market: string,
  { after, head }: { readonly after: number; readonly head: number },
): Promise<{ readonly trades: readonly Trade[]; readonly isWhole: boolean }> {
  const found = new Map<string, Trade>()
  let before = head
  for (let page = 0; page < mostPages && before > after; page += 1) {
    const path = `/v4/trades/perpetualMarket/${encodeURIComponent(market)}`
    const query = `?limit=${pageSize}&createdBeforeOrAtHeight=${before}`
    // Each page begins where the one before ends.
    const { trades } = await indexer.get(`${path}${query}`, Trades)
    for (const trade of trades) found.set(trade.id, trade)
    const lowest = Math.min(...trades.map(({ createdAtHeight }) => createdAtHeight))
    if (trades.length < pageSize) before = after
    else before = lowest < before ? lowest : before - 1
  }
  const trades = [...found.values()].filter(
    ({ createdAtHeight }) => createdAtHeight > after && createdAtHeight <= head,
  )
  return { trades, isWhole: before <= after }
}

/** Of blocks without any there is no row. */
function countedByBlock(trades: readonly Trade[]): readonly Row[] {
  const forced = trades.filter(({ type }) => type === 'LIQUIDATED' || type === 'DELEVERAGED')
  const blocks = Map.groupBy(forced, ({ createdAtHeight }) => createdAtHeight)
  return [...blocks].map(([height, some]) => {
    const liquidations = some.filter(({ type }) => type === 'LIQUIDATED').length
    const [first] = some
    return {
      height,
      at: first?.createdAt ?? 0,
      liquidations,
      deleverages: some.length - liquidations,
    }
  })
}

function levelsOf(rows: readonly Row[]): readonly LevelSight[] {
  return (['liquidations', 'deleverages'] as const).map((name) => ({
    name,
    value: rows.reduce((sum, row) => sum + row[name], 0),
    unit: 'trades in an hour',
    bursts: true,
  }))
}

/** None where the text is not ours. */
function knownIn(text: string | undefined): z.infer<typeof Known> {
  try {
    const read = Known.safeParse(JSON.parse(text ?? '{}'))
    return read.success ? read.data : {}
  } catch {
    return {}
  }
}
