import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

import type { AxiosInstance, AxiosResponse } from 'axios'

export type HttpRequest = {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes go as they are. */
  readonly body?: string | Buffer | undefined
}

/** A whole answer, whatever its status. */
export type HttpAnswer = {
  readonly status: number
  /** The first value of a header. */
  readonly header: (name: string) => string | undefined
  readonly body: string
}

/** Resolves with any answer that came whole before `signal` ended the exchange; throws `NoAnswerError` for all else. */
export type HttpClient = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>

type Options = {
  /** Largest body, counted after unpacking. */
  readonly maxBytes: number
  /** Whether connections are kept for the next request. */
  readonly keepAlive: boolean
  readonly headers: Readonly<Record<string, string>>
  /** Where both sides show a certificate. */
  readonly tls?: MutualTls | undefined
}

/** Who we are to a server that lets in only whom it knows, and who it must be to us. All PEM. */
export type MutualTls = {
  readonly certificate: string
  readonly key: string
  /** Who signed the server's certificate: nobody else is believed. */
  readonly ca: string
}

/** A client of its own connections. It goes where the URL says: no answer and no environment sends it elsewhere. */
export function httpClient(options: Options): HttpClient {
  let opened: Promise<Axios> | undefined
  return async (request, signal) => {
    // At the first request: axios loads all of undici, which a function that asks nobody need not wait for.
    opened ??= open(options)
    const axios = await opened
    try {
      if (signal.aborted) throw tooLate()
      return answerOf(await ask(axios.client, request, signal))
    } catch (error) {
      throw noAnswer(axios, error, options)
    }
  }
}

type Axios = Pick<typeof import('axios'), 'isAxiosError' | 'isCancel'> & {
  readonly client: AxiosInstance
}

async function open({ maxBytes, keepAlive, headers, tls }: Options): Promise<Axios> {
  const { create, isAxiosError, isCancel } = await import('axios')
  const client = create({
    httpAgent: new HttpAgent({ keepAlive }),
    httpsAgent: new HttpsAgent({
      keepAlive,
      ...(tls && { cert: tls.certificate, key: tls.key, ca: tls.ca }),
    }),
    maxRedirects: 0,
    proxy: false,
    // Counted after decompression.
    maxContentLength: maxBytes,
    responseType: 'text',
    transformResponse: (body: unknown) => body,
    validateStatus: () => true,
    headers: { 'accept-encoding': 'gzip, br', ...headers },
  })
  return { client, isAxiosError, isCancel }
}

async function ask(
  client: AxiosInstance,
  { url, method, headers, body }: HttpRequest,
  signal: AbortSignal,
): Promise<AxiosResponse<string>> {
  return await client.request<string>({
    url,
    method,
    signal,
    ...(headers === undefined ? {} : { headers: { ...headers } }),
    ...(body === undefined ? {} : { data: body }),
  })
}

function answerOf({ status, headers, data }: AxiosResponse<string>): HttpAnswer {
  const header = (name: string): string | undefined => {
    const value: unknown = headers[name.toLowerCase()]
    return typeof value === 'string' ? value : undefined
  }
  const coding = header('content-encoding')?.toLowerCase() ?? 'identity'
  // Axios takes the header away of whatever it has unpacked.
  if (coding !== 'identity')
    throw new NoAnswerError('unreadable', 'the body is packed as nobody asked for')
  return { status, header, body: data }
}

/** The cause is left out on purpose: axios puts whole requests into its errors, and an address can be a password. */
function noAnswer(
  { isAxiosError, isCancel }: Axios,
  error: unknown,
  { maxBytes }: Options,
): NoAnswerError {
  if (error instanceof NoAnswerError) return error
  if (isCancel(error) || isAbort(error)) return tooLate()
  if (!isAxiosError(error)) return new NoAnswerError('network', 'no answer: no reason')
  // axios has no code of its own for this.
  if (error.message.startsWith('maxContentLength'))
    return new NoAnswerError('too-large', `the answer is larger than ${maxBytes} bytes`)
  const code = codeOf(error)
  // zlib's codes, brotli's and zstd's.
  if (code !== undefined && /^(?:Z_|ERR__|ZSTD_)/.test(code))
    return new NoAnswerError('unreadable', `the body cannot be unpacked: ${code}`, code)
  return new NoAnswerError('network', `no answer: ${code ?? 'no reason'}`, code)
}

function tooLate(): NoAnswerError {
  return new NoAnswerError('timeout', 'no whole answer within the deadline')
}

/** The system's own code, where axios has put one of its words over it. */
function codeOf({
  code,
  cause,
}: {
  readonly code?: string | undefined
  readonly cause?: unknown
}): string | undefined {
  const inner = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  return inner ?? code
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'TimeoutError')
}

/** No whole answer came. The message names neither the address nor what was sent. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
  readonly trouble: 'timeout' | 'network' | 'too-large' | 'unreadable'
  /** Of the system or of Node, such as ECONNREFUSED; undefined where it was not they who gave up. */
  readonly code: string | undefined

  constructor(trouble: NoAnswerError['trouble'], detail: string, code?: string) {
    super(detail)
    this.trouble = trouble
    this.code = code
  }
}
