import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

import { create, isAxiosError, isCancel } from 'axios'

import { EndpointError, type Trouble } from './errors.ts'

/** A page of events or a full block; more than this is not an answer to anything we ask. */
const maxAnswerBytes = 32 * 1024 * 1024

const client = create({
  httpAgent: new HttpAgent({ keepAlive: true }),
  httpsAgent: new HttpsAgent({ keepAlive: true }),
  // A redirect would carry the key in the address elsewhere.
  maxRedirects: 0,
  maxContentLength: maxAnswerBytes,
  responseType: 'text',
  transformResponse: (body: unknown) => body,
  validateStatus: () => true,
  headers: { 'content-type': 'application/json', 'user-agent': 'starkeep' },
})

/**
 * Posts JSON and returns the body of an answer that can be a JSON-RPC answer; throws `EndpointError` for all else.
 * Whatever is posted here may be posted twice: nodes answer a repeated transaction as known.
 */
export async function postJson(url: string, body: string, timeoutMs: number): Promise<string> {
  const host = hostOf(url)
  const { status, data } = await sendOnceMore(url, body, timeoutMs)
  if (status === 429) throw new EndpointError(host, 'rate-limited', 'status 429')
  // Some nodes give a JSON-RPC error status 400.
  if (status !== 200 && status !== 400) throw new EndpointError(host, 'http', `status ${status}`)
  return data
}

type Answer = { readonly status: number; readonly data: string }

/** A kept connection that the node closed meanwhile fails at once; a new one is worth one more try. */
async function sendOnceMore(url: string, body: string, timeoutMs: number): Promise<Answer> {
  const deadline = AbortSignal.timeout(timeoutMs)
  try {
    return await client.post<string>(url, body, { signal: deadline })
  } catch (error) {
    if (!staleConnection.has(codeOf(error))) throw asEndpointError(url, error, timeoutMs)
  }
  try {
    return await client.post<string>(url, body, { signal: deadline })
  } catch (error) {
    throw asEndpointError(url, error, timeoutMs)
  }
}

const staleConnection = new Set(['ECONNRESET', 'EPIPE'])

/** The cause is left out on purpose: axios keeps the whole address in it. */
function asEndpointError(url: string, error: unknown, timeoutMs: number): EndpointError {
  const host = hostOf(url)
  if (isCancel(error)) return new EndpointError(host, 'timeout', `${timeoutMs} ms`)
  const code = codeOf(error)
  return new EndpointError(host, troubles.get(code) ?? 'network', code)
}

const troubles: ReadonlyMap<string, Trouble> = new Map([
  ['ETIMEDOUT', 'timeout'],
  ['ECONNABORTED', 'timeout'],
  // Axios: the answer was longer than maxContentLength.
  ['ERR_BAD_RESPONSE', 'too-large'],
])

function codeOf(error: unknown): string {
  return (isAxiosError(error) ? error.code : undefined) ?? 'no answer'
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : 'an endpoint without a valid address'
}
