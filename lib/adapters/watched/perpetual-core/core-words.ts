import { feltHex } from '../../starknet-felt.ts'

/** An asset's id as people write it: `BTC-6` is ASCII that ends in zero bytes. Hex where it is none. */
export function assetName(id: bigint): string {
  const hex = id.toString(16)
  const text = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
    .toString('latin1')
    .replace(/\0+$/, '')
  return /^[\x21-\x7e]+$/.test(text) ? text : feltHex(id)
}

/** Risk tiers in one line: factors in thousandths, from which value on the second holds, and how wide each is (1e-6 USD). */
export function tiersText({
  tiers,
  firstTierBoundary,
  tierSize,
}: {
  readonly tiers: readonly bigint[]
  readonly firstTierBoundary: bigint
  readonly tierSize: bigint
}): string {
  return `${tiers.join(' ')} from ${firstTierBoundary} by ${tierSize}`
}
