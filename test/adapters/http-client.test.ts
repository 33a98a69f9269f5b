import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { buffer, text } from 'node:stream/consumers'
import { brotliCompressSync, gzipSync } from 'node:zlib'

import { describe, expect, onTestFinished, test } from 'vitest'

import { type HttpRequest, httpClient, NoAnswerError } from '../../lib/adapters/http-client.ts'

async function aServer(listener: RequestListener) {
  const sockets = new Set<unknown>()
  const server = createServer(listener).on('connection', (socket) => sockets.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return { url: `http://127.0.0.1:${port}`, connections: () => sockets.size }
}

const patience = () => AbortSignal.timeout(10_000)

async function asked(
  url: string,
  {
    signal = patience(),
    ...request
  }: Partial<HttpRequest> & { readonly signal?: AbortSignal } = {},
) {
  const ask = httpClient({ maxBytes: 1_000, keepAlive: false, headers: { 'user-agent': 'test' } })
  return await ask({ url, method: 'GET', ...request }, signal)
}

async function troubleOf(url: string, signal = patience()): Promise<NoAnswerError> {
  try {
    await asked(url, { signal })
  } catch (error) {
    if (error instanceof NoAnswerError) return error
    throw error
  }
  throw new Error('an answer came')
}

describe('a whole answer', () => {
  test('of any status comes as text, with its headers', async () => {
    const { url } = await aServer((_, response) =>
      response.writeHead(503, { 'retry-after': '7' }).end('später'),
    )
    const { status, header, body } = await asked(url)
    expect([status, header('retry-after'), header('age'), body]).toEqual([
      503,
      '7',
      undefined,
      'später',
    ])
  })

  test.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('that is packed with %s is unpacked', async (coding, pack) => {
    const { url } = await aServer((request, response) => {
      expect(request.headers['accept-encoding']).toContain(coding)
      response.writeHead(200, { 'content-encoding': coding }).end(pack('x'.repeat(900)))
    })
    expect((await asked(url)).body).toBe('x'.repeat(900))
  })

  test('is asked for with the body and headers that were given', async () => {
    const { url } = await aServer((request, response) => {
      const { method, headers } = request
      const told = [method, headers['content-length'], headers['x-one'], headers['user-agent']]
      void text(request).then((body) => response.end(JSON.stringify([...told, body])))
    })
    const { body } = await asked(url, { method: 'POST', body: 'ä', headers: { 'x-one': '1' } })
    expect(JSON.parse(body)).toEqual(['POST', '2', '1', 'test', 'ä'])
  })

  test('is asked for with bytes as they are, also of a part of a larger buffer', async () => {
    const taken: Buffer[] = []
    const { url } = await aServer((request, response) => {
      void buffer(request).then((body) => {
        taken.push(body)
        return response.end('ok')
      })
    })
    // No UTF-8, and beside it in memory what nobody is to see.
    const whole = Buffer.from([1, 2, 0xff, 0x00, 0xfe, 0x80, 3, 4])
    await asked(url, { method: 'POST', body: whole.subarray(2, 6) })
    expect(taken).toEqual([Buffer.from([0xff, 0x00, 0xfe, 0x80])])
  })

  test('is also one that says to go elsewhere: nobody goes', async () => {
    const { url } = await aServer((request, response) => {
      expect(request.url).toBe('/here')
      response.writeHead(302, { location: '/elsewhere' }).end()
    })
    expect((await asked(`${url}/here`)).status).toBe(302)
  })

  test('leaves its connection to the next request, where connections are kept', async () => {
    const { url, connections } = await aServer((_, response) => response.end('yes'))
    const ask = httpClient({ maxBytes: 10, keepAlive: true, headers: {} })
    for (let times = 0; times < 3; times++) await ask({ url, method: 'GET' }, patience())
    expect(connections()).toBe(1)
  })
})

describe('no whole answer', () => {
  test('within the deadline is a timeout, also where it began', async () => {
    const silent = await aServer(() => undefined)
    const dripping = await aServer((_, response) => response.writeHead(200).write('be'))
    for (const { url } of [silent, dripping])
      expect(await troubleOf(url, AbortSignal.timeout(150))).toMatchObject({ trouble: 'timeout' })
    expect(await troubleOf(silent.url, AbortSignal.abort())).toMatchObject({ trouble: 'timeout' })
  })

  test('is one that is cut off, whatever was promised', async () => {
    const { url } = await aServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half')
      setImmediate(() => response.destroy())
    })
    expect(await troubleOf(url)).toMatchObject({ trouble: 'network' })
  })

  test('is one that is larger than agreed, packed or not', async () => {
    const plain = await aServer((_, response) => response.end('x'.repeat(1_001)))
    const packed = await aServer((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(1_000_000))),
    )
    for (const { url } of [plain, packed])
      expect(await troubleOf(url)).toMatchObject({ trouble: 'too-large' })
  })

  test.each([
    ['gzip', Buffer.from('nothing that was packed')],
    ['br', Buffer.from('nothing that was packed')],
    ['zstd', Buffer.from('nothing that was packed')],
    ['lzma', Buffer.from('nobody asked for it')],
  ])('is a body that is not packed as %s', async (coding, body) => {
    const { url } = await aServer((_, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(body),
    )
    expect(await troubleOf(url)).toMatchObject({ trouble: 'unreadable' })
  })

  test('comes from where nobody listens, and the error does not say where that is', async () => {
    const error = await troubleOf('http://user:pass@127.0.0.1:1/secret')
    expect(error).toMatchObject({ trouble: 'network', code: 'ECONNREFUSED' })
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toMatch(/127\.0\.0\.1:1|pass|secret/)
  })
})
