import type { Account, Holding, Margin } from '../margin/account.ts'
import { ceilDiv, floorDiv } from '../margin/floor-div.ts'
import { judgeSpotLiquidation } from '../margin/starknet-liquidation.ts'
import {
  coreMargin,
  type CoreMark,
  type CoreMarks,
  holdingValue,
  magnitude,
  markOf,
} from '../margin/starknet-margin.ts'
import { leastQuote, marginChange } from '../margin/starknet-quote.ts'
import type { CoreVerdict } from '../margin/starknet-settle.ts'
import { healthySize } from '../margin/starknet-size.ts'
import type { CoreOffer, CoreWish } from './core-offer.ts'
import { largestPart, type SizeVerdict } from './largest-part.ts'
import { leftDebt } from './left-debt.ts'
import type { CoreLiquidationLook } from './liquidation-look.ts'
import { type CoreSpotOrder, isInBaseCollateral, spotOffersFor } from './spot-order.ts'

/** What the contract leaves open, in hundredths of a percent of the value taken over. */
type Terms = {
  readonly feeBps: bigint
  readonly discountBps: bigint
  readonly targetBps: bigint
}

export type SpotView = {
  readonly look: CoreLiquidationLook
  readonly account: Account
  readonly margin: Margin
  readonly offers: readonly CoreOffer[]
  /** Whoever pays or receives by one of the offers, as they are before. */
  readonly parties: ReadonlyMap<string, Account>
  readonly insuranceFund: bigint
  readonly terms: Terms
}

/** What is sold of a spot holding, to whom and for how much. */
export type SpotPart = {
  readonly asset: string
  /** Above zero. */
  readonly size: bigint
  /** What the account gets, and what of it goes to the insurance fund. */
  readonly quote: bigint
  readonly fee: bigint
  /** What the liquidator pays less than the mark. */
  readonly reward: bigint
  /** The debt that is left where nothing else is. */
  readonly cover: bigint
  readonly offer: CoreOffer & { readonly order: CoreSpotOrder }
  /** Whoever paid and received, afterwards. */
  readonly parties: readonly Account[]
}

/**
 * The spot holding and the limit order by which an account below its requirement is helped most, or a word for why none does. A
 * spot holding counts for its value less its risk, so a sale at the mark always helps; of an account that has nothing but spot
 * holdings and a debt the contract lets nobody sell anything before that is below zero, though by the mark there is something left.
 */
export function spotPart(view: SpotView): SpotPart | string {
  const { account, look, offers } = view
  let best: SpotPart | undefined
  let why = 'no-spot'
  if (look.generation !== 'D') return why
  for (const holding of account.holdings) {
    const mark = markOf(look.marks, holding.asset)
    if (mark?.kind !== 'spot' || mark.status || holding.balance <= 0n) continue
    const fitting = spotOffersFor(holding.asset, offers)
    if (fitting.length === 0) why = 'no-order'
    for (const offer of fitting) {
      const found = partWith(view, { holding, mark, offer })
      if (typeof found === 'string') why = found
      else if (!best || isBetter(found, best)) best = found
    }
  }
  return best ?? why
}

/** What limit orders are wanted for: all that these accounts hold of each spot asset, at the mark. */
export function spotWishes(
  accounts: readonly Account[],
  { marks, generation }: Pick<CoreLiquidationLook, 'marks' | 'generation'>,
): readonly CoreWish[] {
  if (generation !== 'D') return []
  const sums = new Map<string, bigint>()
  for (const { holdings } of accounts)
    for (const { asset, balance } of holdings)
      if (balance > 0n) sums.set(asset, (sums.get(asset) ?? 0n) + balance)
  return [...sums].flatMap(([asset, base]) => {
    const mark = markOf(marks, asset)
    if (mark?.kind !== 'spot' || mark.status) return []
    const quote = -holdingValue(base, mark.price)
    return quote === 0n || base >= 1n << 63n ? [] : [{ asset, base, quote, isSpot: true }]
  })
}

function isBetter(one: SpotPart, other: SpotPart): boolean {
  return one.reward === other.reward ? one.quote > other.quote : one.reward > other.reward
}

type Tried = {
  readonly holding: Holding
  readonly mark: CoreMark
  readonly offer: SpotPart['offer']
}

type Taken = Pick<SpotPart, 'quote' | 'fee' | 'reward' | 'cover' | 'parties'>

function partWith(view: SpotView, tried: Tried): SpotPart | string {
  const { account, look, parties, terms } = view
  const { holding, offer } = tried
  const { order, filled } = offer
  if (!isInBaseCollateral(order)) return 'QUOTE_ASSET_ID_NOT_COLLATERAL'
  const [payer, receiver] = [parties.get(order.position), parties.get(order.receiver)]
  if (!payer || !receiver) return 'no-order'
  // By the mark, without the risk that spot holdings are counted less for.
  const worth = coreMargin(account, withoutRisk(look.marks), 'D')
  const equity = worth.kind === 'margin' ? worth.value : -1n
  // Whoever has less than nothing pays nobody for it.
  const given = equity < 0n ? { ...terms, feeBps: 0n, discountBps: 0n } : terms
  const wanted = healthySize({
    account,
    asset: holding.asset,
    marks: look.marks,
    generation: 'D',
    feeBps: given.feeBps + larger(given.discountBps, discountOf(order, tried)),
    targetBps: given.targetBps,
  })
  const most = wanted.kind === 'size' ? wanted.size : holding.balance
  const left = order.base - filled
  const found = largestPart<Taken>(most < left ? most : left, (size) =>
    judged(view, { ...tried, size, payer, receiver, equity, terms: given }),
  )
  if (found.kind === 'refused') return found.reason
  const { quote, fee, reward, cover, parties: after } = found.accepted
  const { asset } = holding
  return { asset, size: found.size, quote, fee, reward, cover, offer, parties: after }
}

/** How far the order is below the mark, in hundredths of a percent, rounded up: the lower its price, the more must be sold. */
function discountOf({ base, quote }: CoreSpotOrder, { mark }: Tried): bigint {
  const worth = holdingValue(base, mark.price)
  return worth > -quote ? ceilDiv((worth + quote) * 10_000n, worth) : 0n
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}

function withoutRisk(marks: CoreMarks): CoreMarks {
  return Object.fromEntries(
    Object.entries(marks).map(([asset, mark]) => [
      asset,
      mark.kind === 'spot' ? { ...mark, kind: 'synthetic' as const } : mark,
    ]),
  )
}

type Sized = Tried & {
  readonly size: bigint
  readonly payer: Account
  readonly receiver: Account
  readonly equity: bigint
  readonly terms: Terms
}

/** What the contract would say to so much of it, at a price that the order and the account can bear. */
function judged(view: SpotView, sized: Sized): SizeVerdict<Taken> {
  const { account, look, insuranceFund } = view
  const { holding, offer, size, payer, receiver } = sized
  const { order, filled } = offer
  const price = priceOf(view, sized)
  if (!price) return { kind: 'refused', reason: 'no-order-helps', isForMoney: false }
  const verdict = judgeSpotLiquidation({
    generation: 'D',
    marks: look.marks,
    liquidated: account,
    liquidator: payer,
    ...(receiver.id !== payer.id && { receiver }),
    asset: holding.asset,
    base: -size,
    quote: price.quote,
    liquidatedFee: price.fee,
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
  if (verdict.kind !== 'accepted') {
    const isForMoney = isOfTaker(verdict, [payer.id, receiver.id])
    return { kind: 'refused', reason: verdict.reason, isForMoney }
  }
  const cover = leftDebt(verdict.position)
  if (cover > insuranceFund)
    return { kind: 'refused', reason: 'InsuranceFundShort', isForMoney: false }
  const parties = [verdict.counterparty, ...(verdict.receiver ? [verdict.receiver] : [])]
  return { kind: 'accepted', ...price, cover, parties }
}

/** The taker's own margin is in the way: with less it may not be. */
function isOfTaker(verdict: CoreVerdict, takers: readonly string[]): boolean {
  return (
    verdict.kind === 'refused' &&
    verdict.reason === 'POSITION_NOT_HEALTHY_NOR_HEALTHIER' &&
    takers.includes(verdict.position)
  )
}

/**
 * Quote and fee with which the account is healthier: first the fee gives way, then the discount. Nothing is taken that would leave
 * an account with a debt that had none by the mark. Undefined where the order pays too little.
 */
function priceOf(
  { margin, look }: Pick<SpotView, 'margin' | 'look'>,
  { holding, mark, offer, size, equity, terms }: Sized,
): Pick<Taken, 'quote' | 'fee' | 'reward'> | undefined {
  const { order } = offer
  const { balance } = holding
  const change = marginChange({ margin, mark, balance, base: -size, generation: look.generation })
  const worth = holdingValue(balance, mark.price) - holdingValue(balance - size, mark.price)
  const limit = floorDiv(-size * order.quote, order.base)
  const wished = worth - floorDiv(worth * terms.discountBps, 10_000n)
  const healthier = leastQuote(change, 'D', 0n)
  const solvent = worth - equity
  const least = equity >= 0n && solvent > healthier ? solvent : healthier
  const dearest = wished < limit ? wished : limit
  const wantedFee = floorDiv(worth * terms.feeBps, 10_000n)
  const room = dearest - least
  const fee = room < wantedFee ? room : wantedFee
  const quote = fee < 0n ? least : dearest
  const paid = fee < 0n ? 0n : fee
  if (quote > limit || quote <= 0n || paid >= magnitude(quote)) return undefined
  return { quote, fee: paid, reward: worth - quote }
}
