import { oldestReportAt, type PriceUpdate } from './action.ts'
import type { Decimal } from './decimal.ts'
import { fingerprint } from './fingerprint.ts'
import type { LeftOut } from './left-out.ts'
import type { Market } from './market.ts'
import type { Timestamp } from './time.ts'

/** When a market's posted price is worth replacing. */
export type PushPolicy = {
  readonly deviationBps: number
  /** The most time between two pushes. */
  readonly heartbeatSeconds: number
  /** By how much of it a heartbeat may come earlier, so that markets and networks do not all push in one block. */
  readonly heartbeatJitterPercent?: number
}

export type PushCandidate = {
  readonly market: Market
  readonly price: Decimal
  /** Of the reports behind it. */
  readonly observedAt: Timestamp
}

export type PostedPrice = { readonly price: Decimal; readonly publishedAt: Timestamp }

/** What becomes of one candidate. */
export type PushVerdict =
  | {
      readonly market: Market
      readonly kind: 'due'
      /** `rider`: not yet due itself, but a transaction is sent anyway. */
      readonly why: 'first' | 'deviation' | 'heartbeat' | 'rider'
    }
  | {
      readonly market: Market
      readonly kind: 'waits'
      /** `not-newer`: the posted price is as new as the reports. `unchanged`: the posted one is near and young enough. */
      readonly why: 'not-newer' | 'unchanged'
    }

/**
 * Which prices to push, in the candidates' order. Whenever one is due, those that would be due soon ride along: a place
 * in a transaction that is sent anyway costs less than a transaction of their own a little later (as RedStone does).
 */
export function pushesDue(look: {
  readonly candidates: readonly PushCandidate[]
  /** The engine's prices by market; absent until the first. */
  readonly posted: Readonly<Record<string, PostedPrice>>
  /** By market. */
  readonly policy: Readonly<Record<string, PushPolicy>>
  readonly now: Timestamp
}): readonly PushVerdict[] {
  const { candidates, now } = look
  const judged = candidates.map((candidate) => {
    const posted = look.posted[candidate.market]
    const policy = look.policy[candidate.market]
    if (!policy) throw new NoPushPolicyError(candidate.market)
    return {
      verdict: verdictOn(candidate, posted && { posted, policy, now, tenths: 10 }),
      soon: verdictOn(candidate, posted && { posted, policy, now, tenths: riderTenths }),
    }
  })
  const anyDue = judged.some(({ verdict }) => verdict.kind === 'due')
  return judged.map(({ verdict, soon }) =>
    anyDue && verdict.kind === 'waits' && soon.kind === 'due'
      ? { market: verdict.market, kind: 'due', why: 'rider' }
      : verdict,
  )
}

/** The updates that tell an engine nothing new: what is posted is as new as their reports. */
export function notNewer(
  updates: readonly PriceUpdate[],
  posted: Readonly<Record<string, PostedPrice>>,
): readonly LeftOut[] {
  return updates.flatMap((update): readonly LeftOut[] => {
    const before = posted[update.market]
    if (!before || !isAsNew(before, oldestReportAt(update))) return []
    const reason = `its price of ${new Date(before.publishedAt).toISOString()} is as new`
    return [{ market: update.market, why: 'not-newer', reason }]
  })
}

function isAsNew(posted: PostedPrice, seenAt: Timestamp): boolean {
  return seenAt <= posted.publishedAt
}

/** From 0.7 of its own thresholds on a price rides along (RedStone's share). */
const riderTenths = 7

function verdictOn(
  { market, price, observedAt }: PushCandidate,
  against:
    | {
        readonly posted: PostedPrice
        readonly policy: PushPolicy
        readonly now: Timestamp
        /** The share of the thresholds that is enough. */
        readonly tenths: number
      }
    | undefined,
): PushVerdict {
  if (!against) return { market, kind: 'due', why: 'first' }
  const { posted, policy, now, tenths } = against
  if (isAsNew(posted, observedAt)) return { market, kind: 'waits', why: 'not-newer' }
  const moved = price
    .sub(posted.price)
    .abs()
    .mul(10_000 * 10)
  if (moved.gte(posted.price.mul(policy.deviationBps).mul(tenths)))
    return { market, kind: 'due', why: 'deviation' }
  if ((now - posted.publishedAt) * 10 >= heartbeatMs(market, posted, policy) * tenths)
    return { market, kind: 'due', why: 'heartbeat' }
  return { market, kind: 'waits', why: 'unchanged' }
}

/** Never later than the policy says, and the same for whoever asks again: the posted price decides. */
function heartbeatMs(
  market: Market,
  { publishedAt }: PostedPrice,
  { heartbeatSeconds, heartbeatJitterPercent = 0 }: PushPolicy,
): number {
  const spread = Number.parseInt(fingerprint(`${market} ${publishedAt}`), 36) / 2 ** 32
  return Math.floor(heartbeatSeconds * (1000 - heartbeatJitterPercent * 10 * spread))
}

/** A price came for a market of which nobody said when to push it. */
export class NoPushPolicyError extends Error {
  override readonly name = 'NoPushPolicyError'
  readonly market: Market

  constructor(market: Market) {
    super(`nothing says when to push ${market}; every market needs a deviation and a heartbeat`)
    this.market = market
  }
}
