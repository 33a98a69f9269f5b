import type { Account, Margin } from './account.ts'
import { type InterestTerms, whyInterestRefused } from './interest.ts'
import { type CoreGeneration, type CoreMarks, markOf } from './starknet-margin.ts'
import { type MarginChange, ratioValue } from './starknet-quote.ts'
import { type CoreRefusal, type CoreVerdict, refused, settle } from './starknet-settle.ts'
import { isFairSpotQuote, spotShare } from './starknet-spot-share.ts'
import { holdingOf, whyNoShrink } from './starknet-trade.ts'

/** One `deleverage`, as far as positions and amounts decide it. */
export type CoreDeleverage = {
  readonly generation: CoreGeneration
  readonly marks: CoreMarks
  readonly deleveraged: Account
  readonly deleverager: Account
  readonly asset: string
  /** The change of the deleveraged position's holding, and what it gets for it (below zero: pays). */
  readonly base: bigint
  readonly quote: bigint
  readonly interestDeleveraged: bigint
  readonly interestDeleverager: bigint
  /** Absent where no interest is asked for. */
  readonly interest?: InterestTerms
}

/** What `deleverage` would answer, in the contract's order of checks (deleverage_manager.cairo); roles are others' matter. */
export function judgeDeleverage(call: CoreDeleverage): CoreVerdict {
  const { deleveraged, deleverager, asset, base, quote, marks } = call
  const early = whyCallRefused(call)
  if (early) return early
  const asked = [
    { account: deleveraged, amount: call.interestDeleveraged },
    { account: deleverager, amount: call.interestDeleverager },
  ]
  const unpaid = whyInterestRefused(asked, { marks, terms: call.interest })
  if (unpaid) return unpaid
  return settle({
    ...call,
    position: {
      account: deleveraged,
      exchange: { asset, base, quote, fee: 0n, interest: call.interestDeleveraged },
    },
    counterparty: {
      account: deleverager,
      exchange: {
        asset,
        base: -base,
        quote: -quote,
        fee: 0n,
        interest: call.interestDeleverager,
      },
    },
    whyNot: ({ value }) =>
      value < 0n ? whyNotAllSpot(call) : ('POSITION_IS_NOT_DELEVERAGABLE' as const),
    whyUnfair: (before, after) => whyUnfair(call, before, after),
  })
}

/** Asset, amounts and the shrink rule: of both, but whoever takes over a spot asset needs none of it. */
function whyCallRefused(call: CoreDeleverage): CoreVerdict | undefined {
  const { generation, deleveraged, deleverager, asset, base, quote, marks } = call
  const isNewest = generation === 'D'
  const mark = markOf(marks, asset)
  if (!mark) return refused(isNewest ? 'ASSET_NOT_EXISTS' : 'NOT_SYNTHETIC', deleveraged)
  if (mark.status) return refused(isNewest ? 'INACTIVE_ASSET' : 'SYNTHETIC_NOT_ACTIVE', deleveraged)
  if (deleveraged.id === deleverager.id) return refused('INVALID_SAME_POSITIONS', deleveraged)
  if (base === 0n || quote === 0n) return refused('INVALID_ZERO_AMOUNT', deleveraged)
  if (base > 0n === quote > 0n) return refused('INVALID_AMOUNT_SIGN', deleveraged)
  if (mark.kind === 'vault-share') return refused('NO_DELEVERAGE_VAULT_SHARES', deleveraged)
  const own = whyNoShrink(holdingOf(deleveraged, asset).balance, base, mark)
  if (own) return refused(own, deleveraged)
  if (mark.kind === 'spot') return undefined
  const theirs = whyNoShrink(holdingOf(deleverager, asset).balance, -base, mark)
  return theirs && refused(theirs, deleverager)
}

function whyNotAllSpot({ deleveraged, asset, marks }: CoreDeleverage): CoreRefusal | undefined {
  if (markOf(marks, asset)?.kind !== 'spot') return undefined
  const all = deleveraged.holdings.every((one) => markOf(marks, one.asset)?.kind === 'spot')
  return all ? undefined : 'SPOT_DELEV_NON_SPOT_ASSET'
}

function whyUnfair(call: CoreDeleverage, before: Margin, after: Margin): CoreRefusal | undefined {
  const { deleveraged, asset, quote, marks } = call
  if (markOf(marks, asset)?.kind !== 'spot')
    return isFair(before, after) ? undefined : 'POSITION_IS_NOT_FAIR_DELEVERAGE'
  const share = spotShare(deleveraged, asset, marks)
  return isFairSpotQuote(share, quote + call.interestDeleveraged)
    ? undefined
    : 'POSITION_IS_NOT_FAIR_SPOT_DELEVERAGE'
}

/** Within one unit of the ratio that it had: `(TV1 - 1) / TR1 ≤ TV0 / TR0 ≤ TV1 / TR1`, and nothing left where no risk is. */
export function isFair(before: Margin, after: Margin): boolean {
  if (after.requirement === 0n) return after.value === 0n
  const fair = before.value * after.requirement
  return (after.value - 1n) * before.requirement <= fair && fair <= after.value * before.requirement
}

export type FairQuotes =
  /** One, or two where the ratio comes out even. */
  | { readonly kind: 'quotes'; readonly quotes: readonly [bigint, ...bigint[]] }
  /**
   * The fair price is zero or on the wrong side, as for a short whose owner has less than nothing left: that holding cannot
   * be deleveraged at all.
   */
  | { readonly kind: 'no-admissible-quote'; readonly fair: bigint | undefined }

/** The quotes at which a bankrupt position may give up a part of a holding. */
export function fairQuotes(
  { before, value, requirement }: MarginChange,
  { base, interest }: { readonly base: bigint; readonly interest: bigint },
): FairQuotes {
  if (requirement > 0n && before.requirement === 0n)
    return { kind: 'no-admissible-quote', fair: undefined }
  const fair = requirement === 0n ? 0n : ratioValue(before, requirement)
  const isEven = requirement > 0n && (before.value * requirement) % before.requirement === 0n
  const [first, ...more] = (isEven ? [fair, fair + 1n] : [fair])
    .map((after) => after - value - interest)
    .filter((quote) => quote !== 0n && quote > 0n !== base > 0n)
  if (first === undefined) return { kind: 'no-admissible-quote', fair: fair - value - interest }
  return { kind: 'quotes', quotes: [first, ...more] }
}
