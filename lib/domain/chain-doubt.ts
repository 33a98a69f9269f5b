import { type L2Suspect, whySuspect } from './proving/l2-suspect.ts'
import type { Timestamp } from './time.ts'
import { type Uptime, whyDown } from './watch/uptime.ts'

/** What speaks against moving money on a chain: a proof that was refused, or that the watch calls it down. */
export type ChainDoubt = L2Suspect | { readonly uptime: Uptime; readonly now: Timestamp }

/** The word of the watch, where it says that the chain is down and said so lately. */
export function doubtBy(uptime: Uptime | undefined, now: Timestamp): ChainDoubt | undefined {
  return uptime && whyDown(uptime, now) ? { uptime, now } : undefined
}

/** Why no money is moved on such a chain: what it is moved for may never have been, or may not be as it looks. */
export function whyDoubted(doubt: ChainDoubt): {
  readonly reason: string
  readonly detail: string
} {
  if (!('uptime' in doubt)) return whySuspect(doubt)
  return whyDown(doubt.uptime, doubt.now) ?? { reason: 'chain-down', detail: doubt.uptime.reason }
}
