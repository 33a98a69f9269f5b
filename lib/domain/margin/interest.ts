import type { Account } from './account.ts'
import { coreMargin, type CoreMarks, magnitude } from './starknet-margin.ts'

/** What generation D's interest depends on besides positions. Seconds, as the chain counts them. */
export type InterestClock = {
  /** The block's time. */
  readonly now: bigint
  /** What interest is counted up to: only `update_exchange_time` moves it. */
  readonly exchangeTime: bigint
  /** The block's time of that update. */
  readonly lastUpdate: bigint
  /** Scale 2^32. */
  readonly maxRatePerSecond: bigint
  /** The sum of all interest ever paid, with its sign. */
  readonly divergence: bigint
}

export type InterestRefusal =
  | 'TIMESTAMP_TOO_OLD'
  | 'INVALID_INTEREST_RATE'
  | 'INTEREST_SIGN_MISMATCH'
  | 'AMOUNT_OVERFLOW'
  | 'i64_neg Underflow'
  | 'Timestamp_sub Underflow'
  | 'Interest divergence'

export type InterestVerdict =
  | {
      readonly kind: 'accepted'
      /** The position's and the exchange's, afterwards. */
      readonly lastApplied: bigint
      readonly divergence: bigint
    }
  | { readonly kind: 'refused'; readonly reason: InterestRefusal }
  /** The contract would panic over the position itself. */
  | { readonly kind: 'unknown'; readonly reason: string }

export type InterestView = {
  readonly account: Account
  readonly marks: CoreMarks
  /** Until when the position has had its interest; 0 before its first. */
  readonly lastApplied: bigint
}

/** How long after an update of the exchange's time interest is taken, in seconds. */
export const mostTimeAge = 86_400n

const maxDivergence = 10n ** 11n

/** What the contract says to an amount of interest for one position, in its order (contracts.md §1.8). */
export function judgeInterest(
  { account, marks, lastApplied }: InterestView,
  amount: bigint,
  clock: InterestClock,
): InterestVerdict {
  const { now, exchangeTime, lastUpdate, maxRatePerSecond } = clock
  if (amount === 0n) {
    const started = lastApplied === 0n ? exchangeTime : lastApplied
    return { kind: 'accepted', lastApplied: started, divergence: clock.divergence }
  }
  if (lastUpdate < now - mostTimeAge) return refused('TIMESTAMP_TOO_OLD')
  if (lastApplied === 0n || account.collateral === 0n) return refused('INVALID_INTEREST_RATE')
  if (account.collateral > 0n !== amount > 0n) return refused('INTEREST_SIGN_MISMATCH')
  const earns = interestBase(account, marks)
  if (typeof earns === 'string') return { kind: 'unknown', reason: earns }
  if (earns >= 1n << 63n || earns < -(1n << 63n)) return refused('AMOUNT_OVERFLOW')
  if (earns === -(1n << 63n)) return refused('i64_neg Underflow')
  if (lastApplied > exchangeTime) return refused('Timestamp_sub Underflow')
  const most = interestCap({ earns, seconds: exchangeTime - lastApplied, maxRatePerSecond })
  if (magnitude(amount) > most) return refused('INVALID_INTEREST_RATE')
  const divergence = clock.divergence + amount
  if (magnitude(divergence) > maxDivergence) return refused('Interest divergence')
  return { kind: 'accepted', lastApplied: exchangeTime, divergence }
}

/** The most interest either way, rounded down: in favour of whoever pays. */
export function interestCap({
  earns,
  seconds,
  maxRatePerSecond,
}: {
  readonly earns: bigint
  readonly seconds: bigint
  readonly maxRatePerSecond: bigint
}): bigint {
  return (magnitude(earns) * seconds * maxRatePerSecond) >> 32n
}

/** What interest is reckoned on: cash, funding and synthetics. Spot collateral and vault shares do not count. */
export function interestBase(account: Account, marks: CoreMarks): bigint | string {
  const holdings = account.holdings.filter(
    ({ asset }) => !Object.hasOwn(marks, asset) || marks[asset]?.kind === 'synthetic',
  )
  const margin = coreMargin({ ...account, holdings }, marks, 'D')
  return margin.kind === 'margin' ? margin.value : margin.reason
}

/** Everything that decides about interest in one call; absent where none is asked for. */
export type InterestTerms = {
  readonly clock: InterestClock
  /** By position; one that is absent has had none. */
  readonly lastApplied: Readonly<Record<string, bigint>>
}

/** The first position of a call whose interest would not be taken, in the call's order. */
export function whyInterestRefused(
  asked: readonly { readonly account: Account; readonly amount: bigint }[],
  { marks, terms }: { readonly marks: CoreMarks; readonly terms: InterestTerms | undefined },
):
  | { readonly kind: 'refused'; readonly reason: InterestRefusal; readonly position: string }
  | { readonly kind: 'unknown'; readonly reason: string; readonly position: string }
  | undefined {
  let clock = terms?.clock
  const applied = new Map(Object.entries(terms?.lastApplied ?? {}))
  for (const { account, amount } of asked) {
    if (amount === 0n) continue
    const position = account.id
    if (!clock) return { kind: 'unknown', reason: 'INTEREST_TERMS_NOT_KNOWN', position }
    const view = { account, marks, lastApplied: applied.get(position) ?? 0n }
    const verdict = judgeInterest(view, amount, clock)
    if (verdict.kind !== 'accepted') return { ...verdict, position }
    clock = { ...clock, divergence: verdict.divergence }
    applied.set(position, verdict.lastApplied)
  }
  return undefined
}

function refused(reason: InterestRefusal): InterestVerdict {
  return { kind: 'refused', reason }
}
