import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { crc32 } from 'node:zlib'

/** What becomes of one request. `lose-answer`: it is done, and nobody hears of it. `truncate`: half a body, then nothing. */
export type S3Fate = 'pass' | 'late' | 'lose-answer' | 'truncate' | 'hang' | 'slow-down' | 'denied'

/** Of an answer that comes `late`: longer than a client waits for one that is small. */
const lateMs = 2_500

export type AnS3 = {
  readonly endpoint: string
  readonly bucket: string
  /** By key; a test may change them. */
  readonly objects: Map<string, Buffer>
  /** `PUT key` and `GET key`, in order. */
  readonly asked: string[]
  /** How the next requests end, by method and how many of it there were. */
  fate: (method: string, count: number) => S3Fate
  close(): Promise<void>
}

/** PutObject and GetObject of one bucket as S3's REST interface has them: paths, headers, checksums, errors as XML. */
export async function startS3(bucket = 'blobs'): Promise<AnS3> {
  const objects = new Map<string, Buffer>()
  const asked: string[] = []

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = '', url = '' } = incoming
    const [, to, ...parts] = decodeURIComponent(new URL(url, 'http://s3').pathname).split('/')
    const key = parts.join('/')
    asked.push(`${method} ${key}`)
    const count = asked.filter((one) => one.startsWith(`${method} `)).length
    const sent = await buffer(incoming)
    const fate = s3.fate(method, count)
    if (fate === 'hang') return
    if (fate === 'late') await setTimeout(lateMs)
    if (fate === 'slow-down') return fail(outgoing, 503, 'SlowDown')
    if (fate === 'denied' || !isSigned(incoming)) return fail(outgoing, 403, 'AccessDenied')
    if (to !== bucket) return fail(outgoing, 404, 'NoSuchBucket')
    if (method === 'PUT') {
      if (!isWhole(incoming, sent)) return fail(outgoing, 400, 'BadDigest')
      objects.set(key, sent)
      if (fate === 'lose-answer') outgoing.destroy()
      else outgoing.writeHead(200, { etag: etag(sent) }).end()
      return
    }
    if (method !== 'GET') return fail(outgoing, 405, 'MethodNotAllowed')
    const object = objects.get(key)
    if (!object) return fail(outgoing, 404, 'NoSuchKey')
    if (fate === 'lose-answer') return void outgoing.destroy()
    outgoing.writeHead(200, { 'content-length': object.length, etag: etag(object) })
    if (fate === 'pass' || fate === 'late') outgoing.end(object)
    else outgoing.write(object.subarray(0, object.length / 2), () => outgoing.destroy())
  }

  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined

  const s3: AnS3 = {
    endpoint: `http://127.0.0.1:${port}`,
    bucket,
    objects,
    asked,
    fate: () => 'pass',
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return s3
}

function fail(outgoing: ServerResponse, status: number, code: string): void {
  outgoing.writeHead(status, { 'content-type': 'application/xml' })
  outgoing.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  )
}

function isSigned({ headers }: IncomingMessage): boolean {
  return headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=') === true
}

/** A body that is not what its headers say is refused, as S3 does. */
function isWhole({ headers }: IncomingMessage, sent: Buffer): boolean {
  const { 'x-amz-content-sha256': sha256, 'x-amz-checksum-crc32': checksum } = headers
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(sent))
  return (
    (sha256 === 'UNSIGNED-PAYLOAD' || sha256 === digest('sha256', sent)) &&
    (checksum === undefined || checksum === sum.toString('base64'))
  )
}

function etag(object: Buffer): string {
  return `"${digest('md5', object)}"`
}

function digest(algorithm: 'md5' | 'sha256', of: Buffer): string {
  return createHash(algorithm).update(of).digest('hex')
}
