/** What a field of a StarkEx transaction may hold: from the first number on, below the second (constants.cairo, fields.py). */
export const starkexRanges = {
  amount: [0n, 1n << 64n],
  positiveAmount: [1n, 1n << 64n],
  balance: [-(1n << 63n), 1n << 63n],
  fundingIndex: [-(1n << 63n), 1n << 63n],
  price: [1n, 1n << 64n],
  externalPrice: [0n, 1n << 120n],
  positionId: [0n, 1n << 64n],
  nonce: [0n, 1n << 32n],
  /** Hours, or seconds. */
  time: [0n, 1n << 32n],
  syntheticAsset: [0n, 1n << 120n],
  felt: [0n, (1n << 251n) + 17n * (1n << 192n) + 1n],
} as const satisfies Readonly<Record<string, readonly [bigint, bigint]>>

export type StarkexField = keyof typeof starkexRanges

export function isInStarkexRange(field: StarkexField, value: bigint): boolean {
  const [from, below] = starkexRanges[field]
  return value >= from && value < below
}

/** The same number; throws `StarkexRangeError` where the field cannot hold it. */
export function inStarkexRange(field: StarkexField, value: bigint): bigint {
  if (isInStarkexRange(field, value)) return value
  throw new StarkexRangeError(field, value)
}

/** A number does not fit its field of a StarkEx transaction. */
export class StarkexRangeError extends RangeError {
  override readonly name = 'StarkexRangeError'
  readonly field: StarkexField
  readonly value: bigint

  constructor(field: StarkexField, value: bigint) {
    const [from, below] = starkexRanges[field]
    super(`${field} ${value} of a StarkEx transaction is not from ${from} up to ${below}`)
    this.field = field
    this.value = value
  }
}
