import { describe, expect, onTestFinished, test } from 'vitest'

import { startAtlantic } from '../../../../infra/local/provers/atlantic-server.ts'
import { writePie } from '../../../../infra/local/provers/pie.ts'
import {
  faultBoard,
  type ProverFaultInput,
  proverFaultNames,
} from '../../../../infra/local/provers/prover-faults.ts'
import type { ProverServerOptions } from '../../../../infra/local/provers/prover-server.ts'
import { startSharp } from '../../../../infra/local/provers/sharp-server.ts'
import { layoutBridgeProgram, readStatement } from '../../../../infra/local/provers/statement.ts'
import { integrityPrograms } from '../../../../lib/adapters/settlement/facts/integrity-fact.ts'
import { outputRoot } from '../../../../lib/adapters/settlement/facts/output-tree.ts'
import { timestamp } from '../../../../lib/domain/time.ts'
import { poseidon } from '../../contracts/piltover/appchain-output.ts'
import { fibonacci, fibonacciRun } from './fibonacci-program.ts'

const onePage = [{ pages: 1, nodes: 0 }]
const pie = writePie({
  program: fibonacci,
  output: { pages: [fibonacciRun.output], structure: onePage },
  steps: 61,
})

const times = {
  queuedMs: 1_000,
  tracingMs: 1_000,
  provingMs: 1_000,
  verifyingMs: 1_000,
  registeringMs: 1_000,
}

function surroundings(change: Partial<ProverServerOptions> = {}) {
  let now = Date.UTC(2026, 0, 1)
  const options = {
    clock: { now: () => timestamp(now) },
    times,
    register: async () => undefined,
    advanceEveryMs: 0,
    ...change,
  }
  return { options, pass: (ms: number) => void (now += ms) }
}

async function anAtlantic(change: Partial<ProverServerOptions> = {}) {
  const { options, pass } = surroundings(change)
  const simulator = await startAtlantic({ ...options, apiKey: 'local' })
  onTestFinished(async () => simulator.close())
  const ask = async (path: string, init: RequestInit = {}, key: string | undefined = 'local') => {
    const answer = await fetch(`${simulator.url}${path}`, {
      ...init,
      headers: key === undefined ? {} : { 'api-key': key },
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const submit = async (fields: Readonly<Record<string, string>> = {}) => {
    const form = new FormData()
    const all = {
      dedupId: 'k',
      externalId: 'core 12',
      declaredJobSize: 'S',
      result: 'PROOF_VERIFICATION_ON_L2',
      network: 'TESTNET',
      cairoVersion: 'cairo0',
      cairoVm: 'rust',
      ...fields,
    }
    for (const [name, value] of Object.entries(all)) form.append(name, value)
    form.append('pieFile', new Blob([new Uint8Array(pie)], { type: 'application/zip' }), 'pie.zip')
    return ask('/atlantic-query', { method: 'POST', body: form })
  }
  const query = async () => {
    const { body } = await ask('/atlantic-query-by-dedup-id?dedupId=k')
    return body['atlanticQuery'] as Record<string, unknown>
  }
  return { ...simulator, ask, submit, query, pass }
}

async function aSharp(change: Partial<ProverServerOptions> = {}) {
  const { options, pass } = surroundings(change)
  const simulator = await startSharp({ ...options, customerId: 'local' })
  onTestFinished(async () => simulator.close())
  const key = '3a24bbca-ad75-49d5-8ced-12796c6c0738'
  const ask = async (call: string, query: object, body?: unknown) => {
    const search = new URLSearchParams({ customer_id: 'local', cairo_job_key: key, ...query })
    const answer = await fetch(
      `${simulator.url}/${call}?${search.toString()}`,
      body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
    )
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
  }
  const add = async (zip: Uint8Array, query: object = {}) =>
    ask(
      'add_job',
      { offchain_proof: 'false', program_hash_function: 'PEDERSEN', ...query },
      { cairo_pie_encoded: Buffer.from(zip).toString('base64') },
    )
  return { ...simulator, key, ask, add, pass }
}

function knownAs(reading: ReturnType<typeof readStatement>) {
  return reading.kind === 'statement' ? BigInt(reading.statement.facts.integrity) : reading.reason
}

describe('a statement', () => {
  test('in a layout that Integrity does not verify is known to it by the layout bridge’s run', () => {
    const { programHash, output } = fibonacciRun
    const words = [1n, BigInt(output.length + 2), programHash, ...output]
    const { sharpBootloader: bootloader } = integrityPrograms
    const bridge = [1n, 4n, layoutBridgeProgram, bootloader, poseidon(words)]
    const fact = poseidon([bootloader, poseidon(bridge)])
    const builtins = [...fibonacci.builtins, 'range_check96']
    const paged = { pages: [output], structure: onePage }
    const larger = writePie({ program: { ...fibonacci, builtins }, output: paged, steps: 61 })
    expect(knownAs(readStatement(pie, 'dynamic'))).toBe(fact)
    expect(knownAs(readStatement(pie, 'recursive'))).toBe(BigInt(fibonacciRun.integrityFact))
    expect(knownAs(readStatement(larger))).not.toBe(fact)
    expect(readStatement(larger)).toMatchObject({ statement: { isBridged: true } })
  })

  test('has the facts by which a published run is known', () => {
    expect(readStatement(pie)).toMatchObject({
      kind: 'statement',
      statement: {
        programHash: fibonacciRun.programHash,
        facts: { sharp: fibonacciRun.sharpFact, integrity: fibonacciRun.integrityFact },
      },
    })
  })

  test('of pages has the root of their tree', () => {
    // The reference's own vector: 1 to 12 in pages of four.
    const output = {
      pages: [
        [1n, 2n, 3n, 4n],
        [5n, 6n, 7n, 8n],
        [9n, 10n, 11n, 12n],
      ],
      structure: [
        { pages: 1, nodes: 0 },
        { pages: 1, nodes: 0 },
        { pages: 0, nodes: 2 },
        { pages: 1, nodes: 1 },
        { pages: 0, nodes: 2 },
      ],
    }
    const reading = readStatement(writePie({ program: fibonacci, output, steps: 1 }))
    if (reading.kind === 'invalid') throw new Error(reading.log)
    expect(outputRoot(reading.statement.output)).toBe(
      '0x17f41ba1db11e3a164b23b72b52190fb0da6184b4b80cf74e0882fde7438e47f',
    )
  })

  test.each<[string, Uint8Array, string]>([
    ['that is no zip', Buffer.from('nothing'), 'INVALID_CAIRO_PIE_FILE_FORMAT'],
    [
      'with a page that fits no transaction',
      writePie({
        program: fibonacci,
        output: {
          pages: [[1n], Array.from({ length: 3_801 }, () => 1n)],
          structure: [{ pages: 2, nodes: 2 }],
        },
        steps: 1,
      }),
      'PAGE_SIZE_EXCEEDS_LIMIT',
    ],
    [
      'whose tree has no root',
      writePie({
        program: fibonacci,
        output: { pages: [[1n], [2n]], structure: [{ pages: 2, nodes: 0 }] },
        steps: 1,
      }),
      'FAILED_TO_GENERATE_FACT',
    ],
  ])('cannot be made of a PIE %s', (_, zip, reason) => {
    expect(readStatement(zip)).toMatchObject({ kind: 'invalid', reason })
  })
})

describe('Atlantic', () => {
  test('answers a submission with 201 and an id as it gives them', async () => {
    const { submit } = await anAtlantic()
    const { status, body } = await submit()
    expect(status).toBe(201)
    expect(body['atlanticQueryId']).toMatch(/^01[0-9A-HJKMNP-TV-Z]{24}$/)
  })

  test('says that it has a key already', async () => {
    const { submit } = await anAtlantic()
    await submit()
    expect(await submit()).toEqual({
      status: 400,
      body: { message: 'ATLANTIC_QUERY_WITH_DEDUP_ID_ALREADY_EXISTS' },
    })
  })

  test('goes through the steps of what was asked for', async () => {
    const { submit, query, pass } = await anAtlantic()
    await submit()
    const seen: unknown[] = []
    for (let second = 0; second < 5; second++) {
      const { status, step, programHash } = await query()
      seen.push([status, step, programHash !== null])
      pass(1_000)
    }
    expect(seen).toEqual([
      ['RECEIVED', null, false],
      ['IN_PROGRESS', 'TRACE_AND_METADATA_GENERATION', false],
      ['IN_PROGRESS', 'PROOF_GENERATION', true],
      ['IN_PROGRESS', 'PROOF_VERIFICATION_ON_L2', true],
      ['DONE', 'PROOF_VERIFICATION_ON_L2', true],
    ])
    expect(await query()).toMatchObject({
      dedupId: 'k',
      externalId: 'core 12',
      chain: 'L2',
      jobSize: 'S',
      declaredJobSize: 'S',
      isJobSizeValid: true,
      createdAt: '2026-01-01T00:00:00.000Z',
      completedAt: '2026-01-01T00:00:04.000Z',
      steps: ['TRACE_AND_METADATA_GENERATION', 'PROOF_GENERATION', 'PROOF_VERIFICATION_ON_L2'],
    })
  })

  test('tells a query by its id with what the other answer lacks', async () => {
    const { submit, ask, query } = await anAtlantic()
    const { body } = await submit()
    const told = await ask(`/atlantic-query/${String(body['atlanticQueryId'])}`)
    expect(told).toEqual({
      status: 200,
      body: { atlanticQuery: await query(), metadataUrls: [] },
    })
  })

  test('has no query of a name that it never heard', async () => {
    const { ask } = await anAtlantic()
    const none = { status: 404, body: { message: 'ATLANTIC_QUERY_NOT_FOUND' } }
    expect(await ask('/atlantic-query-by-dedup-id?dedupId=k')).toEqual(none)
    expect(await ask('/atlantic-query/01JXMTC7TZMSNDTJ88212KTH7W')).toEqual(none)
  })

  test('knows no other address', async () => {
    const { ask } = await anAtlantic()
    const { status, body } = await ask('/v1/atlantic-query/1')
    expect([status, body['message']]).toEqual([404, 'Route GET:/v1/atlantic-query/1 not found'])
  })

  test('lets nobody in without its key', async () => {
    const { ask, jobs } = await anAtlantic()
    expect(await ask('/atlantic-query/1', {}, 'another')).toMatchObject({ status: 401 })
    const answer = await fetch(`${(await anAtlantic()).url}/atlantic-query/1`)
    expect([answer.status, await answer.json()]).toEqual([400, { message: 'MISSING_API_KEY' }])
    expect(jobs()).toEqual([])
  })

  test.each([
    { declaredJobSize: 'XL' },
    { result: 'EVERYTHING' },
    { network: 'DEVNET' },
    { cairoVm: 'go' },
  ])('takes no job with %j', async (field) => {
    const { submit, jobs } = await anAtlantic()
    expect(await submit(field)).toMatchObject({ status: 400 })
    expect(jobs()).toEqual([])
  })

  test('registers nothing where only a proof was asked for', async () => {
    const registered: bigint[] = []
    const { submit, pass, advance, query } = await anAtlantic({
      register: async (hash) => void registered.push(hash),
    })
    await submit({ result: 'PROOF_GENERATION' })
    pass(1_000_000)
    await advance()
    expect(await query()).toMatchObject({ status: 'DONE', chain: 'OFFCHAIN' })
    expect(registered).toEqual([])
  })
})

describe('SHARP', () => {
  test('goes through its statuses', async () => {
    const { add, ask, pass } = await aSharp()
    expect(await ask('get_status', {})).toEqual({
      status: 200,
      body: { status: 'NOT_CREATED', validation_done: false },
    })
    expect(await add(pie)).toEqual({ status: 200, body: { code: 'JOB_RECEIVED_SUCCESSFULLY' } })
    const seen: unknown[] = []
    for (let second = 0; second < 5; second++) {
      seen.push((await ask('get_status', {})).body)
      pass(1_000)
    }
    expect(seen).toEqual([
      { status: 'IN_PROGRESS', validation_done: false },
      { status: 'IN_PROGRESS', validation_done: false },
      { status: 'IN_PROGRESS', validation_done: true },
      { status: 'IN_PROGRESS', validation_done: true },
      { status: 'PROCESSED', validation_done: true },
    ])
  })

  test('takes any file, and says later that it is no PIE, in the original’s words', async () => {
    const { add, ask, pass } = await aSharp()
    expect(await add(Buffer.from('nothing'))).toMatchObject({ status: 200 })
    pass(2_000)
    const { body } = await ask('get_status', {})
    expect(body).toEqual({
      status: 'INVALID',
      invalid_reason: 'INVALID_CAIRO_PIE_FILE_FORMAT',
      error_log: 'The Cairo PIE file has a wrong format. Invalid prefix for zip file.',
    })
  })

  test('has one job of a key, and refuses another under it', async () => {
    const { add, jobs } = await aSharp()
    await add(pie)
    expect(await add(pie)).toMatchObject({ status: 200 })
    expect(await add(Buffer.from('nothing'))).toMatchObject({ status: 400 })
    expect(jobs()).toHaveLength(1)
  })

  test.each([
    { cairo_job_key: 'core:12:1' },
    { program_hash_function: 'BLAKE' },
    { offchain_proof: 'maybe' },
    { customer_id: 'nobody' },
  ])('takes no job with %j', async (query) => {
    const { add, jobs } = await aSharp()
    expect(await add(pie, query)).toMatchObject({
      status: 400,
      body: { code: 'MALFORMED_REQUEST' },
    })
    expect(jobs()).toEqual([])
  })

  test('takes a fact’s hash for a key', async () => {
    const { add, ask } = await aSharp()
    const cairo_job_key = fibonacciRun.sharpFact
    expect(await add(pie, { cairo_job_key })).toMatchObject({ status: 200 })
    expect(await ask('get_status', { cairo_job_key })).toMatchObject({
      body: { status: 'IN_PROGRESS' },
    })
  })
})

function asOwner(adminUrl: string) {
  return async (method: string, path: string, body?: object) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    const answer = await fetch(`${adminUrl}${path}`, init)
    const told: unknown = await answer.json()
    return { status: answer.status, body: told }
  }
}

describe('the owner of a simulator', () => {
  test('switches faults on and off over HTTP', async () => {
    const { adminUrl, ask } = await anAtlantic()
    const own = asOwner(adminUrl)
    expect(await own('POST', '/faults', { fault: 'spelt', requests: 2 })).toEqual({
      status: 200,
      body: [{ fault: 'spelt', on: 'all', probability: 1, requests: 2 }],
    })
    const answers = [1, 2, 3].map(async () => ask('/atlantic-query/1'))
    const bodies = (await Promise.all(answers)).map(({ body }) => Object.hasOwn(body, '0'))
    expect(bodies.filter(Boolean)).toHaveLength(2)
    await own('POST', '/faults', { fault: 'no-fact' })
    await own('POST', '/faults', { fault: 'rejects' })
    expect(await own('DELETE', '/faults?fault=no-fact')).toMatchObject({
      body: [{ fault: 'rejects' }],
    })
    expect(await own('DELETE', '/faults')).toEqual({ status: 200, body: [] })
    expect(await own('GET', '/faults')).toEqual({ status: 200, body: [] })
  })

  test('takes it down and brings it back over HTTP, with its jobs', async () => {
    const { adminUrl, submit, query, url } = await anAtlantic()
    const own = asOwner(adminUrl)
    await submit()
    await own('POST', '/faults', { fault: 'down' })
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    await own('DELETE', '/faults?fault=down')
    expect(await query()).toMatchObject({ dedupId: 'k' })
  })

  test.each<[string, string, object | undefined]>([
    ['POST', '/faults', { fault: 'gremlins' }],
    ['POST', '/faults', { fault: 'slow' }],
    ['POST', '/faults', { fault: 'fails', probability: 2 }],
    ['POST', '/faults', undefined],
    ['DELETE', '/faults?fault=gremlins', undefined],
  ])('is told that it asked for what there is not: %s %s %j', async (method, path, body) => {
    const { adminUrl, faults } = await anAtlantic()
    expect(await asOwner(adminUrl)(method, path, body)).toMatchObject({ status: 400 })
    expect(faults.list()).toEqual([])
  })

  test('sees jobs and requests, and can make it forget', async () => {
    const { adminUrl, submit, query, submissions } = await anAtlantic()
    const own = asOwner(adminUrl)
    await submit()
    await query()
    expect(await own('GET', '/jobs')).toMatchObject({ body: [{ key: 'k', stage: 'queued' }] })
    expect(await own('GET', '/requests')).toMatchObject({
      body: [
        { call: 'submit', key: 'k', isDone: true },
        { call: 'status', key: 'k', isDone: true },
      ],
    })
    expect(await own('DELETE', '/jobs?key=k')).toEqual({ status: 200, body: [] })
    expect(submissions('k')).toBe(1)
    expect(await own('GET', '/elsewhere')).toMatchObject({ status: 404 })
  })

  test('starts it with faults, and counts no submission that never reached it', async () => {
    const faults: readonly ProverFaultInput[] = [{ fault: 'bad-gateway', requests: 1 }]
    const { adminUrl, url, submit, submissions, requests } = await anAtlantic({ faults })
    expect(await asOwner(adminUrl)('GET', '/faults')).toMatchObject({
      body: [{ fault: 'bad-gateway', status: 502 }],
    })
    const answer = await fetch(`${url}/atlantic-query`, { method: 'POST', body: new FormData() })
    expect(answer.status).toBe(502)
    await submit()
    expect(submissions('k')).toBe(1)
    expect(requests().map(({ isDone, faults: hits }) => [isDone, hits])).toEqual([
      [false, ['bad-gateway']],
      [true, []],
    ])
  })
})

/** How many of one fault hit each of 400 requests. */
function drawn(seed: number): readonly number[] {
  const board = faultBoard(seed)
  board.set({ fault: 'reset', probability: 0.25 })
  return Array.from({ length: 400 }, () => board.onRequest('status').length)
}

describe('faults are drawn', () => {
  test('alike for the same seed, and about as often as was asked', () => {
    expect(drawn(7)).toEqual(drawn(7))
    expect(drawn(7)).not.toEqual(drawn(8))
    const hits = drawn(7).filter((count) => count > 0).length
    expect(hits).toBeGreaterThan(60)
    expect(hits).toBeLessThan(140)
  })

  test('for what they are for: requests of one kind, or jobs', () => {
    const board = faultBoard(1)
    board.set({ fault: 'lost-reply', on: 'submit' })
    board.set({ fault: 'mocked', what: 'fact', requests: 1 })
    expect(board.onRequest('status')).toEqual([])
    expect(board.onRequest('submit').map(({ fault }) => fault)).toEqual(['lost-reply'])
    expect(board.onJob().map(({ fault }) => fault)).toEqual(['mocked'])
    expect(board.onJob()).toEqual([])
  })

  test('each under a name of its own', () => {
    expect(new Set(proverFaultNames).size).toBe(proverFaultNames.length)
    expect(proverFaultNames).toHaveLength(18)
  })
})

test('time alone moves a local prover: a fact is registered without anybody asking', async () => {
  const registered: bigint[] = []
  const none = { queuedMs: 0, tracingMs: 0, provingMs: 0, verifyingMs: 0, registeringMs: 20 }
  const { submit } = await anAtlantic({
    clock: { now: () => timestamp(Date.now()) },
    times: none,
    advanceEveryMs: 10,
    register: async (hash) => void registered.push(hash),
  })
  await submit()
  await expect.poll(() => registered, { timeout: 5_000 }).toEqual([fibonacciRun.programHash])
})
