import type { VenueRequest } from '../../ports.ts'
import { type HttpAnswer, httpClient, NoAnswerError } from '../http-client.ts'
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
  const ask = httpClient({
    maxBytes: options.maxBytes,
    keepAlive: true,
    headers: { accept: 'application/json', 'user-agent': options.userAgent },
  })
  return async (baseUrl, { method, path, body }, signal) => {
    const url = `${baseUrl.replace(/\/+$/, '')}${path}`
    const headers: Readonly<Record<string, string>> =
      body === undefined ? {} : { 'content-type': 'application/json' }
    try {
      return outcomeOf(await ask({ url, method, body, headers }, signal))
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error
      return { kind: error.trouble, detail: error.message }
    }
  }
}

function outcomeOf({ status, header, body }: HttpAnswer): Outcome {
  const headers = {
    date: header('date'),
    age: header('age'),
    retryAfter: header('retry-after'),
  }
  if (status === 200) return { kind: 'answer', body, headers }
  return { kind: 'status', status, headers, detail: `status ${status}: ${excerpt(body)}` }
}
