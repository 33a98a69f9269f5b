import { usualSkewSeconds } from './combine-reports.ts'
import type { SignedReport } from './report.ts'
import { type Timestamp, unixSeconds } from './time.ts'

/**
 * Why a report is left out. `unreadable`: it is not written as reports are. `unsigned`: it has no signature for this exchange,
 * but perhaps for another one. `foreign`: it is of another node or another key than it must be. `replayed`: of another round. `off-time`: not seen in its round. `forged`: the signature is not right, not
 * in its one form, or its key not registered. `duplicate`: said before. `equivocated`: something else was said and signed
 * before.
 */
export type ReportFault =
  | 'unreadable'
  | 'unsigned'
  | 'foreign'
  | 'replayed'
  | 'off-time'
  | 'forged'
  | 'duplicate'
  | 'equivocated'

/** A report as it came. */
export type GivenReport = {
  readonly report: SignedReport
  /** Whom it must be of, where that is known: who was asked, and with which keys it may sign for the exchange. */
  readonly by: { readonly node: string; readonly signers: readonly string[] } | undefined
}

/** What reports are wanted. */
export type WantedReports = {
  readonly engine: string
  readonly round: number
  readonly roundSeconds: number
  readonly now: Timestamp
}

/** How far a node's clock may be before ours: more is no clock that anybody sets. */
const maxAheadMs = 5_000

/** What is wrong with a report whoever signed it; undefined where only its signature is left to look at. */
export function faultOf(
  { report, by }: GivenReport,
  { engine, round, roundSeconds, now }: WantedReports,
): ReportFault | undefined {
  const { observedAt, signatures } = report
  const signer = signatures[engine]?.signer
  if (signer === undefined) return 'unsigned'
  if (by && (report.node !== by.node || !by.signers.includes(signer))) return 'foreign'
  // One of another round has no common price with the others, whoever signed it.
  if (report.round !== round) return 'replayed'
  const from = (round * roundSeconds - usualSkewSeconds) * 1000
  const to = ((round + 1) * roundSeconds + usualSkewSeconds) * 1000
  const inRound = observedAt >= from && observedAt <= to && observedAt <= now + maxAheadMs
  return inRound ? undefined : 'off-time'
}

/** A signer who said two things of one feed and round, with the signatures that prove it. */
export type Equivocation = {
  readonly node: string
  readonly first: SignedReport
  readonly second: SignedReport
}

/** Of rightly signed reports of one round the first of each signer and feed, and what was said again or otherwise. */
export function firstOfEach(
  reports: readonly SignedReport[],
  engine: string,
): {
  readonly first: readonly SignedReport[]
  readonly duplicates: readonly SignedReport[]
  readonly equivocations: readonly Equivocation[]
} {
  const said = new Map<string, SignedReport>()
  const duplicates: SignedReport[] = []
  const equivocations: Equivocation[] = []
  for (const report of reports) {
    const key = `${report.signatures[engine]?.signer} ${report.feed}`
    const first = said.get(key)
    if (!first) said.set(key, report)
    else if (saidIn(first) === saidIn(report)) duplicates.push(report)
    else equivocations.push({ node: report.node, first, second: report })
  }
  return { first: [...said.values()], duplicates, equivocations }
}

/** All that is signed, as text. Reports are compared by it and never by the signature: a signer may make many of one message. */
export function saidIn(report: SignedReport): string {
  const { feed, round, price, observedAt, oldestInputAt, sources, configHash } = report
  const times = [unixSeconds(observedAt), unixSeconds(oldestInputAt)]
  return [feed, round, price.toFixed(), ...times, sources, configHash].join(' ')
}
