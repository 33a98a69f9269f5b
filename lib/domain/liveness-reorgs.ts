import type { Finding } from './incident.ts'
import { batchFound } from './liveness-batches.ts'
import type { Batch, ProvingLane } from './proving/batch.ts'
import { undoneAt } from './proving/past-states.ts'
import { strandedText } from './proving/stranded-text.ts'

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

/** A lane's contract stands on a block that its chain does not have: nothing is settled any more, and nothing can be. */
export function contractStranded({ name, stranded }: ProvingLane): Finding | undefined {
  if (!stranded) return undefined
  return {
    rule: 'contract-stranded',
    subject: name,
    severity: 'critical',
    summary: `${name}: ${strandedText(stranded.on)}`,
    since: stranded.since,
    // A node that lags behind its chain does not have the newest blocks either.
    afterMs: 60_000,
  }
}
