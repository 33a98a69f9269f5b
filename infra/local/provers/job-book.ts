import type { PagedOutput } from '../../../lib/adapters/settlement/facts/output-tree.ts'
import type { Timestamp } from '../../../lib/domain/time.ts'
import type { JobFault } from './prover-faults.ts'
import { otherStatement, type Reading, readStatement, type Statement } from './statement.ts'

/** Puts the fact of a program's output into a registry; may be asked again where it failed. */
export type RegisterFact = (
  programHash: bigint,
  output: PagedOutput,
  proved: {
    readonly facts: Statement['facts']
    /** What was asked for with it, such as on which chain. */
    readonly fields: Submission['fields']
  },
) => Promise<void>

/** How long a job is in each of its stages, and how long after the last one its fact can be seen. */
export type JobTimes = {
  readonly queuedMs: number
  readonly tracingMs: number
  readonly provingMs: number
  readonly verifyingMs: number
  readonly registeringMs: number
}

/** Long enough to be seen in each, short enough for a laptop. */
export const usualTimes: JobTimes = {
  queuedMs: 500,
  tracingMs: 1_000,
  provingMs: 3_000,
  verifyingMs: 1_000,
  registeringMs: 2_000,
}

export type Submission = {
  /** The caller's name for the work. */
  readonly key: string
  readonly pie: Uint8Array
  /** Whether its fact goes to a registry at all. */
  readonly reachesChain: boolean
  /** What was sent with it. */
  readonly fields: Readonly<Record<string, string>>
}

/** A job as it stands. */
export type JobSight = {
  readonly id: string
  readonly key: string
  readonly fields: Readonly<Record<string, string>>
  readonly submittedAt: Timestamp
  readonly stage: 'queued' | 'tracing' | 'proving' | 'verifying' | 'done' | 'failed' | 'rejected'
  /** Of a job that is over. */
  readonly endedAt?: number
  readonly reason?: string
  readonly log?: string
  /** Once it was traced. */
  readonly statement?: Statement
  readonly isValidated: boolean
  readonly mocked?: 'fact' | 'proof'
  readonly isSizeRight: boolean
  /** The prover does not know of it for now. */
  readonly isUnknown: boolean
  readonly isRegistered: boolean
  /** What the registry said to the last try. */
  readonly trouble?: string
}

export type JobBook = {
  /** Takes a job, or finds the one that is there under its key. */
  submit(submission: Submission): {
    readonly id: string
    readonly isNew: boolean
    readonly isSame: boolean
  }
  byKey(key: string): JobSight | undefined
  byId(id: string): JobSight | undefined
  /** Oldest first. */
  all(): readonly JobSight[]
  forget(key: string): void
  /** Registers the facts whose time has come. */
  advance(): Promise<void>
}

type Job = Submission & {
  readonly id: string
  readonly submittedAt: Timestamp
  readonly reading: Reading
  readonly fate: readonly JobFault[]
  isRegistered: boolean
  trouble?: string
}

/** A prover's jobs. They go on by the clock alone; what becomes of one is decided when it is submitted. */
export function jobBook(options: {
  readonly clock: { now(): Timestamp }
  readonly times: JobTimes
  readonly newId: (submission: Submission, now: Timestamp, number: number) => string
  readonly fate: () => readonly JobFault[]
  readonly register: RegisterFact
}): JobBook {
  const { clock, times } = options
  const jobs = new Map<string, Job>()
  let count = 0
  let working: Promise<void> = Promise.resolve()

  function kept(job: Job | undefined): Job | undefined {
    const forgets = job && fateOf(job, 'forgets')
    if (!job || !forgets || clock.now() < job.submittedAt + forgets.ms) return job
    jobs.delete(job.key)
    return undefined
  }

  const byKey = (key: string) => kept(jobs.get(key))
  const sightOf = (job: Job | undefined) => job && sight(job, times, clock.now())

  async function registerDue(): Promise<void> {
    for (const job of jobs.values()) {
      const statement = kept(job) && dueStatement(job, times, clock.now())
      if (!statement) continue
      try {
        const { programHash, output, facts } = statement
        await options.register(programHash, output, { facts, fields: job.fields })
        job.isRegistered = true
        delete job.trouble
      } catch (error) {
        // A chain that is away comes back; the next round asks it again.
        job.trouble = String(error)
      }
    }
  }

  return {
    submit(submission) {
      const old = byKey(submission.key)
      if (old) {
        const isSame = Buffer.from(old.pie).equals(submission.pie)
        return { id: old.id, isNew: false, isSame }
      }
      count += 1
      const now = clock.now()
      const id = options.newId(submission, now, count)
      const reading = readStatement(submission.pie, submission.fields['layout'])
      const fate = options.fate()
      jobs.set(submission.key, {
        ...submission,
        id,
        submittedAt: now,
        reading,
        fate,
        isRegistered: false,
      })
      return { id, isNew: true, isSame: true }
    },
    byKey: (key) => sightOf(byKey(key)),
    byId: (id) => sightOf(kept([...jobs.values()].find((job) => job.id === id))),
    all: () => [...jobs.values()].flatMap((job) => sightOf(kept(job)) ?? []),
    forget: (key) => void jobs.delete(key),
    async advance() {
      // One round at a time: a fact is registered once.
      working = working.then(registerDue)
      await working
    },
  }
}

function fateOf<N extends JobFault['fault']>(
  { fate }: Pick<Job, 'fate'>,
  name: N,
): Extract<JobFault, { fault: N }> | undefined {
  return fate.find((fault): fault is Extract<JobFault, { fault: N }> => fault.fault === name)
}

/** What the prover says that it proved. */
function told(job: Job): Statement | undefined {
  if (job.reading.kind === 'invalid') return undefined
  const { statement } = job.reading
  return fateOf(job, 'wrong-fact') ? otherStatement(statement) : statement
}

function sight(job: Job, times: JobTimes, now: number): JobSight {
  const { id, key, fields, submittedAt, isRegistered, trouble } = job
  const course = courseOf(job, times, now - submittedAt)
  const statement = course.isTraced ? told(job) : undefined
  const mock = fateOf(job, 'mocked')
  const unknown = fateOf(job, 'unknown')
  return {
    id,
    key,
    fields,
    submittedAt,
    stage: course.stage,
    ...(course.endedMs !== undefined && { endedAt: submittedAt + course.endedMs }),
    ...(course.reason !== undefined && { reason: course.reason }),
    ...(course.log !== undefined && { log: course.log }),
    ...(statement && { statement }),
    isValidated: statement !== undefined,
    ...(mock && course.stage === 'done' && { mocked: mock.what }),
    isSizeRight: !fateOf(job, 'wrong-size'),
    isUnknown: unknown !== undefined && now < submittedAt + unknown.ms,
    isRegistered,
    ...(trouble !== undefined && { trouble }),
  }
}

type Course = Pick<JobSight, 'stage' | 'reason' | 'log'> & {
  readonly isTraced: boolean
  /** After its submission. */
  readonly endedMs?: number
}

/** Where a job is, so long after it was submitted. */
function courseOf(job: Job, times: JobTimes, age: number): Course {
  const tracedMs = times.queuedMs + times.tracingMs
  const provedMs = tracedMs + times.provingMs
  const doneMs = provedMs + times.verifyingMs
  if (age < times.queuedMs) return { stage: 'queued', isTraced: false }
  if (age < tracedMs) return { stage: 'tracing', isTraced: false }
  const invalid = invalidityOf(job)
  if (invalid) return { stage: 'rejected', isTraced: false, endedMs: tracedMs, ...invalid }
  if (age < provedMs || fateOf(job, 'never-ends')) return { stage: 'proving', isTraced: true }
  const failure = fateOf(job, 'fails')
  if (failure) return { stage: 'failed', isTraced: true, endedMs: provedMs, reason: failure.reason }
  if (age < doneMs) return { stage: 'verifying', isTraced: true }
  return { stage: 'done', isTraced: true, endedMs: doneMs }
}

function invalidityOf(job: Job): { readonly reason: string; readonly log: string } | undefined {
  if (job.reading.kind === 'invalid') return { reason: job.reading.reason, log: job.reading.log }
  const rejection = fateOf(job, 'rejects')
  return rejection && { reason: rejection.reason, log: 'The run could not be repeated.' }
}

/** What is to be registered now. */
function dueStatement(job: Job, times: JobTimes, now: number): Statement | undefined {
  if (job.isRegistered || !job.reachesChain || fateOf(job, 'no-fact')) return undefined
  const { stage, endedAt = Infinity } = sight(job, times, now)
  if (stage !== 'done') return undefined
  const lateMs = fateOf(job, 'late-fact')?.ms ?? 0
  return now >= endedAt + times.registeringMs + lateMs ? told(job) : undefined
}
