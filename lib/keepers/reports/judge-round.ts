import type { KeepReports } from '../../domain/action.ts'
import {
  type Equivocation,
  faultOf,
  firstOfEach,
  type ReportFault,
  saidIn,
} from '../../domain/judge-reports.ts'
import type { SignedReport } from '../../domain/report.ts'
import type { Engine, Peer } from '../../ports.ts'
import type { Answered } from './ask-peer.ts'
import type { Collecting } from './collect-reports.ts'

/** A report that was left out. */
export type Fault = {
  readonly node: string
  readonly fault: ReportFault
  readonly report: SignedReport
}

export type JudgedRound = {
  readonly round: number
  /** Those that count: rightly signed, the first of each signer and feed. */
  readonly reports: readonly SignedReport[]
  readonly faults: readonly Fault[]
  readonly equivocations: readonly Equivocation[]
  /** What peers gave that counts and is not in our table yet. */
  readonly pulled: readonly KeepReports[]
}

/** Reports that were given together. */
type Source = {
  /** Undefined for our own table, where those of many nodes are. */
  readonly peer: Peer | undefined
  readonly reports: readonly SignedReport[]
}

type JudgedSource = Omit<JudgedRound, 'round' | 'pulled'> & Pick<Source, 'peer'>

/** Every report is verified, also one out of our own table. What stands there was said first. */
export async function judgeRound(
  world: Collecting,
  engine: Engine,
  { round, answers }: { readonly round: number; readonly answers: readonly Answered[] },
): Promise<JudgedRound> {
  const stored = await world.store.reports.ofRound(round)
  const own = await judgeSource(world, engine, {
    round,
    source: { peer: undefined, reports: stored },
  })
  const known = new Set(own.reports.map((report) => wordOf(report, engine)))
  const given = answers.flatMap(({ peer, round: of, answer }): readonly Source[] =>
    of === round && answer.kind === 'reports'
      ? // What was verified out of our table need not be again.
        [{ peer, reports: answer.reports.filter((one) => !known.has(wordOf(one, engine))) }]
      : [],
  )
  const others = await Promise.all(
    given.map(async (source) => await judgeSource(world, engine, { round, source })),
  )
  const judged = [own, ...others]
  const all = firstOfEach(
    judged.flatMap(({ reports }) => reports),
    engine.name,
  )
  const kept = new Set(own.reports.map(({ node }) => node))
  return {
    round,
    reports: all.first,
    faults: judged.flatMap(({ faults }) => faults),
    equivocations: [...judged.flatMap((one) => one.equivocations), ...all.equivocations],
    pulled: others.flatMap(({ peer, reports }) =>
      !peer || kept.has(peer.node) || reports.length === 0
        ? []
        : [{ kind: 'keep-reports', engine: engine.name, node: peer.node, round, reports }],
    ),
  }
}

/** A report to the letter, with who signed it how. */
function wordOf(report: SignedReport, { name }: Engine): string {
  return `${report.node} ${saidIn(report)} ${JSON.stringify(report.signatures[name])}`
}

async function judgeSource(
  { clock, peers, rules: { roundSeconds } }: Collecting,
  engine: Engine,
  { round, source: { peer, reports } }: { readonly round: number; readonly source: Source },
): Promise<JudgedSource> {
  const wanted = { engine: engine.name, round, roundSeconds, now: clock.now() }
  const judged = reports.filter(isConcern(engine, peer)).map((report) => {
    const of = peer ?? peers.find(({ node }) => node === report.node)
    const by = of && { node: of.node, signers: of.signers[engine.name] ?? [] }
    return { report, node: by?.node ?? report.node, fault: faultOf({ report, by }, wanted) }
  })
  const claimed = judged.filter(({ fault }) => fault === undefined)
  const verdicts = await engine.verifyAll(claimed.map(({ report }) => report))
  const { first, duplicates, equivocations } = firstOfEach(
    claimed.filter((_, at) => verdicts[at] === true).map(({ report }) => report),
    engine.name,
  )
  const forged = claimed.filter((_, at) => verdicts[at] !== true)
  return {
    peer,
    reports: first,
    equivocations,
    faults: [
      ...judged.flatMap(({ fault, ...rest }) => (fault ? [{ ...rest, fault }] : [])),
      ...forged.map((one) => ({ ...one, fault: 'forged' as const })),
      ...duplicates.map((report) => ({ node: report.node, report, fault: 'duplicate' as const })),
    ],
  }
}

/** In our table are reports for other exchanges too; and a peer that has no key for this one signs nothing for it. */
function isConcern(
  { name, markets }: Engine,
  peer: Peer | undefined,
): (report: SignedReport) => boolean {
  const listed = new Set<string>(markets)
  return ({ feed, signatures }) =>
    listed.has(feed) && Object.hasOwn(peer ? peer.signers : signatures, name)
}
