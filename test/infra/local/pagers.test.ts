import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

import { localReceivers, type Pagers, startPagers } from '../../../infra/local/pagers.ts'

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

const { telegramToken, telegramChat, snsTopic, emailFrom } = localReceivers

async function telegram(body: unknown, token: string = telegramToken) {
  const answer = await post(`${pagers.telegramUrl}/bot${token}/sendMessage`, body)
  return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> }
}

const said = (text: string) => ({ chat_id: telegramChat, text, parse_mode: 'HTML' })

describe('the Telegram in a box', () => {
  test('answers a good message with its number', async () => {
    expect(await telegram(said('<b>a</b> &lt; b'))).toMatchObject({
      status: 200,
      body: { ok: true, result: { message_id: 1, text: 'a < b' } },
    })
    expect(pagers.received()).toHaveLength(1)
  })

  test.each([
    ['no text', said(''), 'message text is empty'],
    ['tags alone', said('<b></b>'), 'message text is empty'],
    ['another chat', { ...said('a'), chat_id: '7' }, 'chat not found'],
    ['a tag that is not closed', said('<b>a'), 'can\'t find end tag "b"'],
    ['a tag that it does not know', said('<h1>a</h1>'), 'unsupported start tag "h1"'],
    ['a bare bracket', said('1 < 2'), 'unsupported start tag'],
    ['tags that cross', said('<b><i>a</b></i>'), 'unexpected end tag "b"'],
    ['4097 characters', said('x'.repeat(4097)), 'message is too long'],
    ['another mode', { ...said('a'), parse_mode: 'Html5' }, 'unsupported parse_mode'],
  ])('refuses %s', async (_what, message, words) => {
    const { status, body } = await telegram(message)
    expect(status).toBe(400)
    expect(body).toMatchObject({ ok: false, error_code: 400 })
    expect(body['description']).toContain(words)
    expect(pagers.received()).toEqual([])
  })

  test('counts what is shown, each character once', async () => {
    const smiles = '\u{1F600}'.repeat(4096)
    expect((await telegram(said(`<b>${smiles}</b>`))).status).toBe(200)
  })

  test('knows only its own bot, and one method', async () => {
    expect(await telegram(said('a'), '1:other')).toMatchObject({ status: 401 })
    const url = `${pagers.telegramUrl}/bot${telegramToken}/sendDice`
    expect((await post(url, said('a'))).status).toBe(404)
  })

  test('says in the body when to come back', async () => {
    pagers.faults.set('telegram', { kind: 'status', status: 429, retryAfter: '9' })
    expect(await telegram(said('a'))).toMatchObject({
      status: 429,
      body: { error_code: 429, parameters: { retry_after: 9 } },
    })
  })
})

async function discord(body: unknown, query = '?wait=true') {
  const answer = await post(`${pagers.discordUrl}${query}`, body)
  return { ...answer, json: answer.body && (JSON.parse(answer.body) as Record<string, unknown>) }
}

describe('the Discord in a box', () => {
  test('answers with the message where it is waited for, and with nothing where not', async () => {
    expect((await discord({ content: 'a' })).json).toMatchObject({ content: 'a' })
    expect(await discord({ content: 'a' }, '')).toMatchObject({ status: 204, body: '' })
  })

  test.each([
    ['nothing', {}, 50006],
    ['a long title', { embeds: [{ title: 'x'.repeat(257) }] }, 50035],
    ['a long description', { embeds: [{ description: 'x'.repeat(4097) }] }, 50035],
    ['a colour that is none', { embeds: [{ title: 'a', color: 2 ** 24 }] }, 50035],
    ['eleven embeds', { embeds: Array.from({ length: 11 }, () => ({ title: 'a' })) }, 50035],
    [
      'too much in all',
      { embeds: Array.from({ length: 2 }, () => ({ description: 'x'.repeat(3001) })) },
      50035,
    ],
    ['a mention of nothing', { content: 'a', allowed_mentions: { parse: ['all'] } }, 50035],
  ])('refuses %s', async (_what, body, code) => {
    const { status, json } = await discord(body)
    expect([status, json]).toMatchObject([400, { code }])
    expect(pagers.received()).toEqual([])
  })

  test('says to the millisecond when to come back', async () => {
    pagers.faults.set('discord', { kind: 'status', status: 429, retryAfter: '0.35' })
    const { headers, json } = await discord({ content: 'a' })
    expect(json).toMatchObject({ retry_after: 0.35, global: false })
    expect(headers.get('retry-after')).toBe('1')
  })
})

const signed = { authorization: 'AWS4-HMAC-SHA256 Credential=x' }

async function aws(path: string, body: string, headers: Record<string, string> = signed) {
  const answer = await fetch(`${pagers.awsUrl}${path}`, { method: 'POST', body, headers })
  return { status: answer.status, body: await answer.text(), headers: answer.headers }
}

const publish = (change: Record<string, string>) =>
  String(
    new URLSearchParams({
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: snsTopic,
      Message: 'a',
      ...change,
    }),
  )

describe('the SNS in a box', () => {
  test('answers a good message with its id, in XML', async () => {
    const { status, body } = await aws('/', publish({ Subject: 'b' }))
    expect(status).toBe(200)
    expect(body).toMatch(/<MessageId>[0-9a-f-]{36}<\/MessageId>/)
  })

  test.each([
    ['no message', { Message: '' }, 'Empty message'],
    ['more than 256 KiB', { Message: 'x'.repeat(256 * 1024 + 1) }, 'Message too long'],
    ['a subject of 100 characters', { Subject: 'x'.repeat(100) }, 'Subject'],
    ['a subject of two lines', { Subject: 'a\nb' }, 'Subject'],
    ['no topic', { TopicArn: '' }, 'TopicArn'],
    ['a FIFO topic without a group', { TopicArn: `${snsTopic}.fifo` }, 'MessageGroupId'],
    [
      'an attribute without a value',
      {
        'MessageAttributes.entry.1.Name': 'a',
        'MessageAttributes.entry.1.Value.DataType': 'String',
      },
      'attribute',
    ],
  ])('refuses %s', async (_what, change, words) => {
    const { status, body } = await aws('/', publish(change))
    expect(status).toBe(400)
    expect(body).toContain('<Code>InvalidParameter</Code>')
    expect(body).toContain(words)
    expect(pagers.received()).toEqual([])
  })

  test('knows only its own topics, and who signs', async () => {
    expect(await aws('/', publish({ TopicArn: `${snsTopic}-2` }))).toMatchObject({ status: 404 })
    expect(await aws('/', publish({}), {})).toMatchObject({ status: 403 })
  })
})

const mail = (change: object = {}) =>
  JSON.stringify({
    FromEmailAddress: emailFrom,
    Destination: { ToAddresses: ['a@example.com'] },
    Content: { Simple: { Subject: { Data: 'a' }, Body: { Text: { Data: 'b' } } } },
    ...change,
  })

describe('the SES in a box', () => {
  test('answers a good mail with its id, in JSON', async () => {
    const { status, body } = await aws('/v2/email/outbound-emails', mail())
    expect([status, Object.keys(JSON.parse(body) as object)]).toEqual([200, ['MessageId']])
  })

  test.each([
    ['nobody to send to', { Destination: { ToAddresses: [] } }, 'BadRequestException'],
    ['no content', { Content: {} }, 'BadRequestException'],
    ['a sender that is not verified', { FromEmailAddress: 'x@example.com' }, 'MessageRejected'],
  ])('refuses %s, and says in a header what it is', async (_what, change, kind) => {
    const { status, headers } = await aws('/v2/email/outbound-emails', mail(change))
    expect([status, headers.get('x-amzn-errortype')]).toEqual([400, kind])
    expect(pagers.received()).toEqual([])
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
