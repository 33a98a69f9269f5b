import * as z from 'zod'

import { type JobName, jobNames } from '../network/job-names.ts'
import type { Network } from '../network/schema.ts'
import {
  bookedEngines,
  fundedEngines,
  indexedEngines,
  liquidatedEngines,
  payingEngines,
  timedEngines,
} from '../world/schedules.ts'
import type { Look } from './look.ts'

const time = z.int().min(0)

const tickSchema = z.object({
  job: z.object({ slot: z.int() }),
  worker: z.string(),
  claimedAt: time,
  outcome: z
    .object({
      kind: z.enum(['done', 'refused', 'failed']),
      reason: z.string(),
      detail: z.string(),
      at: time,
    })
    .optional(),
})

/** What one job did for one subject: an oracle node, an engine, or the whole network. */
export type JobView = {
  readonly job: JobName
  readonly subject: string
  readonly everySeconds: number
  /** Newest first. */
  readonly ticks: readonly TickView[]
  /** The newest slot is older than the planner may be silent. */
  readonly silent: boolean
}

export type TickView = {
  readonly slot: number
  /** When the slot begins. */
  readonly slotAt: number
  readonly worker: string
  readonly claimedAt: number
  /** `running` while it has no outcome. */
  readonly state: 'running' | 'done' | 'refused' | 'failed'
  readonly reason: string
  readonly detail: string
  /** From claimed to its outcome. */
  readonly tookMs: number | undefined
}

/** As many as a strip on a phone shows. */
const tickLimit = 24

/** Every job that runs, with the newest of its ticks. */
export async function jobsView({
  network,
  store,
  now,
  problems,
}: Look): Promise<readonly JobView[]> {
  const wanted = jobNames.flatMap((job) =>
    subjectsOf(job, network).map((subject) => ({ job, subject, plan: network.jobs[job] })),
  )
  const views = wanted.map(async ({ job, subject, plan }): Promise<readonly JobView[]> => {
    if (!plan) return []
    const slotMs = plan.everySeconds * 1000
    const where = `ticks of ${job} for ${subject}`
    const rows = await problems.attempt(
      where,
      () => store.ticks.recent(job, subject, tickLimit),
      [],
    )
    const ticks = await Promise.all(
      rows.map((row, place) =>
        problems.attempt(
          `${where}, row ${place + 1}`,
          () => [tickView(row, slotMs, plan.offsetMs)],
          [],
        ),
      ),
    )
    const newest = ticks.flat()
    const silentMs = slotMs * network.alerts.plannerSilentSlots
    const lastAt = newest[0]?.slotAt ?? 0
    return [
      {
        job,
        subject,
        everySeconds: plan.everySeconds,
        ticks: newest,
        silent: now - lastAt > silentMs,
      },
    ]
  })
  return (await Promise.all(views)).flat()
}

function subjectsOf(job: JobName, network: Network): readonly string[] {
  switch (job) {
    case 'publish-prices':
      return network.oracles.map(({ name }) => name)
    case 'push-prices':
      return Object.keys(network.engines)
    case 'settle-funding':
      return fundedEngines(network)
    case 'update-exchange-time':
      return timedEngines(network)
    case 'apply-interests':
      return payingEngines(network)
    case 'index-positions':
      return indexedEngines(network)
    case 'liquidate':
    case 'deleverage':
      return liquidatedEngines(network)
    case 'prove-batches':
      return Object.keys(network.proving)
    case 'keep-books':
      return bookedEngines(network)
    case 'watch-systems':
      return Object.keys(network.watched)
    case 'tell-uptime':
      return Object.keys(network.uptimeFeeds)
    case 'watch-liveness':
    case 'govern':
    case 'pack-history':
    case 'deliver-outbox':
      return ['network']
  }
}

function tickView(row: unknown, slotMs: number, offsetMs: number): TickView {
  const { job, worker, claimedAt, outcome } = tickSchema.parse(row)
  return {
    slot: job.slot,
    slotAt: job.slot * slotMs + offsetMs,
    worker,
    claimedAt,
    state: outcome?.kind ?? 'running',
    reason: outcome?.reason ?? '',
    detail: outcome?.detail ?? '',
    tookMs: outcome && Math.max(0, outcome.at - claimedAt),
  }
}
