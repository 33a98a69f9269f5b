import { isBeyondBps } from '../bps.ts'
import type { Decimal } from '../decimal.ts'
import type { Market } from '../market.ts'
import { type PostedPrice, type PushCandidate, pushesDue, type PushPolicy } from '../push-policy.ts'
import type { Timestamp } from '../time.ts'

/** One slot's prices that could be told. */
export type Offer = {
  readonly at: Timestamp
  readonly prices: readonly PushCandidate[]
}

/** By market. */
type Policy = Readonly<Record<string, PushPolicy>>
type Posted = Readonly<Record<string, PostedPrice>>

type ToldSlot = {
  readonly at: Timestamp
  /** What is told first of a market is not in it: no policy could do otherwise. */
  readonly told: readonly Market[]
  /** After this slot; it changes with the next one. */
  readonly posted: Posted
}

/**
 * Slot by slot, oldest first, what a policy would have told one exchange of what was offered, each told price being what is posted
 * until the next one. `begun`: what was posted before the first; a market that is not in it begins with its first offer as told.
 */
export function* toldBy(
  offers: readonly Offer[],
  policy: Policy,
  begun: Posted = {},
): Generator<ToldSlot, undefined> {
  const posted: Record<string, PostedPrice> = { ...begun }
  for (const { at, prices } of offers) {
    const candidates = prices.filter(({ market }) => Object.hasOwn(policy, market))
    const verdicts = pushesDue({ candidates, posted, policy, now: at })
    const told: Market[] = []
    for (const [index, { market, price, observedAt }] of candidates.entries()) {
      const verdict = verdicts[index]
      if (verdict?.kind !== 'due') continue
      posted[market] = { price, publishedAt: observedAt }
      if (verdict.why !== 'first') told.push(market)
    }
    yield { at, told, posted }
  }
}

/** How many prices it would have told. */
export function pushesOf(offers: readonly Offer[], policy: Policy): number {
  let count = 0
  for (const { told } of toldBy(offers, policy)) count += told.length
  return count
}

/** How much further from what was offered a policy leaves what is posted than another one does. */
export type PostedFurther = {
  /** The most, of these offers. */
  readonly market: Market
  readonly distance: Decimal
  /** What was offered then. */
  readonly base: Decimal
  /** In how many of them it was too much for any market. */
  readonly slots: number
}

/**
 * Where what `own` leaves posted is further from what was offered than what `other` does by more than so many bps; undefined where
 * it never is. A price that is not told, since it has not moved far enough for `own`, is a wrong one to whoever reads it.
 */
export function postedFurther(
  offers: readonly Offer[],
  {
    own,
    other,
    mostBps,
    begun,
  }: {
    readonly own: Policy
    readonly other: Policy
    readonly mostBps: number
    /** What was posted under `own` before the first of them. */
    readonly begun?: Posted | undefined
  },
): PostedFurther | undefined {
  const others = toldBy(offers, other)
  let worst: Omit<PostedFurther, 'slots'> | undefined
  let slots = 0
  let index = 0
  for (const { posted } of toldBy(offers, own, begun)) {
    const beside = others.next()
    if (beside.done) break
    const far = (offers[index]?.prices ?? []).flatMap(({ market, price }) => {
      const [mine, its] = [posted[market], beside.value.posted[market]]
      if (!mine || !its) return []
      const distance = mine.price.sub(price).abs().sub(its.price.sub(price).abs())
      return isBeyondBps(distance, price, mostBps) ? [{ market, distance, base: price }] : []
    })
    index += 1
    if (far.length === 0) continue
    slots += 1
    for (const one of far) if (!worst || isFurther(one, worst)) worst = one
  }
  return worst && { ...worst, slots }
}

export function slotsText({ slots }: Pick<PostedFurther, 'slots'>): string {
  return slots === 1 ? 'one slot' : `${slots} slots`
}

type Far = Pick<PostedFurther, 'distance' | 'base'>

function isFurther(one: Far, other: Far): boolean {
  return one.distance.mul(other.base).gt(other.distance.mul(one.base))
}
