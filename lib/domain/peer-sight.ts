import type { ReportFault } from './judge-reports.ts'
import type { SignedReport } from './report.ts'

/** What one look at a round's reports showed of a node. */
export type PeerSight = {
  readonly node: string
  /** `reports`: it gave some. `nothing`: it has none of the round. Anything else: it could not be asked. */
  readonly said: 'reports' | 'nothing' | 'timeout' | 'network' | 'http' | 'too-large' | 'unreadable'
  /** In words, for people; empty where the rest says it all. */
  readonly detail: string
  /** How many of its reports of the newest round count. */
  readonly usable: number
  /** How many were left out, of all rounds that were looked at. */
  readonly refused: Readonly<Partial<Record<ReportFault, number>>>
}

/** A node said what an honest one does not, and what proves it. */
export type Lie = {
  readonly node: string
  readonly what: Exclude<ReportFault, 'unreadable' | 'unsigned' | 'duplicate'> | 'apart'
  readonly detail: string
  /** Of many such reports the first; of an equivocation both. */
  readonly evidence: readonly SignedReport[]
}

/** Everything that one look at one exchange's reports showed of the nodes. */
export type PeersLook = {
  readonly sights: readonly PeerSight[]
  readonly lies: readonly Lie[]
  /** Markets of which no majority of the reports agrees. */
  readonly apart: readonly string[]
}
