import type { Finding } from './incident.ts'
import type { Timestamp } from './time.ts'

/** What one round made of one source. */
export type SourceVerdict = {
  readonly venue: string
  readonly market: string
  /** Canonical instrument name. */
  readonly instrument: string
  /**
   * `live`: it moved, or there was nothing to move with. `frozen`: unchanged while the others moved. `unknown`: it did
   * not answer, or could not be judged, which neither proves nor disproves a freeze.
   */
  readonly verdict: 'live' | 'frozen' | 'unknown'
}

/** One round's verdicts on all sources. */
export type VerdictRound = { readonly at: Timestamp; readonly sources: readonly SourceVerdict[] }

/**
 * One finding per venue with a source that has been frozen in every round that could judge it, up to the newest.
 * Critical where at least half of a market's sources are frozen: then the frozen ones are about to decide the price.
 */
export function venueFrozen(look: {
  /** In any order. Those after `now` are left out: their clock is not ours. */
  readonly rounds: readonly VerdictRound[]
  readonly now: Timestamp
  readonly afterMs: number
}): readonly Finding[] {
  const rounds = look.rounds.filter(({ at }) => at <= look.now).toSorted((a, b) => a.at - b.at)
  const frozen = frozenSources(rounds)
  const majorities = marketsHalfFrozen(rounds.at(-1)?.sources ?? [], frozen)
  const venues = [...new Set(frozen.map(({ source }) => source.venue))].toSorted()
  return venues.map((venue) => {
    const of = frozen.filter(({ source }) => source.venue === venue)
    const half = of.flatMap(({ source }) => majorities.get(source.market) ?? [])
    const since = of.reduce((least, run) => (run.since < least ? run.since : least), look.now)
    return {
      rule: 'venue-frozen',
      subject: venue,
      severity: half.length > 0 ? 'critical' : 'warning',
      summary: [
        `${venue} repeats old prices of ${listed(of.map(({ source }) => source.instrument))} while other venues move`,
        ...(half.length > 0 ? [`in all ${listed(half)} do`] : []),
      ].join('; '),
      since,
      afterMs: look.afterMs,
    }
  })
}

/** Fewer venues than this at once may be chance. */
const fewestTogether = 3

/** At least half of the venues are frozen or silent at once: what has stopped is on our side, or they have one cause. */
export function pricesStalled(look: {
  /** How many are asked. */
  readonly venues: number
  /** What was found of single ones, whether anybody was told of it yet or not. */
  readonly found: readonly Finding[]
  readonly afterMs: number
}): Finding | undefined {
  const of = look.found.filter(({ rule }) => rule === 'venue-down' || rule === 'venue-frozen')
  const troubled = [...new Set(of.map(({ subject }) => subject))].toSorted()
  const [first] = of
  if (!first || troubled.length < fewestTogether || troubled.length * 2 < look.venues)
    return undefined
  const since = of.reduce((least, one) => (one.since < least ? one.since : least), first.since)
  return {
    rule: 'prices-stalled',
    subject: 'venues',
    severity: 'critical',
    summary: `${troubled.length} of ${look.venues} venues are silent or repeat old prices at once: ${listed(troubled)}`,
    since,
    afterMs: look.afterMs,
  }
}

/** A venue that does not answer. A refusal for our region is told, but it is not an outage. */
export function venueDown(look: {
  readonly venue: string
  /** The newest failure: `timeout`, `http`, `region`, … and its detail. */
  readonly why: string
  readonly detail: string
  /** Since when no request has brought anything. */
  readonly since: Timestamp
  readonly afterMs?: number
}): Finding {
  const { venue, why, detail, since } = look
  return {
    rule: 'venue-down',
    subject: venue,
    severity: why === 'region' ? 'info' : 'warning',
    summary: `${venue} brings no quotes (${why}): ${detail}`,
    since,
    // Venues restart within a minute or two; the median does without one of them for longer than that.
    afterMs: look.afterMs ?? 120_000,
  }
}

type FrozenSource = { readonly source: SourceVerdict; readonly since: Timestamp }

/** The sources whose last judged verdict is `frozen`, with the round in which that began. */
function frozenSources(rounds: readonly VerdictRound[]): readonly FrozenSource[] {
  const runs = new Map<string, FrozenSource>()
  for (const { at, sources } of rounds)
    for (const source of sources) {
      const id = sourceId(source)
      if (source.verdict === 'live') runs.delete(id)
      if (source.verdict === 'frozen') runs.set(id, { source, since: runs.get(id)?.since ?? at })
    }
  // A source that is no longer asked is nobody's trouble.
  const asked = new Set(rounds.at(-1)?.sources.map(sourceId))
  return [...runs].flatMap(([id, run]) => (asked.has(id) ? [run] : []))
}

/** The markets of which at least half is frozen, with how much of them is: `3 of 5 sources of BTC-USD`. */
function marketsHalfFrozen(
  newest: readonly SourceVerdict[],
  frozen: readonly FrozenSource[],
): ReadonlyMap<string, string> {
  const ids = new Set(frozen.map(({ source }) => sourceId(source)))
  const markets = Object.entries(Object.groupBy(newest, ({ market }) => market))
  return new Map(
    markets.flatMap(([market, all = []]) => {
      const count = all.filter((source) => ids.has(sourceId(source))).length
      const isHalf = count > 0 && count * 2 >= all.length
      return isHalf ? [[market, `${count} of ${all.length} sources of ${market}`]] : []
    }),
  )
}

function sourceId({ venue, market, instrument }: SourceVerdict): string {
  return `${venue} ${market} ${instrument}`
}

/** A venue that freezes whole would name hundreds. */
function listed(all: readonly string[]): string {
  const names = [...new Set(all)].toSorted()
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}
