import { parseSignature, stringToHex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'

/** Written out here once more, so that a slip in the project's own layout shows. */
export const types = {
  Report: [
    { name: 'feedId', type: 'bytes32' },
    { name: 'roundId', type: 'uint64' },
    { name: 'observedAt', type: 'uint64' },
    { name: 'oldestInputAt', type: 'uint64' },
    { name: 'price', type: 'int256' },
    { name: 'decimals', type: 'uint8' },
    { name: 'sources', type: 'uint16' },
    { name: 'configHash', type: 'bytes32' },
  ],
  Order: [
    { name: 'account', type: 'address' },
    { name: 'feedId', type: 'bytes32' },
    { name: 'size', type: 'int256' },
    { name: 'price', type: 'uint256' },
    { name: 'maxFeeBps', type: 'uint16' },
    { name: 'expiry', type: 'uint64' },
    { name: 'nonce', type: 'uint256' },
  ],
} as const

export type Domain = { readonly chainId: number; readonly verifyingContract: `0x${string}` }

export function domainOf(domain: Domain) {
  return { name: 'PerpMark', version: '1', ...domain }
}

export function feedOf(symbol: string): `0x${string}` {
  return stringToHex(symbol, { size: 32 })
}

export type ReportFields = {
  readonly observedAt: bigint
  readonly oldestInputAt: bigint
  readonly price: bigint
  readonly sources: number
  readonly configHash: `0x${string}`
}

export type Parts = {
  readonly v: number
  readonly r: `0x${string}`
  readonly s: `0x${string}`
}

function parts(signature: `0x${string}`): Parts {
  const { r, s, yParity } = parseSignature(signature)
  return { v: 27 + yParity, r, s }
}

export async function signReport(
  signer: PrivateKeyAccount,
  domain: Domain,
  report: ReportFields & { readonly feedId: `0x${string}`; readonly roundId: bigint },
): Promise<ReportFields & Parts> {
  const { feedId: _feed, roundId: _round, ...fields } = report
  const signature = await signer.signTypedData({
    domain: domainOf(domain),
    types,
    primaryType: 'Report',
    message: { ...report, decimals: 18 },
  })
  return { ...fields, ...parts(signature) }
}

export type Order = {
  readonly account: `0x${string}`
  readonly feedId: `0x${string}`
  readonly size: bigint
  readonly price: bigint
  readonly maxFeeBps: number
  readonly expiry: bigint
  readonly nonce: bigint
}

export type SignedOrder = Parts & { readonly order: Order }

export async function signOrder(
  signer: PrivateKeyAccount,
  domain: Domain,
  order: Order,
): Promise<SignedOrder> {
  const signature = await signer.signTypedData({
    domain: domainOf(domain),
    types,
    primaryType: 'Order',
    message: order,
  })
  return { order, ...parts(signature) }
}
