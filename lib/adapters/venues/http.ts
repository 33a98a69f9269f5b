import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

import { type AxiosInstance, create, isAxiosError, isCancel } from 'axios'

import type { VenueRequest } from '../../ports.ts'
import { excerpt } from './exact-json.ts'

/** What one try to ask a venue brought. */
export type Outcome =
  | { readonly kind: 'answer'; readonly body: string; readonly headers: Headers }
  /** An answer with another status than 200. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly headers: Headers
      readonly detail: string
    }
  | { readonly kind: 'timeout' | 'network' | 'too-large' | 'unreadable'; readonly detail: string }

export type Headers = {
  readonly date: string | undefined
  readonly age: string | undefined
  readonly retryAfter: string | undefined
}

export type VenueClient = (
  baseUrl: string,
  request: VenueRequest,
  signal: AbortSignal,
) => Promise<Outcome>

/** One client for all venues: connections are kept from tick to tick, and answers come as text. */
export function venueClient(options: {
  readonly maxBytes: number
  readonly userAgent: string
}): VenueClient {
  const client = create({
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
    // Prices come from the host that the network file names, whatever an answer or the environment says.
    maxRedirects: 0,
    proxy: false,
    // Counted after decompression.
    maxContentLength: options.maxBytes,
    responseType: 'text',
    transformResponse: (body: unknown) => body,
    validateStatus: () => true,
    headers: { accept: 'application/json', 'user-agent': options.userAgent },
  })
  return async (baseUrl, request, signal) => {
    try {
      return await ask(client, baseUrl, request, signal)
    } catch (error) {
      return trouble(error, options.maxBytes)
    }
  }
}

async function ask(
  client: AxiosInstance,
  baseUrl: string,
  { method, path, body }: VenueRequest,
  signal: AbortSignal,
): Promise<Outcome> {
  const { status, data, headers } = await client.request<string>({
    url: `${baseUrl.replace(/\/+$/, '')}${path}`,
    method,
    signal,
    ...(body === undefined ? {} : { data: body, headers: { 'content-type': 'application/json' } }),
  })
  const kept = {
    date: text(headers['date']),
    age: text(headers['age']),
    retryAfter: text(headers['retry-after']),
  }
  if (status === 200) return { kind: 'answer', body: data, headers: kept }
  return { kind: 'status', status, headers: kept, detail: `status ${status}: ${excerpt(data)}` }
}

function text(header: unknown): string | undefined {
  return typeof header === 'string' ? header : undefined
}

/** Only codes are told: axios puts whole requests into its messages. */
function trouble(error: unknown, maxBytes: number): Outcome {
  if (isCancel(error)) return { kind: 'timeout', detail: 'no whole answer within the deadline' }
  if (!isAxiosError(error)) return { kind: 'network', detail: String(error) }
  // axios has no code of its own for this.
  if (error.message.startsWith('maxContentLength'))
    return { kind: 'too-large', detail: `the answer is larger than ${maxBytes} bytes` }
  const code = error.code ?? 'no answer'
  // zlib's codes: the body is not packed as its header says.
  if (code.startsWith('Z_'))
    return { kind: 'unreadable', detail: `the body cannot be unpacked: ${code}` }
  return { kind: 'network', detail: `no answer: ${code}` }
}
