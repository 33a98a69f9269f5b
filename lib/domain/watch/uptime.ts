import type { Finding } from '../incident.ts'
import { timestamp, type Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'
import { utc } from './words.ts'

/**
 * Whether a chain can be relied on. `degraded`: it goes on, and something is wrong with it or with how it is seen.
 * `recovering`: it was down, and what was late there is made up for.
 */
export type UptimeState = 'up' | 'degraded' | 'down' | 'recovering'

/** The watch's word on a chain. */
export type Uptime = {
  readonly chain: string
  readonly state: UptimeState
  /** Since when it has been in that state: a look that changes nothing changes nothing of it either. */
  readonly since: Timestamp
  /** When it was last found to be down, or not to be down any more; of its first look where neither ever was. */
  readonly flippedAt: Timestamp
  /** Of the newest look. */
  readonly at: Timestamp
  readonly reason: string
}

/** The word on a chain after one more look, by everything that was found of it. */
export function uptimeAfter(
  before: Uptime | undefined,
  {
    chain,
    found,
    now,
    numbers,
  }: {
    readonly chain: string
    readonly found: readonly Finding[]
    readonly now: Timestamp
    readonly numbers: WatchParameters
  },
): Uptime {
  const lasting = found.filter(({ since, afterMs }) => now - since >= afterMs)
  const down = lasting.find((finding) => isDown(finding, now, numbers))
  if (down) return changed(before, { chain, state: 'down', reason: down.summary, at: now })
  if (isRecovering(before, now, numbers)) {
    const reason = 'it was down a while ago'
    return changed(before, { chain, state: 'recovering', reason, at: now })
  }
  const [worst] = lasting.filter(({ rule }) => degrading.has(rule))
  return worst
    ? changed(before, { chain, state: 'degraded', reason: worst.summary, at: now })
    : changed(before, { chain, state: 'up', reason: '', at: now })
}

const degrading: ReadonlySet<string> = new Set([
  'chain-stalled',
  'chain-unreachable',
  'blocks-slow',
  'blocks-empty',
  'nodes-disagree',
  'clocks-apart',
  'head-went-back',
])

/** Of a chain that no node tells of nothing is known. */
function isDown(
  { rule, severity, since }: Finding,
  now: Timestamp,
  { retreatDownMs }: WatchParameters,
): boolean {
  if (rule === 'chain-stalled') return severity === 'critical'
  return rule === 'head-went-back' && now - since < retreatDownMs
}

function isRecovering(
  before: Uptime | undefined,
  now: Timestamp,
  { recoverMs }: WatchParameters,
): boolean {
  if (before?.state === 'down') return true
  return before?.state === 'recovering' && now - before.since < recoverMs
}

function changed(before: Uptime | undefined, next: Omit<Uptime, 'since' | 'flippedAt'>): Uptime {
  const isFlip = before === undefined || (before.state === 'down') !== (next.state === 'down')
  return {
    ...next,
    since: before?.state === next.state ? before.since : next.at,
    flippedAt: isFlip ? next.at : before.flippedAt,
  }
}

/** So old a word is nobody's any more: that the watch does not look is told otherwise. */
const freshMs = 2 * 60_000

/** Whether a word is of a look that is recent enough to go by. */
export function isOfNow(word: Pick<Uptime, 'at'>, now: Timestamp): boolean {
  return now <= freshUntil(word)
}

/** After this it is nobody's word any more. */
export function freshUntil({ at }: Pick<Uptime, 'at'>): Timestamp {
  return timestamp(at + freshMs)
}

/** Why no money is moved on a chain that is down; undefined where nothing is said against it, or not lately. */
export function whyDown(
  uptime: Uptime | undefined,
  now: Timestamp,
): { readonly reason: 'chain-down'; readonly detail: string } | undefined {
  if (uptime?.state !== 'down' || !isOfNow(uptime, now)) return undefined
  const { chain, since, reason } = uptime
  return {
    reason: 'chain-down',
    detail: `by the watch ${chain} is down since ${utc(since)}: ${reason}`,
  }
}
