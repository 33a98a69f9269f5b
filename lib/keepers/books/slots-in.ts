import * as z from 'zod/mini'

import { happenedAt, type LiquidationEvent } from '../../domain/liquidation/liquidation-event.ts'
import type { Slot } from '../../domain/pnl/why-missed.ts'
import type { HistoryEntry, Store } from '../../ports.ts'

const Account = z.object({ account: z.string() })
const View = z.object({ candidates: z.optional(z.array(z.object({ id: z.string() }))) })
const Decided = z.object({
  outcome: z.object({ reason: z.string() }),
  plan: z.optional(
    z.object({
      parts: z.array(Account),
      skipped: z.array(z.object({ account: z.string(), why: z.string() })),
    }),
  ),
})

const firstAsked = 50
const mostAsked = 800

/** A slot before an event says why we did not have it. */
const beforeMs = 60_000

/** Slots of `liquidate` from a minute before the first of these events on, as history keeps them, newest first. */
export async function slotsIn(
  { history }: Pick<Store, 'history'>,
  engine: string,
  events: readonly LiquidationEvent[],
): Promise<readonly Slot[]> {
  if (events.length === 0) return []
  const since = Math.min(...events.map(happenedAt)) - beforeMs
  for (let limit = firstAsked; ; limit *= 4) {
    const found = await history.recent('liquidate', engine, limit)
    const oldest = found.at(-1)
    const isEnough = found.length < limit || !oldest || oldest.at < since
    if (isEnough || limit >= mostAsked) return found.filter(({ at }) => at >= since).flatMap(slotOf)
  }
}

/** Nothing of an entry that another version wrote. */
function slotOf({ at, view, decided }: HistoryEntry): readonly Slot[] {
  const seen = View.safeParse(JSON.parse(view))
  const done = Decided.safeParse(JSON.parse(decided))
  if (!seen.success || !done.success) return []
  const { outcome, plan } = done.data
  return [
    {
      at,
      reason: outcome.reason,
      candidates: (seen.data.candidates ?? []).map(({ id }) => id),
      taken: (plan?.parts ?? []).map(({ account }) => account),
      skipped: plan?.skipped ?? [],
    },
  ]
}
