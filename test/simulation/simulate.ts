import type { Intent } from '../../lib/domain/intent.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { plannedTicks, type Schedule } from '../../lib/keepers/plan-ticks.ts'
import { seeded } from '../keepers/lane/workers.ts'
import type { Simulation } from './calls.ts'
import { type ChainTruth, chainTruth } from './chain-truth.ts'
import type { Surroundings, Table } from './deployment.ts'
import { happen } from './events.ts'
import { usualPrice } from './fees.ts'
import { aDeployment, type Deployment } from './mail.ts'
import { markets } from './markets.ts'
import type { Mutant } from './mutant.ts'
import { isMissing, oracles, reportsOf } from './oracles.ts'
import { mixed, oneMayAnswer, type Plan, planOf } from './plan.ts'
import { firstRound, roundSeconds, start, sweepSeconds } from './rounds.ts'
import { type Rules, rules } from './rules.ts'
import { watchedTable } from './table.ts'
import { registry } from './transactions.ts'
import { virtualTime } from './virtual-time.ts'

/** A rule, and what breaks it. */
export type Broken = { readonly rule: string; readonly what: string }

export type Ended = {
  readonly seed: number
  readonly violation: Broken | undefined
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
    thrifty: plan.thrifty,
    deep: !oneMayAnswer(plan) || !mayLie(plan),
    apart: plan.tables === 2,
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
  const network: Network = { around, tables, deployments }
  sendRounds(network, firstRound, plan.rounds)
  planSweeps(network)
  for (const event of plan.events)
    time.after(event.at, () => {
      const truth = truths.get(plan.chains[event.chain]?.kind ?? '')
      if (truth && sim.troubled && sim.happens(`${event.id}: ${event.kind} of ${truth.kind}`))
        happen(sim, truth, event)
      return false
    })

  time.after(plan.troubledMs, () => {
    calmDown(around)
    return false
  })
  // Also before the troubles end: what has come to its end can only be swept, or be lost with its block.
  const lastReorg = plan.events.filter(({ kind }) => kind === 'reorg').map(({ at }) => at)
  const eventful = start + Math.max(plan.rounds * roundSeconds * 1000, ...lastReorg)
  let ended = await quiet(network, { after: eventful, until: start + plan.troubledMs + calmMs })
  if (plan.epilogue && ended && !kept.violation()) ended = await epilogue(network)
  for (const truth of truths.values()) for (let block = 0; block < 3; block += 1) truth.mine()
  judgeEnd(kept, { late: !ended, undisturbed: happened.length === 0 && plan.tables === 1 })
  return { seed, violation: kept.violation(), happened, works: kept.works() }
}

type Network = {
  readonly around: Surroundings
  readonly tables: readonly Table[]
  readonly deployments: readonly Deployment[]
}

/** Lets time pass until nothing is left to do; false where that takes too long. */
async function quiet(
  { around: { sim, rules: kept } }: Network,
  { after, until }: { readonly after: number; readonly until: number },
): Promise<boolean> {
  const { time } = sim
  const isQuiet = (): boolean =>
    time.now() > after &&
    sim.pushes === 0 &&
    sim.frozen === 0 &&
    kept.lanesEmpty() &&
    kept.open().length === 0
  await time.run(() => {
    if (kept.violation() !== undefined || time.now() > until) return true
    return isQuiet()
  })
  return time.now() <= until
}

/** Enough for a price to be due again, and once more. */
const epilogueRounds = 3

/** Once all is calm each market that the exchange takes has its turn, whatever is the matter with another one. */
async function epilogue(network: Network): Promise<boolean> {
  const { sim, truths, rules: kept } = network.around
  const { time } = sim
  calmDown(network.around)
  const first = Math.floor(time.now() / (roundSeconds * 1000)) + 2
  const begins = first * roundSeconds * 1000
  const ends = begins + epilogueRounds * roundSeconds * 1000
  sim.trace?.(`*** ${epilogueRounds} more rounds`)
  sendRounds(network, first, epilogueRounds)
  const ended = await quiet(network, { after: ends, until: ends + calmMs })
  for (const truth of truths.values())
    for (const market of markets.slice(0, truth.plan.markets)) {
      const at = truth.tip(0).ledger.prices[market]?.publishedAt ?? 0
      // The first report of a round may be some seconds older than it.
      const had = at >= begins - 5_000
      if (!had && !truth.refused.has(market))
        kept.broken('a market did not get its turn', `${market} on ${truth.kind}: ${at}`)
    }
  return ended
}

function judgeEnd(
  kept: Rules,
  { late, undisturbed }: { readonly late: boolean; readonly undisturbed: boolean },
): void {
  if (late) kept.broken('work is stuck', kept.open().join(', ') || 'a lane is not empty')
  else kept.atTheEnd(undisturbed)
}

/** The troubles end. */
function calmDown({ sim, truths }: Surroundings): void {
  if (!sim.troubled) return
  sim.troubled = false
  sim.out.clear()
  sim.trace?.('*** the troubles are over')
  for (const truth of truths.values()) calm(truth)
}

/** Whether somebody else sends from the account, a chain goes back, or a node is behind or lies. */
function hasOutsiders({ tables, events, faults, faultShare }: Plan): boolean {
  const outside = events.some(({ kind }) =>
    ['reorg', 'foreign-block', 'foreign-pool'].includes(kind),
  )
  const astray = faultShare > 0 && faults.some((fault) => fault === 'lag' || fault === 'lie')
  return tables === 2 || outside || astray
}

export function everyBlock({ time }: Simulation, truth: ChainTruth): void {
  const next = (): false => {
    truth.mine()
    time.after(truth.plan.blockMs, next)
    return false
  }
  time.after(truth.plan.blockMs, next)
}

/** Whether a node says what is not so. */
function mayLie({ faults, faultShare }: Plan): boolean {
  return faultShare > 0 && faults.includes('lie')
}

/** Everything that begins with a round, for so many rounds: its reports, and the slots in which they are pushed. */
function sendRounds(network: Network, first: number, count: number): void {
  const { sim } = network.around
  const { plan } = sim
  const subjects = plan.chains.map(({ kind }) => kind)
  const push = { job: 'push-prices', everySeconds: roundSeconds, offsetMs: 1_000, subjects }
  const nodes = oracles.map(({ node }) => node)
  const publish = { ...push, job: 'publish-prices', offsetMs: 0, subjects: nodes }
  if (!plan.publishing) publishRounds(network, first, count)
  planTicks(network, {
    schedules: plan.publishing ? [publish, push] : [push],
    until: (first + count) * roundSeconds * 1000,
    from: first * roundSeconds * 1000,
  })
}

/** Without a process for it the reports of each round are there by themselves, in every table, a little apart. */
function publishRounds({ around, tables }: Network, first: number, count: number): void {
  const { plan, time, trace } = around.sim
  const chance = seeded(mixed(plan.seed, first))
  for (let round = first; round < first + count; round += 1)
    for (const { node } of oracles) {
      const begins = round * roundSeconds * 1000
      const wait = begins - time.now() + chance.below(1_200)
      const observedAt = timestamp(begins - chance.below(3) * 1_000)
      if (isMissing(plan, node, round)) continue
      time.after(wait, () => {
        trace?.(`${node} publishes round ${round}`)
        const reports = reportsOf(plan, { node, round, observedAt })
        for (const { store } of tables) void store.reports.publish(node, round, reports)
        return false
      })
    }
}

function planSweeps(network: Network): void {
  if (network.around.mutant?.noSweeper) return
  const sweeper = { job: 'deliver-outbox', subjects: ['network'] }
  const schedule = { ...sweeper, everySeconds: sweepSeconds, offsetMs: 4_000 }
  planTicks(network, { schedules: [schedule], from: start, until: Infinity })
}

/** How far the planner looks ahead; it comes again before that is over, so that slots are planned twice. */
const horizonMs = 40_000
const planEveryMs = 30_000

export function planTicks(
  { around, deployments }: Pick<Network, 'around' | 'deployments'>,
  planned: {
    readonly schedules: readonly Schedule[]
    readonly from: number
    readonly until: number
  },
): void {
  const { time } = around.sim
  const { schedules, until } = planned
  const again = (): void => {
    const from = timestamp(Math.max(planned.from, time.now()))
    const to = timestamp(Math.min(until, time.now() + horizonMs))
    const ticks = from < to ? plannedTicks(schedules, { from, to }) : []
    const wait = from - time.now()
    const wanted = ticks.map(({ job, delayMs }) => ({ job, delayMs: delayMs + wait }))
    for (const deployment of deployments) deployment.send(wanted)
    if (time.now() + planEveryMs < until)
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
  truth.slander = undefined
  truth.reverts = () => undefined
  for (const [market, kind] of truth.refused) if (kind === 'unseen') truth.refused.delete(market)
  if (truth.price > usualPrice * 2n) truth.price = usualPrice * 2n
}

function tracing(trace: (line: string) => void, passed: () => number): (line: string) => void {
  return (line) => trace(`${(passed() / 1000).toFixed(3).padStart(8)} s  ${line}`)
}
