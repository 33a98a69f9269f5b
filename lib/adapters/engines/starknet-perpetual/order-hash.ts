import { poseidonHashMany } from '@scure/starknet'

import { feltOfSigned } from '../../starknet-felt.ts'

/** What the owner of a position signs to trade, or to liquidate others. */
export type Order = Terms & { readonly positionId: bigint }

/** An order that may pay from one position and receive in another. */
export type LimitOrder = Terms & {
  readonly sourcePosition: bigint
  readonly receivePosition: bigint
}

type Terms = {
  readonly baseAssetId: bigint
  /** Smallest units, signed: positive buys. The quote has the other sign. */
  readonly baseAmount: bigint
  readonly quoteAssetId: bigint
  readonly quoteAmount: bigint
  readonly feeAssetId: bigint
  readonly feeAmount: bigint
  /** Seconds; the order is good until the end of this second. */
  readonly expiration: bigint
  readonly salt: bigint
}

/** What the owner of a position signs to move money out of it: to an account of the chain, or to another position. */
export type MoneyRequest = {
  readonly recipient: bigint
  readonly positionId: bigint
  readonly collateralId: bigint
  readonly amount: bigint
  readonly expiration: bigint
  readonly salt: bigint
}

/** Who signs, and where it counts. */
export type Signer = {
  readonly publicKey: bigint
  /** As a short string. */
  readonly chainId: bigint
}

// Type hashes and orders of fields: starknet-perpetual types/order.cairo, types/withdraw.cairo and types/transfer.cairo. Their
// type texts are not what SNIP-12 libraries make of these types, so the hashes are written down.
const orderType = 0x36da8d51815527cabfaa9c982f564c80fa7429616739306036f1f9b608dd112n
const limitOrderType = 0x03c79b3b5997e78a29ab2fb5e8bc8244f222c5e01ae914c10f956bd0f805199an
const withdrawType = 0x250a5fa378e8b771654bd43dcb34844534f9d1e29e16b14760d7936ea7f4b1dn
const transferType = 0x1db88e2709fdf2c59e651d141c3296a42b209ce770871b40413ea109846a3b4n

/** The hash that an order is signed by and its fills are counted under. */
export function orderHash(order: Order, signer: Signer): bigint {
  return messageHash(signer, [orderType, order.positionId, ...words(order)])
}

export function limitOrderHash(order: LimitOrder, signer: Signer): bigint {
  const { sourcePosition, receivePosition } = order
  return messageHash(signer, [limitOrderType, sourcePosition, receivePosition, ...words(order)])
}

/** `recipient`: an address. */
export function withdrawHash(request: MoneyRequest, signer: Signer): bigint {
  return messageHash(signer, [withdrawType, ...requestWords(request)])
}

/** `recipient`: a position. */
export function transferHash(request: MoneyRequest, signer: Signer): bigint {
  return messageHash(signer, [transferType, ...requestWords(request)])
}

function words(terms: Terms): readonly bigint[] {
  return [
    terms.baseAssetId,
    feltOfSigned(terms.baseAmount),
    terms.quoteAssetId,
    feltOfSigned(terms.quoteAmount),
    terms.feeAssetId,
    terms.feeAmount,
    terms.expiration,
    terms.salt,
  ]
}

function requestWords(request: MoneyRequest): readonly bigint[] {
  const { recipient, positionId, collateralId, amount, expiration, salt } = request
  return [recipient, positionId, collateralId, amount, expiration, salt]
}

/** 'StarkNet Message', 'Perpetuals' and 'v0' as short strings (SNIP-12, revision 1). */
const messagePrefix = 0x537461726b4e6574204d657373616765n
const domainName = 0x50657270657475616c73n
const domainVersion = 0x7630n
const domainType = 0x1ff2f602e42168014d405a94f75e8a93d640751d71d16311266e140d8b0a210n
const revision = 1n

function messageHash({ publicKey, chainId }: Signer, struct: readonly bigint[]): bigint {
  const structHash = poseidonHashMany([...struct])
  return poseidonHashMany([messagePrefix, domainHash(chainId), publicKey, structHash])
}

const domainHashes = new Map<bigint, bigint>()

function domainHash(chainId: bigint): bigint {
  const known = domainHashes.get(chainId)
  if (known !== undefined) return known
  const hash = poseidonHashMany([domainType, domainName, domainVersion, chainId, revision])
  domainHashes.set(chainId, hash)
  return hash
}
