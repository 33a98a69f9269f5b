import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

import { describe, expect, onTestFinished, test } from 'vitest'

import { httpClient } from '../../../lib/adapters/http-client.ts'
import { httpPeer } from '../../../lib/adapters/peers/http-peer.ts'
import { writeReports } from '../../../lib/adapters/peers/report-wire.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { aReport } from '../store/samples.ts'

const targets = { 'evm-engine': 'evm:1:0xee' }
const body = (round: number, price?: string) => {
  const seconds = timestamp(1_764_000_000_000)
  const report = { ...aReport('two', round, price), oldestInputAt: seconds, observedAt: seconds }
  return writeReports({ node: 'two', round, reports: [report] }, targets)
}

/** A peer whose node answers like that, and what it was asked. */
async function aPeer(listener: RequestListener, maxBytes = 10_000) {
  const seen: { readonly path: string; readonly known: string | undefined }[] = []
  const server = createServer((request, response) => {
    seen.push({ path: request.url ?? '', known: request.headers['if-none-match'] })
    listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const client = httpClient({ maxBytes, keepAlive: false, headers: {} })
  return { seen, peer: httpPeer({ node: 'two', url: `${url}/`, signers: {}, targets, client }) }
}

describe('a peer', () => {
  test('is asked for its own reports of the round, and gives them as they are', async () => {
    const { peer, seen } = await aPeer((_, response) => response.end(body(7)))
    expect(await peer.reports(7, 5_000)).toMatchObject({
      kind: 'reports',
      unreadable: 0,
      reports: [{ node: 'two', round: 7, feed: 'BTC-USD' }],
    })
    expect(seen).toEqual([{ path: '/reports/two/7', known: undefined }])
  })

  test('need not send again what it says is the same', async () => {
    let changed = false
    const { peer, seen } = await aPeer((request, response) => {
      if (request.headers['if-none-match'] === '"one"' && !changed) response.writeHead(304).end()
      else response.writeHead(200, { etag: '"one"' }).end(body(7, changed ? '5' : '4'))
    })
    const first = await peer.reports(7, 5_000)
    expect(await peer.reports(7, 5_000)).toEqual(first)
    expect(seen.map(({ known }) => known)).toEqual([undefined, '"one"'])
    changed = true
    expect(await peer.reports(7, 5_000)).not.toEqual(first)
    // Only the newest rounds are kept.
    for (const round of [8, 9, 10, 11]) await peer.reports(round, 5_000)
    await peer.reports(7, 5_000)
    expect(seen.at(-1)?.known).toBeUndefined()
  })

  test('that knows an answer that we do not is not believed', async () => {
    const { peer } = await aPeer((_, response) => response.writeHead(304).end())
    expect(await peer.reports(7, 5_000)).toMatchObject({ kind: 'failed', why: 'http' })
  })

  test.for<readonly [string, RequestListener, object]>([
    ['has none', (_, response) => response.writeHead(404).end(), { kind: 'nothing' }],
    [
      'fails',
      (_, response) => response.writeHead(503).end(body(7)),
      { kind: 'failed', why: 'http', detail: 'status 503' },
    ],
    [
      'sends us elsewhere',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      { kind: 'failed', why: 'http', detail: 'status 302' },
    ],
    [
      'shows a web page',
      (_, response) => response.end('<html>busy</html>'),
      { kind: 'failed', why: 'unreadable' },
    ],
    [
      'ends in the middle',
      (_, response) => response.end(body(7).slice(0, -20)),
      { kind: 'failed', why: 'unreadable' },
    ],
    [
      'breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-length': '5000' }).write(body(7))
        response.destroy()
      },
      { kind: 'failed', why: 'network' },
    ],
    [
      'says too much',
      (_, response) => response.end(body(7) + ' '.repeat(10_000)),
      { kind: 'failed', why: 'too-large' },
    ],
    ['says nothing', () => undefined, { kind: 'failed', why: 'timeout' }],
    [
      'never ends',
      async (_, response) => {
        response.writeHead(200)
        for (let at = 0; at < 100 && !response.destroyed; at += 1) {
          response.write(' ')
          await sleep(20)
        }
      },
      { kind: 'failed', why: 'timeout' },
    ],
  ])('that %s is told so, in time', async ([, listener, answer]) => {
    const { peer } = await aPeer(listener)
    const since = performance.now()
    const withinMs = 'why' in answer && answer.why === 'timeout' ? 150 : 5_000
    expect(await peer.reports(7, withinMs)).toMatchObject(answer)
    expect(performance.now() - since).toBeLessThan(5_000)
  })

  test('that is not there is told so', async () => {
    const client = httpClient({ maxBytes: 100, keepAlive: false, headers: {} })
    const url = 'http://127.0.0.1:1'
    const peer = httpPeer({ node: 'two', url, signers: {}, targets, client })
    expect(await peer.reports(7, 5_000)).toMatchObject({ kind: 'failed', why: 'network' })
    expect(await peer.reports(7, 0)).toMatchObject({ kind: 'failed' })
  })
})
