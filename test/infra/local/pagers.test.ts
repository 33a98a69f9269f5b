import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { type Pagers, startPagers } from '../../../infra/local/pagers.ts'

let pagers: Pagers

beforeEach(async () => {
  pagers = await startPagers()
})

afterEach(() => pagers.close())

async function post(url: string, body: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await fetch(url, { method: 'POST', body: text })
  return { status: answer.status, body: await answer.text(), headers: answer.headers }
}

const slack = (body: unknown) => post(pagers.slackUrl, body)

async function pagerduty(body: unknown) {
  const answer = await post(pagers.pagerdutyUrl, body)
  return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> }
}

const trigger = {
  routing_key: 'R0123456789abcdefABCDEF012345678',
  event_action: 'trigger',
  dedup_key: 'k',
  payload: { summary: 's', source: 'x', severity: 'critical' },
}

const block = (length: number) => ({
  type: 'section',
  text: { type: 'mrkdwn', text: 'x'.repeat(length) },
})

describe('the Slack in a box', () => {
  test('answers a good message with the word ok, and keeps it', async () => {
    expect(await slack({ text: 'hello' })).toMatchObject({ status: 200, body: 'ok' })
    expect(pagers.received()).toMatchObject([{ pager: 'slack', body: '{"text":"hello"}' }])
  })

  test.each([
    ['not JSON', '{', 400, 'invalid_payload'],
    ['JSON that is no object', '[]', 400, 'invalid_payload'],
    ['a number for a text', '{"text":1}', 400, 'invalid_payload'],
    ['a message that says nothing', '{}', 400, 'no_text'],
    ['an empty text', '{"text":""}', 400, 'no_text'],
    ['a block without a type', '{"text":"a","blocks":[{}]}', 400, 'invalid_blocks'],
  ])('refuses %s', async (_what, body, status, word) => {
    expect(await slack(body)).toMatchObject({ status, body: word })
    expect(pagers.received()).toEqual([])
  })

  test('refuses a block text of more than 3000 characters and more than 50 blocks', async () => {
    expect((await slack({ blocks: [block(3000)] })).body).toBe('ok')
    expect((await slack({ blocks: [block(3001)] })).body).toBe('invalid_blocks')
    expect((await slack({ blocks: Array(50).fill(block(1)) })).body).toBe('ok')
    expect((await slack({ blocks: Array(51).fill(block(1)) })).body).toBe('invalid_blocks')
  })

  test('knows only its own webhook', async () => {
    const other = new URL('/services/T1/B1/other', pagers.slackUrl).href
    expect(await post(other, { text: 'a' })).toMatchObject({ status: 404, body: 'no_service' })
    expect((await fetch(pagers.slackUrl)).status).toBe(405)
  })
})

const act = async (event_action: string) => {
  await pagerduty({ ...trigger, event_action })
  const { state, incidents } = pagers.pagerdutyIncidents().get('k') ?? {}
  return `${state} ${incidents}`
}

describe('the PagerDuty in a box', () => {
  test('answers a good event with 202 and its key', async () => {
    expect(await pagerduty(trigger)).toEqual({
      status: 202,
      body: { status: 'success', message: 'Event processed', dedup_key: 'k' },
    })
  })

  test('gives a trigger without a key one of its own', async () => {
    const { dedup_key: _, ...rest } = trigger
    const { body } = await pagerduty(rest)
    expect(body['dedup_key']).toMatch(/^[0-9a-f]{32}$/)
    expect([...pagers.pagerdutyIncidents().keys()]).toEqual([body['dedup_key']])
  })

  const payload = (change: object) => ({ ...trigger, payload: { ...trigger.payload, ...change } })

  test.each([
    ['nothing', '', undefined],
    [
      'a short routing key',
      { ...trigger, routing_key: 'x' },
      "Length of 'routing_key' is incorrect",
    ],
    ['an unknown action', { ...trigger, event_action: 'shout' }, "'event_action' is invalid"],
    [
      'a key of 256 characters',
      { ...trigger, dedup_key: 'k'.repeat(256) },
      "'dedup_key' is too long",
    ],
    ['no payload', { ...trigger, payload: undefined }, "'payload' is missing"],
    ['no summary', payload({ summary: '' }), "'payload.summary' is missing or blank"],
    ['a long summary', payload({ summary: 'x'.repeat(1025) }), "'payload.summary' is too long"],
    ['no source', payload({ source: undefined }), "'payload.source' is missing or blank"],
    ['an unknown severity', payload({ severity: 'bad' }), "'payload.severity' is invalid"],
    [
      'a resolve of nothing',
      { ...trigger, event_action: 'resolve', dedup_key: '' },
      "'dedup_key' is missing",
    ],
  ])('refuses %s, and lists what is wrong', async (_what, event, error) => {
    const { status, body } = await pagerduty(event)
    expect(status).toBe(400)
    expect(body).toMatchObject({ status: 'invalid event', message: 'Event object is invalid' })
    expect(JSON.stringify(body['errors'])).toContain(error ?? '[')
    expect(pagers.pagerdutyIncidents().size).toBe(0)
  })

  test('follows an incident: triggered, acknowledged, resolved, and opened anew', async () => {
    const states: string[] = []
    for (const action of ['trigger', 'acknowledge', 'trigger', 'resolve', 'resolve', 'trigger'])
      states.push(await act(action))
    expect(states).toEqual([
      'triggered 1',
      'acknowledged 1',
      'acknowledged 1',
      'resolved 1',
      'resolved 1',
      'triggered 2',
    ])
  })

  test('accepts a resolve of a key that it does not know, and opens nothing', async () => {
    expect((await pagerduty({ ...trigger, event_action: 'resolve' })).status).toBe(202)
    expect(pagers.pagerdutyIncidents().size).toBe(0)
  })
})

describe('faults', () => {
  test('last for as many requests as told, and leave other receivers alone', async () => {
    pagers.faults.set('slack', { kind: 'status', status: 503 }, 2)
    const statuses: number[] = []
    for (let i = 0; i < 3; i += 1) statuses.push((await slack({ text: 'a' })).status)
    expect(statuses).toEqual([503, 503, 200])
    expect(pagers.tries('slack')).toBe(3)
    pagers.faults.set('slack', { kind: 'status', status: 503 })
    expect((await pagerduty(trigger)).status).toBe(202)
    pagers.faults.clear('slack')
    expect((await slack({ text: 'a' })).status).toBe(200)
  })

  test('throttle with the word of the receiver and the time to wait', async () => {
    pagers.faults.set('slack', { kind: 'status', status: 429, retryAfter: '30' })
    const answer = await slack({ text: 'a' })
    expect(answer).toMatchObject({ status: 429, body: 'rate_limited' })
    expect(answer.headers.get('retry-after')).toBe('30')
    pagers.faults.set('pagerduty', { kind: 'status', status: 429 })
    expect((await pagerduty(trigger)).body).toMatchObject({ status: 'throttle exceeded' })
  })

  test('can lose the answer of a message that was taken, or the message', async () => {
    pagers.faults.set('slack', { kind: 'reset' }, 1)
    await expect(slack({ text: 'lost' })).rejects.toThrow('fetch failed')
    pagers.faults.set('slack', { kind: 'reset', after: true }, 1)
    await expect(slack({ text: 'taken' })).rejects.toThrow('fetch failed')
    expect(pagers.received().map(({ body }) => body)).toEqual(['{"text":"taken"}'])
  })

  test('can leave a request without an answer until the end', async () => {
    pagers.faults.set('webhook', { kind: 'timeout' })
    const signal = AbortSignal.timeout(50)
    const asked = fetch(pagers.webhookUrl, { method: 'POST', body: '{}', signal })
    await expect(asked).rejects.toThrow('timeout')
    expect(pagers.received()).toEqual([])
  })
})

test('what is taken is also written to a file, one line each', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pagers-'))
  const file = join(folder, 'received.jsonl')
  const written = await startPagers({ file, now: () => 5 })
  try {
    await post(written.webhookUrl, '{"a":1}')
    await post(written.slackUrl, 'nonsense')
    await post(written.slackUrl, { text: 'b' })
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(written.received())
    expect(written.received()).toMatchObject([
      { pager: 'webhook', at: 5, body: '{"a":1}' },
      { pager: 'slack', at: 5, body: '{"text":"b"}' },
    ])
  } finally {
    await written.close()
    await rm(folder, { recursive: true })
  }
})

test('a given port is used, and is free again after the end', async () => {
  const first = await startPagers()
  const port = Number(new URL(first.slackUrl).port)
  await expect(startPagers({ port })).rejects.toThrow('EADDRINUSE')
  await first.close()
  const second = await startPagers({ port })
  expect(second.slackUrl).toBe(first.slackUrl)
  await second.close()
})
