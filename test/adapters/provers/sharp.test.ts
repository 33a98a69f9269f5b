import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { ProverRefusedError, ProverUnavailableError } from '../../../lib/adapters/provers/errors.ts'
import { sharp, sharpJobKey, type SharpOptions } from '../../../lib/adapters/provers/sharp.ts'
import { anApi, type Asked, clock, failureOf, pages, type Said, waitOf } from './an-api.ts'

async function aSharp(answer: Said | ((asked: Asked) => Said), change: Partial<SharpOptions> = {}) {
  const { url, asked } = await anApi(typeof answer === 'function' ? answer : () => answer)
  const prover = sharp({
    name: 'sharp',
    url: `${url}/v1/gateway`,
    clock,
    customerId: 'customer 7',
    tls: undefined,
    ...change,
  })
  return { prover, asked }
}

const id = sharpJobKey('k')
const request = { key: 'k', label: 'core 12', pie: new Uint8Array([80, 75, 3, 255]), steps: 61 }

const received: Said = { body: { code: 'JOB_RECEIVED_SUCCESSFULLY' } }
const notCreated: Said = { body: { status: 'NOT_CREATED', validation_done: false } }

describe('a job is told', () => {
  const invalid = {
    status: 'INVALID',
    invalid_reason: 'INVALID_CAIRO_PIE_FILE_FORMAT',
    error_log: 'Deserialization ended with exception: Invalid prefix for zip file..',
  }
  test.each<[string, object, object]>([
    [
      'that is being proved',
      { status: 'IN_PROGRESS', validation_done: false },
      { status: 'running', stage: 'IN_PROGRESS' },
    ],
    [
      'that is validated and being proved',
      { status: 'IN_PROGRESS', validation_done: true },
      { status: 'running', stage: 'validation_done' },
    ],
    [
      'that is proved',
      { status: 'PROCESSED', validation_done: true },
      { status: 'done', stage: 'PROCESSED' },
    ],
    [
      'whose fact is registered, as older releases say',
      { status: 'ONCHAIN', validation_done: true },
      { status: 'done', stage: 'ONCHAIN' },
    ],
    [
      'that cannot be proved',
      invalid,
      {
        status: 'rejected',
        stage: 'INVALID',
        reason: `${invalid.invalid_reason}: ${invalid.error_log}`,
      },
    ],
    [
      'that SHARP could not prove',
      { status: 'FAILED', error_log: 'Sharp task failed' },
      { status: 'failed', stage: 'FAILED', reason: 'Sharp task failed' },
    ],
    [
      'of which SHARP does not know',
      { status: 'UNKNOWN', invalid_reason: null, error_log: null, validation_done: null },
      { status: 'unknown', stage: 'UNKNOWN' },
    ],
  ])('%s', async (_, body, expected) => {
    const { prover, asked } = await aSharp({ body })
    expect(await prover.find('k')).toEqual({ id, facts: {}, isMocked: false, ...expected })
    const [one] = asked
    const { pathname, searchParams } = new URL(one?.url ?? '', 'http://sharp')
    expect([one?.method, pathname, [...searchParams]]).toEqual([
      'GET',
      '/v1/gateway/get_status',
      [
        ['customer_id', 'customer 7'],
        ['cairo_job_key', id],
      ],
    ])
  })

  test('as absent only by the word for it', async () => {
    const { prover } = await aSharp(notCreated)
    expect(await prover.find('k')).toBeUndefined()
    expect(await prover.find('k', id)).toBeUndefined()
  })
})

describe('nothing is known of a job', () => {
  test.each(pages)('after %s', async (_, said) => {
    const { prover } = await aSharp(said)
    expect(await failureOf(prover.find('k'))).toBeInstanceOf(ProverUnavailableError)
  })

  test.each<[string, Said]>([
    ['a status that nobody has told us of', { body: { status: 'ARCHIVED' } }],
    ['no status', { body: { validation_done: true } }],
    ['a status with 404', { status: 404, body: { status: 'NOT_CREATED' } }],
    ['an error', { status: 400, body: { code: 'MALFORMED_REQUEST', message: 'job' } }],
  ])('where the answer has %s', async (_, said) => {
    const { prover } = await aSharp(said)
    expect(await failureOf(prover.find('k'))).toBeInstanceOf(ProverUnavailableError)
  })

  test('and we are asked to wait', async () => {
    const { prover } = await aSharp({
      status: 503,
      body: '<html>',
      headers: { 'retry-after': '12' },
    })
    expect(waitOf(await failureOf(prover.find('k')))).toBe(12_000)
  })

  test('whatever the body, unless it is the API’s own JSON', async () => {
    let said: Said = { body: '' }
    const { prover } = await aSharp(() => said)
    const word = fc.oneof(fc.string(), fc.constantFrom('PROCESSED', 'NOT_CREATED', 'INVALID'))
    const json = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('state', 'code', 'message', '0', 'Status'), word),
      fc.record({ data: fc.record({ status: word }) }),
      fc.record({ status: fc.oneof(fc.array(word), fc.dictionary(fc.string(), word)) }),
    )
    const body = fc.oneof(
      fc.string(),
      json.map((value) => JSON.stringify(value)),
      fc.nat(43).map((end) => JSON.stringify(notCreated.body).slice(0, end)),
    )
    const status = fc.constantFrom(200, 201, 400, 403, 404, 500, 503)
    await fc.assert(
      fc.asyncProperty(status, body, async (code, text) => {
        said = { status: code, body: text }
        expect(await failureOf(prover.find('k'))).toBeInstanceOf(ProverUnavailableError)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a submission', () => {
  test('is the PIE in base64 under a key of ours', async () => {
    const { prover, asked } = await aSharp(received)
    expect(await prover.submit(request)).toBe(id)
    const [one] = asked
    const { pathname, searchParams } = new URL(one?.url ?? '', 'http://sharp')
    expect([one?.method, pathname, one?.headers['content-type']]).toEqual([
      'POST',
      '/v1/gateway/add_job',
      'application/json',
    ])
    expect(Object.fromEntries(searchParams)).toEqual({
      customer_id: 'customer 7',
      cairo_job_key: id,
      offchain_proof: 'false',
      program_hash_function: 'PEDERSEN',
    })
    expect(JSON.parse(String(one?.body))).toEqual({ cairo_pie_encoded: 'UEsD/w==' })
  })

  test('can be for a proof that stays with SHARP', async () => {
    const { prover, asked } = await aSharp(received, { isOffchain: true })
    await prover.submit(request)
    expect(asked[0]?.url).toContain('offchain_proof=true')
  })

  test('of what SHARP has already is that job, whatever it says', async () => {
    const { prover } = await aSharp(({ method }) =>
      method === 'POST'
        ? { status: 400, body: { code: 'JOB_KEY_IN_USE', message: 'it is there' } }
        : { body: { status: 'IN_PROGRESS' } },
    )
    expect(await prover.submit(request)).toBe(id)
  })

  test.each([200, 400])('is refused where SHARP says so, with status %d', async (status) => {
    const body = { code: 'MALFORMED_REQUEST', message: 'cairo_pie_encoded' }
    const { prover } = await aSharp(({ method }) =>
      method === 'POST' ? { status, body } : notCreated,
    )
    const failure = await failureOf(prover.submit(request))
    expect(failure).toBeInstanceOf(ProverRefusedError)
    expect(failure).toMatchObject({ prover: 'sharp', status, words: JSON.stringify(body) })
  })

  test.each([500, 503, 429])('is not refused by trouble of SHARP’s own: %d', async (status) => {
    const { prover } = await aSharp(({ method }) =>
      method === 'POST' ? { status, body: { code: 'INTERNAL_ERROR' } } : notCreated,
    )
    expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
  })

  test('is not refused while SHARP does not know whether it has the job', async () => {
    const { prover } = await aSharp(({ method }) =>
      method === 'POST'
        ? { status: 400, body: { code: 'JOB_KEY_IN_USE' } }
        : { body: { status: 'UNKNOWN' } },
    )
    expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
  })

  test.each(pages)('is neither taken nor refused after %s', async (_, said) => {
    const { prover } = await aSharp(said)
    expect(await failureOf(prover.submit(request))).toBeInstanceOf(ProverUnavailableError)
  })
})

describe('a key', () => {
  test('is a UUID of the fifth version, always the same for the same work', () => {
    fc.assert(
      fc.property(fc.string(), (key) => {
        expect(sharpJobKey(key)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        )
        expect(sharpJobKey(key)).toBe(sharpJobKey(key))
      }),
    )
  })

  test('is another one for other work', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 2 }), (keys) => {
        expect(new Set(keys.map(sharpJobKey)).size).toBe(keys.length)
      }),
    )
  })

  test('is what Python’s uuid5 makes of it', () => {
    expect(sharpJobKey('core:12:1')).toBe('604ba95f-4965-556d-95e5-2a401167f75a')
  })
})
