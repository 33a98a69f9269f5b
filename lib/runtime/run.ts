import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'

import { inProcessQueue } from '../adapters/queue/in-process.ts'
import { timestamp, type Timestamp } from '../domain/time.ts'
import { messageOf } from '../keepers/message-of.ts'
import type { Notice, Notify } from '../keepers/notice.ts'
import { plannedTicks, type Schedule } from '../keepers/plan-ticks.ts'
import type { Job } from '../ports.ts'
import type { World } from './compose.ts'
import type { JobName } from './network/job-names.ts'
import { schedulesOf } from './world/schedules.ts'
import { type Workers, workersOf } from './world/workers.ts'

export type Run = {
  /** Begins nothing more, and resolves when nothing runs any longer: what waits for a block, waits on. */
  stop(): Promise<void>
}

export type RunOptions = {
  readonly world: World
  readonly jobs: readonly JobName[] | 'all'
  readonly notify: Notify
  /** Aborts where nothing is to be waited for any more. What is signed is stored, and the next start takes it up. */
  readonly signal?: AbortSignal | undefined
}

/** How far ahead slots are planned, and how often: locally nobody else plans. */
const horizonMs = 4_000
const planEveryMs = 1_000

/** How long a slot belongs to its worker. Whatever is not done by then, the sweeper goes on with. */
const slotMs = 25_000

/** Runs a network's jobs until stopped, all in this process: planner, queue and workers. */
export function runNetwork({ world, jobs, notify, signal }: RunOptions): Run {
  const { clock } = world.ports
  const workers = workersOf(world, { notify, worker: workerName() })
  const schedules = wanted(world, jobs)
  const queue = inProcessQueue({
    clock,
    visibilityMs: slotMs + 5_000,
    maxReceives: 3,
    concurrency: 16,
    handler: async (job) => {
      await workers.work(job, timestamp(clock.now() + slotMs), signal)
    },
    onFailure: (job, error) => notify(trouble(clock.now(), job.job, error)),
  })
  const stopping = new AbortController()
  const planning = plan(world, { schedules, queue, notify, signal: stopping.signal })
  return {
    async stop() {
      stopping.abort()
      await queue.stop()
      await planning
    },
  }
}

async function plan(
  { ports: { clock } }: World,
  options: {
    readonly schedules: readonly Schedule[]
    readonly queue: ReturnType<typeof inProcessQueue>
    readonly notify: Notify
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { schedules, queue, notify, signal } = options
  let plannedUntil = clock.now()
  while (!signal.aborted) {
    const now = clock.now()
    // A laptop that slept does not make up for the night.
    const from = timestamp(Math.max(plannedUntil, now))
    const to = timestamp(now + horizonMs)
    if (to > from) {
      const planned = plannedTicks(schedules, { from, to })
      const late = from - now
      await queue.send(planned.map(({ job, delayMs }) => ({ job, delayMs: delayMs + late })))
      plannedUntil = to
      if (planned.length > 0)
        notify({ kind: 'planned', at: now, jobs: planned.map(({ job }) => job) })
    }
    await clock.sleep(planEveryMs, signal)
  }
}

/** Jobs in the order in which one's result is the next one's input. */
const passOrder: readonly JobName[] = [
  'publish-prices',
  'push-prices',
  'settle-funding',
  'index-positions',
  'update-exchange-time',
  'apply-interests',
  'liquidate',
  'deleverage',
  'prove-batches',
  'watch-systems',
  'watch-liveness',
  'tell-uptime',
  'govern',
  'deliver-outbox',
  'keep-books',
  'pack-history',
]

/** One pass over the jobs. `ok`: all that there was to do is done, and every transaction of it is in a block. */
export async function runOnce({
  world,
  jobs,
  notify,
  signal,
}: RunOptions): Promise<{ readonly ok: boolean }> {
  const { clock } = world.ports
  const seen: Notice[] = []
  const both: Notify = (notice) => {
    seen.push(notice)
    notify(notice)
  }
  const workers = workersOf(world, { notify: both, worker: workerName() })
  for (const job of passOrder) {
    const schedule = wanted(world, jobs).find((one) => one.job === job)
    if (!schedule || signal?.aborted) continue
    const now = currentJobs(schedule, clock.now())
    notify({ kind: 'planned', at: clock.now(), jobs: now })
    await Promise.all(
      now.map(async (one) => {
        const end = await workers.work(one, timestamp(clock.now() + slotMs), signal)
        if (end.kind === 'taken') notify(takenSlot(clock.now(), schedule, one))
      }),
    )
  }
  const isWhole = !signal?.aborted && seen.every(isFine)
  return { ok: isWhole && (await settled(world, workers)) }
}

/** The slot that began last, also where it is not yet time for the job in it: in one pass each job waits for the one before. */
function currentJobs({ job, subjects, everySeconds }: Schedule, now: Timestamp): Job[] {
  const slot = Math.floor(now / (everySeconds * 1000))
  return subjects.map((subject) => ({ job, subject, slot }))
}

/** Whoever asks for one pass sees nothing of a job that somebody else did, and is told why. */
function takenSlot(
  at: Timestamp,
  { everySeconds, offsetMs }: Schedule,
  { job, subject, slot }: Job,
) {
  const next = new Date((slot + 1) * everySeconds * 1000 + offsetMs).toISOString()
  const message = `this slot is another worker's, or done already; the next one begins at ${next}`
  return { kind: 'trouble', at, where: `${job} ${subject}`, message } as const
}

function isFine(notice: Notice): boolean {
  switch (notice.kind) {
    case 'tick':
      return notice.outcome.kind === 'done'
    case 'transaction': {
      const { state } = notice.intent
      return state.kind === 'included' ? state.reverted === undefined : state.kind !== 'failed'
    }
    case 'batch':
      return notice.batch.state.kind !== 'needs-human'
    case 'planned':
    case 'priced':
    case 'booked':
    case 'measured':
    case 'incident':
    case 'trouble':
      return true
  }
}

/** By the lanes' rows: only the jobs that were asked for send anything. */
async function settled({ ports }: World, { lanes }: Workers): Promise<boolean> {
  const rows = await Promise.all(lanes.map(async ({ id }) => ports.store.lanes.read(id)))
  return rows.every((lane) => lane?.inFlight.every(({ state }) => state === 'included') ?? true)
}

function wanted({ network }: World, jobs: readonly JobName[] | 'all') {
  return schedulesOf(network).filter(({ job }) => jobs === 'all' || jobs.includes(job))
}

/** Two processes never have the same, so that a slot's row tells them apart. */
function workerName(): string {
  return `${hostname()}-${randomBytes(4).toString('hex')}`
}

function trouble(at: Timestamp, where: string, error: unknown): Notice {
  return { kind: 'trouble', at, where, message: messageOf(error) }
}
