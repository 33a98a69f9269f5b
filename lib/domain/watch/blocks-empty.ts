import type { Finding } from '../incident.ts'
import { timestamp, type Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'
import { lasting } from './words.ts'

/** A chain makes blocks, and takes nothing into them (SEQ-2): no age of its head shows that. */
export function blocksEmpty(look: {
  readonly chain: string
  /** Since when no block that was looked at had a transaction. */
  readonly emptySince: Timestamp
  /** Since when a transaction of ours has waited. */
  readonly waitingSince: Timestamp
  readonly now: Timestamp
  readonly numbers: WatchParameters
}): Finding | undefined {
  const { chain, emptySince, waitingSince, now, numbers } = look
  const since = timestamp(Math.max(emptySince, waitingSince))
  const forMs = now - since
  if (forMs <= numbers.emptyWarnMs) return undefined
  return {
    rule: 'blocks-empty',
    subject: chain,
    severity: forMs > numbers.emptyPageMs ? 'critical' : 'warning',
    summary: `${chain} has made only empty blocks for ${lasting(forMs)}, while transactions of ours wait`,
    since: timestamp(since + numbers.emptyWarnMs),
    afterMs: 0,
  }
}
