import { isFinished } from '../../domain/proving/batch.ts'
import type { Store } from '../../ports.ts'
import type { BatchesSeen } from './watch-view.ts'

/** A proving lane as its rows say; undefined where it has not begun. */
export async function batchesSeen(
  { batches }: Pick<Store, 'batches'>,
  name: string,
): Promise<BatchesSeen | undefined> {
  const lane = await batches.lane(name)
  if (!lane) return undefined
  const rows = await batches.between(name, lane.finalized + 1, lane.newest)
  return { lane, rows: rows.filter((row) => !isFinished(row)) }
}
