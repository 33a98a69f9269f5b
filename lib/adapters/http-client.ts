import { once } from 'node:events'
import { Agent as HttpAgent, type IncomingMessage, request as overHttp } from 'node:http'
import { Agent as HttpsAgent, request as overHttps } from 'node:https'
import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip } from 'node:zlib'

export type HttpRequest = {
  readonly url: string
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
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

/**
 * A client of its own connections. It goes where the URL says: no answer and no environment sends it elsewhere.
 *
 * On Node's own modules, since what a general client brings with it takes as long to load as all the rest of a function.
 */
export function httpClient(options: {
  /** Largest body, counted after unpacking. */
  readonly maxBytes: number
  /** Whether connections are kept for the next request. */
  readonly keepAlive: boolean
  readonly headers: Readonly<Record<string, string>>
}): HttpClient {
  const { maxBytes, keepAlive } = options
  const http = new HttpAgent({ keepAlive })
  const https = new HttpsAgent({ keepAlive })

  async function responseTo(request: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { method, body } = request
    const url = new URL(request.url)
    const headers = { 'accept-encoding': 'gzip, br', ...options.headers, ...request.headers }
    const sent =
      url.protocol === 'https:'
        ? overHttps(url, { method, headers, signal, agent: https })
        : overHttp(url, { method, headers, signal, agent: http })
    // What breaks the connection later breaks the reading of the body too.
    sent.on('error', () => undefined)
    const response = once(sent, 'response') as Promise<[IncomingMessage]>
    sent.end(body)
    return (await response)[0]
  }

  return async (request, signal) => {
    try {
      const response = await responseTo(request, signal)
      const body = await textOf(response, maxBytes)
      // An exchange that is ended in the middle can look like the body's end.
      signal.throwIfAborted()
      return {
        status: response.statusCode ?? 0,
        header: (name) => response.headersDistinct[name]?.[0],
        body,
      }
    } catch (error) {
      throw asNoAnswer(error, signal)
    }
  }
}

async function textOf(response: IncomingMessage, maxBytes: number): Promise<string> {
  const read = async (chunks: AsyncIterable<Buffer>): Promise<string> => {
    const kept: Buffer[] = []
    let size = 0
    for await (const chunk of chunks) {
      size += chunk.length
      if (size > maxBytes)
        throw new NoAnswerError('too-large', `the answer is larger than ${maxBytes} bytes`)
      kept.push(chunk)
    }
    return new TextDecoder().decode(Buffer.concat(kept))
  }
  const coding = response.headers['content-encoding']?.toLowerCase() ?? 'identity'
  switch (coding) {
    case 'identity':
      return await pipeline(response, read)
    case 'gzip':
      return await pipeline(response, createGunzip(), read)
    case 'br':
      return await pipeline(response, createBrotliDecompress(), read)
    default:
      response.destroy()
      throw new NoAnswerError('unreadable', 'the body is packed as nobody asked for')
  }
}

/** The cause is left out on purpose: errors of Node can quote the address, and an address can be a password. */
function asNoAnswer(error: unknown, signal: AbortSignal): NoAnswerError {
  if (error instanceof NoAnswerError) return error
  if (signal.aborted) return new NoAnswerError('timeout', 'no whole answer within the deadline')
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  // zlib's codes, and brotli's.
  if (code !== undefined && /^(?:Z_|ERR__)/.test(code))
    return new NoAnswerError('unreadable', `the body cannot be unpacked: ${code}`, code)
  return new NoAnswerError('network', `no answer: ${code ?? 'no reason'}`, code)
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
