import { isFinished } from '../../domain/proving/batch.ts'
import type { Timestamp } from '../../domain/time.ts'
import type { Store } from '../../ports.ts'
import { pastOf, untold } from './past-batches.ts'
import type { BatchesSeen, WatchRules } from './watch-view.ts'

/** So many that became final are read again, for what they were before: more than become final between two looks. */
const mostEnded = 24

/** A proving lane as its rows say; undefined where it has not begun. */
export async function batchesSeen(
  { batches, incidents }: Pick<Store, 'batches' | 'incidents'>,
  name: string,
  look: {
    readonly deadlineMs: WatchRules['proving'][string]['deadlineMs']
    readonly now: Timestamp
  },
): Promise<BatchesSeen | undefined> {
  const lane = await batches.lane(name)
  if (!lane) return undefined
  const { finalized, newest } = lane
  const rows = await batches.between(name, Math.max(1, finalized + 1 - mostEnded), newest)
  return {
    lane,
    rows: rows.filter((row) => row.number > finalized && !isFinished(row)),
    past: await untold(incidents, pastOf({ lane, rows, ...look })),
  }
}
