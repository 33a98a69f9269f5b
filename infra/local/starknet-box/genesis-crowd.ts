import { processedDeposit } from './core-rules-deposits.ts'
import { collateralId, orderWords } from './core-rules-orders.ts'
import {
  emptyPosition,
  exchanged,
  existingPosition,
  paid,
  withPositions,
} from './core-rules-positions.ts'
import type { CoreDeal, CorePerson } from './core-setup.ts'
import type { CoreEffect, CoreState } from './core-state.ts'
import { felt, hex } from './felt.ts'
import { selectorOf } from './selectors.ts'

// What happened on the exchange before the first block, told by the events that its flows would have told it with.

/** People with money, and what they did with it. */
export function withCrowd(
  core: CoreState,
  {
    people,
    deals,
  }: { readonly people: readonly CorePerson[]; readonly deals: readonly CoreDeal[] },
): CoreEffect {
  const rich = withPeople(core, people)
  const dealt = withDeals(rich.core, deals)
  return { core: dealt.core, events: [...rich.events, ...dealt.events] }
}

/** People with money; the exchange's own two positions may get some too. */
function withPeople(core: CoreState, people: readonly CorePerson[]): CoreEffect {
  return people.reduce<CoreEffect>(
    ({ core: before, events }, { id, ownerPublicKey, money }) => {
      const known = before.positions[`${id}`]
      const position = known ?? {
        ...emptyPosition(id),
        ownerPublicKey,
        lastInterest: core.interest.exchangeTime,
      }
      const opened = { keys: [selectorOf('NewPosition'), id, ownerPublicKey, 0n], data: [] }
      const told = processedDeposit(core, { positionId: id, quantizedAmount: money })
      return {
        core: withPositions(before, [paid(position, money)]),
        events: [...events, ...(known ? [] : [opened]), told],
      }
    },
    { core, events: [] },
  )
}

/** Deals between them; nobody's margin is asked, since nothing has a price yet. */
function withDeals(core: CoreState, deals: readonly CoreDeal[]): CoreEffect {
  return deals.reduce<CoreEffect>(
    ({ core: before, events }, { a, b, assetId, base, quote }) => {
      const exchange = { asset: hex(assetId), base, quote, fee: 0n, interest: 0n }
      const changed = [
        exchanged(before, existingPosition(before, a), exchange),
        exchanged(before, existingPosition(before, b), { ...exchange, base: -base, quote: -quote }),
      ]
      return {
        core: withPositions(before, changed),
        events: [...events, tradeEvent(core, { a, b, assetId, base, quote })],
      }
    },
    { core, events: [] },
  )
}

function tradeEvent({ generation }: CoreState, { a, b, assetId, base, quote }: CoreDeal) {
  const order = {
    baseAssetId: assetId,
    quoteAssetId: collateralId,
    feeAssetId: collateralId,
    feeAmount: 0n,
    expiration: 0n,
    salt: 0n,
  }
  const [one, other] = [
    { ...order, positionId: a, baseAmount: base, quoteAmount: quote },
    { ...order, positionId: b, baseAmount: -base, quoteAmount: -quote },
  ]
  const interests = generation === 'D' ? [0n, 0n] : []
  return {
    keys: [selectorOf('Trade'), a, b, 0n, 0n],
    data: [
      ...orderWords(one),
      ...orderWords(other),
      ...[base, quote, 0n, 0n, ...interests].map(felt),
    ],
  }
}
