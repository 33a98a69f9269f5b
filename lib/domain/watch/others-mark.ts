import { Decimal } from '../decimal.ts'
import { medianPrice } from '../median.ts'
import type { Timestamp } from '../time.ts'
import type { WatchParameters } from './parameters.ts'
import type { SystemMemory } from './system-memory.ts'
import type { OthersMark } from './system-sight.ts'

/**
 * What other exchanges publish of a market: the median of their indices, or of their marks where they have no index. Undefined
 * of fewer than three: of two that differ nobody can tell which one is wrong.
 */
export function othersMark(
  market: string,
  others: readonly Pick<SystemMemory, 'system' | 'marks' | 'unseen'>[],
  { now, numbers }: { readonly now: Timestamp; readonly numbers: WatchParameters },
): OthersMark | undefined {
  const published = others.flatMap(({ system, marks, unseen }) => {
    const known = Object.hasOwn(marks, market) ? marks[market] : undefined
    if (!known || Object.hasOwn(unseen, 'marks') || now - known.at > numbers.othersOldMs) return []
    return [{ system, price: new Decimal(known.last.index ?? known.last.mark) }]
  })
  if (published.length < numbers.othersFewest) return undefined
  return {
    median: medianPrice(published.map(({ price }) => price)).toFixed(),
    of: published.map(({ system }) => system).toSorted(),
  }
}
