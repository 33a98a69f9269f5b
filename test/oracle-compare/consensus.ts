import { median } from './arithmetic.ts'

/** What one venue traded in one bar, or in the last seconds: of all rules none sees the range. */
export type Traded = {
  readonly venue: string
  readonly close: number
  readonly low: number
  readonly high: number
}

/** What the sound venues said: the lowest and the highest of their last trades. */
export type Consensus = { readonly low: number; readonly high: number; readonly middle: number }

/**
 * The price that sound venues agree on, by interval agreement (Marzullo, 1984) and not by any aggregation of quotes: each
 * venue that really traded in this bar spans the range of its trades, widened by `slackBps`; the point that most ranges
 * share says who is sound: more than half of those that traded, two at least. Undefined where two regions share the most,
 * or none has enough: then nobody can say what the price was, and no rule is judged.
 */
export function consensusOf(traded: readonly Traded[], slackBps: number): Consensus | undefined {
  const slack = slackBps / 10_000
  const spans = traded.map((one) => ({
    one,
    low: one.low * (1 - slack),
    high: one.high * (1 + slack),
  }))
  const covering = (point: number) =>
    spans.filter(({ low, high }) => low <= point && point <= high).map(({ one }) => one)
  // The most are shared at some range's beginning, or nowhere.
  const groups = spans.map(({ low }) => covering(low))
  const most = Math.max(0, ...groups.map((group) => group.length))
  if (most < 2 || most * 2 <= traded.length) return undefined
  const best = groups.filter((group) => group.length === most)
  if (best.some((group) => group.some((one) => !best[0]?.includes(one)))) return undefined
  const closes = (best[0] ?? []).map(({ close }) => close)
  return {
    low: Math.min(...closes),
    high: Math.max(...closes),
    middle: median(closes) ?? NaN,
  }
}
