import type { JobName } from './network/job-names.ts'
import type { Network } from './network/schema.ts'

/** What a job is of no use without, and what is left undone where it runs alone. */
const companions: Readonly<Partial<Record<JobName, readonly JobName[]>>> = {
  liquidate: ['index-positions', 'keep-books', 'deliver-outbox'],
  deleverage: ['index-positions', 'keep-books', 'deliver-outbox'],
}

/**
 * The jobs that were asked for, and those that belong to them: whoever liquidates follows the accounts, its transactions and its
 * books too, as far as the network file has these jobs. Throws `JobNotHereError` where it has not what was asked for.
 */
export function jobsAskedFor(
  { jobs }: Pick<Network, 'jobs'>,
  asked: readonly JobName[] | 'all',
): readonly JobName[] | 'all' {
  if (asked === 'all') return 'all'
  const missing = asked.find((job) => !jobs[job])
  if (missing !== undefined) throw new JobNotHereError(missing)
  const all = asked.flatMap((job) => [job, ...(companions[job] ?? [])])
  return [...new Set(all)].filter((job) => jobs[job])
}

/** The network file has no such job. */
export class JobNotHereError extends Error {
  override readonly name = 'JobNotHereError'
  readonly job: JobName

  constructor(job: JobName) {
    super(`the network file has no ${job} under jobs, so it does not run; add it there`)
    this.job = job
  }
}
