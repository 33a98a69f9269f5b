import type { VerdictRound } from './liveness-venues.ts'
import type { PriceRound, SourceResult } from './price-round.ts'

/** A round as the watch over frozen venues wants it. */
export function verdictRound({ at, feeds }: PriceRound): VerdictRound {
  return {
    at,
    sources: feeds.flatMap(({ feed, sources }) =>
      sources.map(({ venue, instrument, verdict }) => ({
        venue,
        market: feed,
        instrument,
        verdict: livenessOf(verdict),
      })),
    ),
  }
}

function livenessOf(verdict: SourceResult['verdict']): VerdictRound['sources'][number]['verdict'] {
  switch (verdict) {
    case 'frozen':
      return 'frozen'
    case 'agrees':
    case 'disagrees':
      return 'live'
    case 'missing':
    case 'invalid':
    case 'suspended':
    case 'stale':
    case 'future':
    case 'no-conversion':
    case 'insane':
      return 'unknown'
  }
}
