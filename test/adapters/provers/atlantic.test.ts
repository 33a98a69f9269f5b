import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readForm } from '../../../infra/local/provers/read-form.ts'
import {
  atlantic,
  atlanticJobSize,
  type AtlanticOptions,
} from '../../../lib/adapters/provers/atlantic.ts'
import { ProverRefusedError, ProverUnavailableError } from '../../../lib/adapters/provers/errors.ts'
import { anApi, type Asked, clock, failureOf, pages, type Said, waitOf } from './an-api.ts'

const apiKey = 'a-key-that-nobody-may-see'

/**
 * A job as Atlantic has told of one (recorded in Madara's mock server), with the fields that the API's documents have besides.
 */
const recorded = {
  id: '01JXMTC7TZMSNDTJ88212KTH7W',
  externalId: '',
  dedupId: 'k',
  transactionId: '01JXMTCJNPFPDW84NNVPHQYZ7H',
  status: 'DONE',
  step: 'PROOF_GENERATION',
  programHash: '0x54d3603ed14fb897d0925c48f26330ea9950bd4ca95746dad4f7f09febffe0d',
  integrityFactHash: '0x1362a28327fd37cc0c430f427208d530fbde13465a975df82339f070d2dafd4',
  sharpFactHash: '0x19acd3ad63c7ea36e23a869c40d721e4963e9fc2add5521149be462e10492123',
  layout: 'dynamic',
  isFactMocked: null,
  isProofMocked: null,
  chain: 'OFFCHAIN',
  jobSize: 'S',
  declaredJobSize: 'S',
  isJobSizeValid: true,
  cairoVm: 'rust',
  cairoVersion: 'cairo0',
  steps: ['TRACE_AND_METADATA_GENERATION', 'PROOF_GENERATION'],
  errorReason: null,
  retryCount: 0,
  submittedByClient: '01JT14WV07E44PE11ZWWCED6BG',
  projectId: '01JNFXEF9JFBQFCKXDANCBE5CN',
  createdAt: '2025-06-13T14:16:24.771Z',
  completedAt: '2025-06-13T14:17:48.204Z',
  result: 'PROOF_GENERATION',
  network: 'TESTNET',
  hints: null,
  sharpProver: 'stone',
  bucketId: null,
  bucketJobIndex: null,
  customerName: null,
  client: { clientId: null, name: null, email: null, isEmailVerified: null, image: null },
}

const none: Said = { status: 404, body: { message: 'ATLANTIC_QUERY_NOT_FOUND' } }

const request = { key: 'k', label: 'core 12', pie: new Uint8Array([80, 75, 3, 255]), steps: 61 }

async function anAtlantic(
  answer: Said | ((asked: Asked) => Said),
  change: Partial<AtlanticOptions> = {},
) {
  const { url, asked } = await anApi(typeof answer === 'function' ? answer : () => answer)
  const prover = atlantic({
    name: 'atlantic-eu',
    url: `${url}/`,
    clock,
    apiKey: async () => apiKey,
    network: 'TESTNET',
    result: 'PROOF_VERIFICATION_ON_L1',
    ...change,
  })
  return { prover, asked }
}

const telling = (change: object): Said => ({ body: { atlanticQuery: { ...recorded, ...change } } })

describe('a job is told', () => {
  test('with all that Atlantic computed', async () => {
    const { prover, asked } = await anAtlantic(telling({}))
    expect(await prover.find('k')).toEqual({
      id: '01JXMTC7TZMSNDTJ88212KTH7W',
      status: 'done',
      stage: 'PROOF_GENERATION',
      programHash: '0x54d3603ed14fb897d0925c48f26330ea9950bd4ca95746dad4f7f09febffe0d',
      facts: {
        integrity: '0x1362a28327fd37cc0c430f427208d530fbde13465a975df82339f070d2dafd4',
        sharp: '0x19acd3ad63c7ea36e23a869c40d721e4963e9fc2add5521149be462e10492123',
      },
      isMocked: false,
      isSizeRight: true,
    })
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /atlantic-query-by-dedup-id?dedupId=k',
    ])
    expect(asked[0]?.headers['api-key']).toBe(apiKey)
  })

  test.each([
    ['RECEIVED', 'queued'],
    ['IN_PROGRESS', 'running'],
    ['DONE', 'done'],
    ['FAILED', 'failed'],
  ])('as %s: it is %s', async (status, expected) => {
    const { prover } = await anAtlantic(telling({ status }))
    expect(await prover.find('k')).toMatchObject({ status: expected })
  })

  test('before it has been looked at: there is nothing but its id', async () => {
    const early = { status: 'RECEIVED', step: null, programHash: null }
    const { prover } = await anAtlantic(
      telling({ ...early, sharpFactHash: null, integrityFactHash: null, isJobSizeValid: null }),
    )
    expect(await prover.find('k')).toEqual({
      id: recorded.id,
      status: 'queued',
      facts: {},
      isMocked: false,
    })
  })

  test('with the reason of its failure, in Atlantic’s words', async () => {
    const { prover } = await anAtlantic(
      telling({ status: 'FAILED', errorReason: 'UNRECOVERABLE_RABBIT_MQ_ERROR' }),
    )
    expect(await prover.find('k')).toMatchObject({ reason: 'UNRECOVERABLE_RABBIT_MQ_ERROR' })
  })

  test.each([{ isFactMocked: true }, { isProofMocked: true }])('as a mock: %j', async (mock) => {
    const { prover } = await anAtlantic(telling(mock))
    expect(await prover.find('k')).toMatchObject({ isMocked: true })
  })

  test('with a size that was declared wrong', async () => {
    const { prover } = await anAtlantic(telling({ isJobSizeValid: false }))
    expect(await prover.find('k')).toMatchObject({ isSizeRight: false })
  })

  test('with facts that lack zeros at the front, or are in capitals, as registries know them', async () => {
    const { prover } = await anAtlantic(
      telling({ sharpFactHash: '0xABC', integrityFactHash: '0x00aBc', programHash: '0x0D' }),
    )
    expect(await prover.find('k')).toMatchObject({
      programHash: '0xd',
      facts: { sharp: `0x${'abc'.padStart(64, '0')}`, integrity: '0xabc' },
    })
  })

  test('by its id where that is known', async () => {
    const { prover, asked } = await anAtlantic({
      body: { atlanticQuery: recorded, metadataUrls: [] },
    })
    expect(await prover.find('k', recorded.id)).toMatchObject({ status: 'done' })
    expect(asked.map(({ url }) => url)).toEqual([`/atlantic-query/${recorded.id}`])
  })

  test('by its key where its id is not known any more', async () => {
    const { prover, asked } = await anAtlantic(({ url }) =>
      url.startsWith('/atlantic-query/') ? none : telling({}),
    )
    expect(await prover.find('k', 'lost')).toMatchObject({ id: recorded.id })
    expect(asked).toHaveLength(2)
  })

  test('with its key as it is, whatever is in it', async () => {
    const key = 'core:12&x=1#ä/%'
    const { prover, asked } = await anAtlantic(telling({ dedupId: key }))
    await prover.find(key)
    const { searchParams } = new URL(asked[0]?.url ?? '', 'http://atlantic')
    expect([...searchParams]).toEqual([['dedupId', key]])
  })
})

describe('there is no job', () => {
  test.each<[string, object]>([
    ['in capitals', { message: 'ATLANTIC_QUERY_NOT_FOUND' }],
    ['about the key', { message: 'ATLANTIC_QUERY_WITH_DEDUP_ID_NOT_FOUND', statusCode: 404 }],
    ['in words', { error: 'query not found' }],
    ['beside the status in words', { message: 'Query does not exist', error: 'Not Found' }],
  ])('where Atlantic says so %s', async (_, body) => {
    const { prover } = await anAtlantic({ status: 404, body })
    expect(await prover.find('k')).toBeUndefined()
  })

  test('under neither id nor key', async () => {
    const { prover, asked } = await anAtlantic(none)
    expect(await prover.find('k', 'lost')).toBeUndefined()
    expect(asked).toHaveLength(2)
  })
})

describe('nothing is known of a job', () => {
  test.each(pages)('after %s', async (_, said) => {
    const { prover } = await anAtlantic(said)
    for (const id of [undefined, recorded.id])
      expect(await failureOf(prover.find('k', id))).toBeInstanceOf(ProverUnavailableError)
  })

  test.each<[string, object]>([
    ['another job', { dedupId: 'another' }],
    ['a status that nobody has told us of', { status: 'PAUSED' }],
    ['no status', { status: undefined }],
    ['no id', { id: '' }],
    ['a fact that is none', { sharpFactHash: 'DONE' }],
    ['a mock that is neither true nor false', { isFactMocked: 'no' }],
  ])('where the answer has %s', async (_, change) => {
    const { prover } = await anAtlantic(telling(change))
    expect(await failureOf(prover.find('k'))).toBeInstanceOf(ProverUnavailableError)
  })

  test('where the answer is about another id', async () => {
    const { prover } = await anAtlantic(telling({}))
    expect(await failureOf(prover.find('k', 'mine'))).toBeInstanceOf(ProverUnavailableError)
  })

  test('where our key is not good any more', async () => {
    const { prover } = await anAtlantic({ status: 401, body: { message: 'INVALID_API_KEY' } })
    const failure = await failureOf(prover.find('k'))
    expect(failure).toBeInstanceOf(ProverUnavailableError)
    expect(String(failure)).toContain('status 401')
  })

  test('where nobody answers', async () => {
    const { prover } = await anAtlantic(none, { url: 'http://127.0.0.1:1' })
    const failure = await failureOf(prover.find('k'))
    expect(failure).toBeInstanceOf(ProverUnavailableError)
    expect(String(failure)).toBe(
      'ProverUnavailableError: atlantic-eu gave no usable answer: no answer: ECONNREFUSED',
    )
  })

  test('where the answer takes too long, or the work is cut off', async () => {
    const { prover } = await anAtlantic({ ...none, never: true }, { timeoutMs: 0 })
    expect(String(await failureOf(prover.find('k')))).toContain('none in 0 ms')
    const cutOff = AbortSignal.abort(new Error('the invocation ends'))
    const { prover: late } = await anAtlantic(none, { cutOff })
    expect(String(await failureOf(late.find('k')))).toContain('cut off')
  })

  test('where the answer is larger than any of a job is', async () => {
    const { prover } = await anAtlantic(telling({ hints: 'x'.repeat(2 ** 20) }))
    expect(await failureOf(prover.find('k'))).toBeInstanceOf(ProverUnavailableError)
  })

  test.each([
    ['7', 7_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['soon', undefined],
  ])('and we are asked to wait: %s', async (header, expected) => {
    const { prover } = await anAtlantic({
      status: 429,
      body: {},
      headers: { 'retry-after': header },
    })
    expect(waitOf(await failureOf(prover.find('k')))).toBe(expected)
  })

  test('whatever the body, unless it is the API’s own JSON', async () => {
    let said: Said = { body: '' }
    const { prover } = await anAtlantic(() => said)
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('DONE', 'FAILED', 'RECEIVED', 'done', 'k', recorded.id, '0x1', null),
    )
    const query = fc.record({ id: word, status: word, dedupId: word }, { requiredKeys: [] })
    const json = fc.oneof(
      fc.jsonValue(),
      query,
      fc.dictionary(fc.constantFrom('atlanticQuery', 'id', 'status', 'data', '0'), word),
      fc.record({ atlanticQuery: fc.oneof(query, fc.tuple(query)) }),
    )
    const body = fc.oneof(
      fc.string(),
      json.map((value) => JSON.stringify(value)),
      fc.nat(2_000).map((end) => JSON.stringify(telling({}).body).slice(0, end)),
    )
    const status = fc.constantFrom(200, 200, 201, 400, 403, 404, 500, 503)
    await fc.assert(
      fc.asyncProperty(status, body, async (code, text) => {
        said = { status: code, body: text }
        const failure = await failureOf(prover.find('k'))
        const isUnavailable = failure instanceof ProverUnavailableError
        expect([failure === undefined, isUnavailable]).toEqual(
          code === 200 && isOwn(text) ? [true, false] : [false, true],
        )
      }),
      { numRuns: 400 },
    )
  })
})

/** An answer about job `k` with a status that the documents have, in another reading of it. */
function isOwn(text: string): boolean {
  try {
    const { id, status, dedupId } = (JSON.parse(text) as { atlanticQuery: Record<string, unknown> })
      .atlanticQuery
    const isKnown = ['RECEIVED', 'IN_PROGRESS', 'DONE', 'FAILED'].includes(String(status))
    const isOurs = dedupId === undefined || dedupId === null || dedupId === 'k'
    return typeof id === 'string' && id !== '' && isKnown && isOurs
  } catch {
    return false
  }
}

describe('a submission', () => {
  test('is a form with the PIE as it is, and all that Atlantic wants to know', async () => {
    const { prover, asked } = await anAtlantic({ status: 201, body: { atlanticQueryId: '01J' } })
    expect(await prover.submit(request)).toBe('01J')
    const [one] = asked
    if (!one) throw new Error('nothing was asked')
    expect([one.method, one.url, one.headers['api-key']]).toEqual([
      'POST',
      '/atlantic-query',
      apiKey,
    ])
    const type = one.headers['content-type'] ?? ''
    const form = await readForm(type, new Uint8Array(one.body))
    const { pieFile, ...texts } = form
    expect(texts).toEqual({
      dedupId: 'k',
      externalId: 'core 12',
      declaredJobSize: 'S',
      result: 'PROOF_VERIFICATION_ON_L1',
      network: 'TESTNET',
      layout: 'auto',
      cairoVersion: 'cairo0',
      cairoVm: 'rust',
      sharpProver: 'stone',
      mockFactHash: 'false',
    })
    expect(pieFile).toBeInstanceOf(File)
    const file = pieFile as File
    expect([file.name, file.type]).toEqual(['pie.zip', 'application/zip'])
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(request.pie)
  })

  test('says what else was chosen', async () => {
    const { prover, asked } = await anAtlantic(
      { status: 200, body: { atlanticQueryId: '01J' } },
      {
        network: 'MAINNET',
        result: 'PROOF_VERIFICATION_ON_L2',
        layout: 'recursive',
        cairoVersion: 'cairo1',
        cairoVm: 'python',
        sharpProver: 'stwo',
      },
    )
    await prover.submit({ ...request, steps: 40_000_000 })
    const form = asked[0]?.body.toString('latin1') ?? ''
    for (const [name, value] of [
      ['declaredJobSize', 'L'],
      ['network', 'MAINNET'],
      ['result', 'PROOF_VERIFICATION_ON_L2'],
      ['layout', 'recursive'],
      ['cairoVersion', 'cairo1'],
      ['cairoVm', 'python'],
      ['sharpProver', 'stwo'],
    ])
      expect(form).toContain(`name="${name}"\r\n\r\n${value}\r\n`)
  })

  test.each([
    [1, 'S'],
    [12_000_000, 'S'],
    [12_000_001, 'M'],
    [29_000_000, 'M'],
    [29_000_001, 'L'],
  ])('of %d steps is of size %s', (steps, size) => {
    expect(atlanticJobSize(steps)).toBe(size)
  })

  test('of what Atlantic has already is that job', async () => {
    const { prover } = await anAtlantic(({ method }) =>
      method === 'POST'
        ? { status: 400, body: { message: 'ATLANTIC_QUERY_WITH_DEDUP_ID_ALREADY_EXISTS' } }
        : telling({}),
    )
    expect(await prover.submit(request)).toBe(recorded.id)
  })

  test.each<[number, object]>([
    [400, { message: 'INVALID_PIE_FILE' }],
    [402, { error: 'insufficient_credits' }],
    [402, { paymentRequired: { x402Version: 2 }, error: { code: 'INSUFFICIENT_CREDITS' } }],
    [422, { message: ['declaredJobSize must be one of S, M, L'], error: 'Unprocessable' }],
  ])('is refused where Atlantic says so: %d', async (status, body) => {
    const { prover } = await anAtlantic(({ method }) =>
      method === 'POST' ? { status, body } : none,
    )
    const failure = await failureOf(prover.submit(request))
    expect(failure).toBeInstanceOf(ProverRefusedError)
    expect(failure).toMatchObject({ prover: 'atlantic-eu', status, words: JSON.stringify(body) })
  })

  test.each(pages)('is neither taken nor refused after %s', async (_, said) => {
    const { prover } = await anAtlantic(said)
    expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
  })

  test.each([500, 503, 429])('is not refused by trouble of Atlantic’s own: %d', async (status) => {
    const { prover } = await anAtlantic(({ method }) =>
      method === 'POST' ? { status, body: { message: 'ATLANTIC_QUERY_FAILED' } } : none,
    )
    expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
  })

  test('is not refused where the address is what is missing', async () => {
    const { prover } = await anAtlantic(({ method }) =>
      method === 'POST'
        ? { status: 404, body: { message: 'Route POST:/atlantic-query not found' } }
        : none,
    )
    expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
  })

  test('of a PIE of many megabytes arrives whole', async () => {
    const { prover, asked } = await anAtlantic({ status: 201, body: { atlanticQueryId: '01J' } })
    const pie = new Uint8Array(24 * 1024 * 1024).map((_, at) => at % 251)
    await prover.submit({ ...request, pie })
    expect(asked[0]?.body.includes(Buffer.from(pie))).toBe(true)
  })

  test('reads our key again where it could not be read', async () => {
    let reads = 0
    const { prover } = await anAtlantic(none, {
      apiKey: async () => {
        reads += 1
        if (reads === 1) throw new Error('the secrets are away')
        return apiKey
      },
    })
    expect(String(await failureOf(prover.find('k')))).toContain('the secrets are away')
    expect(await prover.find('k')).toBeUndefined()
    expect(await prover.find('k')).toBeUndefined()
    expect(reads).toBe(2)
  })

  test('is not refused while it is not known whether Atlantic has the job', async () => {
    const { prover } = await anAtlantic(({ method }) =>
      method === 'POST'
        ? { status: 400, body: { message: 'INVALID_PIE_FILE' } }
        : { status: 502, body: '<html>' },
    )
    expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
  })

  test('never tells our key, nor the address, whoever repeats it', async () => {
    for (const status of [400, 500]) {
      const { prover } = await anAtlantic(({ method, headers }) =>
        method === 'POST'
          ? { status, body: { message: `no key ${String(headers['api-key'])} at ${headers.host}` } }
          : none,
      )
      const failure = await failureOf(prover.submit(request))
      expect(failure).toBeInstanceOf(Error)
      const told = `${String(failure)} ${JSON.stringify(failure)} ${(failure as Error).stack}`
      expect(told).toContain('no key [secret]')
      expect(told).not.toContain(apiKey)
    }
  })
})
