import { percentOf } from '../bps.ts'
import { Decimal } from '../decimal.ts'
import { medianOf } from '../median.ts'
import type { NotedPrice, NotedValue } from './shadow-note.ts'

/** Of fewer rounds the middle says nothing: one sudden move, which one set sees sooner, fills them. */
export const fewestToLean = 30

/** A market whose prices under one set are on one side of those under the other. */
export type Lean = {
  readonly feed: string
  /** In the middle of all rounds, as a part of the other price; below zero where they are lower. */
  readonly by: Decimal
  readonly rounds: number
}

/**
 * The market that leans furthest, where that is more than `mostBps`. A set whose prices stray now and then has its middle where
 * the other has it; one that follows another market, or another dollar, has not, however near it stays. `apart`: of each round the
 * markets that are otherwise; in the others both are the same.
 */
export function leaning(
  apart: readonly (readonly NotedPrice[])[],
  { mostBps, of }: { readonly mostBps: number; readonly of: 'own' | 'shadow' },
): Lean | undefined {
  const other = of === 'own' ? 'shadow' : 'own'
  const byFeed = Map.groupBy(apart.flat(), ({ feed }) => feed)
  const leans = [...byFeed].flatMap(([feed, prices]) => {
    const distances = prices.flatMap((one) => distanceOf(one[of], one[other]) ?? [])
    // Where one of the two had none there is nothing to compare.
    const rounds = apart.length - (prices.length - distances.length)
    if (rounds < fewestToLean) return []
    const same = Array.from({ length: rounds - distances.length }, () => nothing)
    return [{ feed, by: medianOf([...distances, ...same]), rounds }]
  })
  const furthest = leans.toSorted((a, b) => b.by.abs().cmp(a.by.abs()))[0]
  return furthest && furthest.by.abs().mul(10_000).gt(mostBps) ? furthest : undefined
}

const nothing = new Decimal(0)

function distanceOf(price: NotedValue, base: NotedValue): Decimal | undefined {
  if (price.kind !== 'price' || base.kind !== 'price') return undefined
  const from = new Decimal(base.price)
  return new Decimal(price.price).sub(from).div(from)
}

/** `0.5 % above`. */
export function leanText({ by }: Lean): string {
  return `${percentOf(by.abs(), new Decimal(1))} ${by.isNegative() ? 'below' : 'above'}`
}
