import type { Severity } from './alert.ts'
import type { Decimal } from './decimal.ts'
import type { Finding } from './incident.ts'
import { timestamp, type Timestamp } from './time.ts'

/** A chain's clock may be this far ahead of ours before a time of its own can no longer be aged. */
const clockToleranceMs = 15_000

/** A market's stored price on an engine is old: a warning past the limit, critical past twice the limit. */
export function priceLate(look: {
  readonly market: string
  readonly engine: string
  /** The engine's own time of its stored price; undefined while it has none. */
  readonly publishedAt: Timestamp | undefined
  readonly now: Timestamp
  readonly maxPushAgeMs: number
}): Finding | undefined {
  const { market, engine, publishedAt, now, maxPushAgeMs } = look
  const at = { rule: 'price-late', subject: `${engine}:${market}` }
  if (publishedAt === undefined)
    return {
      ...at,
      severity: 'critical',
      summary: `${engine} has no price of ${market} yet`,
      since: now,
      afterMs: maxPushAgeMs,
    }
  const ageMs = now - publishedAt
  if (ageMs < -clockToleranceMs)
    return {
      ...at,
      severity: 'warning',
      summary: `${engine} has a price of ${market} from the future (${utc(publishedAt)}), so its age cannot be told`,
      since: now,
      afterMs: 0,
    }
  if (ageMs <= maxPushAgeMs) return undefined
  return {
    ...at,
    severity: ageMs > 2 * maxPushAgeMs ? 'critical' : 'warning',
    summary: `${engine} was last told a price of ${market} at ${utc(publishedAt)}; the limit is ${seconds(maxPushAgeMs)}`,
    since: timestamp(publishedAt + maxPushAgeMs),
    afterMs: 0,
  }
}

/** A market or a conversion has no price that may be published, and why. */
export function noPrice(look: {
  /** A market, or the pair of a conversion leg. */
  readonly market: string
  /** In words: `2 of 5 sources are fresh, 3 are needed`. */
  readonly reason: string
  readonly since: Timestamp
  readonly afterMs?: number
}): Finding {
  const { market, reason, since } = look
  return {
    rule: 'no-price',
    subject: market,
    severity: 'critical',
    summary: `${market} has no price: ${reason}`,
    since,
    // A jump is held for two rounds and a venue may miss one; a minute without a price is neither.
    afterMs: look.afterMs ?? 60_000,
  }
}

/** A currency that should be worth a dollar is further from it than people expect. Sources are still converted at its price. */
export function offPeg(look: {
  /** Such as USDT-USD. */
  readonly leg: string
  readonly price: Decimal
  readonly warnBandBps: number
  readonly since: Timestamp
}): Finding | undefined {
  const { leg, price, warnBandBps, since } = look
  const off = price.sub(1).abs().mul(10_000)
  if (off.lte(warnBandBps)) return undefined
  return {
    rule: 'off-peg',
    subject: leg,
    severity: 'warning',
    summary: `${leg} is ${price.toString()}, ${off.toFixed(0)} bps from 1; the limit is ${warnBandBps} bps`,
    since,
    // One odd round is not a depeg.
    afterMs: 15_000,
  }
}

/**
 * No new block for `factor` block times. Critical past 10/3 of that: sequencers are commonly warned of after three
 * block times and paged for after ten.
 */
export function chainStalled(look: {
  readonly chain: string
  readonly head: { readonly number: number; readonly time: Timestamp }
  readonly now: Timestamp
  readonly blockSeconds: number
  readonly factor: number
}): Finding | undefined {
  const { chain, head, now, blockSeconds, factor } = look
  const blockMs = Math.ceil(blockSeconds * 1000)
  const limitMs = blockMs * factor
  const ageMs = now - head.time
  const at = { rule: 'chain-stalled', subject: chain, afterMs: 0 }
  if (ageMs < -clockToleranceMs)
    return {
      ...at,
      severity: 'warning',
      summary: `${chain}: block ${head.number} is from the future (${utc(head.time)}), so a stall could not be seen`,
      since: now,
    }
  if (ageMs <= limitMs) return undefined
  const severity: Severity = ageMs * 3 > limitMs * 10 ? 'critical' : 'warning'
  return {
    ...at,
    severity,
    summary: `${chain} has made no block since ${head.number} at ${utc(head.time)}; one is due every ${seconds(blockMs)}`,
    since: timestamp(head.time + blockMs),
  }
}

/** No node of the chain answers. Says nothing of the chain itself. */
export function chainUnreachable(look: {
  readonly chain: string
  readonly reason: string
  readonly now: Timestamp
}): Finding {
  return {
    rule: 'chain-unreachable',
    subject: look.chain,
    severity: 'critical',
    summary: `no node of ${look.chain} answers: ${look.reason}`,
    since: look.now,
    // A node restarts, or throttles us, for less than this.
    afterMs: 30_000,
  }
}

function utc(at: Timestamp): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function seconds(ms: number): string {
  return `${ms / 1000} s`
}
