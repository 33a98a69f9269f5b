import type { Finding } from './incident.ts'
import type { Lie, PeerSight } from './peer-sight.ts'
import { type Timestamp } from './time.ts'

/** Another operator's node gives no reports that count. Critical where the others are too few for the quorum. */
export function peerSilent(look: {
  readonly sight: PeerSight
  readonly since: Timestamp
  /** Nodes that gave reports that count, ours included. */
  readonly othersPresent: number
  readonly quorum: number
  readonly roundSeconds: number
  readonly rounds: number
}): Finding | undefined {
  const { sight, since, othersPresent, quorum, roundSeconds, rounds } = look
  const { node, usable } = sight
  if (usable > 0) return undefined
  return {
    rule: 'peer-silent',
    subject: node,
    severity: othersPresent < quorum ? 'critical' : 'warning',
    summary: `${node} gives no reports that count: ${whySilent(sight)}; ${othersPresent} others do, ${quorum} are needed`,
    since,
    afterMs: rounds * roundSeconds * 1000,
  }
}

function whySilent({ said, detail, refused }: PeerSight): string {
  const counts = Object.entries(refused).map(([fault, count]) => `${count} ${fault}`)
  if (said === 'nothing') return 'it has none of the round'
  if (said === 'reports') return counts.length > 0 ? counts.join(', ') : 'none is for this exchange'
  return detail === '' ? said : `${said}, ${detail}`
}

/** A node signed two things of one feed and round, or says what an honest one does not. */
export function peerLying({
  lie,
  since,
}: {
  readonly lie: Lie
  readonly since: Timestamp
}): Finding {
  const { node, what, detail } = lie
  return {
    rule: 'peer-lying',
    subject: node,
    // Whoever signs two things means to deceive, or is not alone with the key.
    severity: what === 'equivocated' ? 'critical' : 'warning',
    summary: `${node}: ${detail}`,
    since,
    afterMs: 0,
  }
}

/** The nodes' reports of a market lie in camps, and none has a majority: no price is pushed until one has. */
export function reportsApart(look: {
  readonly engine: string
  readonly market: string
  readonly since: Timestamp
  readonly roundSeconds: number
}): Finding {
  const { engine, market, since, roundSeconds } = look
  return {
    rule: 'reports-apart',
    subject: `${engine}:${market}`,
    severity: 'critical',
    summary: `the nodes do not agree on ${market}, so ${engine} is told no price`,
    since,
    // In a fast market honest nodes may be apart for a round.
    afterMs: 2 * roundSeconds * 1000,
  }
}
