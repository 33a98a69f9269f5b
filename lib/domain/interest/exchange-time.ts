import { mostTimeAge } from '../margin/interest.ts'
import type { InterestLook } from './interest-look.ts'

/** Of `update_exchange_time`, in the contract's words. */
export type TimeRefusal =
  | 'PAUSED'
  | 'ONLY_OPERATOR'
  | 'NON_MONOTONIC_TIME'
  | 'TIMESTAMP_TOO_OLD'
  | 'STALE_TIME'

export type TimeLook = Pick<InterestLook, 'paused' | 'isOperator' | 'clock'>

const week = 604_800n
const mostAhead = 120n

/** Why the contract would not take that time, in its order of checks (exchange_time.cairo). */
export function whyTimeRefused(
  { paused, isOperator, clock: { now, exchangeTime } }: TimeLook,
  to: bigint,
): TimeRefusal | undefined {
  if (paused) return 'PAUSED'
  if (!isOperator) return 'ONLY_OPERATOR'
  if (to <= exchangeTime) return 'NON_MONOTONIC_TIME'
  if (to <= now - week) return 'TIMESTAMP_TOO_OLD'
  return to > now + mostAhead ? 'STALE_TIME' : undefined
}

export type TimePlan =
  | { readonly kind: 'due'; readonly to: bigint; readonly ageSeconds: bigint }
  | { readonly kind: 'fresh'; readonly ageSeconds: bigint; readonly dueAfterSeconds: bigint }
  | { readonly kind: 'refused'; readonly reason: TimeRefusal; readonly ageSeconds: bigint }

/**
 * Whether the exchange's time is to be brought to the block's. A day after its last update the contract takes no interest in any
 * call any more; `sharePermille` of that day may pass.
 */
export function planExchangeTime(look: TimeLook, sharePermille: bigint): TimePlan {
  const { now, lastUpdate } = look.clock
  const ageSeconds = now - lastUpdate
  const dueAfterSeconds = (mostTimeAge * sharePermille) / 1_000n
  if (ageSeconds < dueAfterSeconds) return { kind: 'fresh', ageSeconds, dueAfterSeconds }
  const reason = whyTimeRefused(look, now)
  return reason ? { kind: 'refused', reason, ageSeconds } : { kind: 'due', to: now, ageSeconds }
}
