import type { Timestamp } from '../time.ts'

/** One account's part of a liquidation that was sent, newest first. */
export type Attempt = { readonly account: string; readonly size: bigint; readonly at: Timestamp }

/** How long an account is left alone after so many attempts in a row that changed nothing of it. */
const restMs = [0, 0, 0, 5 * 60_000, 10 * 60_000, 60 * 60_000] as const

/**
 * Accounts whose liquidation was sent several times and had no effect: how much of a position may be taken is always another
 * number after one that had. Somebody must look why; until then others come first.
 */
export function restingAccounts(attempts: readonly Attempt[], now: Timestamp): ReadonlySet<string> {
  const resting = new Set<string>()
  for (const [account, theirs] of Map.groupBy(attempts, (one) => one.account)) {
    const [newest] = theirs
    if (!newest) continue
    const other = theirs.findIndex(({ size }) => size !== newest.size)
    const same = other < 0 ? theirs.length : other
    const rest = restMs[Math.min(same, restMs.length - 1)] ?? 0
    if (now - newest.at < rest) resting.add(account)
  }
  return resting
}

/**
 * Of the attempts that another one of the same account followed, whether each had no effect, newest first: what was to be taken
 * after it was the same again.
 */
export function withoutEffect(attempts: readonly Attempt[]): readonly boolean[] {
  const newest = new Map<string, bigint>()
  return attempts.flatMap(({ account, size }) => {
    const later = newest.get(account)
    newest.set(account, size)
    return later === undefined ? [] : [later === size]
  })
}
