import type { Decimal } from '../../domain/decimal.ts'
import type { SourceResult } from '../../domain/price-round.ts'
import type { Timestamp } from '../../domain/time.ts'
import { offBps } from './off-bps.ts'

/** One source in one round: its price, and what it was found to be. */
export type SourceView = {
  readonly venue: string
  readonly instrument: string
  /** In USD, converted. */
  readonly price: string | undefined
  /** Its distance from the median, in bps with one decimal. */
  readonly offBps: string | undefined
  readonly at: number | undefined
  /** How old it was when it was judged. */
  readonly ageMs: number | undefined
  readonly verdict: SourceResult['verdict']
  /** Part of the median: fresh and a price, whether it agrees or not. */
  readonly counted: boolean
  /** Why it does not count as agreeing; empty where it does. */
  readonly why: string
}

export function sourceView(
  { venue, instrument, price, at, verdict, detail }: SourceResult,
  round: { readonly middle: Decimal | undefined; readonly judgedAt: Timestamp },
): SourceView {
  return {
    venue,
    instrument,
    price: price?.toFixed(),
    offBps: price && round.middle && offBps(price, round.middle),
    at,
    ageMs: at === undefined ? undefined : Math.max(0, round.judgedAt - at),
    verdict,
    counted: verdict === 'agrees' || verdict === 'disagrees',
    why: verdict === 'agrees' ? '' : detail || whyNot[verdict],
  }
}

const whyNot: Readonly<Record<Exclude<SourceResult['verdict'], 'agrees'>, string>> = {
  disagrees: 'too far from the others',
  missing: 'no quote came',
  invalid: 'no usable price in its quote',
  suspended: 'suspended by the venue',
  stale: 'too old',
  frozen: 'repeats the same numbers while the others move',
  future: 'its time lies in the future',
  'no-conversion': 'its currency has no price in USD now',
  insane: 'off by a factor of three or more',
}
