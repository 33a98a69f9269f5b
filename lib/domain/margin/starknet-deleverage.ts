import type { Account, Margin } from './account.ts'
import { type CoreVerdict, type MarginChange, ratioValue, settled } from './starknet-liquidation.ts'
import type { CoreGeneration, CoreMarks } from './starknet-margin.ts'
import { holdingOf, whyNoShrink } from './starknet-trade.ts'

/** One `deleverage` of a synthetic, as far as positions and amounts decide it. */
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
}

/** What `deleverage` would answer about positions and amounts, in the contract's order (deleverage_manager.cairo). */
export function judgeDeleverage(call: CoreDeleverage): CoreVerdict {
  const { deleveraged, deleverager, asset, base, quote, marks } = call
  if (deleveraged.id === deleverager.id) return refuse('INVALID_SAME_POSITIONS', deleveraged)
  if (base === 0n || quote === 0n) return refuse('INVALID_ZERO_AMOUNT', deleveraged)
  if (base > 0n === quote > 0n) return refuse('INVALID_AMOUNT_SIGN', deleveraged)
  if (marks[asset]?.kind === 'vault-share') return refuse('NO_DELEVERAGE_VAULT_SHARES', deleveraged)
  for (const [account, change] of [
    [deleveraged, base],
    [deleverager, -base],
  ] as const) {
    const grows = whyNoShrink(holdingOf(account, asset).balance, change)
    if (grows) return refuse(grows, account)
  }
  return settled({
    ...call,
    position: deleveraged,
    counterparty: deleverager,
    positionFee: 0n,
    counterpartyFee: 0n,
    positionInterest: call.interestDeleveraged,
    counterpartyInterest: call.interestDeleverager,
    whyNot: (before) => (before.value < 0n ? undefined : 'POSITION_IS_NOT_DELEVERAGABLE'),
    whyUnfair: (before, after) =>
      isFair(before, after) ? undefined : 'POSITION_IS_NOT_FAIR_DELEVERAGE',
  })
}

type Refused = Extract<CoreVerdict, { kind: 'refused' }>

function refuse(reason: Refused['reason'], { id }: Account): Refused {
  return { kind: 'refused', reason, position: id }
}

/** Within one unit of the ratio that it had: `(TV1 - 1) / TR1 ≤ TV0 / TR0 ≤ TV1 / TR1`, and nothing left where no risk is. */
export function isFair(before: Margin, after: Margin): boolean {
  if (after.requirement === 0n) return after.value === 0n
  const fair = before.value * after.requirement
  return (after.value - 1n) * before.requirement <= fair && fair <= after.value * before.requirement
}

/**
 * The quotes at which a bankrupt position may give up a part of a holding: one, or two where the ratio comes out even. None
 * where the fair price is zero or on the wrong side, as for a short whose owner has less than nothing left: that holding
 * cannot be deleveraged at all.
 */
export function fairQuotes(
  change: MarginChange,
  { base, interest }: { readonly base: bigint; readonly interest: bigint },
): readonly bigint[] {
  const { before, value, requirement } = change
  const fair = requirement === 0n ? 0n : ratioValue(before, requirement)
  const isEven = requirement > 0n && (before.value * requirement) % before.requirement === 0n
  return (isEven ? [fair, fair + 1n] : [fair])
    .map((after) => after - value - interest)
    .filter((quote) => quote !== 0n && quote > 0n !== base > 0n)
}
