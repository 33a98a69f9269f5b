import { z } from 'zod'

import type { JobBook, JobSight } from './job-book.ts'
import {
  type ProverApi,
  type ProverCall,
  type ProverHttpRequest,
  type ProverSaid,
  type ProverServerOptions,
  type RunningProver,
  startProver,
} from './prover-server.ts'

export type SharpServerOptions = ProverServerOptions & {
  /** Whose jobs it takes. */
  readonly customerId: string
}

/** The gateway of SHARP in this process, as far as a batch needs it; with `tls` it lets in only those who show a certificate. */
export async function startSharp(options: SharpServerOptions): Promise<RunningProver> {
  return startProver(sharpApi(options), options)
}

const prefix = '/v1/gateway'

function sharpApi({ customerId }: SharpServerOptions): ProverApi {
  return {
    prefix,
    newId: ({ key }) => key,
    async read(request, book) {
      const call = callOf(request, book)
      if (call.call === 'other' || request.query.get('customer_id') === customerId) return call
      return { ...call, answer: () => refused('customer_id: nobody of that name') }
    },
  }
}

function callOf(request: ProverHttpRequest, book: JobBook): ProverCall {
  const { method, path, query } = request
  const key = query.get('cairo_job_key') ?? ''
  switch (`${method} ${path}`) {
    case `POST ${prefix}/add_job`:
      return { call: 'submit', key, answer: () => added(request, book) }
    case `GET ${prefix}/get_status`:
      return {
        call: 'status',
        key,
        answer: () =>
          isKey(key) ? said(200, statusOf(book.byKey(key))) : refused('cairo_job_key'),
      }
    case `GET ${prefix}/is_alive`:
      return other({ status: 200, type: 'text/plain', body: 'gateway is alive!' })
    default:
      return other({ status: 404, type: 'text/plain', body: '404: Not Found' })
  }
}

function other(answer: ProverSaid): ProverCall {
  return { call: 'other', key: undefined, answer: () => answer }
}

const boolean = z.enum(['true', 'false'])

const Query = z.object({
  customer_id: z.string().min(1),
  cairo_job_key: z.string().refine(isKey, 'a UUID or a hash'),
  offchain_proof: boolean,
  for_applicative: boolean.default('false'),
  program_hash_function: z.literal('PEDERSEN'),
})

const Body = z.object({ cairo_pie_encoded: z.base64() })

/** A UUID, or a fact's hash: the two that its callers use. */
function isKey(text: string): boolean {
  return (
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) || /^0x[0-9a-f]{1,64}$/i.test(text)
  )
}

/** What is in the file is looked at later: a job is taken for any. */
function added({ query, body }: ProverHttpRequest, book: JobBook): ProverSaid {
  const asked = Query.safeParse(Object.fromEntries(query))
  if (!asked.success) return refused(z.prettifyError(asked.error))
  const sent = Body.safeParse(jsonIn(body))
  if (!sent.success) return refused(z.prettifyError(sent.error))
  const { cairo_job_key: key, offchain_proof: isOffchain, ...fields } = asked.data
  const pie = new Uint8Array(Buffer.from(sent.data.cairo_pie_encoded, 'base64'))
  const { isSame } = book.submit({ key, pie, reachesChain: isOffchain === 'false', fields })
  if (!isSame) return refused('cairo_job_key: there is another job of that key')
  return said(200, { code: 'JOB_RECEIVED_SUCCESSFULLY' })
}

function jsonIn(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
}

function statusOf(job: JobSight | undefined): object {
  if (!job) return { status: 'NOT_CREATED', validation_done: false }
  if (job.isUnknown) return { status: 'UNKNOWN' }
  switch (job.stage) {
    case 'queued':
    case 'tracing':
    case 'proving':
    case 'verifying':
      return { status: 'IN_PROGRESS', validation_done: job.isValidated }
    case 'done':
      return { status: 'PROCESSED', validation_done: true }
    case 'failed':
      return { status: 'FAILED', error_log: job.reason }
    case 'rejected':
      return { status: 'INVALID', invalid_reason: job.reason, error_log: job.log }
  }
}

function refused(message: string): ProverSaid {
  return said(400, { code: 'MALFORMED_REQUEST', message: message.replaceAll('\n', ' ') })
}

function said(status: number, body: object): ProverSaid {
  return { status, body: JSON.stringify(body) }
}
