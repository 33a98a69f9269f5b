import type { ProvingLane } from '../../lib/domain/proving/batch.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Store } from '../../lib/ports.ts'

/** The row of a proving lane, of which a prover refuses a batch or does so no more. */
export function aProvingLane(change: Partial<ProvingLane> = {}): ProvingLane {
  return { name: 'appchain', newest: 4, settled: 3, finalized: 3, fence: 1, version: 1, ...change }
}

export const aRefusal = {
  batch: 4,
  reason: 'invalid trace',
  since: timestamp(1_764_000_000_000),
} as const

/** Writes the next version of the lane's row. */
export async function sayOfLane(
  { batches }: Pick<Store, 'batches'>,
  change: Pick<ProvingLane, 'suspect'> = {},
): Promise<void> {
  const stored = await batches.lane('appchain')
  await batches.writeLane(aProvingLane({ version: (stored?.version ?? 0) + 1, ...change }))
}
