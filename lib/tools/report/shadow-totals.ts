import type { Compared, ShadowReport } from '../../domain/parameters/shadow-report.ts'
import { numberText, usdText } from './words.ts'

/** One number of both sets, for people. */
export type ShadowTotal = { readonly name: string } & Compared<string>

/** What the two sets came to, over all markets. */
export function shadowTotals({
  pushes,
  refusals,
  liquidations,
}: ShadowReport): readonly ShadowTotal[] {
  const reasons = [
    ...new Set([...Object.keys(refusals.active), ...Object.keys(refusals.candidate)]),
  ]
  return [
    both('pushes', pushes, ({ count }) => numberText(count, 0)),
    both('cost of pushes', pushes, ({ costUsd }) =>
      costUsd === null ? 'not known' : usdText(costUsd),
    ),
    ...reasons.map((reason) =>
      both(`slots: ${reason.replaceAll('-', ' ')}`, refusals, (counts) =>
        numberText(counts[reason] ?? 0, 0),
      ),
    ),
    both('liquidations', liquidations, ({ count }) => numberText(count, 0)),
  ]
}

function both<T>(name: string, of: Compared<T>, text: (value: T) => string): ShadowTotal {
  return { name, active: text(of.active), candidate: text(of.candidate) }
}
