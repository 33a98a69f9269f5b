/** Numbers in hex may be written with leading zeros. */
export function isSameNumber(one: `0x${string}`, other: `0x${string}`): boolean {
  return BigInt(one) === BigInt(other)
}
