import type { Timestamp } from '../../../domain/time.ts'
import type { LookedBefore } from '../../../domain/watch/system-sight.ts'
import type { RpcPlace } from '../../rpc.ts'
import { feltHex, selectorOf } from '../../starknet-felt.ts'
import { eventsPast } from '../contract-past.ts'
import type { Seen } from '../look.ts'
import type { ChainRow } from '../remembered.ts'
import type { SeenEvent } from '../scan-events.ts'

const hourMs = 3_600_000

/** A block of two seconds each, all of which liquidate. */
const mostBlocks = 2_000

const levelOf = {
  Liquidate: 'liquidations',
  Deleverage: 'deleverages',
} as const
const kinds = Object.keys(levelOf) as readonly (keyof typeof levelOf)[]
const bySelector = new Map(kinds.map((kind) => [selectorOf(kind), kind]))

/** What of a look it shows. */
export const liquidationParts = ['level:liquidations', 'level:deleverages'] as const

/** Its cursor is one of its own: of these events an hour is enough, where a month of them may be a hundred thousand. */
const own = 'liquidations.'

/** How many accounts the exchange liquidated and deleveraged in the last hour. Throws where no place answers. */
export async function recentLiquidations(
  places: readonly RpcPlace[],
  {
    core,
    before,
    now,
  }: {
    readonly core: `0x${string}`
    readonly before: LookedBefore
    readonly now: Timestamp
  },
): Promise<Seen> {
  const past = await eventsPast(places, {
    address: core,
    selectors: [...bySelector.keys()],
    rowsOf: countedByBlock,
    most: () => mostBlocks,
    windowMs: hourMs,
    before: { heads: before.heads, cursor: ownCursor(before.cursor) },
  })
  const rows = past.rows.filter(({ at }) => at > now - hourMs)
  const cursor = Object.fromEntries(
    Object.entries(past.cursorWith(rows)).map(([key, value]) => [`${own}${key}`, value]),
  )
  if (!past.scan.isCaughtUp) {
    const reason = 'more happened than one look can read: the next one goes on'
    return { cursor, unseen: liquidationParts.map((part) => ({ part, reason })) }
  }
  return {
    cursor,
    levels: kinds.map((kind) => ({
      name: levelOf[kind],
      value: rows.reduce(
        (sum, { name, values }) => (name === kind ? sum + Number(values[0]) : sum),
        0,
      ),
      unit: 'in an hour',
      bursts: true,
    })),
  }
}

/** Of each block and kind one row, with how many there were. */
function countedByBlock(events: readonly SeenEvent[]): readonly ChainRow[] {
  const groups = Map.groupBy(
    events.flatMap((event) => {
      const name = bySelector.get(feltHex(event.keys[0] ?? 0n))
      return name === undefined ? [] : [{ name, event }]
    }),
    ({ name, event }) => `${event.block} ${name}`,
  )
  return [...groups.values()].flatMap((some) => {
    const [first] = some
    if (!first) return []
    const { name, event } = first
    const { block: position, index, at } = event
    return [{ position, index, at, name, values: [String(some.length)] }]
  })
}

function ownCursor(cursor: LookedBefore['cursor']): LookedBefore['cursor'] {
  return Object.fromEntries(
    Object.entries(cursor).flatMap(([key, value]) =>
      key.startsWith(own) ? [[key.slice(own.length), value]] : [],
    ),
  )
}
