import {
  type Advance,
  type At,
  enter,
  human,
  isStopped,
  late,
  type Moment,
  stay,
  troubled,
  wait,
} from './batch-moves.ts'
import type { Batch, ProofInput, Proving, Submission } from './batch.ts'
import type { ProverJob } from './prover-job.ts'
import type { ProvingRules } from './proving-rules.ts'

const preparing = { kind: 'prepare' } as const

/** From closed to its fact in the registry. */
export function planned(at: At): Advance {
  if (isStopped(at)) return { batch: stay(at) }
  return { batch: enter(at, { kind: 'preparing' }), effect: preparing }
}

/** What was begun and not finished is begun again: the same comes of it. */
export function prepare(at: At): Advance {
  if (isStopped(at)) return { batch: stay(at) }
  const overdue = late(at, 'preparing')
  return overdue ? { batch: overdue } : { batch: wait(at), effect: preparing }
}

/** With a prover and a key: both are stored before anybody is asked anything. */
export function ready(at: At): Advance {
  const { batch, sight, rules } = at
  const { suspectSince, stands } = sight
  if (isStopped(at)) return { batch: stay(at) }
  if (suspectSince !== undefined) {
    const note = `a prover refused batch ${suspectSince}`
    return { batch: enter(at, { kind: 'held-l2-suspect', because: suspectSince }, note) }
  }
  if (stands.kind === 'trouble')
    return { batch: late(at, 'ready') ?? troubled(at, 'source', stands) }
  return {
    batch: {
      ...enter(at, { kind: 'submitting' }),
      proving: nextSubmission(batch, rules),
      attempts: { ...batch.attempts, looks: 0, trouble: 0, submit: batch.attempts.submit + 1 },
    },
  }
}

function nextSubmission(batch: Batch, { provers, digest }: ProvingRules): Submission {
  const { lane, number, content, attempts } = batch
  const prover = provers[attempts.submit % provers.length]
  if (prover === undefined) throw new RangeError(`the lane ${lane} has no prover`)
  const hash = BigInt(content.last.hash).toString(16)
  return { prover, key: digest(`${lane}/${number}/${hash}/${attempts.submit + 1}`) }
}

export function held(at: At): Advance {
  const { suspectSince } = at.sight
  return { batch: suspectSince === undefined ? enter(at, { kind: 'ready' }) : stay(at) }
}

/** Under its key it is looked up first: it may be there since before. */
export function submitting(at: At, known: Proving): Advance {
  const { sight, batch } = at
  const { job } = sight
  if (!job) return { batch: wait(at) }
  if (job.kind === 'trouble')
    return { batch: tooLate(at, 'submitting', known) ?? troubled(at, 'prover', job) }
  if (!job.value) {
    if (isStopped(at)) return { batch: stay(at) }
    const { prover, key } = known
    const overdue = tooLate(at, 'submitting', known)
    if (overdue) return { batch: overdue }
    return { batch: wait(at), effect: { kind: 'submit', submission: { prover, key } } }
  }
  const next = { ...enter(at, { kind: 'proving' }), proving: withJob(known, job.value) }
  return proving({ ...at, batch: { ...next, version: batch.version } }, next.proving)
}

export function proving(at: At, known: Proving): Advance {
  const { sight, rules, batch } = at
  const { job } = sight
  if (!job) return { batch: wait(at) }
  if (job.kind === 'trouble')
    return { batch: tooLate(at, 'proving', known) ?? troubled(at, 'prover', job) }
  if (!job.value) return { batch: another(at, known, 'it has no such job any more') }
  const { status, reason = 'no reason given', isSizeRight } = job.value
  switch (status) {
    case 'queued':
    case 'running':
      return {
        batch: tooLate(at, 'proving', known) ?? {
          ...wait(at),
          proving: withJob(known, job.value),
        },
      }
    case 'unknown': {
      const isLong = sight.now - batch.stateSince >= rules.unknownMs
      const next = isLong ? another(at, known, 'it does not know what became of the job') : wait(at)
      return { batch: tooLate(at, 'proving', known) ?? next }
    }
    case 'failed':
      return {
        batch:
          isSizeRight === false
            ? human(at, {
                why: 'bad-input',
                reason: `its size was declared wrong: ${reason}`,
                back: 'ready',
              })
            : another(at, known, reason),
      }
    case 'rejected':
      return { batch: human(at, { why: 'rejected', reason, back: 'ready' }) }
    case 'done':
      return { batch: done(at, known, job.value) }
  }
}

function withJob(known: Proving, { id, stage }: ProverJob): Proving {
  return { ...known, id, ...(stage !== undefined && { stage }) }
}

/** The prover says that it is done. What it calls the fact must be what we call it. */
function done(at: At, known: Proving, job: ProverJob): Batch {
  if (job.isMocked && !at.rules.mayBeMocked)
    return human(at, {
      why: 'mocked',
      reason: 'the prover says that its fact is a mock',
      back: 'ready',
    })
  const wrong = at.batch.input && wrongFact(at.batch.input, job)
  if (wrong !== undefined) return human(at, { why: 'wrong-fact', reason: wrong, back: 'ready' })
  return { ...enter(at, { kind: 'proved-fact-pending' }), proving: withJob(known, job) }
}

function wrongFact(
  { proverFacts, programHash }: ProofInput,
  { facts, programHash: theirs }: ProverJob,
): string | undefined {
  if (isOther(theirs, programHash))
    return `the prover ran the program ${theirs}, ours is ${programHash}`
  if (isOther(facts.sharp, proverFacts.sharp))
    return `the prover's fact is ${facts.sharp}, ours is ${proverFacts.sharp}`
  if (isOther(facts.integrity, proverFacts.integrity))
    return `the prover's fact is ${facts.integrity}, ours is ${proverFacts.integrity}`
  return undefined
}

/** Numbers in hex may be written with leading zeros. */
function isOther(theirs: `0x${string}` | undefined, ours: `0x${string}` | undefined): boolean {
  return theirs !== undefined && ours !== undefined && BigInt(theirs) !== BigInt(ours)
}

/** With the next prover, under a new key, as long as there is one to try. */
export function another(at: Moment, { prover }: Submission, reason: string): Batch {
  const words = `${prover}: ${reason}`
  return submitsLeft(at) <= 0
    ? human(at, { why: 'prover-failed', reason: words, back: 'ready' })
    : enter(at, { kind: 'ready' }, words)
}

function submitsLeft({ batch, rules }: Moment): number {
  const { submit, granted } = batch.attempts
  return rules.maxSubmits + granted.submit - submit
}

/** It took the prover too long: it is the next one's turn, or a human's. */
function tooLate(at: At, back: 'submitting' | 'proving', known: Submission): Batch | undefined {
  const { batch, sight, rules } = at
  if (sight.now < batch.deadlineAt) return undefined
  if (rules.provers.length > 1 && submitsLeft(at) > 0) return another(at, known, 'it took too long')
  return late(at, back)
}

/** Done is one thing, to be seen another: nodes lag, and a block may be lost. */
export function factPending(at: At): Advance {
  const { fact } = at.sight
  if (!fact) return { batch: wait(at) }
  const overdue = (): Batch | undefined => late(at, 'proved-fact-pending')
  if (fact.kind === 'trouble') return { batch: overdue() ?? troubled(at, 'registry', fact) }
  switch (fact.value.kind) {
    case 'strong':
      return { batch: enter(at, { kind: 'fact-verified' }) }
    case 'weak':
      return { batch: weak(at, fact.value.reason) }
    case 'absent':
      return { batch: overdue() ?? wait(at) }
  }
}

export function weak(at: At, reason: string): Batch {
  return human(at, { why: 'weak-fact', reason, back: 'proved-fact-pending' })
}
