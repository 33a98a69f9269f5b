import type { Account, Holding } from '../margin/account.ts'
import { floorDiv } from '../margin/floor-div.ts'
import {
  starkexHoldingMargin,
  starkexLeastCash,
  type StarkexMark,
} from '../margin/starkex-margin.ts'
import { judgeStarkexLiquidation, starkexOrderLimit } from '../margin/starkex-trade.ts'
import {
  type Fallen,
  leastReward,
  type LiquidationPlan,
  type LiquidationView,
  planInTurn,
  type Turn,
} from './in-turn.ts'
import { largestPart, type SizeVerdict } from './largest-part.ts'
import type { StarkexLiquidationLook } from './liquidation-look.ts'
import type { CoreTerms } from './plan-core-liquidations.ts'
import type { StarkexOffer } from './starkex-offer.ts'

export type StarkexLiquidationView = LiquidationView<StarkexLiquidationLook> & {
  readonly offers: readonly StarkexOffer[]
  /** Of the offers. */
  readonly liquidators: readonly Account[]
  /** The fee is what the liquidator pays to the exchange: at most so much, and at most what his order says. */
  readonly terms: CoreTerms
}

type State = {
  readonly liquidators: ReadonlyMap<string, Account>
  readonly offers: readonly StarkexOffer[]
}

/** An order of the hour that is now may run out before its transaction is there. */
const leastHoursLeft = 1n

/** Whom to liquidate now on a StarkEx exchange, against which of the orders that liquidators have signed. */
export function planStarkexLiquidations(view: StarkexLiquidationView): LiquidationPlan {
  const hour = BigInt(Math.floor(view.look.block.time / 3_600_000))
  const first: State = {
    liquidators: new Map(view.liquidators.map((one) => [one.id, one])),
    offers: view.offers.filter(({ order }) => order.expirationHours >= hour + leastHoursLeft),
  }
  return planInTurn(view, first, (fallen, state) => turnOf(fallen, view, state))
}

type Taken = {
  readonly cash: bigint
  readonly fee: bigint
  /** What the liquidator gains by the mark, after the fee. */
  readonly reward: bigint
  readonly liquidator: Account
}

type Best = {
  readonly asset: string
  readonly base: bigint
  readonly offer: StarkexOffer
  readonly taken: Taken
}

function turnOf(fallen: Fallen, view: StarkexLiquidationView, state: State): Turn<State> {
  const isBankrupt = fallen.margin.value < 0n
  const best = bestPart(fallen, view, state)
  if (typeof best === 'string') return { kind: 'left', why: best, isUncovered: isBankrupt }
  const { asset, base, offer, taken } = best
  const { cash, fee, reward, liquidator } = taken
  if (!isBankrupt && reward < leastReward(view.policy, view.look.dollar))
    return { kind: 'left', why: 'reward', isUncovered: false }
  const size = magnitude(base)
  return {
    kind: 'part',
    part: {
      asset,
      size,
      base,
      cash,
      penalty: 0n,
      reward,
      cover: 0n,
      starkex: { order: offer.order, fee },
    },
    state: {
      liquidators: new Map([...state.liquidators, [liquidator.id, liquidator]]),
      offers: state.offers.map((one) =>
        one === offer ? { ...one, filled: one.filled + size } : one,
      ),
    },
  }
}

/** The holding and the offer by which most of the account's trouble ends. */
function bestPart(fallen: Fallen, view: StarkexLiquidationView, state: State): Best | string {
  let best: Best | undefined
  let why = 'no-price'
  for (const holding of fallen.account.holdings) {
    const mark = markOf(view, holding.asset)
    if (!mark) continue
    const offers = offersFor(holding, state.offers)
    if (offers.length === 0) why = 'no-order'
    for (const offer of offers) {
      const liquidator = state.liquidators.get(String(offer.order.position))
      if (!liquidator || liquidator.id === fallen.account.id) continue
      const wish: Wish = { fallen, holding, mark, offer, liquidator, view }
      const found = largestPart<Taken>(mostOf(wish), (size) => judged(wish, size))
      if (found.kind === 'refused') why = found.reason
      else if (!best || magnitude(found.accepted.cash) > magnitude(best.taken.cash)) {
        const base = holding.balance > 0n ? -found.size : found.size
        best = { asset: holding.asset, base, offer, taken: found.accepted }
      }
    }
  }
  return best ?? why
}

type Wish = {
  readonly fallen: Fallen
  readonly holding: Holding
  readonly mark: StarkexMark
  readonly offer: StarkexOffer
  readonly liquidator: Account
  readonly view: StarkexLiquidationView
}

/** Those on the other side with something left, the best price for the account first. */
function offersFor(
  { asset, balance }: Holding,
  offers: readonly StarkexOffer[],
): readonly StarkexOffer[] {
  return offers
    .filter(
      ({ order, filled }) =>
        order.syntheticAsset === BigInt(asset) &&
        order.isBuying === balance > 0n &&
        order.synthetic > filled,
    )
    .toSorted(({ order: a }, { order: b }) => {
      const [one, other] = [a.collateral * b.synthetic, b.collateral * a.synthetic]
      if (one === other) return 0
      return one > other === a.isBuying ? -1 : 1
    })
}

/** As much as is needed for the wanted margin, and as the order has left. */
function mostOf({ fallen, holding, mark, offer, view }: Wish): bigint {
  const wanted = wantedSize({ fallen, holding, mark, view })
  const left = offer.order.synthetic - offer.filled
  return wanted < left ? wanted : left
}

/** The smallest size whose closing, with the discount, gives the account the wanted margin; all of it where none does. */
function wantedSize({ fallen, holding, mark, view }: Omit<Wish, 'offer' | 'liquidator'>): bigint {
  const all = magnitude(holding.balance)
  const isEnough = (size: bigint): boolean => {
    const base = holding.balance > 0n ? -size : size
    const now = starkexHoldingMargin(holding.balance, mark)
    const later = starkexHoldingMargin(holding.balance + base, mark)
    const { cash } = discounted(base, mark, view.terms)
    const value = fallen.margin.value + later.value - now.value + (cash << 64n)
    const requirement = fallen.margin.requirement + later.requirement - now.requirement
    return value * 10_000n >= requirement * view.terms.targetBps
  }
  if (!isEnough(all)) return all
  let [tooSmall, enough] = [0n, all]
  while (enough - tooSmall > 1n) {
    const middle = (tooSmall + enough) / 2n
    if (isEnough(middle)) enough = middle
    else tooSmall = middle
  }
  return enough
}

/** What so much is worth by the mark, and what the account would get for it with our discount; both rounded down. */
function discounted(
  base: bigint,
  { price }: StarkexMark,
  { discountBps }: Pick<CoreTerms, 'discountBps'>,
): { readonly given: bigint; readonly cash: bigint } {
  const given = floorDiv(-base * price, 1n << 32n)
  return { given, cash: given - floorDiv(magnitude(given) * discountBps, 10_000n) }
}

/** What StarkEx would say to so much of it, at the best price for the liquidator that it and his order allow. */
function judged(
  { fallen, holding, mark, offer, liquidator, view }: Wish,
  size: bigint,
): SizeVerdict<Taken> {
  const { order, filled } = offer
  const base = holding.balance > 0n ? -size : size
  const cash = cashFor({ fallen, holding, mark, offer, view }, base)
  if (cash === undefined) return { kind: 'refused', reason: 'no-order-helps', isForMoney: false }
  const { given } = discounted(base, mark, view.terms)
  const most = feeOf(order, magnitude(cash), view.terms)
  // The exchange gets it of what the liquidator gains: an account that can bear no discount is nobody's loss.
  const gain = given > cash ? given - cash : 0n
  const fee = most < gain ? most : gain
  const verdict = judgeStarkexLiquidation(view.look.marks, {
    liquidated: fallen.account,
    liquidator,
    change: { asset: holding.asset, base, cash },
    fee,
    order,
    filled,
  })
  if (verdict.kind === 'accepted')
    return {
      kind: 'accepted',
      cash,
      fee,
      reward: given - cash - fee,
      liquidator: verdict.counterparty,
    }
  return { kind: 'refused', reason: verdict.reason, isForMoney: verdict.account === liquidator.id }
}

/** Undefined where what the account must get at least is more than the order gives. Whoever has less than nothing gives no discount. */
function cashFor(
  { fallen, holding, mark, offer, view }: Omit<Wish, 'liquidator'>,
  base: bigint,
): bigint | undefined {
  const { margin } = fallen
  const least = starkexLeastCash({ before: margin, mark, balance: holding.balance, base })
  if (least === undefined) return undefined
  const discountBps = margin.value < 0n ? 0n : view.terms.discountBps
  const { cash: wished } = discounted(base, mark, { discountBps })
  const limit = starkexOrderLimit(offer.order, magnitude(base))
  const wanted = wished > least ? wished : least
  const cash = wanted < limit ? wanted : limit
  if (cash < least || cash === 0n || cash > 0n !== base < 0n) return undefined
  return cash
}

/** Never above our ceiling, nor above what the order allows for so much. */
function feeOf(order: StarkexOffer['order'], cash: bigint, { feeBps }: CoreTerms): bigint {
  const ceiling = (cash * feeBps) / 10_000n
  const allowed = (order.fee * cash) / order.collateral
  return ceiling < allowed ? ceiling : allowed
}

function markOf(
  { look: { marks } }: StarkexLiquidationView,
  asset: string,
): StarkexMark | undefined {
  return Object.hasOwn(marks, asset) ? marks[asset] : undefined
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}
