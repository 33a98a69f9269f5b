import { Decimal } from '../decimal.ts'
import { parseMarket } from '../market.ts'
import type { PushPolicy } from '../push-policy.ts'
import { timestamp } from '../time.ts'
import type { ToldAt } from './compare-markets.ts'
import { type ComparedSlot, memberOf, type SlotDecision } from './compared-slot.ts'
import { toldBy } from './told-by.ts'

/** Of one slot what could have been told. */
type OfferedSlot = Pick<ComparedSlot, 'at'> & {
  readonly active: Pick<SlotDecision, 'recorded'>
}

/** What a policy would have told one exchange of what was offered in these slots of push-prices, in order of time. */
export function wouldHaveTold(
  slots: readonly OfferedSlot[],
  policy: Readonly<Record<string, PushPolicy>>,
): readonly ToldAt[] {
  const offers = slots.map(({ at, active }) => ({ at, prices: offeredIn(active.recorded) }))
  return [...toldBy(offers, policy)].flatMap(({ at, told }) =>
    told.map((market) => ({ market, at })),
  )
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
