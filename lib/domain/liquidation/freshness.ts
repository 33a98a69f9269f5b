import type { Timestamp } from '../time.ts'
import type { LiquidationLook } from './liquidation-look.ts'

/** How old what decides about accounts may be, from the network file. */
export type FreshnessRules = {
  /** The newest block, in block times. */
  readonly maxHeadBlocks: number
  /** How far the index may be behind it. */
  readonly maxIndexLagSeconds: number
  /** Posted prices; absent where the exchange's own limit is all. */
  readonly maxPriceAgeSeconds?: number | undefined
}

/**
 * The look without prices that are older than that: nobody is judged by them, as by those that the exchange itself finds too
 * old. Nothing is said of prices of unknown age.
 */
export function withoutOldPrices(
  look: LiquidationLook,
  { now, maxPriceAgeSeconds }: { readonly now: Timestamp } & Partial<FreshnessRules>,
): LiquidationLook {
  const { pricedAt } = look
  if (maxPriceAgeSeconds === undefined || !pricedAt) return look
  const isFresh = (asset: string): boolean => {
    const at = Object.hasOwn(pricedAt, asset) ? pricedAt[asset] : undefined
    return at === undefined || now - at <= maxPriceAgeSeconds * 1_000
  }
  if (look.kind === 'evm-engine')
    return { ...look, book: { ...look.book, marks: some(look.book.marks, isFresh) } }
  if (look.kind === 'starkex') return { ...look, marks: some(look.marks, isFresh) }
  return { ...look, marks: some(look.marks, isFresh) }
}

/** Listed markets that nobody can be judged by now. */
export function unpricedIn(look: LiquidationLook): readonly string[] {
  const marks = look.kind === 'evm-engine' ? look.book.marks : look.marks
  return Object.keys(look.markets).filter((asset) => !Object.hasOwn(marks, asset))
}

function some<Mark>(
  marks: Readonly<Record<string, Mark>>,
  isWanted: (asset: string) => boolean,
): Readonly<Record<string, Mark>> {
  return Object.fromEntries(Object.entries(marks).filter(([asset]) => isWanted(asset)))
}
