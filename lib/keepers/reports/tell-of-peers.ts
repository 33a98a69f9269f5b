import type { Equivocation, ReportFault } from '../../domain/judge-reports.ts'
import type { Lie, PeerSight } from '../../domain/peer-sight.ts'
import type { Answered } from './ask-peer.ts'
import type { JudgedRound } from './judge-round.ts'

/** What one look showed of a peer. */
export function sightOf(
  node: string,
  look: {
    readonly newest: number
    readonly answers: readonly Answered[]
    readonly judged: readonly JudgedRound[]
  },
): PeerSight {
  const answers = look.answers.filter(({ peer }) => peer.node === node)
  const newest = answers.find(({ round }) => round === look.newest)?.answer
  const usable = look.judged[0]?.reports.filter((report) => report.node === node) ?? []
  const refused = refusedOf(node, { ...look, answers })
  if (newest?.kind === 'failed')
    return { node, said: newest.why, detail: newest.detail, usable: usable.length, refused }
  return { node, said: newest?.kind ?? 'nothing', detail: '', usable: usable.length, refused }
}

function refusedOf(
  node: string,
  {
    answers,
    judged,
  }: { readonly answers: readonly Answered[]; readonly judged: readonly JudgedRound[] },
): PeerSight['refused'] {
  const unreadable = answers.reduce(
    (sum, { answer }) => sum + (answer.kind === 'reports' ? answer.unreadable : 0),
    0,
  )
  const found: readonly ReportFault[] = [
    ...Array.from({ length: unreadable }, () => 'unreadable' as const),
    ...judged.flatMap(({ faults }) =>
      faults.flatMap((one) => (one.node === node ? one.fault : [])),
    ),
    ...judged.flatMap(({ equivocations }) =>
      equivocations.flatMap((one) => (one.node === node ? ('equivocated' as const) : [])),
    ),
  ]
  return Object.fromEntries(
    [...Map.groupBy(found, (fault) => fault)].map(([fault, all]) => [fault, all.length]),
  )
}

const words = {
  foreign: 'are of another node or key than its own',
  replayed: 'are of another round than was asked for',
  'off-time': 'were not seen in their round',
  forged: 'are not rightly signed by a key that is registered',
} as const

/** Of each node and kind one: the first proves it, and the number says how often. */
export function liesIn(judged: readonly JudgedRound[]): readonly Lie[] {
  const faults = judged.flatMap((round) => round.faults)
  const byKind = Map.groupBy(faults, ({ node, fault }) => `${node} ${fault}`)
  const twice = Map.groupBy(
    judged.flatMap((round) => round.equivocations),
    ({ node }) => node,
  )
  return [
    ...[...byKind.values()].flatMap((all): readonly Lie[] => {
      const [first] = all
      if (!first || !isLie(first.fault)) return []
      const { node, fault: what, report } = first
      const { feed, round } = report
      const detail = `${all.length} of its reports ${words[what]}, the first of ${feed} in round ${round}`
      return [{ node, what, detail, evidence: [report] }]
    }),
    ...[...twice.values()].flatMap(([first]) => (first ? [equivocated(first)] : [])),
  ]
}

function isLie(fault: ReportFault): fault is keyof typeof words {
  return Object.hasOwn(words, fault)
}

function equivocated({ node, first, second }: Equivocation): Lie {
  const { feed, round } = first
  const prices = `${first.price.toFixed()} and ${second.price.toFixed()}`
  const detail = `it signed two different reports of ${feed} in round ${round}, of ${prices}`
  return { node, what: 'equivocated', detail, evidence: [first, second] }
}
