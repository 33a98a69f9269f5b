import type { Account } from './account.ts'
import { type CoreGeneration, type CoreMarks, holdingValue, markOf } from './starknet-margin.ts'
import { type CoreVerdict, refused } from './starknet-settle.ts'
import { afterExchange, holdingOf, whyNoShrink } from './starknet-trade.ts'

/** One `reduce_asset_position`: two opposite holdings of an asset shrink at its price, and nobody's margin is asked. */
export type CoreReduction = {
  readonly generation: CoreGeneration
  readonly marks: CoreMarks
  readonly one: Account
  readonly other: Account
  readonly asset: string
  /** The change of the first one's holding. */
  readonly base: bigint
}

/** What `reduce_asset_position` would answer, and what it leaves (core.cairo). */
export function judgeReduction(call: CoreReduction): CoreVerdict {
  const { generation, marks, one, other, asset, base } = call
  if (one.id === other.id) return refused('INVALID_SAME_POSITIONS', one)
  const mark = markOf(marks, asset)
  if (!mark) return refused(generation === 'D' ? 'NO_SUCH_ASSET' : 'SYNTHETIC_NOT_EXISTS', one)
  if (mark.kind !== 'synthetic') return refused('NOT_SYNTHETIC', one)
  const quote = -holdingValue(base, mark.price)
  if (base === 0n || quote === 0n) return refused('INVALID_ZERO_AMOUNT', one)
  for (const [account, change] of [
    [one, base],
    [other, -base],
  ] as const) {
    const grows = whyNoShrink(holdingOf(account, asset).balance, change, mark)
    if (grows) return refused(grows, account)
  }
  const exchange = { asset, base, quote, fee: 0n, interest: 0n }
  return {
    kind: 'accepted',
    position: afterExchange(one, exchange, mark),
    counterparty: afterExchange(other, { ...exchange, base: -base, quote: -quote }, mark),
    feePosition: 0n,
    insuranceFund: 0n,
  }
}
