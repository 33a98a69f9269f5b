import { Decimal } from '../../domain/decimal.ts'
import { parseMarket } from '../../domain/market.ts'
import type { Timestamp } from '../../domain/time.ts'
import { entry } from '../network/entry.ts'
import { maxPushAgeMs } from '../network/push-age.ts'
import type { Network } from '../network/schema.ts'
import { offBps } from './off-bps.ts'
import type { Watch } from './watch-view.ts'

/** A market's price on one engine, as the watch saw it last. */
export type PostedView = {
  readonly engine: string
  readonly price: string | undefined
  readonly publishedAt: number | undefined
  readonly ageMs: number | undefined
  /** How far the engine's price is from the mark price, in bps with one decimal. */
  readonly offBps: string | undefined
  /** It is pushed when the mark price is this far from it … */
  readonly deviationBps: number
  /** … or when it is this old. */
  readonly heartbeatMs: number
  /** Older than this is late. */
  readonly lateAfterMs: number
  readonly late: boolean
  readonly paused: boolean
  /** Why there is no price to show. */
  readonly problem: string | undefined
}

export function postedView(look: {
  readonly market: string
  readonly network: Network
  readonly watch: Watch | undefined
  readonly mark: Decimal | undefined
  readonly now: Timestamp
}): readonly PostedView[] {
  const { market, network, watch, mark, now } = look
  const listed = entry(network.markets, parseMarket(market))
  if (!listed) return []
  const lateAfterMs = maxPushAgeMs(network, listed)
  return Object.keys(listed.engines).map((engine) => {
    const seen = watch && entry(watch.engines, engine)
    const posted = seen?.prices && entry(seen.prices, market)
    const ageMs = posted && Math.max(0, now - posted.publishedAt)
    return {
      engine,
      price: posted?.price,
      publishedAt: posted?.publishedAt,
      ageMs,
      offBps: posted && mark && offBps(new Decimal(posted.price), mark),
      deviationBps: listed.push.deviationBps,
      heartbeatMs: listed.push.heartbeatSeconds * 1000,
      lateAfterMs,
      late: ageMs !== undefined && ageMs > lateAfterMs,
      paused: seen?.paused ?? false,
      problem: posted ? undefined : whyNone(watch, seen),
    }
  })
}

function whyNone(watch: Watch | undefined, seen: Watch['engines'][string] | undefined): string {
  if (!watch) return 'the watch has not looked yet'
  if (!seen) return 'the watch did not look at this engine'
  return seen.error ?? 'no price posted yet'
}
