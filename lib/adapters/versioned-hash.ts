import { sha256 } from 'viem/utils'

type Hex = `0x${string}`

/** What the chain knows a blob by (EIP-4844, version 1). */
export function versionedHash(commitment: Hex): Hex {
  return `0x01${sha256(commitment).slice(4)}`
}
