import { readReports, writeReports } from '../../lib/adapters/peers/report-wire.ts'
import { Decimal } from '../../lib/domain/decimal.ts'
import type { SignedReport } from '../../lib/domain/report.ts'
import { compose } from '../../lib/runtime/compose.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { targetsOf } from '../../lib/runtime/world/targets.ts'
import { readNetwork } from '../../lib/tools/read-network.ts'
import type { OracleNode } from './oracle-nodes.ts'
import type { Bend } from './oracle-road.ts'

export const namesOfFour = ['oracle-1', 'oracle-2', 'oracle-3', 'oracle-4'] as const

/** What the nodes do for a while, and what must be true meanwhile. */
export type Phase = {
  readonly name: string
  begin(nodes: readonly OracleNode[]): Promise<void>
  end(nodes: readonly OracleNode[]): Promise<void>
  /** Those who say what their venues do; whether anybody hears it is another matter. */
  readonly honest: readonly string[]
  /** `told`: prices go on as if nothing were. `refused`: no price is told any more. */
  readonly prices: 'told' | 'refused'
  /** Incidents that must be open at the end, by rule and the beginning of their subject. */
  readonly alarms: readonly (readonly [rule: string, subject: string])[]
}

const nothing = async (): Promise<void> => undefined

/** Beyond what any market lets reports differ, and below what its own node would take for a jump. */
const lie = '1.04'

export const nodePhases: readonly Phase[] = [
  {
    name: 'all four are honest',
    begin: nothing,
    end: nothing,
    honest: namesOfFour,
    prices: 'told',
    alarms: [],
  },
  {
    name: 'one lies',
    begin: async (nodes) => nodes[3]?.lie(lie),
    end: async (nodes) => nodes[3]?.lie('1'),
    honest: ['oracle-1', 'oracle-2', 'oracle-3'],
    prices: 'told',
    alarms: [['peer-lying', 'oracle-4']],
  },
  {
    name: 'one is down',
    begin: async (nodes) => nodes[3]?.kill(),
    end: nothing,
    honest: ['oracle-1', 'oracle-2', 'oracle-3'],
    prices: 'told',
    alarms: [['peer-silent', 'oracle-4']],
  },
  {
    name: 'one is down, one lies',
    begin: async (nodes) => nodes[2]?.lie(lie),
    end: async (nodes) => nodes[2]?.lie('1'),
    honest: ['oracle-1', 'oracle-2'],
    prices: 'told',
    alarms: [
      ['peer-lying', 'oracle-3'],
      ['peer-silent', 'oracle-4'],
    ],
  },
  {
    name: 'one serves the round before, one breaks off',
    async begin(nodes) {
      await nodes[3]?.start()
      bendRoad(nodes[3], async (round, honest) => await honest(round - 1))
      bendRoad(nodes[2], async (round, honest) => (await honest(round))?.slice(0, -100))
    },
    async end(nodes) {
      bendRoad(nodes[2], undefined)
      bendRoad(nodes[3], undefined)
    },
    // Two are heard, fewer than the quorum: old and broken reports must not make it up.
    honest: namesOfFour,
    prices: 'refused',
    alarms: [['peer-lying', 'oracle-4']],
  },
  {
    name: 'one signs two things',
    async begin(nodes) {
      const [, , , fourth] = nodes
      if (fourth) bendRoad(fourth, await signsTwice(fourth))
    },
    end: async (nodes) => bendRoad(nodes[3], undefined),
    honest: ['oracle-1', 'oracle-2', 'oracle-3'],
    prices: 'told',
    alarms: [['peer-lying', 'oracle-4']],
  },
  {
    name: 'two lie together',
    async begin(nodes) {
      await Promise.all([nodes[2]?.lie(lie), nodes[3]?.lie(lie)])
    },
    async end(nodes) {
      await Promise.all([nodes[2]?.lie('1'), nodes[3]?.lie('1')])
    },
    honest: ['oracle-1', 'oracle-2'],
    prices: 'refused',
    alarms: [
      ['reports-apart', 'core:'],
      ['reports-apart', 'evm:'],
    ],
  },
  {
    name: 'all four are honest again',
    begin: nothing,
    end: nothing,
    honest: namesOfFour,
    prices: 'told',
    alarms: [],
  },
]

function bendRoad(node: OracleNode | undefined, bend: Bend | undefined): void {
  if (node) node.road.bend = bend
}

/** The first time a round is asked for its node’s own reports, and then others, as rightly signed with its own keys. */
async function signsTwice({ file }: OracleNode): Promise<Bend> {
  const { network, directory } = await readNetwork(file)
  const needs = { oracles: true, senders: false, alerts: false, watched: false }
  const { ports } = await compose({ network, directory, clock: wallClock, needs, dryRun: true })
  const targets = targetsOf(network)
  const [keys] = ports.oracles
  const asked = new Set<number>()

  async function otherwise(report: SignedReport): Promise<SignedReport> {
    const price = report.price.mul(new Decimal('1.001')).toDecimalPlaces(18)
    const changed = { ...report, price }
    const signatures = await Promise.all(
      Object.values(ports.engines).map(async (engine) => {
        const [signature] = keys ? await engine.signAll([changed], keys) : []
        return signature ? [[engine.name, signature] as const] : []
      }),
    )
    return { ...changed, signatures: Object.fromEntries(signatures.flat()) }
  }

  return async (round, honest) => {
    const text = await honest(round)
    if (text === undefined) return undefined
    if (!asked.has(round)) {
      asked.add(round)
      return text
    }
    const { node, reports } = readReports(text, targets)
    return writeReports(
      { node, round, reports: await Promise.all(reports.map(otherwise)) },
      targets,
    )
  }
}
