import { createHash } from 'node:crypto'

import * as z from 'zod/mini'

import type { ProofRequest, ProverJob } from '../../domain/proving/prover-job.ts'
import type { Prover } from '../../ports.ts'
import { askProver, type JsonAnswer, type ProverWay } from './ask-prover.ts'
import { ProverRefusedError, ProverUnavailableError } from './errors.ts'

/** How far a job goes. */
export const atlanticResults = [
  'PROOF_GENERATION',
  'PROOF_VERIFICATION',
  'PROOF_VERIFICATION_ON_L1',
  'PROOF_VERIFICATION_ON_L2',
  'PROOF_GENERATION_AND_VERIFICATION',
  'FACT_HASH_REGISTRATION',
] as const

export type AtlanticOptions = ProverWay & {
  /** Asked for with the first question. */
  readonly apiKey: () => Promise<string>
  readonly network: 'MAINNET' | 'TESTNET'
  readonly result: (typeof atlanticResults)[number]
  /** Of the proof's trace; `auto` lets Atlantic choose it by the builtins. */
  readonly layout?: string | undefined
  readonly cairoVersion?: 'cairo0' | 'cairo1' | undefined
  readonly cairoVm?: 'rust' | 'python' | undefined
  readonly sharpProver?: 'stone' | 'stwo' | undefined
}

/**
 * Herodotus Atlantic. A job is named by its `dedupId`, under which it takes a second submission for the first one.
 * https://docs.herodotus.cloud/atlantic-api
 */
export function atlantic(options: AtlanticOptions): Prover {
  const { name } = options
  const ask = askProver(options, async () => ({ headers: { 'api-key': await options.apiKey() } }))

  async function asked(path: string, isOurs: (query: AtlanticQuery) => boolean) {
    const query = queryIn(name, await ask({ method: 'GET', path }))
    if (!query || isOurs(query)) return query
    throw new ProverUnavailableError(name, 'it told of another job than was asked for')
  }

  const byKey = async (key: string) =>
    asked(`/atlantic-query-by-dedup-id?dedupId=${encodeURIComponent(key)}`, (query) =>
      isUnder(key, query),
    )
  const byId = async (id: string, key: string) =>
    asked(
      `/atlantic-query/${encodeURIComponent(id)}`,
      (query) => query.id === id && isUnder(key, query),
    )

  return {
    name,

    async find(key, id) {
      // Where it does not know the id any more, the key decides.
      const query = (id === undefined ? undefined : await byId(id, key)) ?? (await byKey(key))
      return query && jobOf(query)
    },

    async submit(request) {
      const { contentType, body } = multipart(fieldsOf(options, request), request.pie)
      const answer = await ask({ method: 'POST', path: '/atlantic-query', contentType, body })
      const taken = answer.status < 300 ? Taken.safeParse(answer.json) : undefined
      if (taken?.success) return taken.data.atlanticQueryId
      // With 404 it is the address that is missing, and not a job.
      const isRefusal = !taken && answer.status !== 404 && errorWords(answer).length > 0
      if (!isRefusal) throw strange(name, answer)
      // Whatever reason it gives: where it has the job, it has it.
      const old = await byKey(request.key)
      if (old) return old.id
      throw new ProverRefusedError(name, answer.status, answer.words)
    },
  }
}

const hash = z.nullish(z.string().check(z.regex(/^0x[0-9a-fA-F]{1,64}$/)))

const Query = z.object({
  id: z.string().check(z.minLength(1)),
  dedupId: z.nullish(z.string()),
  status: z.enum(['RECEIVED', 'IN_PROGRESS', 'DONE', 'FAILED']),
  step: z.nullish(z.string()),
  programHash: hash,
  sharpFactHash: hash,
  integrityFactHash: hash,
  isFactMocked: z.nullish(z.boolean()),
  isProofMocked: z.nullish(z.boolean()),
  isJobSizeValid: z.nullish(z.boolean()),
  errorReason: z.nullish(z.string()),
})
type AtlanticQuery = z.output<typeof Query>

const Answer = z.object({ atlanticQuery: Query })
const Taken = z.object({ atlanticQueryId: z.string().check(z.minLength(1)) })

/** The key is not in every answer that has been recorded. */
function isUnder(key: string, { dedupId }: AtlanticQuery): boolean {
  return dedupId === undefined || dedupId === null || dedupId === key
}

/** Undefined where Atlantic itself says that there is none. */
function queryIn(prover: string, answer: JsonAnswer): AtlanticQuery | undefined {
  if (answer.status === 404 && namesAJob(answer)) return undefined
  const read = answer.status === 200 ? Answer.safeParse(answer.json) : undefined
  if (read?.success) return read.data.atlanticQuery
  throw strange(prover, answer)
}

/**
 * What is wrong in the API's words, in capitals (`ATLANTIC_QUERY_WITH_DEDUP_ID_ALREADY_EXISTS`) or not: one, some, or an
 * object with them. None where a page was spelt into an object on its way (`{"0":"4","1":"0","2":"4",…}`).
 */
function errorWords({ json }: JsonAnswer): readonly string[] {
  return [json['message'], json['error'], json['code']].flatMap((said) =>
    (typeof said === 'object' && said !== null ? Object.values(said) : [said]).filter(
      (text): text is string => typeof text === 'string' && text.trim() !== '',
    ),
  )
}

/**
 * Gateways and frameworks say in JSON too that there is no such address: "Not Found", "Route GET:/atlantic-query/… not
 * found". What is missing must be a job.
 */
function namesAJob(answer: JsonAnswer): boolean {
  const words = errorWords(answer)
  const isAddress = words.some((text) => /route|url|path|page|endpoint|cannot get|\//i.test(text))
  return !isAddress && words.some((text) => /quer(?:y|ies)|dedup|job/i.test(text))
}

function strange(prover: string, { status, words }: JsonAnswer): ProverUnavailableError {
  return new ProverUnavailableError(
    prover,
    `not an answer of Atlantic's: status ${status}, ${words}`,
  )
}

const statuses = {
  RECEIVED: 'queued',
  IN_PROGRESS: 'running',
  DONE: 'done',
  // It has one word for both: what it could not and what nobody can.
  FAILED: 'failed',
} as const

/** A reason can be a whole log. */
const mostWords = 1_000

function jobOf(query: AtlanticQuery): ProverJob {
  const { sharpFactHash: sharp, integrityFactHash: integrity } = query
  return {
    id: query.id,
    status: statuses[query.status],
    ...(query.errorReason && { reason: query.errorReason.slice(0, mostWords) }),
    ...(query.step && { stage: query.step.slice(0, mostWords) }),
    ...(query.programHash && { programHash: felt(query.programHash) }),
    facts: {
      ...(sharp && { sharp: bytes32(sharp) }),
      ...(integrity && { integrity: felt(integrity) }),
    },
    isMocked: query.isFactMocked === true || query.isProofMocked === true,
    ...(typeof query.isJobSizeValid === 'boolean' && { isSizeRight: query.isJobSizeValid }),
  }
}

/** Atlantic leaves zeros out at the front. */
function bytes32(text: string): `0x${string}` {
  return `0x${BigInt(text).toString(16).padStart(64, '0')}`
}

function felt(text: string): `0x${string}` {
  return `0x${BigInt(text).toString(16)}`
}

/**
 * Of the job sizes S (up to 13 million steps), M (up to 30 million) and L: Atlantic counts the bootloader's steps too, so a
 * million is left for them (as Madara's orchestrator does).
 */
export function atlanticJobSize(steps: number): 'S' | 'M' | 'L' {
  if (steps <= 12_000_000) return 'S'
  return steps <= 29_000_000 ? 'M' : 'L'
}

function fieldsOf(
  options: AtlanticOptions,
  { key, label, steps }: ProofRequest,
): Readonly<Record<string, string>> {
  return {
    dedupId: key,
    externalId: label,
    declaredJobSize: atlanticJobSize(steps),
    result: options.result,
    network: options.network,
    layout: options.layout ?? 'auto',
    cairoVersion: options.cairoVersion ?? 'cairo0',
    cairoVm: options.cairoVm ?? 'rust',
    sharpProver: options.sharpProver ?? 'stone',
    mockFactHash: 'false',
  }
}

/** A form with the PIE as its file (RFC 7578). */
function multipart(
  fields: Readonly<Record<string, string>>,
  pie: Uint8Array,
): { readonly contentType: string; readonly body: Buffer } {
  // It must not be in what it parts: no file holds its own hash.
  const boundary = createHash('sha256').update(JSON.stringify(fields)).update(pie).digest('hex')
  const texts = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const file = `--${boundary}\r\nContent-Disposition: form-data; name="pieFile"; filename="pie.zip"\r\nContent-Type: application/zip\r\n\r\n`
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([
      Buffer.from([...texts, file].join('')),
      pie,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
  }
}
