import type { LimitOrder, SignedLimitOrder } from '../../../domain/starkex/transaction.ts'
import type { StarkCurve, StarkKey } from '../../../ports.ts'

/** LIMIT_ORDER_WITH_FEES among the kinds of what StarkEx has signed (signature_message_hashes.cairo). */
const orderKind = 3n

/** What the owner of a position signs to trade or to liquidate others, by StarkEx's own Pedersen chain. */
export function starkexOrderHash(curve: Pick<StarkCurve, 'pedersen'>, order: LimitOrder): bigint {
  const [synthetic, collateral] = [order.syntheticAsset, order.collateralAsset]
  const assets = order.isBuying ? [collateral, synthetic] : [synthetic, collateral]
  const amounts = order.isBuying
    ? [order.collateral, order.synthetic]
    : [order.synthetic, order.collateral]
  const words = [...assets, collateral, packedAmounts(order, amounts), packedPositions(order)]
  return words.reduce((first, second) => {
    const [hash] = curve.pedersen([{ first, second }])
    return hash ?? 0n
  })
}

/** The order as its owner hands it on. */
export async function signStarkexOrder(
  curve: Pick<StarkCurve, 'pedersen'>,
  order: LimitOrder,
  key: StarkKey,
): Promise<SignedLimitOrder> {
  return { ...order, ...(await key.sign(starkexOrderHash(curve, order))) }
}

function packedAmounts({ fee, nonce }: LimitOrder, soldAndBought: readonly bigint[]): bigint {
  return packed([...soldAndBought.map(word(64n)), word(64n)(fee), word(32n)(nonce)])
}

/** What is sold, bought and paid in fees is all in one position. */
function packedPositions({ position, expirationHours }: LimitOrder): bigint {
  const positions = [position, position, position].map(word(64n))
  return packed([word(10n)(orderKind), ...positions, word(32n)(expirationHours), word(17n)(0n)])
}

type Word = { readonly value: bigint; readonly bits: bigint }

function word(bits: bigint): (value: bigint) => Word {
  return (value) => ({ value, bits })
}

function packed(words: readonly Word[]): bigint {
  return words.reduce((all, { value, bits }) => (all << bits) + value, 0n)
}
