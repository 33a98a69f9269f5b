import { setTimeout as sleep } from 'node:timers/promises'

import { compose } from '../../lib/runtime/compose.ts'
import { wallClock } from '../../lib/runtime/wall-clock.ts'
import { readNetwork } from '../../lib/tools/read-network.ts'
import type { Phase } from './node-phases.ts'
import type { OracleNode } from './oracle-nodes.ts'
import { type Sightings, type ToldPrice, watchPrices } from './told-prices.ts'

/** Rounds of the local network. */
const roundMs = 5_000

/** How long work of the phase before may still be on its way. */
const settleMs = 12_000

/** Two of the network's heartbeats: a price that grows older has missed one. */
const oldestMs = 40_000

type Ran = { readonly phase: Phase; readonly from: number; to: number }

/** Starts the nodes, has them do one phase after the other, and answers what did not hold. */
export async function runPhases(options: {
  readonly nodes: readonly OracleNode[]
  readonly phases: readonly Phase[]
  readonly runMs: number
  readonly tell: (message: string) => void
}): Promise<string[]> {
  const { nodes, phases, runMs, tell } = options
  const [pusher] = nodes
  if (!pusher) throw new TypeError('there are no nodes')
  await Promise.all(nodes.map(async (node) => await node.start()))
  const needs = { oracles: false, senders: false, alerts: false, watched: false }
  const world = await compose({
    ...(await readNetwork(pusher.file)),
    clock: wallClock,
    needs,
    dryRun: true,
  })
  const engines = Object.values(world.ports.engines)
  await firstPrices(pusher)
  const seen = watchPrices(engines, nodes)
  const problems: string[] = []
  const ran: Ran[] = []
  try {
    for (const phase of phases) {
      const current: Ran = { phase, from: Date.now(), to: Number.MAX_SAFE_INTEGER }
      ran.push(current)
      await phase.begin(nodes)
      await sleep(runMs / phases.length)
      const alarms = openIncidents(pusher)
      await phase.end(nodes)
      current.to = Date.now()
      const found = judged({ current, ran, seen, alarms })
      tell(`${found.problems.length === 0 ? 'holds' : 'BROKEN'}  ${phase.name}: ${found.verdict}`)
      problems.push(...found.problems.map((problem) => `${phase.name}: ${problem}`))
    }
  } finally {
    await seen.stop()
    await world.close()
  }
  return problems
}

/** Both exchanges have been told every market once. */
async function firstPrices(pusher: OracleNode): Promise<void> {
  for (const chain of ['evm', 'starknet'])
    await pusher
      .run()
      .waitFor(
        `a first price on ${chain}`,
        (line) =>
          line.kind === 'transaction' && line['chain'] === chain && line['state'] === 'included',
        { withinMs: 90_000 },
      )
}

function judged(look: {
  readonly current: Ran
  readonly ran: readonly Ran[]
  readonly seen: Sightings
  readonly alarms: readonly string[]
}): { readonly verdict: string; readonly problems: readonly string[] } {
  const { current, ran, seen, alarms } = look
  const { phase, from, to } = current
  // What was told before anybody looked at the nodes cannot be judged.
  const first = ran[0]?.from ?? from
  const told = seen.told.filter(
    ({ seenAt, publishedAt }) => seenAt >= from && seenAt <= to && publishedAt >= first,
  )
  const wrong = told.filter((one) => !isWithinHonest(one, ran, seen))
  const settled = told.filter(({ seenAt }) => seenAt >= from + settleMs)
  const oldest = Math.max(
    ...seen.ages.filter(({ at }) => at >= from + settleMs && at <= to).map(({ ms }) => ms),
  )
  const missing = phase.alarms.filter(
    ([rule, subject]) => !alarms.some((one) => one.startsWith(`${rule} ${subject}`)),
  )
  const problems = [
    ...wrong.map(
      ({ engine, market, price, publishedAt }) =>
        `${engine} was told ${price} for ${market} at ${new Date(publishedAt).toISOString()}, which no honest nodes said`,
    ),
    ...missing.map(([rule, subject]) => `nobody was told of ${rule} ${subject}`),
    ...(phase.prices === 'refused'
      ? settled.map(({ engine, market }) => `${engine} was told a price of ${market}`)
      : [
          ...(settled.length === 0 ? ['no price was told at all'] : []),
          ...(oldest > oldestMs ? [`a price was ${seconds(oldest)} old`] : []),
        ]),
  ]
  const verdict = [
    `${told.length} prices told, ${told.length - wrong.length} of them within what honest nodes said`,
    phase.prices === 'refused'
      ? `none after the first ${settleMs / 1000} s`
      : `none older than ${seconds(oldest)}`,
    alarms.length === 0 ? 'no alarms' : `alarms: ${alarms.join(', ')}`,
  ]
  return { verdict: verdict.join('; '), problems }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

/** How many rounds a price may be on its way, blocks included. */
const lateRounds = 10

/** Exchanges round down to their own units: far less than this. */
const rounding = 1e-6

/** Whether in some round shortly before it the price was between two that honest nodes said. */
function isWithinHonest(one: ToldPrice, ran: readonly Ran[], { said }: Sightings): boolean {
  const newest = Math.floor(one.seenAt / roundMs)
  return Array.from({ length: lateRounds }, (_, back) => newest - back).some((round) => {
    const honest = honestIn(round, ran)
    const prices = [...(said.get(round)?.get(one.market) ?? [])].flatMap(([node, price]) =>
      honest.includes(node) ? [price] : [],
    )
    const low = Math.min(...prices) * (1 - rounding)
    const high = Math.max(...prices) * (1 + rounding)
    return one.price >= low && one.price <= high
  })
}

/** Those who were honest all that round long; a change takes effect within it or shortly before. */
function honestIn(round: number, ran: readonly Ran[]): readonly string[] {
  const [from, to] = [(round - 1) * roundMs, (round + 1) * roundMs]
  const phases = ran.filter((one) => one.from < to && one.to > from).map(({ phase }) => phase)
  const [first, ...others] = phases
  return (first?.honest ?? []).filter((name) => others.every(({ honest }) => honest.includes(name)))
}

/** What people have been told of and not yet of its end, each with its severity. */
function openIncidents(pusher: OracleNode): readonly string[] {
  const open = new Map<string, string>()
  for (const line of pusher.run().lines) {
    if (line.kind !== 'incident') continue
    const name = `${String(line['rule'])} ${String(line['subject'])}`
    if (line['state'] === 'resolved') open.delete(name)
    else open.set(name, `${name} (${String(line['severity'])})`)
  }
  return [...open.values()]
}
