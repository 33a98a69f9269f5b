import { createHash } from 'node:crypto'

import * as z from 'zod/mini'

import type { ProverJob } from '../../domain/proving/prover-job.ts'
import type { Prover } from '../../ports.ts'
import type { MutualTls } from '../http-client.ts'
import { askProver, type JsonAnswer, type ProverWay } from './ask-prover.ts'
import { ProverRefusedError, ProverUnavailableError } from './errors.ts'

export type SharpOptions = ProverWay & {
  readonly customerId: string
  /** Who we are to it; undefined where it lets everybody in. Asked for with the first question. */
  readonly tls: (() => Promise<MutualTls>) | undefined
  /** Its proof stays with SHARP, and no fact reaches the chain. */
  readonly isOffchain?: boolean | undefined
}

/** The gateway of StarkWare's SHARP, as Madara's orchestrator calls it. Its jobs have no ids: we give them their keys. */
export function sharp(options: SharpOptions): Prover {
  const { name, customerId, isOffchain = false } = options
  const ask = askProver(options, async () => ({ tls: await options.tls?.() }))

  async function statusOf(jobKey: string): Promise<SharpStatus> {
    const path = pathOf('get_status', { customer_id: customerId, cairo_job_key: jobKey })
    const answer = await ask({ method: 'GET', path })
    const read = answer.status === 200 ? Status.safeParse(answer.json) : undefined
    if (read?.success) return read.data
    throw strange(name, answer)
  }

  return {
    name,

    async find(key) {
      const id = sharpJobKey(key)
      return jobOf(id, await statusOf(id))
    },

    async submit({ key, pie }) {
      const id = sharpJobKey(key)
      const path = pathOf('add_job', {
        customer_id: customerId,
        cairo_job_key: id,
        offchain_proof: String(isOffchain),
        // Of the two hashes of a program, the one that registries and settlement contracts know it by.
        program_hash_function: 'PEDERSEN',
      })
      const body = JSON.stringify({ cairo_pie_encoded: Buffer.from(pie).toString('base64') })
      const answer = await ask({ method: 'POST', path, contentType: 'application/json', body })
      const told = Told.safeParse(answer.json)
      if (!told.success) throw strange(name, answer)
      if (answer.status === 200 && told.data.code === 'JOB_RECEIVED_SUCCESSFULLY') return id
      // Whatever reason it gives: where it has the job, it has it.
      const { status } = await statusOf(id)
      if (status === 'NOT_CREATED') throw new ProverRefusedError(name, answer.status, answer.words)
      if (status === 'UNKNOWN') throw strange(name, answer)
      return id
    },
  }
}

/** Of our keys; drawn once. */
const namespace = Buffer.from('a47b93b9992c4c6783c89156c4c1aade', 'hex')

/** SHARP's keys are UUIDs: the one whose name is ours (version 5, RFC 9562 section 5.5). */
export function sharpJobKey(key: string): string {
  const bytes = createHash('sha1').update(namespace).update(key, 'utf8').digest().subarray(0, 16)
  const [version = 0, variant = 0] = [bytes[6], bytes[8]]
  bytes[6] = (version & 0x0f) | 0x50
  bytes[8] = (variant & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const Told = z.object({ code: z.string().check(z.minLength(1)) })

const Status = z.object({
  status: z.enum([
    'UNKNOWN',
    'NOT_CREATED',
    'IN_PROGRESS',
    'PROCESSED',
    // Of older releases: its fact is registered.
    'ONCHAIN',
    'INVALID',
    'FAILED',
  ]),
  invalid_reason: z.nullish(z.string()),
  error_log: z.nullish(z.string()),
  validation_done: z.nullish(z.boolean()),
})
type SharpStatus = z.output<typeof Status>

function jobOf(id: string, told: SharpStatus): ProverJob | undefined {
  const reason = [told.invalid_reason, told.error_log].filter(Boolean).join(': ').slice(0, 1_000)
  const job = { id, stage: told.status, facts: {}, isMocked: false }
  switch (told.status) {
    case 'NOT_CREATED':
      return undefined
    case 'UNKNOWN':
      return { ...job, status: 'unknown' }
    case 'IN_PROGRESS':
      return {
        ...job,
        status: 'running',
        stage: told.validation_done === true ? 'validation_done' : told.status,
      }
    case 'PROCESSED':
    case 'ONCHAIN':
      return { ...job, status: 'done' }
    case 'INVALID':
      return { ...job, status: 'rejected', ...(reason && { reason }) }
    case 'FAILED':
      return { ...job, status: 'failed', ...(reason && { reason }) }
  }
}

function pathOf(call: string, query: Readonly<Record<string, string>>): string {
  return `/${call}?${new URLSearchParams(query).toString()}`
}

function strange(prover: string, { status, words }: JsonAnswer): ProverUnavailableError {
  return new ProverUnavailableError(prover, `not an answer of SHARP's: status ${status}, ${words}`)
}
