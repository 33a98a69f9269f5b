import type { Intent } from '../../domain/intent.ts'
import { happenedAt, type LiquidationEvent } from '../../domain/liquidation/liquidation-event.ts'
import { namesIn } from '../../domain/pnl/book-rows.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Store } from '../../ports.ts'

const firstAsked = 100
const mostAsked = 6_400

/** All work of ours to liquidate on this exchange since the earliest of those times, newest first. */
export async function intentsSince(
  { intents }: Pick<Store, 'intents'>,
  { lane, engine }: { readonly lane: string; readonly engine: string },
  times: readonly Timestamp[],
): Promise<readonly Intent[]> {
  const since = Math.min(...times)
  for (let limit = firstAsked; ; limit *= 4) {
    const found = await intents.recent(lane, limit)
    const oldest = found.at(-1)
    const isEnough = found.length < limit || !oldest || oldest.createdAt < since
    if (!isEnough && limit < mostAsked) continue
    return found.filter(
      ({ action, createdAt }) =>
        action.kind === 'liquidate' && action.engine === engine && createdAt >= since,
    )
  }
}

/** The first event of ours whose work is not final yet: what it cost is known when the lane is done with it. */
export function unfinished(
  events: readonly LiquidationEvent[],
  { intents, liquidator }: { readonly intents: readonly Intent[]; readonly liquidator: string },
): LiquidationEvent | undefined {
  const done = new Set(
    intents.filter(({ state }) => state.kind === 'settled').flatMap((intent) => namesIn(intent)),
  )
  const open = intents.filter(({ state }) => state.kind !== 'settled' && state.kind !== 'failed')
  return events.find(
    (event) =>
      event.kind === 'liquidated' &&
      event.liquidator === liquidator &&
      !done.has(event.transaction) &&
      open.some(({ createdAt }) => createdAt <= happenedAt(event) + mostClockApartMs),
  )
}

/** Between our clock and the blocks'. */
const mostClockApartMs = 60_000
