import type { LambdaFunctionURLEvent } from 'aws-lambda'
import { describe, expect, test } from 'vitest'

import { newToken } from '../../../lib/runtime/page/acting.ts'
import { lambdaPage } from '../../../lib/runtime/page/lambda-page.ts'
import { pageApp } from '../../../lib/runtime/page/page-app.ts'
import { aView } from '../a-view.ts'
import { aStudio, type AStudio, proposal, who } from './a-studio.ts'

const token = 'a-token-that-nobody-guesses'
const host = '127.0.0.1:4747'
const origin = `http://${host}`
const own = {
  host,
  origin,
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/json',
  'x-starkeep-token': token,
}

const data = { view: async () => aView(), everyMs: 1_000 }

function served(one: AStudio) {
  const { studio, desk } = one
  return pageApp({ ...data, studio, acting: { desk, by: 'ann', token } })
}

async function post(
  one: AStudio,
  step: string,
  body: unknown,
  headers: Record<string, string> = own,
): Promise<{ readonly status: number; readonly error: string | undefined }> {
  const response = await served(one).request(`${origin}/api/parameters/${step}`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const { error } = (await response.json()) as { readonly error?: string }
  return { status: response.status, error }
}

describe('a step from the page itself', () => {
  test('is taken, from a proposal to its end', async () => {
    const one = aStudio()
    expect(await post(one, 'propose', { ...who, changes: proposal })).toMatchObject({ status: 200 })
    expect(await post(one, 'shadow', who)).toMatchObject({ status: 200 })
    one.clock.pass(60_000)
    const activate = { ...who, inMs: 10_000, isForced: true }
    expect(await post(one, 'activate', activate)).toMatchObject({ status: 200 })
    one.clock.pass(10_000)
    expect(await post(one, 'roll-back', { ...who, of: 1 })).toMatchObject({ status: 200 })
    const kinds = (await one.store.governance.events(9)).map(({ kind, by }) => `${kind} by ${by}`)
    expect(kinds).toEqual([
      'roll-back by ann',
      'activated by time',
      'activate by ann',
      'shadow by ann',
      'propose by ann',
    ])
  })

  test('is seen at once, also where somebody has just looked', async () => {
    const one = aStudio()
    const app = served(one)
    const look = async () => await (await app.request(`${origin}/api/parameters`)).json()
    expect(await look()).not.toHaveProperty('candidate')
    const body = JSON.stringify({ ...who, changes: proposal })
    await app.request(`${origin}/api/parameters/propose`, { method: 'POST', headers: own, body })
    expect(await look()).toHaveProperty('candidate.by', 'ann')
  })

  test('that does not fit is answered with the desk’s sentences', async () => {
    const one = aStudio()
    expect(await post(one, 'shadow', who)).toEqual({
      status: 409,
      error: 'cannot shadow: nothing is proposed',
    })
    const changes = { 'markets.BTC-USD.push.deviationBps': 20_000 }
    const { status, error } = await post(one, 'propose', { ...who, changes })
    expect(status).toBe(409)
    expect(error).toContain('markets.BTC-USD.push.deviationBps')
    expect(await one.store.governance.read()).toBeUndefined()
  })

  test.each([
    ['without a name', { why: 'so' }, 'by: expected some words'],
    ['without a reason', { by: 'ann', why: ' ' }, 'why: expected some words'],
  ])('%s is refused', async (_, body, error) => {
    const one = aStudio()
    expect(await post(one, 'shadow', body)).toEqual({ status: 400, error })
  })

  test.each(['', 'no JSON', '[]', '{"by":"ann","why":"so","more":1}'])(
    'with the body %j is refused, and changes nothing',
    async (body) => {
      const one = aStudio()
      await one.desk.propose(proposal, who)
      expect((await post(one, 'shadow', body)).status).toBe(400)
      expect((await one.store.governance.read())?.version).toBe(1)
    },
  )

  test('that is longer than any step is refused', async () => {
    const one = aStudio()
    const why = 'x'.repeat(100_000)
    expect((await post(one, 'shadow', { by: 'ann', why })).status).toBe(413)
  })

  test('of a name that is none is not there', async () => {
    const one = aStudio()
    expect((await post(one, 'constructor', who)).status).toBe(404)
  })
})

describe('a step is refused, and changes nothing,', () => {
  const without = (name: keyof typeof own): Record<string, string> =>
    Object.fromEntries(Object.entries(own).filter(([one]) => one !== name))

  test.each<readonly [string, Record<string, string>]>([
    ['from another site', { ...own, origin: 'https://evil.example' }],
    ['from another port of this machine', { ...own, origin: 'http://127.0.0.1:8000' }],
    ['from a page without an origin', without('origin')],
    ['from a sandboxed page', { ...own, origin: 'null' }],
    ['from what the browser says is another site', { ...own, 'sec-fetch-site': 'cross-site' }],
    [
      'by a name that was pointed to this machine',
      { ...own, host: 'evil.example:4747', origin: 'http://evil.example:4747' },
    ],
    [
      'by a name that begins like this machine’s',
      { ...own, host: '127.0.0.1.evil.example', origin: 'http://127.0.0.1.evil.example' },
    ],
    ['as a form', { ...own, 'content-type': 'application/x-www-form-urlencoded' }],
    ['as text', { ...own, 'content-type': 'text/plain;application/json' }],
    ['without the token', without('x-starkeep-token')],
    ['with another run’s token', { ...own, 'x-starkeep-token': newToken() }],
    ['with an empty token', { ...own, 'x-starkeep-token': '' }],
  ])('%s', async (_, headers) => {
    const one = aStudio()
    const { status, error } = await post(one, 'propose', { ...who, changes: proposal }, headers)
    expect(status).toBe(403)
    expect(error).not.toBe('')
    expect(await one.store.governance.read()).toBeUndefined()
  })
})

describe('looking', () => {
  test('never changes anything, whatever is asked for', async () => {
    const one = aStudio()
    await one.activated()
    one.clock.pass(300_000)
    const before = await one.store.governance.read()
    const app = served(one)
    const at = one.clock.now()
    for (const path of [
      '/',
      '/api/parameters',
      '/api/parameters/known',
      '/api/parameters/course?market=BTC-USD',
      '/api/parameters/propose',
      '/api/parameters/shadow',
      '/api/parameters/roll-back',
      '/api/kept/subjects',
      `/api/kept?job=govern&subject=network&from=${at - 1_000}&to=${at}`,
      `/api/kept/slot?job=govern&subject=network&at=${at}`,
    ])
      for (const method of ['GET', 'HEAD'])
        await app.request(`${origin}${path}`, { method, headers: own })
    expect(await one.store.governance.read()).toEqual(before)
  })

  test('from this machine gets the token, and by any other name does not', async () => {
    const one = aStudio()
    const app = served(one)
    const html = async (name: string) =>
      await (await app.request('/', { headers: { host: name } })).text()
    expect(await html(host)).toContain(`data-token="${token}"`)
    expect(await html('localhost:4747')).toContain(`data-token="${token}"`)
    expect(await html('evil.example:4747')).toContain('data-token=""')
    expect(await html('10.0.0.7:4747')).toContain('data-token=""')
  })

  test.each([
    ['job=a&subject=b&from=0&to=3600001', 'to: expected a time within 60 minutes after from'],
    ['job=a&subject=b&from=5&to=4', 'to: expected a time within 60 minutes after from'],
    ['job=a&subject=b&from=0&to=1&limit=721', 'limit'],
    ['job=a&subject=b&from=soon&to=1', 'from'],
    ['from=0&to=1', 'job'],
  ])('at %s is refused, so that nobody makes the store read a year', async (query, error) => {
    const one = aStudio()
    const response = await served(one).request(`${origin}/api/kept?${query}`)
    expect(response.status).toBe(400)
    expect(((await response.json()) as { readonly error: string }).error).toContain(error)
  })
})

test('the page behind a function URL only shows: it has no step and no token', async () => {
  const one = aStudio()
  await one.desk.propose(proposal, who)
  const handler = lambdaPage({ ...data, studio: one.studio })
  const step = await handler(invocation('POST', '/api/parameters/shadow'))
  expect(step).toMatchObject({ statusCode: 404 })
  expect((await one.store.governance.read())?.version).toBe(1)
  const page = await handler(invocation('GET', '/'))
  expect(page).toHaveProperty('body', expect.stringContaining('data-token=""'))
  expect(page).toHaveProperty('body', expect.stringContaining('data-studio="yes"'))
  expect(await handler(invocation('GET', '/api/parameters'))).toMatchObject({ statusCode: 200 })
})

function invocation(method: string, rawPath: string): LambdaFunctionURLEvent {
  const http = { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '', userAgent: '' }
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: own,
    requestContext: {
      accountId: '',
      apiId: '',
      domainName: '127.0.0.1',
      domainPrefix: 'page',
      http,
      requestId: '',
      routeKey: '$default',
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    isBase64Encoded: false,
  }
}
