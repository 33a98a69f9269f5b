import { describe, expect, test } from 'vitest'

import { alertChannelOptions, alertChannels } from '../../../lib/adapters/alerts/index.ts'

const routingKey = 'R0123456789abcdefABCDEF012345678'
const token = '123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOppQQr'

test('every kind is listed under the name that its options carry', () => {
  const kinds = Object.values(alertChannels).map(({ schema }) => schema.shape.kind.value)
  expect(kinds).toEqual(Object.keys(alertChannels))
})

describe('the options of a channel', () => {
  test.each([
    { kind: 'terminal' },
    { kind: 'slack', url: 'https://hooks.slack.com/services/T1/B1/x' },
    { kind: 'slack', url: 'http://127.0.0.1:8080/x' },
    { kind: 'pagerduty', routingKey },
    { kind: 'webhook', url: 'https://example.com/hook' },
    { kind: 'webhook', url: 'https://example.com/hook', secret: 'sixteen-letters-' },
    { kind: 'telegram', token, chatId: '-1001234567890' },
    { kind: 'telegram', token, chatId: '@ops_alerts' },
    { kind: 'discord', url: 'https://discord.com/api/webhooks/1/x' },
    { kind: 'sns', topicArn: 'arn:aws:sns:eu-west-1:111122223333:alerts' },
    { kind: 'sns', topicArn: 'arn:aws:sns:eu-west-1:111122223333:alerts.fifo' },
    { kind: 'email', from: 'a@example.com', to: ['b@example.com'] },
  ])('may be %j', (options) => {
    expect(alertChannelOptions.safeParse(options).success).toBe(true)
  })

  test.each([
    { kind: 'pigeon' },
    { kind: 'slack' },
    { kind: 'slack', url: 'http://hooks.slack.com/services/T1/B1/x' },
    { kind: 'slack', url: 'ftp://127.0.0.1/x' },
    { kind: 'slack', url: 'not a URL' },
    { kind: 'slack', url: 'https://hooks.slack.com/services/T1/B1/x', colour: 'red' },
    { kind: 'pagerduty', routingKey: 'short' },
    { kind: 'webhook', url: 'https://example.com/hook', secret: 'short' },
    { kind: 'telegram', token: 'no-number:AAAAAAAAAAAAAAAAAAAAAAAAAA', chatId: '1' },
    { kind: 'telegram', token, chatId: 'somebody' },
    { kind: 'discord', url: 'http://discord.com/api/webhooks/1/x' },
    { kind: 'sns', topicArn: 'arn:aws:sqs:eu-west-1:111122223333:alerts' },
    { kind: 'email', from: 'a@example.com', to: [] },
    { kind: 'email', from: 'somebody', to: ['b@example.com'] },
    { kind: 'email', from: 'a@example.com', to: Array(51).fill('b@example.com') },
  ])('may not be %j', (options) => {
    expect(alertChannelOptions.safeParse(options).success).toBe(false)
  })

  test('PagerDuty is where it is unless told otherwise', () => {
    expect(alertChannelOptions.parse({ kind: 'pagerduty', routingKey })).toMatchObject({
      url: 'https://events.pagerduty.com/v2/enqueue',
    })
  })

  test('what is wrong with a secret is told without it', () => {
    const options = {
      kind: 'pagerduty',
      routingKey: 'my-very-secret-key',
      url: 'http://x/hidden-path',
    }
    const text = String(alertChannelOptions.safeParse(options).error)
    expect(text).toContain('routingKey')
    expect(text).not.toMatch(/my-very-secret-key|hidden-path/)
    const bot = { kind: 'telegram', token: '12:not-long-enough', chatId: '1' }
    expect(String(alertChannelOptions.safeParse(bot).error)).not.toContain('not-long-enough')
  })
})
