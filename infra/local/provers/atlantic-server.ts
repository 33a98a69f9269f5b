import { z } from 'zod'

import { nthSeed, uniform } from '../market/noise.ts'
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
import { readForm } from './read-form.ts'

export type AtlanticServerOptions = ProverServerOptions & {
  /** Whom it lets in. */
  readonly apiKey: string
}

/**
 * Herodotus Atlantic in this process, as far as a batch needs it: a PIE is submitted, and its query asked for by id or by the
 * key under which it was submitted.
 */
export async function startAtlantic(options: AtlanticServerOptions): Promise<RunningProver> {
  return startProver(atlanticApi(options), options)
}

function atlanticApi({ apiKey, seed = 1 }: AtlanticServerOptions): ProverApi {
  return {
    prefix: '',
    newId: (_, now, number) => ulid(now, nthSeed(seed, number)),
    async read(request, book) {
      const call = await callOf(request, book)
      return { ...call, answer: () => shut(request, apiKey) ?? call.answer() }
    },
  }
}

async function callOf(request: ProverHttpRequest, book: JobBook): Promise<ProverCall> {
  const { method, path, query } = request
  if (method === 'POST' && path === '/atlantic-query') return submission(request, book)
  if (method === 'GET' && path === '/atlantic-query-by-dedup-id') {
    const key = query.get('dedupId') ?? ''
    return looked(key, () => {
      const job = book.byKey(key)
      return job ? said(200, { atlanticQuery: queryOf(job) }) : none
    })
  }
  const [, id] = /^\/atlantic-query\/([^/]+)$/.exec(path) ?? []
  if (method === 'GET' && id !== undefined)
    return looked(book.byId(id)?.key, () => {
      const job = book.byId(id)
      return job ? said(200, { atlanticQuery: queryOf(job), metadataUrls: [] }) : none
    })
  const message = `Route ${method}:${path} not found`
  const answer = () => said(404, { message, error: 'Not Found', statusCode: 404 })
  return { call: 'other', key: undefined, answer }
}

function looked(key: string | undefined, answer: () => ProverSaid): ProverCall {
  return { call: 'status', key, answer }
}

/** The key comes in a header, or in the query. */
function shut({ headers, query }: ProverHttpRequest, apiKey: string): ProverSaid | undefined {
  const given = headers['api-key'] ?? query.get('apiKey')
  if (given === null) return said(400, { message: 'MISSING_API_KEY' })
  return given === apiKey ? undefined : said(401, { message: 'INVALID_API_KEY' })
}

const Form = z.object({
  pieFile: z.instanceof(File),
  dedupId: z.string().min(1).optional(),
  externalId: z.string().optional(),
  declaredJobSize: z.enum(['S', 'M', 'L']),
  result: z.enum([
    'TRACE_GENERATION',
    'TRACE_AND_METADATA_GENERATION',
    'PROOF_GENERATION',
    'PROOF_VERIFICATION',
    'PROOF_VERIFICATION_ON_L1',
    'PROOF_VERIFICATION_ON_L2',
    'PROOF_GENERATION_AND_VERIFICATION',
    'FACT_HASH_REGISTRATION',
  ]),
  network: z.enum(['MAINNET', 'TESTNET']),
  layout: z.string().default('auto'),
  cairoVersion: z.enum(['cairo0', 'cairo1']),
  cairoVm: z.enum(['rust', 'python']),
  sharpProver: z.enum(['stone', 'stwo']).default('stone'),
  mockFactHash: z.enum(['true', 'false']).default('false'),
})

async function submission(request: ProverHttpRequest, book: JobBook): Promise<ProverCall> {
  const form = await formOf(request)
  const read = Form.safeParse(form)
  const key = typeof form?.['dedupId'] === 'string' ? form['dedupId'] : undefined
  if (!read.success) {
    const message = z.prettifyError(read.error).replaceAll('\n', ' ')
    return { call: 'submit', key, answer: () => said(400, { message, error: 'Bad Request' }) }
  }
  const { pieFile, dedupId, externalId = '', ...fields } = read.data
  const pie = new Uint8Array(await pieFile.arrayBuffer())
  return {
    call: 'submit',
    key,
    answer() {
      const { id, isNew } = book.submit({
        // Without a key nothing is the same as anything.
        key: dedupId ?? `without a key: ${book.all().length}`,
        pie,
        reachesChain: !offchain.has(fields.result),
        fields: { ...fields, externalId },
      })
      return isNew
        ? said(201, { atlanticQueryId: id })
        : said(400, { message: 'ATLANTIC_QUERY_WITH_DEDUP_ID_ALREADY_EXISTS' })
    },
  }
}

async function formOf({ headers, body }: ProverHttpRequest) {
  try {
    return await readForm(headers['content-type'] ?? '', new Uint8Array(body))
  } catch {
    return undefined
  }
}

const none = said(404, { message: 'ATLANTIC_QUERY_NOT_FOUND' })

function said(status: number, body: object): ProverSaid {
  return { status, body: JSON.stringify(body) }
}

/** These end with the proof itself. */
const offchain = new Set(['TRACE_GENERATION', 'TRACE_AND_METADATA_GENERATION', 'PROOF_GENERATION'])

const statuses = {
  queued: 'RECEIVED',
  tracing: 'IN_PROGRESS',
  proving: 'IN_PROGRESS',
  verifying: 'IN_PROGRESS',
  done: 'DONE',
  failed: 'FAILED',
  // It has no word of its own for what nobody can prove.
  rejected: 'FAILED',
} as const

function queryOf(job: JobSight): object {
  const { id, key, fields, stage, statement, endedAt } = job
  const { result = '' } = fields
  const isOffchain = offchain.has(result)
  const steps = [
    'TRACE_AND_METADATA_GENERATION',
    'PROOF_GENERATION',
    ...(isOffchain ? [] : [result]),
  ]
  const declaredJobSize = fields['declaredJobSize'] ?? null
  const jobSize = statement ? sizeOf(statement.steps) : null
  return {
    id,
    externalId: fields['externalId'] ?? '',
    dedupId: key,
    transactionId: null,
    status: job.isUnknown ? 'UNKNOWN' : statuses[stage],
    step: stepOf(stage, steps),
    steps,
    programHash: statement ? `0x${statement.programHash.toString(16)}` : null,
    integrityFactHash: statement?.facts.integrity ?? null,
    sharpFactHash: statement?.facts.sharp ?? null,
    layout: fields['layout'] ?? null,
    isFactMocked: job.mocked === 'fact' || fields['mockFactHash'] === 'true',
    isProofMocked: job.mocked === 'proof',
    chain: isOffchain ? 'OFFCHAIN' : result === 'PROOF_VERIFICATION_ON_L2' ? 'L2' : 'L1',
    jobSize,
    declaredJobSize,
    isJobSizeValid: job.isSizeRight && (jobSize === null || jobSize === declaredJobSize),
    cairoVm: fields['cairoVm'] ?? null,
    cairoVersion: fields['cairoVersion'] ?? null,
    errorReason: job.reason ?? null,
    retryCount: 0,
    submittedByClient: 'local',
    projectId: 'local',
    createdAt: new Date(job.submittedAt).toISOString(),
    completedAt: endedAt === undefined ? null : new Date(endedAt).toISOString(),
    result,
    network: fields['network'] ?? null,
    hints: null,
    sharpProver: fields['sharpProver'] ?? null,
    bucketId: null,
    bucketJobIndex: null,
    customerName: null,
    client: { clientId: 'local', name: null, email: null, isEmailVerified: null, image: null },
  }
}

/** What it does, or did last. */
function stepOf(stage: JobSight['stage'], steps: readonly string[]): string | null {
  if (stage === 'queued') return null
  if (stage === 'tracing' || stage === 'rejected') return steps[0] ?? null
  if (stage === 'proving' || stage === 'failed') return steps[1] ?? null
  return steps.at(-1) ?? null
}

/** By the API's own limits. */
function sizeOf(steps: number): 'S' | 'M' | 'L' {
  if (steps <= 13_000_000) return 'S'
  return steps <= 30_000_000 ? 'M' : 'L'
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** A ULID: ten letters of time, sixteen of chance. */
function ulid(now: number, seed: number): string {
  const time = Array.from({ length: 10 }, (_, at) => Math.floor(now / 32 ** (9 - at)) % 32)
  const chance = Array.from({ length: 16 }, (_, at) => Math.floor(uniform(seed, at) * 32))
  return [...time, ...chance].map((digit) => crockford[digit]).join('')
}
