import { isBeyondBps, percentOf } from './bps.ts'
import { Decimal } from './decimal.ts'
import type { AggregationRules } from './feed.ts'
import { medianOf } from './median.ts'
import type { FeedTuples } from './price-round.ts'
import type { Timestamp } from './time.ts'

/** What one source shows in this round. */
export type Shown = {
  readonly key: string
  readonly tuple: string
  /** In USD; undefined where it cannot be compared with the others. */
  readonly price: Decimal | undefined
  /** Whether others may be judged by it: not where it is itself out of all scale. */
  readonly witness: boolean
}

type Look = {
  readonly shown: readonly Shown[]
  readonly before: FeedTuples | undefined
  readonly rules: AggregationRules
  readonly now: Timestamp
  /** Of every configured source: what is not among them is forgotten. */
  readonly keys: readonly string[]
}

/**
 * Finds the sources that repeat old numbers under a new time: unchanged for more than `frozenAfterMs` while those that
 * did change have moved away from them by more than `frozenMoveBps`. The majority's price proves nothing here, for the
 * majority may be the frozen part; where nothing changes nobody is frozen.
 *
 * Moves are compared in USD on both sides, so that a stablecoin's own move is neither a move of the others nor an excuse.
 */
export function frozenSources(look: Look): {
  /** By key: why, in words. */
  readonly frozen: ReadonlyMap<string, string>
  readonly tuples: FeedTuples
} {
  const sources = sinceWhen(look)
  const frozen = new Map<string, string>()
  // The last to stop comes first: it must not vouch for those that stopped before it.
  const unchanged = look.shown
    .map((one) => ({ one, since: sources[one.key]?.since ?? look.now }))
    .filter(({ since }) => look.now - since > look.rules.frozenAfterMs)
    .toSorted((a, b) => b.since - a.since)
  for (const { one, since } of unchanged) {
    const changed = look.shown.filter(
      ({ key, witness }) => witness && !frozen.has(key) && (sources[key]?.since ?? 0) > since,
    )
    const why = driftOf({ one, since, changed, look })
    if (why !== undefined) frozen.set(one.key, why)
  }
  return { frozen, tuples: { sources, prices: pricesThen(look, sources, frozen) } }
}

/** Since when each source shows what it shows. A silent one keeps its time: silence changes nothing. */
function sinceWhen({ shown, before, now, keys }: Look): FeedTuples['sources'] {
  const current = new Map(shown.map(({ key, tuple }) => [key, tuple]))
  return Object.fromEntries(
    keys.flatMap((key) => {
      const last = before?.sources[key]
      const tuple = current.get(key) ?? last?.tuple
      if (tuple === undefined) return []
      return [[key, last?.tuple === tuple ? last : { tuple, since: now }]]
    }),
  )
}

/** How far those that changed have left `one` behind, in words; undefined where it is within the bound. */
function driftOf(of: {
  readonly one: Shown
  readonly since: number
  readonly changed: readonly Shown[]
  readonly look: Look
}): string | undefined {
  const { one, since, changed, look } = of
  const then = look.before?.prices[since] ?? {}
  const own = moveSince(one, then)
  const others = changed.flatMap((other) => moveSince(other, then) ?? [])
  if (!own || others.length === 0) return undefined
  const drift = medianOf(others).sub(own).abs()
  if (!isBeyondBps(drift, own, look.rules.frozenMoveBps)) return undefined
  const unchangedFor = (look.now - since) / 1000
  return `unchanged for ${unchangedFor} s while ${others.length} others moved ${percentOf(drift, own)}`
}

/** Today's price as a multiple of the one then. */
function moveSince(
  { key, price }: Shown,
  then: Readonly<Record<string, string>>,
): Decimal | undefined {
  const before = then[key]
  return price && before !== undefined ? price.div(new Decimal(before)) : undefined
}

/** The prices beside which each `since` began. A source that came later is noted when it comes; a frozen one is no measure. */
function pricesThen(
  { shown, before, keys }: Look,
  sources: FeedTuples['sources'],
  frozen: ReadonlyMap<string, string>,
): FeedTuples['prices'] {
  const current = new Map(
    shown.flatMap(({ key, price, witness }) =>
      price && witness && !frozen.has(key) ? [[key, price.toFixed()] as const] : [],
    ),
  )
  const times = [...new Set(Object.values(sources).map(({ since }) => since))]
  return Object.fromEntries(
    times.map((since) => {
      const then = before?.prices[since] ?? {}
      const noted = keys.flatMap((key) => {
        const price = then[key] ?? current.get(key)
        return price === undefined ? [] : [[key, price] as const]
      })
      return [since, Object.fromEntries(noted)]
    }),
  )
}
