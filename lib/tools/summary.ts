import type { Incident } from '../domain/incident.ts'
import type { Intent } from '../domain/intent.ts'
import type { Timestamp } from '../domain/time.ts'
import { pastRules } from '../domain/watch/past-rules.ts'
import type { Notice } from '../keepers/notice.ts'
import type { Job } from '../ports.ts'

/** How a run went, from what it told while it went. */
export type Summary = {
  readonly kind: 'summary'
  /** Nothing is broken. */
  readonly ok: boolean
  /** One sentence per rule that was broken. */
  readonly broken: readonly string[]
  readonly ranForMs: number
  readonly ticks: {
    /** Slots that were planned and whose time came before the end. */
    readonly planned: number
    readonly done: number
    readonly refused: Readonly<Record<string, number>>
    readonly failed: Readonly<Record<string, number>>
  }
  readonly chains: Readonly<Record<string, ChainSummary>>
  readonly incidents: { readonly opened: number; readonly resolved: number }
}

export type ChainSummary = {
  /** Transactions, not intents. */
  readonly included: number
  readonly reverted: number
  /** From a slot's beginning to the first sight of its transaction in a block, by our clock; null without any. */
  readonly slotToInclusionMs: { readonly p50: number | null; readonly p99: number | null }
}

export type RunFacts = {
  readonly begunAt: Timestamp
  /** When a planned slot begins. */
  readonly slotAt: (job: Job) => number
  /** Which chain each engine that lists a market is on. */
  readonly chainOf: Readonly<Record<string, string>>
  /** StarkEx exchanges: what one has taken waits for its batches, which it makes as it likes. */
  readonly batched: readonly string[]
  /** False for a dry run: then nothing can be included. */
  readonly sends: boolean
}

/** What the store says when the run is over. */
export type EndFacts = {
  readonly at: Timestamp
  readonly openIntents: readonly Intent[]
  readonly openIncidents: readonly Incident[]
  /** Why it could not be asked; then nothing is known to be open. */
  readonly unread?: string
}

export type Tally = { add(notice: Notice): void; summary(end: EndFacts): Summary }

/** This long after its slot or deadline, work that is still open is late and not merely under way. */
const underWayMs = 30_000

/** Adds up a run notice by notice, so that one of many days needs no more memory than one of a minute. */
export function startTally(facts: RunFacts): Tally {
  const planned = plannedSlots(facts)
  const done = { count: 0 }
  const refused = new Map<string, number>()
  const failed = new Map<string, number>()
  const chains = new Map(Object.values(facts.chainOf).map((chain) => [chain, newChain()]))
  const incidents = { opened: 0, resolved: 0 }

  function add(notice: Notice): void {
    switch (notice.kind) {
      case 'planned':
        planned.add(notice.jobs, notice.at)
        return
      case 'tick':
        addTick(notice)
        return
      case 'transaction':
        addTransaction(notice)
        return
      case 'incident':
        if (notice.state === 'opened') incidents.opened += 1
        if (notice.state === 'resolved') incidents.resolved += 1
        return
      case 'batch':
      case 'priced':
      case 'booked':
      case 'measured':
      case 'trouble':
    }
  }

  function addTick({ job, outcome, slotAt }: Notice & { kind: 'tick' }): void {
    if (outcome.kind === 'done') done.count += 1
    else count(outcome.kind === 'refused' ? refused : failed, outcome.reason)
    const chain = chains.get(facts.chainOf[job.subject] ?? '')
    if (job.job === 'push-prices' && chain && outcome.reason !== 'nothing-due')
      chain.firstDueAt = Math.min(chain.firstDueAt, slotAt)
  }

  function addTransaction({ chain: name, intent, slotAt }: Notice & { kind: 'transaction' }): void {
    const { state } = intent
    const chain = chains.get(name) ?? newChain()
    chains.set(name, chain)
    if (state.kind === 'failed' && state.why === 'reverted')
      chain.reverted.add(state.hash ?? intent.id)
    if (state.kind !== 'included' && state.kind !== 'settled') return
    if (state.kind === 'included' && state.reverted !== undefined) chain.reverted.add(state.hash)
    else if (!chain.included.has(state.hash)) {
      chain.included.add(state.hash)
      // What an earlier run left would tell how long nobody ran.
      if (slotAt >= facts.begunAt) chain.latencies.push(state.seenAt - slotAt)
    }
  }

  return {
    add,
    summary(end) {
      const broken = [
        ...[...chains].flatMap(([name, chain]) => brokenOn(name, chain, { ...facts, ...end })),
        ...brokenAtEnd(end, facts),
      ]
      return {
        kind: 'summary',
        ok: broken.length === 0,
        broken,
        ranForMs: end.at - facts.begunAt,
        ticks: {
          planned: planned.dueBy(end.at),
          done: done.count,
          refused: Object.fromEntries(refused),
          failed: Object.fromEntries(failed),
        },
        chains: Object.fromEntries([...chains].map(([name, chain]) => [name, chainSummary(chain)])),
        incidents: { ...incidents },
      }
    },
  }
}

type ChainTally = {
  readonly included: Set<string>
  readonly reverted: Set<string>
  readonly latencies: number[]
  /** The first slot that had something to push. */
  firstDueAt: number
}

function newChain(): ChainTally {
  return { included: new Set(), reverted: new Set(), latencies: [], firstDueAt: Infinity }
}

function chainSummary({ included, reverted, latencies }: ChainTally): ChainSummary {
  const sorted = latencies.toSorted((one, other) => one - other)
  return {
    included: included.size,
    reverted: reverted.size,
    slotToInclusionMs: { p50: percentile(sorted, 50), p99: percentile(sorted, 99) },
  }
}

/** The nearest rank: the least value that at least `percent` of them do not exceed. */
function percentile(sorted: readonly number[], percent: number): number | null {
  return sorted[Math.max(1, Math.ceil((sorted.length * percent) / 100)) - 1] ?? null
}

function brokenOn(
  name: string,
  { included, reverted, firstDueAt }: ChainTally,
  { at, sends }: { readonly at: number; readonly sends: boolean },
): readonly string[] {
  const silent = sends && included.size === 0 && firstDueAt <= at - underWayMs
  return [
    ...(reverted.size > 0
      ? [
          `${reverted.size} ${reverted.size === 1 ? 'transaction' : 'transactions'} reverted on ${name}`,
        ]
      : []),
    ...(silent ? [`nothing was included on ${name}, though prices were due there`] : []),
  ]
}

/** Work that has no owner any more, and what somebody should still get up for. */
function brokenAtEnd(
  { at, openIntents, openIncidents, unread }: EndFacts,
  { batched }: Pick<RunFacts, 'batched'>,
): readonly string[] {
  const isTaken = ({ action, state }: Intent): boolean =>
    state.kind === 'included' && batched.includes(action.engine)
  const forgotten = openIntents.filter(
    (intent) => intent.deadline <= at - underWayMs && !isTaken(intent),
  )
  const critical = openIncidents.filter(
    ({ rule, state, severity, goneSince }) =>
      state === 'open' &&
      severity === 'critical' &&
      goneSince === undefined &&
      !pastRules.has(rule),
  )
  return [
    ...(unread === undefined ? [] : [`what is left is not known: ${unread}`]),
    ...forgotten.map(({ id, state }) => `${id} is still ${state.kind}, long after its deadline`),
    ...critical.map(({ rule, summary }) => `${rule} is not resolved: ${summary}`),
  ]
}

/** Each slot once, however often it is planned; only the slots of the last minutes are remembered one by one. */
function plannedSlots({ slotAt }: RunFacts) {
  const open = new Map<string, number>()
  let closed = 0
  // Slots are planned less than three minutes ahead, so nothing this old is planned again.
  const rememberedMs = 600_000
  return {
    add(jobs: readonly Job[], now: Timestamp): void {
      for (const job of jobs) open.set(`${job.job} ${job.subject} ${job.slot}`, slotAt(job))
      for (const [key, at] of open)
        if (at < now - rememberedMs) {
          open.delete(key)
          closed += 1
        }
    },
    dueBy: (end: Timestamp): number => closed + [...open.values()].filter((at) => at <= end).length,
  }
}

function count(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1)
}
