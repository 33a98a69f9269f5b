import { createHmac } from 'node:crypto'

import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'

import type { Pager } from '../../../infra/local/pager-faults.ts'
import { localReceivers, type Pagers, startPagers } from '../../../infra/local/pagers.ts'
import { alertChannel } from '../../../lib/adapters/alerts/index.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import type { AlertChannel } from '../../../lib/ports.ts'
import { aDigest, anAlert, clock, failureOf, shown, start } from './support.ts'

const routingKey = 'R0123456789abcdefABCDEF012345678'
const secret = 'a-secret-of-the-webhook'
/** Of the form that AWS gives them, and nobody's. */
const aKeyId = 'AKIAEXAMPLE0EXAMPLE0'

const runbooks = 'https://example.com/runbooks/'

let pagers: Pagers
let channels: Record<Pager, AlertChannel>

beforeAll(async () => {
  pagers = await startPagers({ now: () => start })
  const world = { clock, write: () => undefined, deadlineMs: 300, region: 'eu-west-1' }
  const { telegramToken: token, telegramChat, snsTopic, emailFrom } = localReceivers
  const { slackUrl, pagerdutyUrl, webhookUrl, discordUrl, telegramUrl, awsUrl } = pagers
  const to = ['oncall@example.com', 'desk@example.com']
  channels = {
    slack: alertChannel('ops', { kind: 'slack', url: slackUrl }, world),
    pagerduty: alertChannel('oncall', { kind: 'pagerduty', url: pagerdutyUrl, routingKey }, world),
    webhook: alertChannel('own', { kind: 'webhook', url: webhookUrl, secret }, world),
    telegram: alertChannel(
      'phone',
      { kind: 'telegram', token, chatId: telegramChat, url: telegramUrl },
      { ...world, runbooks },
    ),
    discord: alertChannel('server', { kind: 'discord', url: discordUrl }, { ...world, runbooks }),
    sns: alertChannel('topic', { kind: 'sns', topicArn: snsTopic, endpoint: awsUrl }, world),
    email: alertChannel('mail', { kind: 'email', from: emailFrom, to, endpoint: awsUrl }, world),
  }
  // The first message of each loads what sends it, which is not what the deadlines here are about.
  for (const pager of [...all, ...all]) await warm(pager)
})

const warm = async (pager: Pager) => await channels[pager].deliver(anAlert()).catch(() => undefined)

beforeEach(() => {
  pagers.faults.clear()
})

afterAll(() => pagers.close())

const all = ['slack', 'pagerduty', 'webhook', 'telegram', 'discord', 'sns', 'email'] as const

type SlackBody = {
  text: string
  blocks: { type: string; text?: { text: string }; elements?: { text: string }[] }[]
}

/** The newest message that the receiver took. */
function newest(pager: Pager) {
  const message = pagers.received().findLast((one) => one.pager === pager)
  if (!message) throw new Error(`${pager} took nothing`)
  const isForm = pager === 'sns'
  const parsed: unknown = isForm
    ? Object.fromEntries(new URLSearchParams(message.body))
    : JSON.parse(message.body)
  return { ...message, json: parsed as Record<string, unknown> }
}

function slackText(): string {
  const { blocks } = newest('slack').json as unknown as SlackBody
  return blocks.map((one) => one.text?.text ?? one.elements?.[0]?.text ?? '').join('\n')
}

describe('slack', () => {
  test('says what is wrong, where, since when and what to do', async () => {
    await channels.slack.deliver(anAlert())
    expect(newest('slack').json['text']).toBe(
      'CRITICAL price-late core:BTC-USD: core was last told a price of BTC-USD long ago',
    )
    expect(slackText()).toBe(
      ':red_circle: *CRITICAL price-late core:BTC-USD*\n' +
        'core was last told a price of BTC-USD long ago\n' +
        'sepolia, since 2023-11-14 22:13:20 UTC | what to do: `infra/runbooks/price-late.md`',
    )
  })

  test('says clearly that it is over, and how long it was', async () => {
    await channels.slack.deliver(anAlert({ state: 'resolved', at: timestamp(start + 3_725_000) }))
    expect(slackText()).toBe(
      ':large_green_circle: *RESOLVED price-late core:BTC-USD*\n' +
        'It is over: core was last told a price of BTC-USD long ago\n' +
        'sepolia, since 2023-11-14 22:13:20 UTC until 2023-11-14 23:15:25 UTC (1 h 2 min)',
    )
  })

  test('says that it has become worse', async () => {
    await channels.slack.deliver(anAlert({ state: 'worsened' }))
    expect(slackText()).toContain('*NOW CRITICAL price-late core:BTC-USD*')
  })

  test('mentions nobody and links nothing, whatever a summary says', async () => {
    await channels.slack.deliver(anAlert({ summary: '<!channel> a & b <https://evil|here>' }))
    expect(slackText()).toContain('&lt;!channel&gt; a &amp; b &lt;https://evil|here&gt;')
  })
})

const long = (end: string) => ({ key: `price-late:${'x'.repeat(300)}${end}` })

describe('pagerduty', () => {
  test('opens an incident with all that a person needs', async () => {
    await channels.pagerduty.deliver(anAlert())
    expect(newest('pagerduty').json).toEqual({
      routing_key: routingKey,
      event_action: 'trigger',
      dedup_key: 'price-late:core:BTC-USD:1700000000000',
      payload: {
        summary: 'CRITICAL price-late core:BTC-USD: core was last told a price of BTC-USD long ago',
        source: 'starkeep/sepolia',
        severity: 'critical',
        timestamp: '2023-11-14T22:13:50.000Z',
        component: 'prices',
        group: 'sepolia',
        class: 'stall',
        custom_details: {
          rule: 'price-late',
          subject: 'core:BTC-USD',
          what: 'core was last told a price of BTC-USD long ago',
          since: '2023-11-14T22:13:20.000Z',
          context: 'sepolia, since 2023-11-14 22:13:20 UTC',
          runbook: 'infra/runbooks/price-late.md',
        },
      },
    })
  })

  test('links to the runbook where it is known where that is read', async () => {
    const world = { clock, write: () => undefined, runbooks }
    const options = { kind: 'pagerduty', url: pagers.pagerdutyUrl, routingKey } as const
    await alertChannel('oncall', options, world).deliver(anAlert())
    expect(newest('pagerduty').json['links']).toEqual([
      { href: 'https://example.com/runbooks/price-late.md', text: 'runbook' },
    ])
  })

  test('worsens the same incident and resolves it', async () => {
    const key = 'no-price:ETH-USD:1'
    const state = () => pagers.pagerdutyIncidents().get(key)
    await channels.pagerduty.deliver(anAlert({ key, severity: 'warning' }))
    expect(state()).toEqual({ state: 'triggered', severity: 'warning', incidents: 1 })
    await channels.pagerduty.deliver(anAlert({ key, state: 'worsened' }))
    expect(state()).toEqual({ state: 'triggered', severity: 'critical', incidents: 1 })
    await channels.pagerduty.deliver(anAlert({ key, state: 'resolved' }))
    expect(state()?.state).toBe('resolved')
  })

  test('a key that is too long is cut, stays distinct, and still resolves its incident', async () => {
    const before = pagers.pagerdutyIncidents().size
    await channels.pagerduty.deliver(anAlert(long('a')))
    await channels.pagerduty.deliver(anAlert(long('b')))
    await channels.pagerduty.deliver(anAlert({ ...long('a'), state: 'resolved' }))
    const states = [...pagers.pagerdutyIncidents()].slice(before)
    expect(states.map(([, { state }]) => state)).toEqual(['resolved', 'triggered'])
  })

  test('a key of exactly 255 characters is left alone', async () => {
    const key = 'k'.repeat(255)
    await channels.pagerduty.deliver(anAlert({ key }))
    expect(newest('pagerduty').json['dedup_key']).toBe(key)
  })

  test('a wrong event is refused, with what the receiver says is wrong', async () => {
    const world = { clock, write: () => undefined }
    const wrong = alertChannel(
      'oncall',
      { kind: 'pagerduty', url: pagers.pagerdutyUrl, routingKey: 'short' },
      world,
    )
    const { kind, error } = await failureOf(wrong)
    expect(kind).toBe('refused')
    expect(error?.message).toContain("Length of 'routing_key' is incorrect")
  })
})

describe('telegram', () => {
  test('says in one message what is wrong, where, since when and what to do', async () => {
    await channels.telegram.deliver(anAlert())
    expect(newest('telegram').json).toEqual({
      chat_id: '-1001000000001',
      text:
        '\u{1F534} <b>CRITICAL price-late core:BTC-USD</b>\n' +
        'sepolia, since 2023-11-14 22:13:20 UTC\n' +
        'what to do: <a href="https://example.com/runbooks/price-late.md">infra/runbooks/price-late.md</a>\n' +
        'core was last told a price of BTC-USD long ago',
      parse_mode: 'HTML',
      disable_web_page_preview: true,
    })
  })

  test('what comes after answers the first message, or stands alone where that is gone', async () => {
    const first = await channels.telegram.deliver(anAlert())
    expect(first).toMatch(/^\d+$/)
    await channels.telegram.deliver(anAlert({ state: 'resolved', after: String(first) }))
    // https://core.telegram.org/bots/api#replyparameters
    expect(newest('telegram').json['reply_parameters']).toEqual({
      message_id: Number(first),
      allow_sending_without_reply: true,
    })
    await channels.telegram.deliver(anAlert({ state: 'resolved', after: '999999999' }))
    // Of a channel that was another kind's before.
    await channels.telegram.deliver(anAlert({ state: 'resolved', after: 'C024BE91L/1.2' }))
    expect(newest('telegram').json).not.toHaveProperty('reply_parameters')
  })

  test('takes nothing of a summary for markup', async () => {
    await channels.telegram.deliver(anAlert({ summary: '<b>1 < 2 & "3"</b>' }))
    expect(newest('telegram').json['text']).toContain(
      '&lt;b&gt;1 &lt; 2 &amp; &quot;3&quot;&lt;/b&gt;',
    )
  })

  test('a token that is not known is refused, and not shown', async () => {
    const token = '220000002:some-other-bots-token-000000000000'
    const options = {
      kind: 'telegram',
      token,
      chatId: '@ops_alerts',
      url: pagers.telegramUrl,
    } as const
    const { kind, error } = await failureOf(
      alertChannel('phone', options, { clock, write: () => undefined }),
    )
    expect(kind).toBe('refused')
    expect(shown(error)).toContain('Unauthorized')
    expect(shown(error)).not.toMatch(/some-other|220000002/)
  })

  test('a chat that is not there is refused with what Telegram says', async () => {
    const { telegramToken: token } = localReceivers
    const options = { kind: 'telegram', token, chatId: '-100', url: pagers.telegramUrl } as const
    const { error } = await failureOf(
      alertChannel('phone', options, { clock, write: () => undefined }),
    )
    expect(error?.message).toContain('chat not found')
  })
})

const embed = () => (newest('discord').json['embeds'] as Record<string, unknown>[])[0]

describe('discord', () => {
  test('says in one embed what is wrong, where, since when and what to do', async () => {
    await channels.discord.deliver(anAlert())
    expect(newest('discord').json).toEqual({
      embeds: [
        {
          title: 'CRITICAL price\\-late core:BTC\\-USD',
          description:
            'sepolia, since 2023\\-11\\-14 22:13:20 UTC\n' +
            'what to do: https://example.com/runbooks/price-late.md\n' +
            'core was last told a price of BTC\\-USD long ago',
          // https://en.wikipedia.org/wiki/Web_colors: e7, 4c, 3c in hex.
          color: 15_158_332,
          timestamp: '2023-11-14T22:13:50.000Z',
        },
      ],
      allowed_mentions: { parse: [] },
    })
  })

  test('is green when it is over', async () => {
    await channels.discord.deliver(anAlert({ state: 'resolved' }))
    expect(embed()?.['color']).toBe(0x2ecc71)
    expect(embed()?.['description']).not.toContain('what to do')
  })

  test('calls nobody and links nothing, whatever a summary says', async () => {
    await channels.discord.deliver(anAlert({ summary: '@everyone [here](https://evil) <@1>' }))
    expect(embed()?.['description']).toContain(
      '\\@everyone \\[here\\]\\(https://evil\\) \\<\\@1\\>',
    )
  })
})

const published = async (alert = anAlert()) => {
  await channels.sns.deliver(alert)
  return newest('sns').json
}

describe('sns', () => {
  test('publishes a letter with a subject, and attributes to filter by', async () => {
    expect(await published()).toMatchObject({
      Action: 'Publish',
      TopicArn: 'arn:aws:sns:eu-west-1:000000000000:starkeep-local',
      Subject: 'CRITICAL price-late core:BTC-USD',
      Message:
        'CRITICAL price-late core:BTC-USD\n' +
        'sepolia, since 2023-11-14 22:13:20 UTC\n' +
        'what to do: infra/runbooks/price-late.md\n' +
        '\n' +
        'core was last told a price of BTC-USD long ago',
      'MessageAttributes.entry.2.Name': 'severity',
      'MessageAttributes.entry.2.Value.StringValue': 'critical',
    })
  })

  test('a subject of a hundred characters is cut', async () => {
    const { Subject: subject } = await published(anAlert({ subject: 'x'.repeat(300) }))
    expect(subject).toHaveLength(99)
  })

  test('a FIFO topic keeps the order of an incident and takes each message once', async () => {
    const options = { kind: 'sns', topicArn: localReceivers.snsFifoTopic } as const
    const fifo = alertChannel(
      'topic',
      { ...options, endpoint: pagers.awsUrl },
      { clock, write: () => undefined },
    )
    const before = pagers.received().length
    for (const state of ['opened', 'opened', 'resolved'] as const)
      await fifo.deliver(anAlert({ state }))
    const forms = pagers
      .received()
      .slice(before)
      .map(({ body }) => new URLSearchParams(body))
    expect(forms).toHaveLength(2)
    expect(new Set(forms.map((form) => form.get('MessageGroupId'))).size).toBe(1)
  })

  test('a topic that is not there is refused', async () => {
    const topicArn = 'arn:aws:sns:eu-west-1:000000000000:gone'
    const gone = alertChannel(
      'topic',
      { kind: 'sns', topicArn, endpoint: pagers.awsUrl },
      { clock, write: () => undefined },
    )
    const { kind, error } = await failureOf(gone)
    expect([kind, error?.message]).toEqual([
      'refused',
      'sns channel "topic" refused the alert: status 404, NotFoundException: Topic does not exist',
    ])
  })
})

const simple = () => (newest('email').json['Content'] as { Simple: Record<string, unknown> }).Simple

describe('email', () => {
  test('is a letter to all, with the verdict as its subject', async () => {
    await channels.email.deliver(anAlert({ state: 'resolved' }))
    expect(newest('email').json).toMatchObject({
      FromEmailAddress: 'starkeep@local.example',
      Destination: { ToAddresses: ['oncall@example.com', 'desk@example.com'] },
    })
    expect(simple()['Subject']).toEqual({
      Data: 'RESOLVED price-late core:BTC-USD',
      Charset: 'UTF-8',
    })
    expect(JSON.stringify(simple()['Body'])).toContain('It is over: core was last told')
  })

  test('the letters of one incident are one conversation', async () => {
    const references: unknown[] = []
    for (const change of [{}, { state: 'resolved' }, { key: 'other' }] as const) {
      await channels.email.deliver(anAlert(change))
      references.push((simple()['Headers'] as { Value: string }[])[0]?.Value)
    }
    expect(references[0]).toBe(references[1])
    expect(references[2]).not.toBe(references[0])
  })

  test('a sender that is not verified is refused with what SES says', async () => {
    const other = alertChannel(
      'mail',
      { kind: 'email', from: 'x@example.com', to: ['a@example.com'], endpoint: pagers.awsUrl },
      { clock, write: () => undefined, region: 'eu-west-1' },
    )
    const { kind, error } = await failureOf(other)
    expect(kind).toBe('refused')
    expect(error?.message).toContain('MessageRejected: Email address is not verified')
  })
})

const keyOf = async (change: Parameters<typeof anAlert>[0]) => {
  await channels.webhook.deliver(anAlert(change))
  return newest('webhook').headers['idempotency-key']
}

describe('webhook', () => {
  test('is signed over the body and the time of sending', async () => {
    await channels.webhook.deliver(anAlert())
    const { headers, body } = newest('webhook')
    const expected = createHmac('sha256', secret).update(`${body}1700000000000`).digest('hex')
    expect(headers['x-timestamp']).toBe('1700000000000')
    expect(headers['x-signature']).toBe(expected)
    expect(headers['content-type']).toBe('application/json')
  })

  test('carries the alert as JSON with times that people read', async () => {
    await channels.webhook.deliver(anAlert())
    expect(newest('webhook').json).toEqual({
      key: 'price-late:core:BTC-USD:1700000000000',
      state: 'opened',
      severity: 'critical',
      rule: 'price-late',
      subject: 'core:BTC-USD',
      network: 'sepolia',
      title: 'CRITICAL price-late core:BTC-USD',
      summary: 'core was last told a price of BTC-USD long ago',
      since: '2023-11-14T22:13:20.000Z',
      at: '2023-11-14T22:13:50.000Z',
      runbook: 'infra/runbooks/price-late.md',
    })
  })

  test('says which message it is, the same in each try and another for each message', async () => {
    const first = await keyOf({})
    expect(await keyOf({})).toBe(first)
    const others = [await keyOf({ state: 'resolved' }), await keyOf({ key: 'ü\n' })]
    expect(new Set([first, ...others]).size).toBe(3)
  })

  test('without a secret it is not signed', async () => {
    const options = { kind: 'webhook', url: pagers.webhookUrl } as const
    await alertChannel('own', options, { clock, write: () => undefined }).deliver(anAlert())
    expect(newest('webhook').headers).not.toHaveProperty('x-signature')
  })
})

describe.each(all)('%s, when its receiver fails,', (pager) => {
  const outcome = async () => {
    const { kind, error, ...rest } = await failureOf(channels[pager])
    return { kind, text: shown(error), ...rest }
  }

  test.each([
    [400, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [410, 'refused'],
    [408, 'not taken'],
    [429, 'not taken'],
    [503, 'not taken'],
    [500, 'unsure'],
    [502, 'unsure'],
    [504, 'unsure'],
    [302, 'unsure'],
  ])('takes status %i as "%s"', async (status, kind) => {
    pagers.faults.set(pager, { kind: 'status', status })
    expect((await outcome()).kind).toBe(kind)
  })

  test('waits as long as it is asked to', async () => {
    pagers.faults.set(pager, { kind: 'status', status: 429, retryAfter: '17' })
    expect(await outcome()).toMatchObject({ retryAfterMs: 17_000 })
    pagers.faults.set(pager, { kind: 'status', status: 429, retryAfter: 'soon' })
    expect(await outcome()).toMatchObject({ retryAfterMs: undefined })
  })

  test.skipIf(pager === 'telegram')('waits as long as a header asks, also by date', async () => {
    const body = '<h1>Too many requests</h1>'
    const date = new Date(start + 60_000).toUTCString()
    pagers.faults.set(pager, { kind: 'status', status: 429, body, retryAfter: date })
    expect(await outcome()).toMatchObject({ kind: 'not taken', retryAfterMs: 60_000 })
  })

  test.each(['timeout', 'reset'] as const)('does not know after a %s', async (kind) => {
    pagers.faults.set(pager, { kind })
    expect((await outcome()).kind).toBe('unsure')
  })

  test('delivers again once the receiver is well', async () => {
    pagers.faults.set(pager, { kind: 'reset' }, 1)
    expect((await outcome()).kind).toBe('unsure')
    expect((await outcome()).kind).toBe('delivered')
  })

  test('shows no secret in an error, not even one that the receiver wrote back', async () => {
    const { slackUrl, discordUrl } = pagers
    const path = new URL(slackUrl).pathname
    const { telegramToken: token } = localReceivers
    const own: Record<Pager, readonly string[]> = {
      slack: ['local-slack-webhook', path, slackUrl],
      pagerduty: [routingKey],
      webhook: [secret],
      telegram: [token.split(':')[1] ?? '', token],
      discord: ['local-discord-webhook', discordUrl],
      sns: [aKeyId],
      email: [aKeyId],
    }
    const echo = `no ${own[pager].join(' ')} end`
    // The SDK shows nothing of what is not in the service's own form.
    const forms: Partial<Record<Pager, string>> = {
      sns: `<ErrorResponse><Error><Code>Odd</Code><Message>${echo}</Message></Error></ErrorResponse>`,
      email: JSON.stringify({ message: echo }),
    }
    const body = forms[pager] ?? echo
    const texts: string[] = []
    for (const fault of [
      { kind: 'status', status: 400, body },
      { kind: 'status', status: 500, body },
      { kind: 'reset' },
    ] as const) {
      pagers.faults.set(pager, fault)
      texts.push((await outcome()).text)
    }
    const leaks = own[pager].filter((one) => texts.join('\n').includes(one))
    expect(leaks).toEqual([])
    expect(texts.join('\n')).not.toContain('AWS4-HMAC')
    expect(texts[0]).toContain('[secret]')
  })
})

test('a receiver that nothing listens for has certainly not taken the message', async () => {
  const gone = await startPagers()
  await gone.close()
  const slack = alertChannel(
    'ops',
    { kind: 'slack', url: gone.slackUrl },
    { clock, write: () => undefined },
  )
  const { kind, error } = await failureOf(slack)
  expect(kind).toBe('not taken')
  expect(shown(error)).not.toContain('local-slack-webhook')
})

test('a page of HTML with status 200 is not a Slack that took it', async () => {
  pagers.faults.set('slack', { kind: 'status', status: 200, body: '<html>log in</html>' })
  expect((await failureOf(channels.slack)).kind).toBe('unsure')
})

describe.each(all)('%s, told of many at once,', (pager) => {
  test('says in one message how many, how bad, and the worst', async () => {
    const before = pagers.received().length
    await channels[pager].digest(aDigest())
    expect(pagers.received().length - before).toBe(1)
    const text = JSON.stringify(newest(pager).json).replaceAll('\\\\', '')
    expect(text).toContain('DIGEST of 57 alerts, the worst CRITICAL')
    expect(text).toMatch(/2 critical, 1 info open|"critical":2/)
    expect(text).toContain('core was last told a price of BTC-USD long ago')
  })

  test('takes a digest of anything', async () => {
    const words = fc.string({ unit: 'grapheme', maxLength: 4000 })
    const alerts = fc.array(fc.record({ subject: words, summary: words, rule: words }), {
      minLength: 1,
      maxLength: 10,
    })
    await fc.assert(
      fc.asyncProperty(alerts, async (some) => {
        const worst = some.map((one) => anAlert(one))
        const channel = {
          ...channels[pager],
          deliver: () => channels[pager].digest({ ...aDigest(), worst }),
        }
        expect(await failureOf(channel)).toEqual({ kind: 'delivered' })
      }),
      { numRuns: 5 },
    )
  })

  test('fails as it does with one', async () => {
    pagers.faults.set(pager, { kind: 'status', status: 429, retryAfter: '17' })
    const channel = { ...channels[pager], deliver: () => channels[pager].digest(aDigest()) }
    expect(await failureOf(channel)).toMatchObject({ kind: 'not taken', retryAfterMs: 17_000 })
  })
})

test('PagerDuty has one incident for all digests, until nothing of them is open', async () => {
  const other = { key: 'digest:sepolia:oncall:2', thread: 'digest:sepolia:oncall' }
  await channels.pagerduty.digest({ ...aDigest(), ...other })
  await channels.pagerduty.digest({ ...aDigest(), ...other, key: 'digest:sepolia:oncall:3' })
  const { thread } = other
  const triggered = { state: 'triggered', severity: 'critical', incidents: 1 }
  expect(pagers.pagerdutyIncidents().get(thread)).toEqual(triggered)
  await channels.pagerduty.digest({ ...aDigest(), ...other, state: 'resolved' })
  expect(pagers.pagerdutyIncidents().get(thread)?.state).toBe('resolved')
})

test('half a character in a key or a summary is no reason not to tell', async () => {
  const half = anAlert({ key: 'price-late:\uD83D:1', summary: 'half \uDE00 a smile' })
  const kinds = await Promise.all(
    all.map(async (pager) => (await failureOf(channels[pager], half)).kind),
  )
  expect(new Set(kinds)).toEqual(new Set(['delivered']))
})

test('receivers take every alert, whatever its words are', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 4000 })
  const alert = fc.record({
    key: fc.string({ minLength: 1, maxLength: 400 }),
    subject: text,
    summary: text,
    rule: text,
  })
  await fc.assert(
    fc.asyncProperty(alert, async (words) => {
      const kinds = await Promise.all(
        all.map(async (pager) => (await failureOf(channels[pager], anAlert(words))).kind),
      )
      expect(new Set(kinds)).toEqual(new Set(['delivered']))
    }),
    { numRuns: 30 },
  )
})
