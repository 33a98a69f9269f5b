import { Decimal } from '../decimal.ts'

// Who is asked first when a loss must be shared. No contract of ours prescribes an order; these are the exchanges' own.

/** A counterparty in one market, in whole coins and whole units of the collateral. */
export type AdlCandidate = {
  readonly account: string
  /** Below zero for a short. */
  readonly size: Decimal
  /** What a coin cost it. Absent where the exchange does not keep that: then leverage alone decides. */
  readonly entryPrice?: Decimal
  /** Of the whole account at the mark. */
  readonly accountValue: Decimal
}

export type AdlRule = 'bitmex' | 'hyperliquid' | 'dydx'

export type AdlView = {
  readonly mark: Decimal
  /** Of the bankrupt account's position: its sign says on which side counterparties are. */
  readonly bankruptSize: Decimal
  /** For `dydx`: where in the list to begin, drawn by the caller and recorded with the decision. */
  readonly start: number
  /** Ranks of candidates at this mark by this rule, for whoever ranks many of them again: what is missing is added. */
  readonly known?: Map<AdlCandidate, Decimal>
}

/** dYdX v4 looks at no more than these in one go. */
const dydxMost = 500

/** The opposite side in the rule's order, first the one that gives way first; all of them, since any may be refused. */
export function rankForAdl(
  candidates: readonly AdlCandidate[],
  rule: AdlRule,
  view: AdlView,
): readonly AdlCandidate[] {
  const opposite = candidates.filter(
    ({ size }) => !size.isZero() && size.isPositive() !== view.bankruptSize.isPositive(),
  )
  switch (rule) {
    case 'bitmex':
      return ordered(
        opposite,
        onceEach((one) => bitmexRank(one, view.mark), view.known),
      )
    case 'hyperliquid':
      return ordered(
        opposite.filter(
          ({ size, entryPrice }) =>
            !entryPrice || profitOf({ size, entryPrice }, view.mark).isPositive(),
        ),
        onceEach((one) => hyperliquidIndex(one, view.mark), view.known),
      )
    case 'dydx':
      return rotated(
        ordered(opposite, () => zero),
        view.start,
      ).slice(0, dydxMost)
  }
}

/**
 * Profit in parts of cost times effective leverage; a loss is divided by it, so that the most leveraged loser comes before
 * the least (BitMEX). The bankruptcy price is where the account would have nothing left by this position alone.
 */
export function bitmexRank(candidate: AdlCandidate, mark: Decimal): Decimal {
  const { size, accountValue, entryPrice } = candidate
  // |mark value| / (mark value - bankrupt value): the difference is what is left of the account.
  const leverage = accountValue.gt(0)
    ? size.mul(mark).abs().div(accountValue)
    : new Decimal(Infinity)
  if (!entryPrice) return leverage
  const gained = profitShare({ size, entryPrice }, mark)
  if (gained.isZero()) return zero
  return gained.gt(0) ? gained.mul(leverage) : gained.div(leverage)
}

/** (mark / entry) · (notional / account value), of those in profit only; a short's gain counts by entry / mark. */
export function hyperliquidIndex(candidate: AdlCandidate, mark: Decimal): Decimal {
  const { size, entryPrice, accountValue } = candidate
  if (accountValue.lte(0)) return new Decimal(Infinity)
  const gain = gainOf(size, entryPrice, mark)
  return gain.mul(size.abs().mul(mark)).div(accountValue)
}

function gainOf(size: Decimal, entryPrice: Decimal | undefined, mark: Decimal): Decimal {
  if (!entryPrice) return new Decimal(1)
  return size.gt(0) ? mark.div(entryPrice) : entryPrice.div(mark)
}

type Entered = { readonly size: Decimal; readonly entryPrice: Decimal }

function profitOf({ size, entryPrice }: Entered, mark: Decimal): Decimal {
  return mark.minus(entryPrice).mul(size)
}

function profitShare(entered: Entered, mark: Decimal): Decimal {
  return profitOf(entered, mark).div(entered.entryPrice.mul(entered.size).abs())
}

/** Equals stand by their names, so that every node has the same list. */
function ordered(
  candidates: readonly AdlCandidate[],
  rank: (candidate: AdlCandidate) => Decimal,
): readonly AdlCandidate[] {
  return candidates
    .map((candidate) => ({ candidate, rank: rank(candidate) }))
    .toSorted((a, b) => b.rank.cmp(a.rank) || (a.candidate.account < b.candidate.account ? -1 : 1))
    .map(({ candidate }) => candidate)
}

function onceEach(
  rank: (candidate: AdlCandidate) => Decimal,
  known = new Map<AdlCandidate, Decimal>(),
): (candidate: AdlCandidate) => Decimal {
  return (candidate) => {
    const found = known.get(candidate) ?? rank(candidate)
    known.set(candidate, found)
    return found
  }
}

function rotated<T>(list: readonly T[], start: number): readonly T[] {
  if (list.length === 0) return []
  const at = ((start % list.length) + list.length) % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}

const zero = new Decimal(0)
