import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'

import type { ActiveFault, Fault } from './faults.ts'
import { skewOf } from './faulty-book.ts'
import { html } from './pages.ts'
import type { SimulatedAnswer, VenueSimulator } from './venue-simulator.ts'

export type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly now: number
  readonly faults: readonly ActiveFault[]
}

/** Sends what the venue has to say, unless a fault of the wire is faster. */
export async function deliver(
  exchange: Exchange,
  venue: VenueSimulator,
  honest: () => SimulatedAnswer,
): Promise<void> {
  const wire = exchange.faults.map(({ fault }) => fault).find(isOfTheWire)
  if (!wire) return send(exchange, honest())
  switch (wire.fault) {
    case 'timeout':
      // The server forgets the request; its socket goes when the client or the server closes.
      return undefined
    case 'reset':
      exchange.request.socket.resetAndDestroy()
      return undefined
    case 'vanish':
      exchange.request.socket.destroy()
      return undefined
    case 'server-error':
      return send(exchange, page(wire.status, `${wire.status} Service Unavailable`))
    case 'rate-limit': {
      const headers = { 'Retry-After': String(wire.retryAfterSeconds) }
      return send(exchange, { ...venue.tooMany, headers })
    }
    case 'region':
      return send(exchange, page(wire.status, `${wire.status} Forbidden in your region`))
    case 'html':
      return send(exchange, page(200, 'Just a moment...'))
    case 'truncated': {
      const whole = honest()
      return send(exchange, { ...whole, body: whole.body.slice(0, whole.body.length / 2) })
    }
    case 'huge':
      return flood(exchange, wire.megabytes)
  }
}

const faultsOfTruth = ['freeze', 'lie', 'skew', 'empty'] as const
type WireFault = Exclude<Fault, { fault: (typeof faultsOfTruth)[number] }>

function isOfTheWire(fault: Fault): fault is WireFault {
  // With instruments it is the truth that is spoilt: they are not listed any more.
  if (fault.fault === 'vanish') return fault.instruments === undefined
  return !faultsOfTruth.some((kind) => kind === fault.fault)
}

function page(status: number, title: string): SimulatedAnswer {
  return { status, body: html(title), contentType: 'text/html' }
}

function send(exchange: Exchange, answer: SimulatedAnswer): void {
  const { request, response } = exchange
  const plain = Buffer.from(answer.body)
  const zipped = takesGzip(request)
  const body = zipped ? gzipSync(plain) : plain
  begin(exchange, answer.status, {
    'Content-Type': answer.contentType ?? 'application/json',
    ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
    'Content-Length': String(body.length),
    ...answer.headers,
  })
  response.end(body)
}

function begin(
  { response, now, faults }: Exchange,
  status: number,
  headers: Readonly<Record<string, string>>,
): void {
  // The venue's clock, not this machine's.
  response.sendDate = false
  const date = new Date(Math.max(0, now + skewOf(faults))).toUTCString()
  response.writeHead(status, { Date: date, Vary: 'Accept-Encoding', ...headers })
}

function takesGzip(request: IncomingMessage): boolean {
  return /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
}

/** Valid JSON as far as it goes: lists in lists that never end. */
async function flood(exchange: Exchange, megabytes: number): Promise<void> {
  const zipped = takesGzip(exchange.request)
  begin(exchange, 200, {
    'Content-Type': 'application/json',
    ...(zipped ? { 'Content-Encoding': 'gzip' } : {}),
  })
  const source = Readable.from(chunks(megabytes))
  try {
    await (zipped
      ? pipeline(source, createGzip(), exchange.response)
      : pipeline(source, exchange.response))
  } catch (error) {
    if (!isHangUp(error)) throw error
  }
}

function* chunks(megabytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(64 * 1024, ' ')
  chunk[0] = '['.charCodeAt(0)
  for (let i = 0; i < megabytes * 16; i++) yield chunk
}

/** A client that stops reading a flood does the right thing. */
function isHangUp(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE'].includes(String(error.code))
  )
}
