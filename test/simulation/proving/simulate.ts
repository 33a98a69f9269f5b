import { createHash } from 'node:crypto'

import { storeOn } from '../../../lib/adapters/store/memory.ts'
import type { Batch } from '../../../lib/domain/proving/batch.ts'
import { isFinished } from '../../../lib/domain/proving/batch.ts'
import { heldByHand, releasedByHand, retriedByHand } from '../../../lib/domain/proving/by-hand.ts'
import type { ProvingRules } from '../../../lib/domain/proving/proving-rules.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { Store } from '../../../lib/ports.ts'
import { aProcess, type Simulation } from '../calls.ts'
import { mixed } from '../plan.ts'
import { start } from '../rounds.ts'
import { rowsByReference } from '../rows.ts'
import type { Ended } from '../simulate.ts'
import { virtualTime } from '../virtual-time.ts'
import { l1Truth } from './l1-truth.ts'
import { l2Truth } from './l2-truth.ts'
import { type ProvingEvent, type ProvingPlan, provingPlanOf } from './plan.ts'
import { proverTruth } from './prover-truth.ts'
import type { ProvingMutant } from './proving-mutant.ts'
import { type ProvingWatch, provingWatch } from './proving-rules.ts'
import { aWorker, type ProvingTruths } from './worker.ts'

export type SimulateProvingOptions = {
  readonly mutant?: ProvingMutant | undefined
  readonly only?: ReadonlySet<string> | undefined
  readonly trace?: ((line: string) => void) | undefined
}

export const provingLane = 'appchain'
const laneId = 'l1/0x5e'

/** How long everything may take once nothing goes wrong any more and a human is there. */
const calmMs = 3 * 60 * 60_000

/** One schedule of ten batches, from its number. */
export async function simulateProving(
  seed: number,
  { mutant, only, trace }: SimulateProvingOptions = {},
): Promise<Ended> {
  const plan = provingPlanOf(seed)
  const time = virtualTime(start)
  const happened: string[] = []
  const told =
    trace && ((line: string) => trace(`${((time.now() - start) / 1000).toFixed(1)} ${line}`))
  const sim: Simulation = {
    plan: plan.calls,
    time,
    troubled: true,
    out: new Set(),
    frozen: 0,
    pushes: 0,
    happens(id) {
      if (only && !only.has(id)) return false
      happened.push(id)
      told?.(`*** ${id}`)
      return true
    },
    trace: told,
  }
  const truths = truthsOf({ plan, sim, mutant })
  begin(truths, plan)
  time.after(plan.troubledMs, () => {
    sim.troubled = false
    sim.out.clear()
    told?.('*** the troubles are over')
    return false
  })
  const until = start + plan.troubledMs + calmMs
  const { watch } = truths
  await time.run(() => watch.violation() !== undefined || time.now() > until || isOver(truths))
  if (!watch.violation()) judge(truths, { late: time.now() > until, happened })
  const works = watch.rows().filter(({ state }) => state.kind === 'finalized').length
  return { seed, violation: watch.violation(), happened, works }
}

export function truthsOf(of: {
  readonly plan: ProvingPlan
  readonly sim: Simulation
  readonly mutant: ProvingMutant | undefined
}): ProvingTruths {
  const { plan, sim, mutant } = of
  const { time } = sim
  const clock = { now: () => timestamp(time.now()), sleep: async () => undefined }
  const plain = storeOn(rowsByReference(), clock)
  const l2 = l2Truth(plan, time)
  const watch: ProvingWatch = provingWatch({ l2: () => l2, l1: () => l1 })
  const table = mutant?.store ? mutant.store(plain) : plain
  const store = watched(table, watch)
  const l1 = l1Truth({
    plan,
    time,
    store,
    lane: laneId,
    begun: start,
    took: ({ last }, strength) => watch.took(last.number, strength),
  })
  return {
    sim,
    plan,
    l1,
    l2,
    watch,
    store,
    table,
    laneId,
    lane: provingLane,
    mutant,
    rules: rulesOf(plan),
    files: new Map(),
    wrongRuns: new Set(),
    missingRuns: new Set(),
    provers: Object.fromEntries(
      plan.provers.map((one, at) => [
        `prover-${at + 1}`,
        proverTruth({
          plan: one,
          seed: mixed(plan.calls.seed, at),
          time,
          l1,
          isTroubled: () => sim.troubled,
        }),
      ]),
    ),
  }
}

/** Short, so that a schedule of minutes meets all of them. */
function rulesOf({ provers, feeCap }: ProvingPlan): ProvingRules {
  return {
    provers: provers.map((_, at) => `prover-${at + 1}`),
    deadlineMs: {
      planned: 60_000,
      preparing: 90_000,
      ready: 60_000,
      submitting: 90_000,
      proving: 150_000,
      'proved-fact-pending': 120_000,
      'fact-verified': 240_000,
      settling: 300_000,
      settled: 300_000,
      'held-fee-cap': 240_000,
      'held-l2-suspect': 600_000,
      'needs-human': 3_600_000,
    },
    pollMs: { least: 4_000, most: 30_000 },
    troubleMs: { least: 2_000, most: 30_000 },
    unknownMs: 30_000,
    maxSubmits: 3,
    maxSettles: 4,
    buffer: 8,
    mayBeMocked: false,
    urgentMs: 1_800_000,
    settleLifeMs: 90_000,
    digest: (text) => createHash('sha256').update(text).digest('hex'),
    ...(feeCap !== undefined && { feeCap }),
  }
}

function watched(store: Store, watch: ProvingWatch): Store {
  return {
    ...store,
    batches: {
      ...store.batches,
      async write(batch) {
        const answer = await store.batches.write(batch)
        if (answer === 'written') watch.wrote(batch)
        return answer
      },
    },
    intents: {
      ...store.intents,
      async add(intent) {
        const answer = await store.intents.add(intent)
        if (answer === 'added') watch.added(intent)
        return answer
      },
      async move(id, state) {
        const answer = await store.intents.move(id, state)
        if (answer === 'moved') watch.moved(id, state)
        return answer
      },
    },
  }
}

/** `hire`: what begins to work in a process. */
export function begin(
  truths: ProvingTruths,
  plan: ProvingPlan,
  hire: typeof aWorker = aWorker,
): void {
  const { sim } = truths
  let processes = 0
  for (let worker = 0; worker < plan.workers; worker += 1) spawn()

  function spawn(): void {
    processes += 1
    const number = processes
    // Whoever ended is followed by another one, as a function is by the next.
    const process = aProcess(sim, number, () => {
      sim.time.after(1_000 + (number % 7) * 900, () => {
        spawn()
        return true
      })
    })
    hire(truths, process, number)
  }

  for (const event of plan.events)
    sim.time.after(event.at, () => {
      if (sim.troubled && sim.happens(`${event.id}: ${event.kind}`)) happen(truths, event)
      return true
    })
  const human = (): true => {
    if (!sim.troubled) void actByHand(truths)
    sim.time.after(120_000, human)
    return true
  }
  sim.time.after(plan.troubledMs + 30_000, human)
}

function happen(truths: ProvingTruths, { kind, size }: ProvingEvent): void {
  const { sim, l1, l2, plan, watch } = truths
  const now = sim.time.now()
  switch (kind) {
    case 'l2-reorg':
      return l2.reorg(1 + Math.floor(size * 3 * plan.blocksEach), l1.committed())
    case 'l1-reorg':
      // Never below what the chain itself calls final.
      return l1.reorg(1 + Math.floor(size * (plan.finalityBlocks - 1)))
    case 'l1-stall':
      l1.stalledUntil = now + size * 200_000
      return undefined
    case 'prover-outage': {
      const names = Object.keys(truths.provers)
      const name = names[Math.floor(size * names.length)] ?? ''
      sim.out.add(name)
      sim.time.after(20_000 + size * 300_000, () => {
        sim.out.delete(name)
        return false
      })
      return undefined
    }
    case 'run-missing':
    case 'run-wrong': {
      const runs = kind === 'run-wrong' ? truths.wrongRuns : truths.missingRuns
      const at = l2.tip() + 1
      runs.add(at)
      if (kind === 'run-missing')
        sim.time.after(size * 150_000, () => {
          runs.delete(at)
          return false
        })
      return undefined
    }
    case 'files-lost':
      truths.files.clear()
      return undefined
    case 'settled-by-others': {
      const [next] = l2.closed(l1.sight(0).latest, 1)
      if (next) l1.settle(next)
      return undefined
    }
    case 'revert':
      l1.toRevert += 1
      return undefined
    case 'configuration':
      l1.misconfiguredUntil = now + size * 120_000
      return undefined
    case 'held-by-hand': {
      const rows = watch.rows().filter((row) => !isFinished(row) && !row.hold)
      const row = rows[Math.floor(size * rows.length)]
      if (row) void byHand(truths, row.number, (one) => heldByHand(one, hand(now)))
      return undefined
    }
  }
}

const hand = (now: number) => ({ by: 'anna', reason: 'looked into', now: timestamp(now) })

/** Releases and retries what waits for somebody; what comes back for the same reason is proved anew. */
export async function actByHand(truths: ProvingTruths): Promise<void> {
  const { watch, rules, sim } = truths
  truths.wrongRuns.clear()
  truths.missingRuns.clear()
  for (const { number, hold, state, history } of watch.rows()) {
    const now = sim.time.now()
    if (hold) await byHand(truths, number, (one) => releasedByHand(one, hand(now)))
    else if (state.kind === 'needs-human') {
      const anew = history.some(({ to }) => to === 'retry')
      await byHand(truths, number, (one) =>
        retriedByHand(one, { ...hand(now), anew }, rules.deadlineMs),
      )
    }
  }
}

async function byHand(
  { table, lane, watch, sim }: ProvingTruths,
  number: number,
  change: (batch: Batch) => Batch,
): Promise<void> {
  const row = await table.batches.read(lane, number)
  if (!row || isFinished(row) || watch.violation()) return
  let next: Batch
  try {
    next = change(row)
  } catch {
    return
  }
  sim.trace?.(`by hand: ${number} ${row.state.kind} → ${next.state.kind}`)
  if ((await table.batches.write(next)) === 'written') watch.wrote(next, true)
}

function isOver(truths: ProvingTruths): boolean {
  const { l2, l1, watch, sim } = truths
  if (sim.troubled || l2.tip() < l2.total) return false
  const rows = watch.rows()
  if (isBeyondUs(truths)) return rows.every(isFinished) || rows.some(waitsForPeople)
  return rows.every(isFinished) && l1.sight(0).finalized.number === l2.total
}

/** The contract has a block that the chain lost in the moment when it was sent: that is for people alone to mend. */
function isBeyondUs({ l1, l2 }: ProvingTruths): boolean {
  const { hash, number } = l1.sight(0).finalized
  return number > 0 && hash !== undefined && l2.everLost(hash)
}

function waitsForPeople({ state }: Batch): boolean {
  return state.kind === 'needs-human' && state.why === 'foreign-state'
}

function judge(
  truths: ProvingTruths,
  { late, happened }: { readonly late: boolean; readonly happened: readonly string[] },
): void {
  const { watch, l1, l2, plan } = truths
  const rows = watch.rows()
  const stuck = rows.filter((row) => !isFinished(row))
  if (late)
    watch.broken(
      'a batch is stuck',
      stuck
        .map(
          ({ number, state }) =>
            `${number} ${state.kind}${state.kind === 'needs-human' ? ` (${state.why}: ${state.reason})` : ''}`,
        )
        .join(', ') || `the contract is at ${l1.sight(0).latest.number} of ${l2.total}`,
    )
  const last = rows
    .filter(({ state }) => state.kind === 'finalized')
    .toSorted((one, other) => one.number - other.number)
  let at = 0
  for (const { content, number } of last) {
    if (content.previous.number !== at) watch.broken('final batches have a gap', `before ${number}`)
    at = content.last.number
  }
  const calm = happened.length === 0 && plan.spike === undefined
  const odd = rows.find(({ history }) => history.some(({ to }) => to === 'needs-human'))
  const isCalm =
    calm &&
    plan.provers.every(({ outcomes }) => Object.values(outcomes).every((share) => share === 0))
  if (isCalm && odd) watch.broken('a human was called for nothing', `batch ${odd.number}`)
}
