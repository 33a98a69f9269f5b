import {
  type HttpAnswer,
  type HttpClient,
  httpClient,
  type HttpRequest,
  NoAnswerError,
} from '../http-client.ts'
import { EndpointError, RateLimitedError, type Trouble } from './errors.ts'

/** A page of events or a full block; more than this is not an answer to anything we ask. */
const maxAnswerBytes = 32 * 1024 * 1024

const ask = httpClient({
  maxBytes: maxAnswerBytes,
  keepAlive: true,
  headers: { 'content-type': 'application/json', 'user-agent': 'starkeep' },
})

/** How long an answer is waited for; `signal` may end that sooner. */
export type Patience = { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined }

/**
 * Posts JSON and returns the body of an answer that can be a JSON-RPC answer; throws `EndpointError` for all else.
 * Whatever is posted here may be posted twice: nodes answer a repeated transaction as known.
 */
export async function postJson(
  url: string,
  body: string,
  { timeoutMs, signal }: Patience,
): Promise<string> {
  const host = hostOf(url)
  const request = { url, method: 'POST', body } as const
  const { status, header, body: answer } = await sendOnceMore(ask, request, { timeoutMs, signal })
  if (status === 429) throw new RateLimitedError(host, 'status 429', header('retry-after'))
  // Some nodes give a JSON-RPC error status 400.
  if (status !== 200 && status !== 400) throw new EndpointError(host, 'http', `status ${status}`)
  return answer
}

/** A kept connection that the node closed meanwhile fails at once; a new one is worth one more try. */
export async function sendOnceMore(
  client: HttpClient,
  request: HttpRequest,
  { timeoutMs, signal }: Patience,
): Promise<HttpAnswer> {
  const limit = AbortSignal.timeout(timeoutMs)
  const deadline = signal ? AbortSignal.any([limit, signal]) : limit
  const { url } = request
  try {
    return await client(request, deadline)
  } catch (error) {
    if (!isStaleConnection(error)) throw asEndpointError(url, error, { timeoutMs, signal })
  }
  try {
    return await client(request, deadline)
  } catch (error) {
    throw asEndpointError(url, error, { timeoutMs, signal })
  }
}

const staleConnection = new Set(['ECONNRESET', 'EPIPE'])

function isStaleConnection(error: unknown): boolean {
  return error instanceof NoAnswerError && staleConnection.has(error.code ?? '')
}

function asEndpointError(
  url: string,
  error: unknown,
  { timeoutMs, signal }: Patience,
): EndpointError {
  const host = hostOf(url)
  if (!(error instanceof NoAnswerError)) return new EndpointError(host, 'network', 'no answer')
  const { trouble, code, message } = error
  if (trouble === 'timeout')
    return new EndpointError(
      host,
      'timeout',
      signal?.aborted ? wordsOf(signal.reason) : `${timeoutMs} ms`,
    )
  return new EndpointError(host, troubles.get(code) ?? trouble, code ?? message)
}

function wordsOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason)
}

const troubles: ReadonlyMap<string | undefined, Trouble> = new Map([['ETIMEDOUT', 'timeout']])

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an endpoint without a valid address'
}
