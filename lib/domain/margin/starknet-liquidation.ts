import { type Account, healthOf, type Margin } from './account.ts'
import { type InterestTerms, whyInterestRefused } from './interest.ts'
import { type CoreGeneration, type CoreMark, type CoreMarks, markOf } from './starknet-margin.ts'
import {
  type CoreOrder,
  feePosition,
  insuranceFundPosition,
  whyOrdersRefused,
} from './starknet-order.ts'
import { type CoreRefusal, type CoreVerdict, refused, settle } from './starknet-settle.ts'
import { holdingOf, whyNoShrink } from './starknet-trade.ts'

/** What `liquidate` and `liquidate_spot_asset` have in common. */
export type CoreLiquidation = {
  readonly generation: CoreGeneration
  readonly marks: CoreMarks
  readonly liquidated: Account
  /** Who pays, and gets the asset. */
  readonly liquidator: Account
  readonly asset: string
  /** The change of the liquidated position's holding, and what it gets for it (below zero: pays). */
  readonly base: bigint
  readonly quote: bigint
  /** From the liquidated position to the insurance fund: no rule of the contract limits it but the quote. */
  readonly liquidatedFee: bigint
  /** From the liquidator to the fee position. */
  readonly liquidatorFee: bigint
  readonly interestLiquidated: bigint
  readonly interestLiquidator: bigint
  /** Absent where no interest is asked for. */
  readonly interest?: InterestTerms
  /** What the liquidator has signed, and how much of it is used up; absent for one of exactly what is settled. */
  readonly order?: CoreOrder & { readonly filled: bigint }
}

export type CoreSpotLiquidation = CoreLiquidation & {
  /** Who gets the asset, where that is not the liquidator. */
  readonly receiver?: Account
  /** Neither checked nor applied where the liquidator gets the asset. */
  readonly interestReceiver?: bigint
}

/** What `liquidate` would answer, in the contract's order of checks (liquidation_manager.cairo); signatures and roles are others' matter. */
export function judgeLiquidation(call: CoreLiquidation): CoreVerdict {
  const { liquidated, liquidator, asset, base, quote, marks } = call
  const ids = [liquidated.id, liquidator.id]
  if (ids.includes(insuranceFundPosition)) return refused('CANT_LIQUIDATE_IF_POSITION', liquidated)
  const mark = markOf(marks, asset)
  if (!mark) {
    const isNewest = call.generation === 'D'
    return refused(isNewest ? 'ASSET_NOT_EXISTS' : 'SYNTHETIC_NOT_EXISTS', liquidated)
  }
  const early = whyEarlyRefused(call, mark, [])
  if (early) return early
  return settle({
    generation: call.generation,
    marks,
    position: soldBy(call),
    counterparty: {
      account: liquidator,
      exchange: {
        asset,
        base: -base,
        quote: -quote,
        fee: call.liquidatorFee,
        interest: call.interestLiquidator,
      },
    },
    whyNot: whyHealthy,
  })
}

/** What `liquidate_spot_asset` of generation D would answer: the liquidator pays, and it or another one gets the asset. */
export function judgeSpotLiquidation(call: CoreSpotLiquidation): CoreVerdict {
  const { liquidated, liquidator, receiver = liquidator, asset, base, quote, marks } = call
  const mark = markOf(marks, asset)
  if (!mark) return refused('NO_SUCH_ASSET', liquidated)
  if (mark.kind !== 'spot') return refused('INVALID_ASSET_TYPE', liquidated)
  if (receiver.id === insuranceFundPosition) return refused('CANT_LIQUIDATE_IF_POSITION', receiver)
  if (receiver.id === feePosition) return refused('CANT_LIQUIDATE_WITH_FP', receiver)
  if (receiver.id === liquidated.id) return refused('INVALID_SAME_POSITIONS', liquidated)
  const ids = [liquidated.id, liquidator.id]
  if (ids.includes(insuranceFundPosition)) return refused('CANT_LIQUIDATE_IF_POSITION', liquidated)
  const isThird = receiver.id !== liquidator.id
  const theirs = call.interestReceiver ?? 0n
  const early = whyEarlyRefused(call, mark, isThird ? [{ account: receiver, amount: theirs }] : [])
  if (early) return early
  const pays = { quote: -quote, fee: call.liquidatorFee, interest: call.interestLiquidator }
  const gets = { asset, base: -base }
  return settle({
    generation: call.generation,
    marks,
    position: soldBy(call),
    counterparty: {
      account: liquidator,
      exchange: { ...gets, ...pays, ...(isThird && { base: 0n }) },
    },
    ...(isThird && {
      receiver: { account: receiver, exchange: { ...gets, quote: 0n, fee: 0n, interest: theirs } },
    }),
    whyNot: whyHealthy,
  })
}

function soldBy({ liquidated: account, ...call }: CoreLiquidation) {
  const { asset, base, quote, liquidatedFee: fee, interestLiquidated: interest } = call
  return { account, exchange: { asset, base, quote, fee, interest } }
}

function whyHealthy(before: Margin): CoreRefusal | undefined {
  return healthOf(before) === 'healthy' ? 'POSITION_IS_NOT_LIQUIDATABLE' : undefined
}

/** Asset and positions, then orders, then interest, then the shrink rule. `others`: whose interest is checked after the two. */
function whyEarlyRefused(
  call: CoreLiquidation,
  mark: CoreMark,
  others: readonly { readonly account: Account; readonly amount: bigint }[],
): CoreVerdict | undefined {
  const { liquidated, liquidator, asset, base, quote, marks } = call
  if (mark.status) return refused('SYNTHETIC_NOT_ACTIVE', liquidated)
  if (liquidated.id === liquidator.id) return refused('INVALID_SAME_POSITIONS', liquidated)
  const settled = {
    position: liquidated.id,
    base,
    quote,
    fee: call.liquidatedFee,
    isInCollateral: call.order?.isInCollateral ?? true,
    isExpired: false,
  }
  const fill = { base: -base, quote: -quote, fee: call.liquidatorFee }
  const { filled, ...order } = call.order ?? {
    filled: 0n,
    ...settled,
    ...fill,
    position: liquidator.id,
  }
  const bad = whyOrdersRefused(settled, order, { fill, filled })
  if (bad) return { kind: 'refused', ...bad }
  const asked = [
    { account: liquidated, amount: call.interestLiquidated },
    { account: liquidator, amount: call.interestLiquidator },
    ...others,
  ]
  const unpaid = whyInterestRefused(asked, { marks, terms: call.interest })
  if (unpaid) return unpaid
  if (mark.kind === 'vault-share') return refused('USE_LIQUIDATE_VAULT_SHARES', liquidated)
  const grows = whyNoShrink(holdingOf(liquidated, asset).balance, base, mark)
  return grows && refused(grows, liquidated)
}
