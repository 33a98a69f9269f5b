/** The field's prime: 2^251 + 17·2^192 + 1. */
export const prime = 2n ** 251n + 17n * 2n ** 192n + 1n

/** As nodes write felts: lower case, no leading zeros. */
export type Hex = `0x${string}`

export function hex(value: bigint | number): Hex {
  return `0x${value.toString(16)}`
}

/** With all 64 digits, as nodes write addresses and selectors inside texts. */
export function longHex(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`
}

/** A signed number as the field has it: -1 is the prime less one. */
export function felt(value: bigint): bigint {
  return value < 0n ? prime + value : value
}

/** Up to 31 characters as one felt, the first one highest. */
export function shortString(text: string): bigint {
  return BigInt(`0x${Buffer.from(text, 'latin1').toString('hex') || '0'}`)
}
