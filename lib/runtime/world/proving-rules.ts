import { createHash } from 'node:crypto'

import type { ProvingRules } from '../../domain/proving/proving-rules.ts'
import type { Network, NetworkProvingLane } from '../network/schema.ts'

/** A human is told once a shift that a batch still waits for one. */
const humanMs = 8 * 3_600_000

/** As the network file has them. */
export function provingRules({ proving }: Network): Readonly<Record<string, ProvingRules>> {
  const entries = Object.entries(proving).map(([name, lane]) => [name, rulesOf(lane)] as const)
  return Object.fromEntries(entries)
}

function rulesOf({ deadlines, provers, pollMs, ...lane }: NetworkProvingLane): ProvingRules {
  return {
    provers: provers.map(({ name }) => name),
    deadlineMs: {
      planned: ms(deadlines.prepare),
      preparing: ms(deadlines.prepare),
      ready: ms(deadlines.submit),
      submitting: ms(deadlines.submit),
      proving: ms(deadlines.prove),
      'proved-fact-pending': ms(deadlines.fact),
      'fact-verified': ms(deadlines.settle),
      settling: ms(deadlines.settle),
      settled: ms(deadlines.finalize),
      'held-fee-cap': ms(deadlines.feeCap),
      'held-l2-suspect': humanMs,
      'needs-human': humanMs,
    },
    pollMs,
    troubleMs: pollMs,
    unknownMs: Math.min(unknownMs, ms(deadlines.prove) / 4),
    maxSubmits: lane.maxSubmits,
    maxSettles: lane.maxSettles,
    buffer: lane.buffer,
    mayBeMocked: lane.mayBeMocked,
    urgentMs: ms(lane.urgentSeconds),
    settleLifeMs: Math.min(settleLifeMs, ms(deadlines.settle) / 2),
    digest: (text) => createHash('sha256').update(text).digest('hex'),
    ...(lane.feeCap !== undefined && { feeCap: lane.feeCap }),
  }
}

/** SHARP forgets a job of its own for some minutes, or for good. */
const unknownMs = 30 * 60_000

/** Fees rise over half of it; after it, what it costs and what becomes of it is asked anew. */
const settleLifeMs = 20 * 60_000

function ms(seconds: number): number {
  return seconds * 1_000
}
