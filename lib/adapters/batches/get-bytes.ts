import { type IncomingMessage, get as getPlain } from 'node:http'
import { get as getSecure } from 'node:https'

import { type MutualTls, NoAnswerError } from '../http-client.ts'

/** A whole answer, whatever its status. */
export type BytesAnswer = {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: Buffer
}

/**
 * Asks for a file as it is. Resolves with any answer that came whole before `signal` ended the exchange; throws
 * `NoAnswerError` for all else. It goes where the URL says: no answer sends it elsewhere.
 */
export async function getBytes(
  url: string,
  {
    maxBytes,
    signal,
    tls,
  }: {
    readonly maxBytes: number
    readonly signal: AbortSignal
    readonly tls?: MutualTls | undefined
  },
): Promise<BytesAnswer> {
  try {
    const response = await answerOf(url, signal, tls)
    const body = await bodyOf(response, maxBytes)
    const { statusCode = 0, headers } = response
    if ((headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new NoAnswerError('unreadable', 'the body is packed as nobody asked for')
    return { status: statusCode, retryAfter: headers['retry-after'], body }
  } catch (error) {
    if (error instanceof NoAnswerError) throw error
    if (signal.aborted) throw new NoAnswerError('timeout', 'no whole answer within the deadline')
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    throw new NoAnswerError('network', `no answer: ${code ?? 'no reason'}`, code)
  }
}

async function answerOf(
  url: string,
  signal: AbortSignal,
  tls: MutualTls | undefined,
): Promise<IncomingMessage> {
  const options = {
    signal,
    // One connection for each file: a kept one that went stale meanwhile would only be trouble.
    agent: false as const,
    headers: { 'user-agent': 'starkeep', 'accept-encoding': 'identity' },
    ...(tls && { cert: tls.certificate, key: tls.key, ca: tls.ca }),
  }
  const get = new URL(url).protocol === 'https:' ? getSecure : getPlain
  return await new Promise((resolve, reject) => {
    get(url, options, resolve).once('error', reject)
  })
}

async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    // Leaving the loop closes the connection.
    if (bytes > maxBytes)
      throw new NoAnswerError('too-large', `the answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
