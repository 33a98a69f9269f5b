import { Decimal } from '../decimal.ts'
import { parseMarket } from '../market.ts'
import { type PostedPrice, type PushPolicy, pushesDue } from '../push-policy.ts'
import { timestamp } from '../time.ts'
import type { ToldAt } from './compare-markets.ts'
import { type ComparedSlot, memberOf, type SlotDecision } from './compared-slot.ts'

/** Of one slot what could have been told. */
type OfferedSlot = Pick<ComparedSlot, 'at'> & {
  readonly active: Pick<SlotDecision, 'recorded'>
}

/**
 * What a policy would have told one exchange of what was offered in these slots of push-prices, in order of time, each told price
 * being what is posted until the next one. What is told first of a market counts for neither set.
 */
export function wouldHaveTold(
  slots: readonly OfferedSlot[],
  policy: Readonly<Record<string, PushPolicy>>,
): readonly ToldAt[] {
  const posted: Record<string, PostedPrice> = {}
  const told: ToldAt[] = []
  for (const { at, active } of slots) {
    const candidates = offeredIn(active.recorded).filter(({ market }) =>
      Object.hasOwn(policy, market),
    )
    const verdicts = pushesDue({ candidates, posted, policy, now: at })
    for (const [index, { market, price, observedAt }] of candidates.entries()) {
      const verdict = verdicts[index]
      if (verdict?.kind !== 'due') continue
      posted[market] = { price, publishedAt: observedAt }
      if (verdict.why !== 'first') told.push({ market, at })
    }
  }
  return told
}

/** What push-prices records of what it could tell. */
function offeredIn(recorded: unknown) {
  const offered = (memberOf(recorded, 'offered') ?? []) as readonly (readonly [
    string,
    Decimal,
    number,
  ])[]
  return offered.map(([market, price, observedAt]) => ({
    market: parseMarket(market),
    price: new Decimal(price),
    observedAt: timestamp(observedAt),
  }))
}
