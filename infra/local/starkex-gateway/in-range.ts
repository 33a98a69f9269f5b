import { Refusal } from './refusal.ts'

/** The number in a text; throws the refusal of what is out of its range. */
export function inRange(what: string, text: string, below: bigint, from = 0n): bigint {
  const value = BigInt(text)
  if (value >= from && value < below) return value
  throw new Refusal(`OUT_OF_RANGE_${what}`, `${text} is out of range`)
}
