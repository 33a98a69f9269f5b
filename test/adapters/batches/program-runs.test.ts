import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

import { strToU8, zipSync } from 'fflate'
import { describe, expect, onTestFinished, test } from 'vitest'

import { programRuns } from '../../../lib/adapters/batches/program-runs.ts'
import { timestamp } from '../../../lib/domain/time.ts'

const zip = Buffer.from(zipSync({ 'metadata.json': strToU8('{}') }))
const clock = { now: () => timestamp(1_800_000_000_000) }
const wanted = {
  first: 101,
  previous: { number: 100, hash: '0x64' },
  last: { number: 140, hash: '0x8c' },
  previousRoot: '0xa',
  newRoot: '0xb',
} as const
const run = { program_hash: '0xF1', n_steps: 7, program_output: ['0x1', '0x0A'], pie: 'pies/1.zip' }

type Serve = (path: string, response: ServerResponse) => void

/** A service that says what a test has it say, and what it was asked. */
async function aService(serve: Serve, options: Partial<Parameters<typeof programRuns>[0]> = {}) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const { url = '' } = request
    asked.push(url)
    serve(url, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/operator`
  return { asked, url, runs: programRuns({ name: 'operator', url: `${url}/`, clock, ...options }) }
}

/** Says this of any run, and has a PIE beside it. */
function saying(told: object, pie: Buffer = zip): Serve {
  return (path, response) => void response.end(path.includes('/runs/') ? JSON.stringify(told) : pie)
}

describe('a program run', () => {
  test('is asked for by its blocks and the states that it is between, and comes with its PIE', async () => {
    const { asked, runs } = await aService(saying(run))
    expect(await runs.run(wanted)).toEqual({
      pie: zip,
      steps: 7,
      programHash: '0xf1',
      output: { programOutput: [1n, 10n] },
    })
    expect(asked).toEqual([
      '/operator/runs/101-140?previousRoot=0xa&newRoot=0xb&previousHash=0x64&lastHash=0x8c',
      '/operator/pies/1.zip',
    ])
  })

  test('has its data where it says: beside the output, in blobs, or with the operator', async () => {
    const blob = `0x${'Ab'.repeat(131_072)}`
    const proof = `0x${'cd'.repeat(48)}`
    const outputs = [
      [
        { onchain_data: { hash: '0x7', size: 3 } },
        { data: { kind: 'calldata', hash: 7n, size: 3n } },
      ],
      [
        { onchain_data: { hash: '0x7', size: '0x10' } },
        { data: { kind: 'calldata', hash: 7n, size: 16n } },
      ],
      [
        { blobs: { blobs: [blob], proofs: [proof] } },
        { data: { kind: 'blobs', blobs: [blob.toLowerCase()], proofs: [proof] } },
      ],
      [{ application_data: ['0x5', '0x4', '0x0'] }, { applicationData: [5n, 4n, 0n] }],
      [{ layout_bridge_output: ['0x9'] }, { bridgeOutput: [9n] }],
    ] as const
    for (const [told, expected] of outputs) {
      const { runs } = await aService(saying({ ...run, ...told }))
      expect((await runs.run(wanted))?.output).toEqual({ programOutput: [1n, 10n], ...expected })
    }
  })

  test('may have its PIE elsewhere on the web, and nowhere else', async () => {
    const files = await aService((_, response) => void response.end(zip))
    const { runs } = await aService(saying({ ...run, pie: `${files.url}/far.zip` }))
    expect((await runs.run(wanted))?.pie).toEqual(zip)
    expect(files.asked).toEqual(['/operator/far.zip'])
    const local = await aService(saying({ ...run, pie: 'file:///etc/passwd' }))
    await expect(local.runs.run(wanted)).rejects.toThrow('the PIE is nowhere')
  })

  test('is not there yet only where the service itself says so', async () => {
    const notReady = await aService(
      (_, response) => void response.writeHead(404).end('{"code":"RUN_NOT_READY"}'),
    )
    expect(await notReady.runs.run(wanted)).toBeUndefined()
  })

  test.for([
    [404, '{"code":"NOT_FOUND"}'],
    [404, '404 page not found'],
    [404, '<html>RUN_NOT_READY</html>'],
    [400, '{"code":"RUN_NOT_READY"}'],
    [500, '{"code":"RUN_NOT_READY"}'],
    [502, '<html><h1>502</h1></html>'],
    [302, ''],
    [200, '<html><h1>Hello</h1></html>'],
    [200, '{}'],
    [200, 'null'],
    [200, JSON.stringify({ ...run, n_steps: 0 })],
    [200, JSON.stringify({ ...run, program_output: ['1'] })],
    [200, JSON.stringify({ ...run, program_output: [`0x1${'0'.repeat(64)}`] })],
    [200, JSON.stringify({ ...run, blobs: { blobs: ['0x00'], proofs: [] } })],
    [
      200,
      JSON.stringify({
        ...run,
        onchain_data: { hash: '0x1', size: 1 },
        blobs: { blobs: [], proofs: [] },
      }),
    ],
  ] as const)('is trouble where the answer is %i %s', async ([status, body]) => {
    const { runs } = await aService((_, response) => void response.writeHead(status).end(body))
    await expect(runs.run(wanted)).rejects.toMatchObject({
      name: 'SourceUnavailableError',
      source: 'operator',
      retryAfterMs: undefined,
    })
  })

  test('is left alone for as long as the service asks', async () => {
    const { runs } = await aService(
      (_, response) => void response.writeHead(429, { 'retry-after': '30' }).end('{}'),
    )
    await expect(runs.run(wanted)).rejects.toMatchObject({
      name: 'SourceUnavailableError',
      retryAfterMs: 30_000,
    })
  })

  test.for([
    ['a page', Buffer.from('<html></html>')],
    ['the beginning of one', zip.subarray(0, zip.length / 2)],
    ['nothing', Buffer.alloc(0)],
  ] as const)('is trouble where its PIE is %s', async ([, pie]) => {
    const { runs } = await aService(saying(run, pie))
    await expect(runs.run(wanted)).rejects.toMatchObject({ name: 'SourceUnavailableError' })
  })

  test('is trouble where its PIE breaks off, is not there, or is larger than anybody keeps', async () => {
    const broken = await aService((path, response) => {
      if (path.includes('/runs/')) return void response.end(JSON.stringify(run))
      response.writeHead(200, { 'content-length': String(zip.length) }).write(zip.subarray(0, 9))
      return void setTimeout(() => response.destroy(), 20)
    })
    await expect(broken.runs.run(wanted)).rejects.toThrow('no answer')
    const absent = await aService((path, response) =>
      path.includes('/runs/')
        ? void response.end(JSON.stringify(run))
        : void response.writeHead(404).end('{"code":"RUN_NOT_READY"}'),
    )
    await expect(absent.runs.run(wanted)).rejects.toThrow('status 404')
    const large = await aService(saying(run), { maxPieBytes: zip.length - 1 })
    await expect(large.runs.run(wanted)).rejects.toThrow(`larger than ${zip.length - 1} bytes`)
    const fitting = await aService(saying(run), { maxPieBytes: zip.length })
    expect((await fitting.runs.run(wanted))?.pie).toEqual(zip)
  })

  test('is trouble where nobody answers in time, or at all', async () => {
    const silent = await aService(() => undefined, { timeoutMs: 50 })
    await expect(silent.runs.run(wanted)).rejects.toThrow('none in 50 ms')
    const slowPie = await aService(
      (path, response) => {
        if (path.includes('/runs/')) response.end(JSON.stringify(run))
      },
      { pieTimeoutMs: 50 },
    )
    await expect(slowPie.runs.run(wanted)).rejects.toThrow('none in 50 ms')
    const cutOff = AbortSignal.timeout(30)
    const { runs } = await aService(() => undefined, { cutOff })
    await expect(runs.run(wanted)).rejects.toThrow('cut off')
    const nobody = programRuns({ name: 'operator', url: 'http://127.0.0.1:1', clock })
    await expect(nobody.run(wanted)).rejects.toThrow('ECONNREFUSED')
  })

  test('is told without the address, which may be a password', async () => {
    const { runs, url } = await aService((_, response) => void response.writeHead(500).end('oh'))
    const error: unknown = await runs.run(wanted).catch((one: unknown) => one)
    expect(String(error)).toContain('operator gave no usable answer: status 500, oh')
    expect(String(error)).not.toContain(new URL(url).host)
  })
})
