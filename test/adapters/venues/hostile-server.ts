import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { brotliCompressSync, gzipSync } from 'node:zlib'

import type { VenueFailure } from '../../../lib/ports.ts'
import { oneOf } from './mutations.ts'
import { now } from './samples.ts'
import type { Random } from './valid-answers.ts'

/** How one body goes over the wire. */
export type Delivery = {
  readonly kind: string
  /** Whether the body comes through as it is; else no quote may be made of it. */
  readonly whole: boolean
  /** How the answer must fail, where it cannot but fail in one way. */
  readonly why?: VenueFailure['why']
  /** When the answer says it was made, as its headers are to be read. */
  readonly answeredAt: number | undefined
  send(response: ServerResponse, body: string): void
}

export type HostileServer = {
  readonly url: string
  close(): Promise<void>
}

/** Asks `answer` for what to send to a venue's name, the first part of the path. */
export async function hostileServer(
  answer: (venue: string, response: ServerResponse) => void,
): Promise<HostileServer> {
  const server = createServer((request, response) => {
    response.sendDate = false
    answer(request.url?.split('/')[1] ?? '', response)
  })
  // Each round has a client of its own: what it leaves open ends soon.
  server.keepAliveTimeout = 500
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

const json = { 'Content-Type': 'application/json' }

function plainly(headers: Readonly<Record<string, string>> = json, status = 200): Delivery['send'] {
  return (response, body) => void response.writeHead(status, headers).end(body)
}

const types = [
  'text/html',
  'image/png',
  'application/json; charset=utf-16',
  'text/plain; charset=latin1',
  'application/octet-stream',
  'multipart/form-data; boundary=x',
  ';;;',
  'text/event-stream',
]

const day = 86_400_000
const http = (at: number): string => new Date(at).toUTCString()
const second = Math.floor(now / 1_000) * 1_000

/** `Date`, `Age`, and when that is. */
const dates: readonly (readonly [date: string, age: string | undefined, at: number | undefined])[] =
  [
    [http(now), undefined, second],
    [http(now), '3', second - 3_000],
    [http(now), '999999999', second - 999_999_999_000],
    [http(now), '99999999999', undefined],
    [http(now), '-5', undefined],
    [http(now), '1e3', undefined],
    [http(now - 3_650 * day), undefined, second - 3_650 * day],
    [http(now + 3_650 * day), undefined, second + 3_650 * day],
    [http(now + day), '86400', second],
    ['Thu, 01 Jan 1970 00:00:00 GMT', '7', 0],
    ['yesterday', undefined, undefined],
    ['', undefined, undefined],
    [String(now), undefined, undefined],
  ]

function dated(random: Random): Delivery {
  const [date, age, answeredAt] = oneOf(random, dates)
  const headers = { ...json, Date: date, ...(age === undefined ? {} : { Age: age }) }
  return {
    kind: 'with any date',
    whole: true,
    answeredAt: answeredAt && Math.max(0, answeredAt),
    send: plainly(headers),
  }
}

const undated = { whole: true, answeredAt: undefined }
const nothing = { whole: false, answeredAt: undefined }

/** As a venue's own server would, for bodies that are the trouble themselves. */
export const honestly: Delivery = { ...undated, kind: 'as usual', send: plainly() }

export function someDelivery(random: Random): Delivery {
  const make = oneOf(random, deliveries)
  return make(random)
}

const deliveries: readonly ((random: Random) => Delivery)[] = [
  () => honestly,
  () => honestly,
  dated,
  dated,
  (random) => ({
    ...undated,
    kind: 'with a wrong type',
    send: plainly({ 'Content-Type': oneOf(random, types) }),
  }),
  (random) => ({ ...undated, kind: 'packed', send: packed(oneOf(random, ['gzip', 'br'])) }),
  (random) => {
    const at = random.below(1_000)
    return { ...nothing, kind: 'packed and cut off', why: 'unreadable', send: packed('gzip', at) }
  },
  () => ({
    ...nothing,
    kind: 'said to be packed',
    why: 'unreadable',
    send: plainly({ ...json, 'Content-Encoding': 'gzip' }),
  }),
  (random) => ({
    ...nothing,
    kind: 'packed as nobody asked for',
    why: 'unreadable',
    send: plainly({
      ...json,
      'Content-Encoding': oneOf(random, ['aes128gcm', 'gzip, zzz', 'exi']),
    }),
  }),
  (random) => ({
    ...nothing,
    kind: 'with another status',
    send: plainly(json, oneOf(random, [201, 203, 206, 301, 304, 400, 403, 404, 418, 429, 451])),
  }),
  () => ({
    ...nothing,
    kind: 'in UTF-16',
    why: 'unreadable',
    send: (response, body) =>
      void response
        .writeHead(200, { 'Content-Type': 'application/json; charset=utf-16le' })
        .end(Buffer.from(body || '{}', 'utf16le')),
  }),
]

/** Cut off in the body: the last bytes are but a sum over it, which the client does not wait for. */
function packed(coding: 'gzip' | 'br', cutAt?: number): Delivery['send'] {
  return (response, body) => {
    const bytes = coding === 'gzip' ? gzipSync(body) : brotliCompressSync(body)
    const sent =
      cutAt === undefined ? bytes : bytes.subarray(0, cutAt % Math.max(1, bytes.length - 24))
    response.writeHead(200, { ...json, 'Content-Encoding': coding }).end(sent)
  }
}

/** What breaks the connection, and costs the second try that it is given. */
export function someBreak(random: Random): Delivery {
  return oneOf(random, [
    { ...nothing, kind: 'broken off', why: 'network', send: brokenOff },
    { ...nothing, kind: 'no HTTP at all', why: 'network', send: garbage },
    {
      ...nothing,
      kind: 'with endless headers',
      why: 'network',
      send: plainly({ ...json, 'X-A': 'a'.repeat(70_000) }),
    },
    { ...nothing, kind: 'with status 503', why: 'http', send: plainly(json, 503) },
  ] satisfies readonly Delivery[])
}

function brokenOff(response: ServerResponse, body: string): void {
  response
    .writeHead(200, { ...json, 'Content-Length': String(Buffer.byteLength(body) + 9) })
    .write(body || ' ')
  setImmediate(() => response.destroy())
}

function garbage(response: ServerResponse, body: string): void {
  response.socket?.end(`HTTP/1.1 twohundred\r\n\r\n${body}`)
}

const fiftyMegabytes = 50 * 1024 * 1024

/** Far more than an answer may be, beginning with a valid one. */
export function someFlood(random: Random): Delivery {
  return oneOf(random, [
    { ...nothing, kind: 'fifty megabytes', why: 'too-large', send: flood },
    { ...nothing, kind: 'a gzip bomb', why: 'too-large', send: bomb('gzip') },
    { ...nothing, kind: 'a brotli bomb', why: 'too-large', send: bomb('br') },
    { ...nothing, kind: 'a bomb in a bomb', why: 'unreadable', send: bomb('gzip, gzip') },
  ] satisfies readonly Delivery[])
}

function flood(response: ServerResponse, body: string): void {
  response.writeHead(200, json).write(body)
  const chunk = Buffer.alloc(64 * 1024, ' ')
  let left = fiftyMegabytes
  const more = (): void => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length
      if (!response.write(chunk)) return
    }
    response.end()
  }
  response.on('drain', more)
  more()
}

/** The blanks are packed once: brotli takes its time. */
const bombs = new Map<string, Buffer>()

function bomb(coding: 'gzip' | 'br' | 'gzip, gzip'): Delivery['send'] {
  return (response) => {
    const blanks = bombs.get(coding) ?? packedBlanks(coding)
    bombs.set(coding, blanks)
    response.writeHead(200, { ...json, 'Content-Encoding': coding }).end(blanks)
  }
}

function packedBlanks(coding: 'gzip' | 'br' | 'gzip, gzip'): Buffer {
  const blanks = Buffer.concat([Buffer.from('[]'), Buffer.alloc(fiftyMegabytes, ' ')])
  switch (coding) {
    case 'gzip':
      return gzipSync(blanks)
    case 'br':
      return brotliCompressSync(blanks)
    case 'gzip, gzip':
      return gzipSync(gzipSync(blanks))
  }
}
