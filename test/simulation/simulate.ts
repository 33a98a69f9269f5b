import { Decimal } from '../../lib/domain/decimal.ts'
import type { Intent } from '../../lib/domain/intent.ts'
import type { SignedReport } from '../../lib/domain/report.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { plannedTicks, type Schedule } from '../../lib/keepers/plan-ticks.ts'
import { seeded } from '../keepers/lane/workers.ts'
import type { Simulation } from './calls.ts'
import { type ChainTruth, chainTruth } from './chain-truth.ts'
import { roundSeconds, sweepSeconds, type Surroundings, type Table } from './deployment.ts'
import { happen } from './events.ts'
import { usualPrice } from './fees.ts'
import { aDeployment, type Deployment } from './mail.ts'
import type { Mutant } from './mutant.ts'
import { mixed, type Plan, planOf } from './plan.ts'
import { type Rules, rules, type Violation } from './rules.ts'
import { market } from './seen-chain.ts'
import { watchedTable } from './table.ts'
import { registry } from './transactions.ts'
import { virtualTime } from './virtual-time.ts'

export type Ended = {
  readonly seed: number
  readonly violation: Violation | undefined
  /** Every fault and event that happened, in order. */
  readonly happened: readonly string[]
  /** How many works were decided. */
  readonly works: number
}

export type SimulateOptions = {
  readonly mutant?: Mutant | undefined
  /** Only these faults and events happen; all of the seed's where it is left out. */
  readonly only?: ReadonlySet<string> | undefined
  readonly trace?: ((line: string) => void) | undefined
}

/** A whole minute, so that slots begin with the schedule. */
const start = 1_764_000_000_000

/** How long everything may take to come to its end once nothing goes wrong any more. */
const calmMs = 20 * 60_000

/** One schedule, from its number: everything that can be awaited happens in the order which that number says. */
export async function simulate(seed: number, options: SimulateOptions = {}): Promise<Ended> {
  const plan = planOf(seed)
  const time = virtualTime(start)
  const happened: string[] = []
  const trace = options.trace && tracing(options.trace, () => time.now() - start)
  const sim: Simulation = {
    plan,
    time,
    troubled: true,
    out: new Set(),
    frozen: 0,
    pushes: 0,
    happens(id) {
      if (options.only && !options.only.has(id)) return false
      happened.push(id)
      trace?.(`*** ${id}`)
      return true
    },
    trace,
  }
  const truths = new Map<string, ChainTruth>()
  const signed = registry()
  const kept = rules({
    registry: signed,
    chainOf: (lane) => lane.slice(0, lane.indexOf('/')),
    truths,
    outsiders: hasOutsiders(plan),
  })
  for (const chain of plan.chains)
    truths.set(
      chain.kind,
      chainTruth({ plan: chain, time, registry: signed, witness: kept.witness(chain.kind) }),
    )
  const around: Surroundings = {
    sim,
    truths,
    registry: signed,
    rules: kept,
    mutant: options.mutant,
  }
  const tables = Array.from({ length: plan.tables }, (_, number): Table => ({
    number,
    store: watchedTable({ table: number, time, rules: kept, change: options.mutant?.store }),
    lists: new Map<string, readonly Intent[]>(),
  }))
  const deployments = Array.from({ length: plan.deployments }, (_, number) =>
    aDeployment(around, tables[number % tables.length] as Table, number),
  )

  for (const truth of truths.values()) everyBlock(sim, truth)
  publishRounds(sim, tables)
  planTicks(around, deployments)
  for (const event of plan.events)
    time.after(event.at, () => {
      const truth = truths.get(plan.chains[event.chain]?.kind ?? '')
      if (truth && sim.happens(`${event.id}: ${event.kind} of ${truth.kind}`))
        happen(sim, truth, event)
      return false
    })

  time.after(plan.troubledMs, () => {
    sim.troubled = false
    sim.out.clear()
    trace?.('*** the troubles are over')
    for (const truth of truths.values()) calm(truth)
    return false
  })
  // Also before the troubles end: what has come to its end can only be swept, or be lost with its block.
  const lastReorg = plan.events.filter(({ kind }) => kind === 'reorg').map(({ at }) => at)
  const eventful = start + Math.max(plan.rounds * roundSeconds * 1000, ...lastReorg)
  const isQuiet = (): boolean =>
    time.now() > eventful &&
    sim.pushes === 0 &&
    sim.frozen === 0 &&
    kept.lanesEmpty() &&
    kept.open().length === 0
  const deadline = start + plan.troubledMs + calmMs
  await time.run(() => {
    if (kept.violation() !== undefined || time.now() > deadline) return true
    return isQuiet()
  })
  for (const truth of truths.values()) for (let block = 0; block < 3; block += 1) truth.mine()
  judgeEnd(kept, {
    late: time.now() > deadline,
    undisturbed: happened.length === 0 && plan.tables === 1,
  })
  return { seed, violation: kept.violation(), happened, works: kept.works() }
}

function judgeEnd(
  kept: Rules,
  { late, undisturbed }: { readonly late: boolean; readonly undisturbed: boolean },
): void {
  if (late) kept.broken('work is stuck', kept.open().join(', ') || 'a lane is not empty')
  else kept.atTheEnd(undisturbed)
}

/** Whether somebody else sends from the account, a chain goes back, or a node is behind or lies. */
function hasOutsiders({ tables, events, faults, faultShare }: Plan): boolean {
  const outside = events.some(({ kind }) =>
    ['reorg', 'foreign-block', 'foreign-pool'].includes(kind),
  )
  const astray = faultShare > 0 && faults.some((fault) => fault === 'lag' || fault === 'lie')
  return tables === 2 || outside || astray
}

function everyBlock({ time }: Simulation, truth: ChainTruth): void {
  time.after(truth.plan.blockMs, () => {
    truth.mine()
    everyBlock({ time } as Simulation, truth)
    return false
  })
}

/** Two oracle nodes publish each round in every table, a little apart. */
function publishRounds({ plan, time, trace }: Simulation, tables: readonly Table[]): void {
  const chance = seeded(mixed(plan.seed, 1))
  const engines = plan.chains.map(({ kind }) => kind)
  const ill = (kind: string, round: number): boolean =>
    plan.events.some(
      (event) => event.kind === kind && Math.floor(event.size * plan.rounds) === round,
    )
  for (let round = 0; round < plan.rounds; round += 1)
    for (const node of ['n0', 'n1']) {
      const wait = round * roundSeconds * 1000 + chance.below(1_200)
      const price = new Decimal(100 + chance.below(3))
      const at = Math.floor((start + round * roundSeconds * 1000) / 1000) * 1000
      const observedAt = timestamp(at - chance.below(3) * 1_000)
      const number = Math.floor(start / (roundSeconds * 1000)) + round
      const forged = node === 'n1' && ill('forged-report', round)
      if (node === 'n0' && ill('missing-report', round)) continue
      const signature = {
        signer: `0x${node.slice(1)}a`,
        signature: [forged ? '0x00' : '0x01'],
      } as const
      const report: SignedReport = {
        node,
        round: number,
        feed: market,
        price,
        observedAt,
        oldestInputAt: observedAt,
        sources: 5,
        configHash: '0x01',
        signatures: Object.fromEntries(engines.map((engine) => [engine, signature])),
      }
      time.after(wait, () => {
        trace?.(`${node} publishes round ${number}`)
        for (const { store } of tables) void store.reports.publish(node, number, [report])
        return false
      })
    }
}

/** How far the planner looks ahead; it comes again before that is over, so that slots are planned twice. */
const horizonMs = 40_000
const planEveryMs = 30_000

function planTicks({ sim, mutant }: Surroundings, deployments: readonly Deployment[]): void {
  const { plan, time } = sim
  const schedules: readonly Schedule[] = [
    {
      job: 'push-prices',
      subjects: plan.chains.map(({ kind }) => kind),
      everySeconds: roundSeconds,
      offsetMs: 1_000,
    },
    ...(mutant?.noSweeper
      ? []
      : [
          {
            job: 'deliver-outbox',
            subjects: ['network'],
            everySeconds: sweepSeconds,
            offsetMs: 4_000,
          },
        ]),
  ]
  const lastRound = Math.floor(start / (roundSeconds * 1000)) + plan.rounds
  const again = (): void => {
    const from = timestamp(time.now())
    const to = timestamp(time.now() + horizonMs)
    const ticks = plannedTicks(schedules, { from, to })
    const wanted = ticks.filter(({ job }) => job.job !== 'push-prices' || job.slot < lastRound)
    for (const deployment of deployments) deployment.send(wanted)
    time.after(planEveryMs, () => {
      again()
      return false
    })
  }
  again()
}

/** Nothing of the troubles is left but what it has done. A unit may stay dearer than it was. */
function calm(truth: ChainTruth): void {
  truth.stalled = false
  truth.halted = false
  truth.funds = true
  if (truth.price > usualPrice * 2n) truth.price = usualPrice * 2n
}

function tracing(trace: (line: string) => void, passed: () => number): (line: string) => void {
  return (line) => trace(`${(passed() / 1000).toFixed(3).padStart(8)} s  ${line}`)
}
