import type * as z from 'zod/mini'

import {
  type HttpAnswer,
  type HttpClient,
  httpClient,
  type HttpRequest,
  NoAnswerError,
} from '../http-client.ts'

/** A server that is asked with plain HTTP for JSON. All throw `RestTroubleError` where there is no usable answer. */
export type RestPlace = {
  /** Its host: the rest of an address may be a password. */
  readonly place: string
  /** `path` comes after the server's own address. */
  get<T>(
    path: string,
    schema: z.ZodMiniType<T>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<T>
  post<T>(path: string, body: unknown, schema: z.ZodMiniType<T>): Promise<T>
}

/** The same for one look: once `signal` aborts, no answer is waited for any more. */
export type OpenRest = (signal: AbortSignal) => RestPlace

/** All markets or proposals of an exchange are a megabyte at most. */
const maxAnswerBytes = 8 * 1024 * 1024

/** Whoever watches has a dozen places to ask, and none of them may keep the others waiting. */
const usualTimeoutMs = 5_000

const client = httpClient({
  maxBytes: maxAnswerBytes,
  keepAlive: true,
  headers: { accept: 'application/json', 'user-agent': 'starkeep' },
})

export function restPlace({
  url,
  place = new URL(url).host,
  timeoutMs = usualTimeoutMs,
  cutOff,
}: {
  readonly url: string
  /** Where two servers of one host are asked. */
  readonly place?: string
  readonly timeoutMs?: number
  /** Ends all questions with the process. */
  readonly cutOff?: AbortSignal | undefined
}): OpenRest {
  const base = url.replace(/\/+$/, '')
  return (signal) => {
    async function ask<T>(
      path: string,
      request: Omit<HttpRequest, 'url'>,
      schema: z.ZodMiniType<T>,
    ): Promise<T> {
      const ends = cutOff ? [signal, cutOff] : [signal]
      const deadline = AbortSignal.any([...ends, AbortSignal.timeout(timeoutMs)])
      const answer = await onceMore(client, { ...request, url: `${base}${path}` }, deadline).catch(
        (error: unknown) => {
          throw new RestTroubleError(place, path, messageOf(error))
        },
      )
      return valueOf(answer, { place, path, schema })
    }
    return {
      place,
      get: async (path, schema, headers = {}) => ask(path, { method: 'GET', headers }, schema),
      async post(path, body, schema) {
        const headers = { 'content-type': 'application/json' }
        return ask(path, { method: 'POST', headers, body: JSON.stringify(body) }, schema)
      },
    }
  }
}

/** Asks one place after the other until one answers. Throws `RestTroubleError` of the last where none does. */
export async function firstRest<T>(
  places: readonly RestPlace[],
  ask: (place: RestPlace) => Promise<T>,
): Promise<T> {
  const [first, ...others] = places
  if (!first) throw new RestTroubleError('nobody', '', 'nobody is asked')
  try {
    return await ask(first)
  } catch (error) {
    if (others.length === 0) throw error
    return await firstRest(others, ask)
  }
}

/** A kept connection that the server closed meanwhile fails at once; a new one is worth one more try. */
async function onceMore(
  send: HttpClient,
  request: HttpRequest,
  deadline: AbortSignal,
): Promise<HttpAnswer> {
  try {
    return await send(request, deadline)
  } catch (error) {
    if (!(error instanceof NoAnswerError) || !staleConnection.has(error.code ?? '')) throw error
    return send(request, deadline)
  }
}

const staleConnection = new Set(['ECONNRESET', 'EPIPE'])

function valueOf<T>(
  { status, body }: HttpAnswer,
  {
    place,
    path,
    schema,
  }: { readonly place: string; readonly path: string; readonly schema: z.ZodMiniType<T> },
): T {
  if (status !== 200)
    throw new RestTroubleError(place, path, `status ${status}: ${beginning(body)}`, status)
  const read = schema.safeParse(parsed(body))
  if (read.success) return read.data
  // A field's name says more than the beginning of a long answer.
  const where = read.error.issues[0]?.path.map(String).join('.') ?? ''
  const what = where === '' ? 'it' : where
  throw new RestTroubleError(place, path, `${what} is not as documented: ${beginning(body)}`)
}

/** Undefined where it is no JSON. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

function beginning(text: string): string {
  const line = text
    .slice(0, 400)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
  return line === '' ? 'nothing' : line.slice(0, 120)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no reason'
}

/** A server gave no usable answer. Shows its host and what it was asked, never its whole address. */
export class RestTroubleError extends Error {
  override readonly name = 'RestTroubleError'
  /** Of an answer that is no 200. */
  readonly status: number | undefined

  constructor(place: string, path: string, detail: string, status?: number) {
    super(`${place}${path.replace(/\?.*$/, '')}: ${detail}`)
    this.status = status
  }
}
