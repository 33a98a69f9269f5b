import { felt } from '../../../../infra/local/starknet-box/felt.ts'

/** In the base collateral, without a fee, and good for long. */
type AnOrder = {
  readonly positionId: bigint
  readonly baseAssetId: bigint
  readonly baseAmount: bigint
  readonly quoteAmount: bigint
}

/** Nobody looks at it where there are no positions. */
const signature = [2n, 3n, 4n]

/** What is settled is all of `a`, without fees. */
export function tradeCalldata(trade: {
  readonly operatorNonce: bigint
  readonly a: AnOrder
  readonly b: AnOrder
}): readonly bigint[] {
  const { operatorNonce, a, b } = trade
  const orders = [...words(a), ...words(b)]
  const actual = [felt(a.baseAmount), felt(a.quoteAmount), 0n, 0n]
  return [operatorNonce, ...signature, ...signature, ...orders, ...actual]
}

/** What is settled is the other side of all of `order`, without fees. */
export function liquidateCalldata(liquidation: {
  readonly operatorNonce: bigint
  readonly liquidated: bigint
  readonly order: AnOrder
}): readonly bigint[] {
  const { operatorNonce, liquidated, order } = liquidation
  const actual = [felt(-order.baseAmount), felt(-order.quoteAmount), 0n, 0n]
  return [operatorNonce, ...signature, liquidated, ...words(order), ...actual]
}

function words(order: AnOrder): readonly bigint[] {
  const { positionId, baseAssetId, baseAmount, quoteAmount } = order
  const inCollateral = [felt(baseAmount), 1n, felt(quoteAmount), 1n, 0n]
  const expiration = 4_000_000_000n
  return [positionId, baseAssetId, ...inCollateral, expiration, 1n]
}
