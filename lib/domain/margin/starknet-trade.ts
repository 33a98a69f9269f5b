import { starknetFundingPayment } from '../funding/index-change.ts'
import type { Account, Holding } from './account.ts'
import { type CoreMark, magnitude } from './starknet-margin.ts'

/** What a position gets and gives in one asset. */
export type Exchange = {
  readonly asset: string
  /** The change of its holding, in the asset's smallest units. */
  readonly base: bigint
  /** The change of its collateral, without fees. */
  readonly quote: bigint
  readonly fee: bigint
  readonly interest: bigint
}

/** Only the asset that is touched settles its funding: what is still to come from others stays as it is. */
export function afterExchange(account: Account, exchange: Exchange, mark: CoreMark): Account {
  const { asset, base, quote, fee, interest } = exchange
  const held = holdingOf(account, asset)
  const due =
    mark.kind === 'synthetic'
      ? starknetFundingPayment({
          from: held.fundingIndex,
          to: mark.fundingIndex,
          balance: held.balance,
        })
      : 0n
  const next = { ...held, balance: held.balance + base, fundingIndex: mark.fundingIndex }
  const at = account.holdings.findIndex((one) => one.asset === asset)
  const others = account.holdings.filter((one) => one.asset !== asset)
  const place = at < 0 ? others.length : at
  return {
    ...account,
    collateral: account.collateral + due + quote - fee + interest,
    holdings: next.balance === 0n ? others : others.toSpliced(place, 0, next),
  }
}

/** One of nothing where the account has none. */
export function holdingOf({ holdings }: Account, asset: string): Holding {
  return holdings.find((one) => one.asset === asset) ?? { asset, balance: 0n, fundingIndex: 0n }
}

/**
 * Why a change of a holding is no shrinking of it (positions.cairo); a balance of 0 counts as positive. A spot holding is only
 * ever sold: one below zero, which a trade can leave, cannot be bought back this way.
 */
export function whyNoShrink(
  balance: bigint,
  change: bigint,
  { kind }: Pick<CoreMark, 'kind'>,
): 'INVALID_AMOUNT_SIGN' | 'INVALID_BASE_CHANGE' | 'INVALID_SHRINK_TO_NEGATIVE' | undefined {
  if (kind === 'spot') {
    if (change >= 0n) return 'INVALID_AMOUNT_SIGN'
    return balance + change < 0n ? 'INVALID_SHRINK_TO_NEGATIVE' : undefined
  }
  if (change >= 0n === balance >= 0n) return 'INVALID_AMOUNT_SIGN'
  return magnitude(change) <= magnitude(balance) ? undefined : 'INVALID_BASE_CHANGE'
}
