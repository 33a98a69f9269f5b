import { timestamp, type Timestamp } from '../time.ts'

/** Several deployments that liquidate on one exchange and do not talk to each other. */
export type KeeperRules = {
  /** The accounts that send for them, each once. */
  readonly keepers: readonly string[]
  /** Ours among them. */
  readonly self: string
  /** How much later than the one before it each one's turn begins: longer than a transaction takes to be in a block. */
  readonly staggerSeconds: number
}

/** What a slot knew, for the next one. */
export type KeeperTurns = {
  /** Since when each account has been seen below its requirement. */
  readonly since: Readonly<Record<string, Timestamp>>
  /** By keeper: how often in a row it left an account until our turn came, and when it did last. */
  readonly left: Readonly<Record<string, { readonly times: number; readonly at: Timestamp }>>
  /** Accounts still below that we took already: who left them is counted once. */
  readonly ours: readonly string[]
}

export const noTurns: KeeperTurns = { since: {}, left: {}, ours: [] }

/** One that is late now and then is slow; this often in a row it is gone. */
const mostLeft = 3

/** Then nobody waits for it for so long; once more after that, and it is gone for as long again. */
const goneMs = 10 * 60_000

/** Of all keepers the order in which an account is theirs: the same for everybody, and another one for each account. */
export function keepersInTurn(account: string, keepers: readonly string[]): readonly string[] {
  return keepers
    .map((keeper) => ({ keeper, weight: weightOf(account, keeper) }))
    .toSorted((one, other) =>
      one.weight === other.weight
        ? one.keeper < other.keeper
          ? -1
          : 1
        : other.weight - one.weight,
    )
    .map(({ keeper }) => keeper)
}

/** Those of these accounts that are others' for now. */
export function othersTurn(
  accounts: readonly string[],
  { rules, turns, now }: { rules: KeeperRules; turns: KeeperTurns; now: Timestamp },
): ReadonlySet<string> {
  const present = presentKeepers(rules, turns, now)
  const staggerMs = rules.staggerSeconds * 1_000
  return new Set(
    accounts.filter((account) => {
      const rank = keepersInTurn(account, present).indexOf(rules.self)
      return now - (turns.since[account] ?? now) < rank * staggerMs
    }),
  )
}

/** Those of these accounts that somebody else has first, late or not. */
export function othersFirst(
  accounts: readonly string[],
  { rules, turns, now }: { rules: KeeperRules; turns: KeeperTurns; now: Timestamp },
): ReadonlySet<string> {
  const present = presentKeepers(rules, turns, now)
  return new Set(accounts.filter((account) => keepersInTurn(account, present)[0] !== rules.self))
}

/**
 * After a slot that saw `below` and decided to take `taken`: what was taken in a turn after the first was left by all that
 * came before. Whatever is not below any more is forgotten, and where it was not ours the first one was there. While all are
 * held back, after a stall, nobody is late.
 */
export function turnsAfter(
  turns: KeeperTurns,
  {
    rules,
    now,
    below,
    taken,
    isHeld = false,
  }: {
    readonly rules: KeeperRules
    readonly now: Timestamp
    readonly below: readonly string[]
    readonly taken: readonly string[]
    readonly isHeld?: boolean
  },
): KeeperTurns {
  const seen = new Set(below)
  const ours = new Set(turns.ours)
  const gone = Object.keys(turns.since).filter((one) => !seen.has(one) && !ours.has(one))
  const present = presentKeepers(rules, turns, now)
  const left = new Map(Object.entries(turns.left))
  for (const account of gone) {
    const [first] = keepersInTurn(account, rules.keepers)
    if (first !== undefined) left.delete(first)
  }
  for (const account of taken) {
    if (ours.has(account)) continue
    ours.add(account)
    const waited = now - (turns.since[account] ?? now)
    const inTurn = keepersInTurn(account, present)
    for (const [rank, keeper] of inTurn.slice(0, inTurn.indexOf(rules.self)).entries())
      if (waited >= (rank + 1) * rules.staggerSeconds * 1_000)
        left.set(keeper, { times: (left.get(keeper)?.times ?? 0) + 1, at: now })
  }
  return {
    since: Object.fromEntries(
      below.map((account) => [account, (isHeld ? undefined : turns.since[account]) ?? now]),
    ),
    left: Object.fromEntries(left),
    ours: [...ours].filter((account) => seen.has(account)),
  }
}

/** Those that somebody waits for; ourselves always. */
function presentKeepers(
  { keepers, self }: KeeperRules,
  { left }: KeeperTurns,
  now: Timestamp,
): readonly string[] {
  return keepers.filter((keeper) => {
    const known = left[keeper]
    const isGone = known && known.times >= mostLeft && now < timestamp(known.at + goneMs)
    return keeper === self || !isGone
  })
}

/** FNV-1a of both, with its bits mixed (MurmurHash3's end): names that differ in their last letter are far apart. */
function weightOf(account: string, keeper: string): number {
  let hash = 0x811c9dc5
  for (const character of `${account} ${keeper}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
