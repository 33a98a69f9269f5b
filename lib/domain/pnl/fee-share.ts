import { Decimal } from '../decimal.ts'
import type { Timestamp } from '../time.ts'
import type { BookedFee } from './ledger-row.ts'

/** The token that fees are paid in, and what it was worth at some times near those of the fees. */
export type FeePrice = {
  readonly token: string
  /** Nothing is taken for a transaction there, whoever sent it. */
  readonly isFree?: true
  readonly decimals: number
  readonly prices: readonly { readonly price: Decimal; readonly at: Timestamp }[]
}

/** A price further away in time than this says nothing of what a fee was worth. */
const mostApartMs = 30 * 60_000

/** A transaction's fee in equal parts; what cannot be divided is the first ones'. */
export function shared(fee: bigint | undefined, parts: number): readonly (bigint | undefined)[] {
  if (fee === undefined) return Array.from({ length: parts }, () => undefined)
  const count = BigInt(parts)
  return Array.from(
    { length: parts },
    (_, at) => fee / count + (BigInt(at) < fee % count ? 1n : 0n),
  )
}

/** With what it was worth, by the price nearest in time. */
export function bookedFee(
  paid: bigint | undefined,
  at: Timestamp,
  { token, isFree, decimals, prices }: FeePrice,
): BookedFee {
  if (isFree) return { token, paid: 0n, usd: undefined }
  const [nearest] = prices.toSorted((one, other) => Math.abs(one.at - at) - Math.abs(other.at - at))
  if (paid === undefined || !nearest || Math.abs(nearest.at - at) > mostApartMs)
    return { token, paid, usd: undefined }
  const value = new Decimal(paid.toString()).div(new Decimal(10).pow(decimals)).mul(nearest.price)
  return { token, paid, usd: { value, ...nearest } }
}
