/** Which accounts are compared with the contract next: all of them take turns, in shares. */
export type CheckPlan = {
  /** The share whose turn it is. */
  readonly next: number
  /** So many shares, the next one and those after it, are to be done as soon as there is time. */
  readonly owed: number
}

/** Everything, from the beginning. */
export function fullCheck(shares: number): CheckPlan {
  return { next: 0, owed: shares }
}

/** The shares to do now, in turn, while there is time: what is owed, and one in any case. */
export function dueShares({ next, owed }: CheckPlan, shares: number): readonly number[] {
  const count = Math.min(shares, Math.max(1, owed))
  return Array.from({ length: count }, (_, at) => (next + at) % shares)
}

export function afterShares({ next, owed }: CheckPlan, done: number, shares: number): CheckPlan {
  return { next: (next + done) % shares, owed: Math.max(0, owed - done) }
}

/** Of how many, which share an account is in: by its name, so that it stays there whoever comes and goes (FNV-1a). */
export function shareOf(id: string, shares: number): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  return (hash >>> 0) % shares
}
