import type { Finding } from './incident.ts'
import { batchFound } from './liveness-batches.ts'
import type { Batch, ProvingLane } from './proving/batch.ts'
import { undoneAt } from './proving/past-states.ts'

/** The chain has lost the block that a batch was settled in, so that it is on its way again. */
export function settlementUndone(batch: Batch): Finding | undefined {
  const since = undoneAt(batch)
  if (since === undefined) return undefined
  const text = 'was settled, and the chain has lost the block that it was settled in'
  return batchFound('settlement-undone', batch, { severity: 'warning', text, since })
}

/** The chain that a lane proves has lost blocks of its batches (SEQ-3): what happened in them has not happened. */
export function blocksLost({ name, lost }: ProvingLane): Finding | undefined {
  if (!lost) return undefined
  const { after, to, at } = lost
  const which = to === after + 1 ? `batch ${to}` : `batches ${after + 1} to ${to}`
  return {
    rule: 'blocks-lost',
    subject: name,
    severity: 'critical',
    summary: `${which} of ${name}: the chain that they are of has lost their blocks`,
    since: at,
    afterMs: 0,
  }
}
