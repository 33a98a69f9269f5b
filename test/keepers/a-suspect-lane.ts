import type { ProvingLane } from '../../lib/domain/proving/batch.ts'
import { timestamp } from '../../lib/domain/time.ts'
import type { Store } from '../../lib/ports.ts'
import { aProvingLane } from '../adapters/store/samples.ts'

export const aRefusal = {
  batch: 4,
  reason: 'invalid trace',
  since: timestamp(1_764_000_000_000),
} as const

/** Writes the next version of a lane's row: a prover refuses a batch of it, or does so no more. */
export async function sayOfLane(
  { batches }: Pick<Store, 'batches'>,
  change: Pick<ProvingLane, 'suspect'> = {},
): Promise<void> {
  const stored = await batches.lane('appchain')
  await batches.writeLane(aProvingLane({ version: (stored?.version ?? 0) + 1, ...change }))
}
