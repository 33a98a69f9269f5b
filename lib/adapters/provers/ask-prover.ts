import type { Clock } from '../../ports.ts'
import { type HttpClient, httpClient, type MutualTls, NoAnswerError } from '../http-client.ts'
import { retryAfterMs } from '../retry-after.ts'
import { ProverUnavailableError } from './errors.ts'

/** A job's status is a line or two; what is longer is somebody else's page. */
const maxAnswerBytes = 1024 * 1024

/** Provers answer questions within seconds; past this a sweep has other batches to look at. */
const usualTimeoutMs = 15_000

/** A PIE of hundreds of megabytes on a slow line. */
const usualSubmitTimeoutMs = 300_000

/** How any prover is asked. */
export type ProverWay = {
  /** Of the network file: errors tell it, and never the address. */
  readonly name: string
  readonly url: string
  readonly clock: Pick<Clock, 'now'>
  readonly timeoutMs?: number | undefined
  readonly submitTimeoutMs?: number | undefined
  readonly cutOff?: AbortSignal | undefined
}

/** What only prover and keeper know. */
export type ProverSecrets = {
  readonly tls?: MutualTls | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer that can be the prover's own: a JSON object. */
export type JsonAnswer = {
  readonly status: number
  readonly json: Readonly<Record<string, unknown>>
  /** The body's beginning on one line, for people; without secrets. */
  readonly words: string
}

export type ProverRequest =
  | { readonly method: 'GET'; readonly path: string }
  | {
      readonly method: 'POST'
      readonly path: string
      readonly contentType: string
      readonly body: string | Buffer
    }

/**
 * Asks a prover. Resolves with what may be its own word, which is a JSON object of status 2xx or 4xx; throws
 * `ProverUnavailableError` for all that says nothing: no answer, statuses that ask for patience or tell of trouble, and pages
 * of proxies. The secrets are asked for with the first question.
 */
export function askProver(
  way: ProverWay,
  secrets: () => Promise<ProverSecrets>,
): (request: ProverRequest) => Promise<JsonAnswer> {
  const base = way.url.replace(/\/+$/, '')
  let opened: Promise<{ client: HttpClient; headers: ProverSecrets['headers'] }> | undefined

  async function open() {
    const { tls, headers } = await secrets()
    const client = httpClient({
      maxBytes: maxAnswerBytes,
      // A kept connection that went stale between two questions would look like a submission that may have arrived.
      keepAlive: false,
      headers: { 'user-agent': 'starkeep', accept: 'application/json' },
      tls,
    })
    return { client, headers }
  }

  return async (request) => {
    // What cannot be read now may be there the next time.
    opened ??= open().catch((error: unknown) => {
      opened = undefined
      throw error
    })
    const { client, headers = {} } = await opened
    const isSubmission = request.method === 'POST'
    const limitMs = isSubmission
      ? (way.submitTimeoutMs ?? usualSubmitTimeoutMs)
      : (way.timeoutMs ?? usualTimeoutMs)
    const limit = AbortSignal.timeout(limitMs)
    const signal = way.cutOff ? AbortSignal.any([limit, way.cutOff]) : limit
    try {
      const answer = await client(
        {
          url: `${base}${request.path}`,
          method: request.method,
          headers: { ...headers, ...(isSubmission && { 'content-type': request.contentType }) },
          ...(isSubmission && { body: request.body }),
        },
        signal,
      )
      return readAnswer(way, answer, Object.values(headers))
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error
      if (error.trouble !== 'timeout') throw new ProverUnavailableError(way.name, error.message)
      const isCutOff = way.cutOff?.aborted === true
      throw new ProverUnavailableError(way.name, isCutOff ? 'cut off' : `none in ${limitMs} ms`)
    }
  }
}

/** The body asks for what the status may not: patience. */
const passing = new Set([408, 425, 429])

function readAnswer(
  { name, clock }: Pick<ProverWay, 'name' | 'clock'>,
  answer: { status: number; body: string; header: (name: string) => string | undefined },
  secrets: readonly string[],
): JsonAnswer {
  const { status, body, header } = answer
  const words = oneLine(withoutSecrets(body, secrets))
  const unusable = () => {
    const wait = retryAfterMs(header('retry-after'), clock.now())
    return new ProverUnavailableError(name, `status ${status}, ${words || 'nothing'}`, wait)
  }
  const isWord = (status >= 200 && status < 300) || (status >= 400 && status < 500)
  if (!isWord || passing.has(status)) throw unusable()
  const json = objectIn(body)
  if (json === undefined) throw unusable()
  return { status, json, words }
}

function objectIn(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(body)
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
    return isObject ? { ...json } : undefined
  } catch {
    return undefined
  }
}

function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .filter(Boolean)
    .reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
}

function oneLine(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300)
}
