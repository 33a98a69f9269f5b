import type { Account, Holding, Margin } from '../margin/account.ts'
import { floorDiv } from '../margin/floor-div.ts'
import { judgeLiquidation } from '../margin/starknet-liquidation.ts'
import { type CoreMark, magnitude, markOf } from '../margin/starknet-margin.ts'
import { leastQuote, marginChange } from '../margin/starknet-quote.ts'
import type { CoreVerdict } from '../margin/starknet-settle.ts'
import { healthySize } from '../margin/starknet-size.ts'
import type { CoreOffer } from './core-offer.ts'
import {
  type Fallen,
  leastReward,
  type LiquidationPlan,
  type LiquidationView,
  planInTurn,
  type Turn,
} from './in-turn.ts'
import { largestPart, type SizeVerdict } from './largest-part.ts'
import { leftDebt } from './left-debt.ts'
import type { CoreLiquidationLook } from './liquidation-look.ts'
import { spotTurn } from './spot-turn.ts'

/** What the contract leaves open, in hundredths of a percent of the value taken over. */
export type CoreTerms = {
  /** To the insurance fund: no rule of the contract limits it, so this does. Less where the account could not bear it. */
  readonly feeBps: bigint
  /** What the liquidator pays less than the mark, or gets more. Less where the account could not bear it. */
  readonly discountBps: bigint
  /** How much value for each 10,000 of requirement an account is to have afterwards; 10,000 is just healthy. */
  readonly targetBps: bigint
}

export type CoreLiquidationView = LiquidationView<CoreLiquidationLook> & {
  readonly offers: readonly CoreOffer[]
  /** Of the offers, as they are at the look's block. */
  readonly liquidators: readonly Account[]
  readonly terms: CoreTerms
}

/** What one liquidation changes for the next one: liquidators' accounts by position, what is left of the offers, and the fund. */
type State = {
  readonly liquidators: ReadonlyMap<string, Account>
  readonly insuranceFund: bigint
  readonly offers: readonly CoreOffer[]
}

/** An order that runs out this soon may have done so in the block that the liquidation comes into. */
const leastSecondsLeft = 60n

/** Whom to liquidate now on starknet-perpetual, against which of the orders that liquidators have signed. */
export function planCoreLiquidations(view: CoreLiquidationView): LiquidationPlan {
  const now = BigInt(Math.floor(view.look.block.time / 1_000))
  const first: State = {
    liquidators: new Map(view.liquidators.map((one) => [one.id, one])),
    insuranceFund: view.look.insuranceFund,
    offers: view.offers.filter(({ order }) => order.expiration >= now + leastSecondsLeft),
  }
  return planInTurn(view, first, (fallen, state) => turnOf(fallen, view, state))
}

type Taken = {
  readonly quote: bigint
  readonly fee: bigint
  /** What the liquidator gains by the mark. */
  readonly reward: bigint
  /** The debt that is left where nothing else is: the insurance fund must be good for it. */
  readonly cover: bigint
  readonly liquidator: Account
}

type Best = {
  readonly asset: string
  readonly base: bigint
  readonly offer: CoreOffer
  readonly taken: Taken
}

function turnOf(fallen: Fallen, view: CoreLiquidationView, state: State): Turn<State> {
  const best = bestPart(fallen, view, state)
  const isBankrupt = fallen.margin.value < 0n
  if (typeof best === 'string') return spotTurn(fallen, { ...view, state, why: best })
  const { asset, base, offer, taken } = best
  const { quote, fee, reward, cover, liquidator } = taken
  if (!isBankrupt && reward < leastReward(view.policy, view.look.dollar))
    return { kind: 'left', why: 'reward', isUncovered: false }
  const size = magnitude(base)
  return {
    kind: 'part',
    part: {
      asset,
      size,
      base,
      cash: quote + reward,
      penalty: fee + reward,
      reward,
      cover,
      order: offer.order,
    },
    state: {
      liquidators: new Map([...state.liquidators, [liquidator.id, liquidator]]),
      insuranceFund: state.insuranceFund + fee - cover,
      offers: state.offers.map((one) =>
        one === offer ? { ...one, filled: one.filled + size } : one,
      ),
    },
  }
}

/** The holding and the offer by which most of the account's trouble ends. */
function bestPart(fallen: Fallen, view: CoreLiquidationView, state: State): Best | string {
  const { account } = fallen
  let best: Best | undefined
  let why = 'no-price'
  for (const holding of account.holdings) {
    const mark = markOf(view.look.marks, holding.asset)
    if (!mark) continue
    if (mark.kind !== 'synthetic' || mark.status) {
      why = 'not-for-liquidation'
      continue
    }
    const offers = offersFor(holding, state.offers)
    if (offers.length === 0) why = 'no-order'
    for (const offer of offers) {
      const liquidator = state.liquidators.get(offer.order.position)
      if (!liquidator || liquidator.id === account.id) continue
      const { insuranceFund } = state
      const found = partWith({ fallen, holding, mark, offer, liquidator, insuranceFund, view })
      if (found.kind === 'refused') why = found.reason
      else if (!best || isBetter(found.accepted, best.taken)) {
        const base = holding.balance > 0n ? -found.size : found.size
        best = { asset: holding.asset, base, offer, taken: found.accepted }
      }
    }
  }
  return best ?? why
}

function isBetter(one: Taken, other: Taken): boolean {
  if (one.reward !== other.reward) return one.reward > other.reward
  return magnitude(one.quote) > magnitude(other.quote)
}

/** Those on the other side with something left, the best price for the account first. */
function offersFor(
  { asset, balance }: Holding,
  offers: readonly CoreOffer[],
): readonly CoreOffer[] {
  return offers
    .filter(
      ({ order, filled }) =>
        order.asset === asset && order.base > 0n === balance > 0n && magnitude(order.base) > filled,
    )
    .toSorted(({ order: a }, { order: b }) => {
      const [one, other] = [-a.quote * magnitude(b.base), -b.quote * magnitude(a.base)]
      return one === other ? 0 : one > other ? -1 : 1
    })
}

function partWith(tried: {
  readonly fallen: Fallen
  readonly holding: Holding
  readonly mark: CoreMark
  readonly offer: CoreOffer
  readonly liquidator: Account
  readonly insuranceFund: bigint
  readonly view: CoreLiquidationView
}) {
  const { fallen, holding, offer, view } = tried
  const { look, terms } = view
  const wanted = healthySize({
    account: fallen.account,
    asset: holding.asset,
    marks: look.marks,
    generation: look.generation,
    feeBps: terms.feeBps + terms.discountBps,
    targetBps: terms.targetBps,
  })
  const most = wanted.kind === 'size' ? wanted.size : magnitude(holding.balance)
  const left = magnitude(offer.order.base) - offer.filled
  return largestPart<Taken>(most < left ? most : left, (size) => judged(tried, size))
}

/** What the contract would say to so much of it, with the fee and the discount that the account can bear. */
function judged(
  {
    fallen,
    holding,
    mark,
    offer,
    liquidator,
    insuranceFund,
    view,
  }: {
    readonly fallen: Fallen
    readonly holding: Holding
    readonly mark: CoreMark
    readonly offer: CoreOffer
    readonly liquidator: Account
    readonly insuranceFund: bigint
    readonly view: CoreLiquidationView
  },
  size: bigint,
): SizeVerdict<Taken> {
  const { look } = view
  const terms = fallen.margin.value < 0n ? { ...view.terms, ...nothing } : view.terms
  const { order, filled } = offer
  const base = holding.balance > 0n ? -size : size
  const price = priceOf({ margin: fallen.margin, holding, mark, base, order, look, terms })
  if (!price) return { kind: 'refused', reason: 'no-order-helps', isForMoney: false }
  const { quote, fee, reward } = price
  const verdict = judgeLiquidation({
    generation: look.generation,
    marks: look.marks,
    liquidated: fallen.account,
    liquidator,
    asset: holding.asset,
    base,
    quote,
    liquidatedFee: fee,
    liquidatorFee: 0n,
    interestLiquidated: 0n,
    interestLiquidator: 0n,
    order: {
      position: order.position,
      base: order.base,
      quote: order.quote,
      fee: order.fee,
      isInCollateral: true,
      isExpired: false,
      filled,
    },
  })
  if (verdict.kind === 'accepted') {
    const cover = leftDebt(verdict.position)
    if (cover > insuranceFund)
      return { kind: 'refused', reason: 'InsuranceFundShort', isForMoney: false }
    return { kind: 'accepted', quote, fee, reward, cover, liquidator: verdict.counterparty }
  }
  return { kind: 'refused', reason: verdict.reason, isForMoney: isOf(liquidator, verdict) }
}

/** Whoever has less than nothing pays nobody for it. */
const nothing = { feeBps: 0n, discountBps: 0n }

/** The liquidator's own margin is in the way: with less it may not be. */
function isOf({ id }: Account, verdict: CoreVerdict): boolean {
  return (
    verdict.kind === 'refused' &&
    verdict.position === id &&
    verdict.reason === 'POSITION_NOT_HEALTHY_NOR_HEALTHIER'
  )
}

/**
 * Quote and fee at which the account is healthier: first the fee gives way, then the discount, down to the order's own limit.
 * Undefined where even that would not do.
 */
function priceOf({
  margin,
  holding,
  mark,
  base,
  order,
  look,
  terms,
}: {
  readonly margin: Margin
  readonly holding: Holding
  readonly mark: CoreMark
  readonly base: bigint
  readonly order: CoreOffer['order']
  readonly look: CoreLiquidationLook
  readonly terms: CoreTerms
}): { readonly quote: bigint; readonly fee: bigint; readonly reward: bigint } | undefined {
  const { generation } = look
  const change = marginChange({ margin, mark, balance: holding.balance, base, generation })
  // The value that leaves the account; below zero for a short.
  const given = margin.value - change.value
  const limit = limitOf(order, base)
  const wished = given - floorDiv(magnitude(given) * terms.discountBps, 10_000n)
  const wantedFee = floorDiv(magnitude(given) * terms.feeBps, 10_000n)
  // The contract may let fee and discount leave a debt behind; we do not.
  const solvent = margin.value < 0n ? undefined : -change.value
  const least = larger(leastQuote(change, generation, 0n), solvent)
  const dearest = wished < limit ? wished : limit
  const fee = smaller(wantedFee, dearest - least)
  const quote = fee < 0n ? least : dearest
  if (quote > limit || quote === 0n || quote > 0n === base > 0n) return undefined
  const paid = fee < 0n ? 0n : fee
  return paid < magnitude(quote) ? { quote, fee: paid, reward: given - quote } : undefined
}

/** The most that the account can get for it by the order, or (below zero) the least that it must pay. */
function limitOf(order: CoreOffer['order'], base: bigint): bigint {
  return floorDiv(-magnitude(base) * order.quote, magnitude(order.base))
}

function larger(one: bigint, other: bigint | undefined): bigint {
  return other !== undefined && other > one ? other : one
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other
}
