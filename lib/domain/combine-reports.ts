import { isBeyondBps } from './bps.ts'
import type { Decimal } from './decimal.ts'
import type { Market } from './market.ts'
import { medianWire, priceFromWire, priceToWire } from './price-message.ts'
import type { SignedReport } from './report.ts'
import { type Timestamp, timestamp } from './time.ts'

type CombinedReports =
  | {
      readonly kind: 'price'
      /** The median of all `reports`; of an even count the floor of the two middles' average at 18 decimals. */
      readonly price: Decimal
      /** One per signer, by node. */
      readonly reports: readonly SignedReport[]
      /** Those of them that are too far from the median to agree with it; less than half. */
      readonly apart: readonly SignedReport[]
      /** Of the earliest of them: no engine may take the price for newer than that. */
      readonly observedAt: Timestamp
    }
  | {
      readonly kind: 'refused'
      readonly reason: 'too-few-reports'
      readonly usable: number
      readonly needed: number
      /** More than one of one signer. */
      readonly duplicates: number
      /** Too far from the others in time. */
      readonly skewed: number
    }
  /** Half of them or more are not where the median is: nobody can tell which half lies. */
  | {
      readonly kind: 'refused'
      readonly reason: 'reports-apart'
      readonly usable: number
      readonly apart: readonly SignedReport[]
    }

/** Nodes that run every ten seconds and have their clocks right are never further apart. */
export const usualSkewSeconds = 10

/**
 * One price of one round's verified reports. All that are valid are used: whoever pushes must not choose among them.
 * The result does not depend on the order in which they were read.
 */
export function combineReports(of: {
  /** Of one feed and one round. */
  readonly reports: readonly SignedReport[]
  readonly quorum: number
  /** How far from the median time a report may be. */
  readonly roundSkewSeconds?: number
  /** How far from the median price a report may be and still agree with it. Absent: any does. */
  readonly agreeWithinBps?: number | undefined
}): CombinedReports {
  const { reports, quorum, roundSkewSeconds = usualSkewSeconds, agreeWithinBps } = of
  assertOneRound(reports)
  const single = onePerSigner(reports)
  const used = nearInTime(single, roundSkewSeconds * 1000)
  // Not even a quorum of none makes a price of nothing.
  const needed = Math.max(quorum, 1)
  if (used.length < needed)
    return {
      kind: 'refused',
      reason: 'too-few-reports',
      usable: used.length,
      needed,
      duplicates: reports.length - single.length,
      skewed: single.length - used.length,
    }
  const price = priceFromWire(medianWire(used.map((report) => priceToWire(report.price))))
  const apart = apartFrom(price, used, agreeWithinBps)
  if (apart.length * 2 >= used.length)
    return { kind: 'refused', reason: 'reports-apart', usable: used.length, apart }
  return {
    kind: 'price',
    price,
    reports: used,
    apart,
    observedAt: timestamp(Math.min(...used.map(({ observedAt }) => observedAt))),
  }
}

/**
 * The median is honest where less than half of the reports lie. Where half do, it may be anywhere between the two camps:
 * then neither is near it, or one of them is alone with it.
 */
function apartFrom(
  median: Decimal,
  reports: readonly SignedReport[],
  agreeWithinBps: number | undefined,
): readonly SignedReport[] {
  if (agreeWithinBps === undefined) return []
  return reports.filter(({ price }) => isBeyondBps(price.sub(median).abs(), median, agreeWithinBps))
}

function assertOneRound(reports: readonly SignedReport[]): void {
  const [first] = reports
  const other = reports.find(({ feed, round }) => feed !== first?.feed || round !== first.round)
  if (first && other) throw new MixedReportsError(first, other)
}

/** A node that shows another's signature as its own has no second vote. Of two the earlier counts, which repeating cannot change. */
function onePerSigner(reports: readonly SignedReport[]): readonly SignedReport[] {
  const seen = new Set<string>()
  return reports.toSorted(byNodeThenTime).filter((report) => {
    const names = signersOf(report)
    if (names.some((name) => seen.has(name))) return false
    names.forEach((name) => seen.add(name))
    return true
  })
}

function signersOf({ node, signatures }: SignedReport): readonly string[] {
  const keys = Object.entries(signatures).map(([engine, { signer }]) => `${engine} ${signer}`)
  return [`node ${node}`, ...keys]
}

function byNodeThenTime(a: SignedReport, b: SignedReport): number {
  const byNode = a.node < b.node ? -1 : Number(a.node > b.node)
  return byNode || a.observedAt - b.observedAt || a.price.cmp(b.price)
}

function nearInTime(reports: readonly SignedReport[], skewMs: number): readonly SignedReport[] {
  const times = reports.map(({ observedAt }) => observedAt).toSorted((a, b) => a - b)
  const low = times[(times.length - 1) >> 1] ?? 0
  const high = times[times.length >> 1] ?? 0
  const median = (low + high) / 2
  return reports.filter(({ observedAt }) => Math.abs(observedAt - median) <= skewMs)
}

/** The caller gave reports that have no common price. */
export class MixedReportsError extends Error {
  override readonly name = 'MixedReportsError'
  readonly feeds: readonly Market[]
  readonly rounds: readonly number[]

  constructor(one: SignedReport, other: SignedReport) {
    super(
      `reports of ${one.feed} in round ${one.round} and of ${other.feed} in round ${other.round} cannot be combined`,
    )
    this.feeds = [one.feed, other.feed]
    this.rounds = [one.round, other.round]
  }
}
