/** Which accounts are compared with the contract next: all of them take turns, in shares. */
export type CheckPlan = {
  /** The share whose turn it is. */
  readonly next: number
  /** So many shares, that one and those after it, are to be done as soon as there is time. */
  readonly owed: number
  /** The last slot in which anything was done. */
  readonly slot: number
}

/** After so many slots in which nobody looked, everything is compared. */
const mostMissedSlots = 3

/** Why all accounts are to be compared now, whatever was compared before; undefined where they need not. */
export function whyFull(
  plan: CheckPlan | undefined,
  now: { readonly slot: number; readonly isFirst: boolean },
): string | undefined {
  if (!plan) return 'it begins'
  const missed = now.slot - plan.slot - 1
  if (missed > mostMissedSlots) return `${missed} slots were missed`
  return now.isFirst ? 'this process begins' : undefined
}

/** Everything, from the share whose turn it is on. */
export function fullCheck(plan: CheckPlan | undefined, shares: number): CheckPlan {
  return { next: (plan?.next ?? 0) % shares, owed: shares, slot: plan?.slot ?? 0 }
}

/** The shares to do now, in turn, while there is time: what is owed, and one in any case. */
export function dueShares({ next, owed }: CheckPlan, shares: number): readonly number[] {
  const count = Math.min(shares, Math.max(1, owed))
  return Array.from({ length: count }, (_, at) => (next + at) % shares)
}

export function afterShares(
  { next, owed }: CheckPlan,
  done: number,
  now: { readonly shares: number; readonly slot: number },
): CheckPlan {
  return { next: (next + done) % now.shares, owed: Math.max(0, owed - done), slot: now.slot }
}

/** Of how many, which share an account is in: by its name, so that it stays there whoever comes and goes (FNV-1a). */
export function shareOf(id: string, shares: number): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % shares
}
