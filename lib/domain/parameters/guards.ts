import { percentOf } from '../bps.ts'
import type { PostedPrice, PushPolicy } from '../push-policy.ts'
import type { Timestamp } from '../time.ts'
import { leaning, leanText } from './lean.ts'
import type { NotedPrice } from './shadow-note.ts'
import { type Offer, postedFurther, pushesOf, slotsText } from './told-by.ts'

/** What takes a set of parameters back by itself. */
export type GuardRules = {
  /** So many more of 100 prices refused or held than under the set before, or so many that only one of the two has. */
  readonly refusedPercent: number
  /** So many times as many pushes as under the set before. */
  readonly costFactor: number
  /** A posted price that is older than so many of its heartbeats. */
  readonly pushAgeFactor: number
  /** So many of 100 transactions that revert. */
  readonly revertedPercent: number
  /** So far a price from what the set before makes of the same quotes, in bps; and so much further what is posted from it. */
  readonly mostBps: number
  /** So far to one side of them in the middle of many rounds, in bps. */
  readonly leanBps: number
}

/** What was seen since a set became active, of the newest minutes. */
export type GuardSight = {
  readonly now: Timestamp
  /** Of each slot of publish-prices: how many markets had no price under each of the two. */
  readonly rounds: readonly GuardRound[]
  /** Of each exchange, slot by slot, oldest first: what could have been told. */
  readonly offers: Readonly<Record<string, readonly Offer[]>>
  /** What each exchange had posted before the first of them, by market. Absent in what older code wrote down. */
  readonly begun?: Readonly<Record<string, Readonly<Record<string, PostedPrice>>>>
  /** When each exchange's newest prices are of, by market. */
  readonly posted: Readonly<Record<string, Readonly<Record<string, Timestamp>>>>
  /** Of the newest transactions whether each reverted. */
  readonly reverted: readonly boolean[]
  /** When guards looked again after a pause; absent where they have looked all the time lately. */
  readonly awakeSince?: Timestamp
}

export type GuardRound = {
  readonly feeds: number
  readonly without: number
  /** Under the set before. */
  readonly withoutBefore: number
  /** Markets of which only the set on probation has a price, which the set before refuses or holds. */
  readonly gained: number
  /** Every market that is otherwise under the two; `shadow` is the set before. */
  readonly apart: readonly NotedPrice[]
}

type Policies = {
  readonly own: Readonly<Record<string, PushPolicy>>
  readonly before: Readonly<Record<string, PushPolicy>>
}

/** Nothing is concluded of fewer rounds: half a minute of them, which one slow venue does not fill. */
export const fewestRounds = 6

/** Nor of fewer pushes, or transactions. */
const fewestPushes = 10
const fewestTransactions = 5

/** The first reason to take the set back; undefined where there is none. */
export function tripped(
  sight: GuardSight,
  rules: GuardRules,
  policies: Policies,
): string | undefined {
  return (
    tooManyRefused(sight, rules) ??
    tooManyGained(sight, rules) ??
    toOneSide(sight, rules) ??
    tooManyPushes(sight, rules, policies) ??
    tooFarPosted(sight, rules, policies) ??
    tooOld(sight, rules, policies) ??
    tooManyReverted(sight, rules)
  )
}

function tooManyRefused(
  { rounds }: GuardSight,
  { refusedPercent }: GuardRules,
): string | undefined {
  if (rounds.length < fewestRounds) return undefined
  const sum = (of: (round: GuardRound) => number) =>
    rounds.reduce((total, round) => total + of(round), 0)
  const feeds = sum((round) => round.feeds)
  const [without, before] = [sum((round) => round.without), sum((round) => round.withoutBefore)]
  if ((without - before) * 100 <= feeds * refusedPercent) return undefined
  return `${without} of ${feeds} prices were refused or held in ${rounds.length} rounds, ${before} by the set before; ${refusedPercent} % more are allowed`
}

/** None of them was told, since nobody can say that they are right: after its probation they would be. */
function tooManyGained({ rounds }: GuardSight, { refusedPercent }: GuardRules): string | undefined {
  if (rounds.length < fewestRounds) return undefined
  const feeds = rounds.reduce((total, round) => total + round.feeds, 0)
  const gained = rounds.reduce((total, round) => total + round.gained, 0)
  if (gained * 100 <= feeds * refusedPercent) return undefined
  return `${gained} of ${feeds} prices in ${rounds.length} rounds are such as the set before refuses or holds; ${refusedPercent} % are allowed`
}

/** Each of its prices is near enough to be told: after its probation nobody would look. */
function toOneSide({ rounds }: GuardSight, { leanBps }: GuardRules): string | undefined {
  const lean = leaning(
    rounds.map(({ apart }) => apart),
    { mostBps: leanBps, of: 'own' },
  )
  if (!lean) return undefined
  return `in the middle of ${lean.rounds} rounds ${lean.feed} is ${leanText(lean)} what the set before makes of the same quotes; ${leanBps} bps are allowed`
}

function tooManyPushes(
  { offers }: GuardSight,
  { costFactor }: GuardRules,
  { own, before }: Policies,
): string | undefined {
  for (const [engine, slots] of Object.entries(offers)) {
    const [pushes, otherwise] = [pushesOf(slots, own), pushesOf(slots, before)]
    if (pushes >= fewestPushes && pushes > otherwise * costFactor)
      return `${pushes} prices were told to ${engine} in ${slots.length} slots, and the set before would have told ${otherwise}; ${costFactor} times as many are allowed`
  }
  return undefined
}

/** Nothing that it makes is wrong, but what is posted is old and far from it. */
function tooFarPosted(
  { offers, begun = {} }: GuardSight,
  { mostBps }: GuardRules,
  { own, before }: Policies,
): string | undefined {
  for (const [engine, slots] of Object.entries(offers)) {
    const far = postedFurther(slots, { own, other: before, mostBps, begun: begun[engine] })
    if (far)
      return `what ${engine} had of ${far.market} was up to ${percentOf(far.distance, far.base)} further from its price than under the set before, in ${slotsText(far)}; ${mostBps} bps are allowed`
  }
  return undefined
}

function tooOld(
  { posted, now }: GuardSight,
  { pushAgeFactor }: GuardRules,
  { own }: Policies,
): string | undefined {
  for (const [engine, prices] of Object.entries(posted))
    for (const [market, publishedAt] of Object.entries(prices)) {
      const heartbeatMs = (own[market]?.heartbeatSeconds ?? Infinity) * 1_000
      if (now - publishedAt > heartbeatMs * pushAgeFactor)
        return `the price of ${market} on ${engine} is ${Math.round((now - publishedAt) / 1_000)} s old, and its heartbeat is ${heartbeatMs / 1_000} s; ${pushAgeFactor} times that is allowed`
    }
  return undefined
}

function tooManyReverted(
  { reverted }: GuardSight,
  { revertedPercent }: GuardRules,
): string | undefined {
  const bad = reverted.filter(Boolean).length
  if (reverted.length < fewestTransactions || bad * 100 <= reverted.length * revertedPercent)
    return undefined
  return `${bad} of ${reverted.length} transactions reverted; ${revertedPercent} % are allowed`
}
