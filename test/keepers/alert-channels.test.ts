import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Pager } from '../../infra/local/pager-faults.ts'
import { localReceivers, type Pagers, startPagers } from '../../infra/local/pagers.ts'
import { alertChannel } from '../../lib/adapters/alerts/index.ts'
import type { Severity } from '../../lib/domain/alert.ts'
import type { Notice } from '../../lib/keepers/notice.ts'
import type { AlertChannel } from '../../lib/ports.ts'
import { aFinding, anAlertWorld } from './alert-world.ts'

const kinds = ['slack', 'pagerduty', 'webhook', 'telegram', 'discord', 'sns', 'email'] as const

const routingKey = 'R0123456789abcdefABCDEF012345678'
const signingSecret = 'the-secret-that-signs-webhooks'

/** Nobody may read these in a message; PagerDuty alone is told its key, as it asks for. */
const secrets: Readonly<Record<string, readonly string[]>> = {
  slack: ['local-slack-webhook'],
  pagerduty: [routingKey],
  webhook: [signingSecret],
  telegram: [localReceivers.telegramToken, localReceivers.telegramToken.split(':')[1] ?? ''],
  discord: ['local-discord-webhook'],
}

let pagers: Pagers
let world: ReturnType<typeof anAlertWorld>

beforeAll(async () => {
  pagers = await startPagers()
})
afterAll(() => pagers.close())

function channels(): Readonly<Record<Pager, AlertChannel>> {
  const at = { clock: world.clock, write: () => undefined, deadlineMs: 5_000, region: 'eu-west-1' }
  const { slackUrl, pagerdutyUrl, webhookUrl, discordUrl, telegramUrl, awsUrl: endpoint } = pagers
  const { telegramToken: token, telegramChat: chatId, snsTopic, emailFrom } = localReceivers
  return {
    slack: alertChannel('slack', { kind: 'slack', url: slackUrl }, at),
    pagerduty: alertChannel('pagerduty', { kind: 'pagerduty', url: pagerdutyUrl, routingKey }, at),
    webhook: alertChannel(
      'webhook',
      { kind: 'webhook', url: webhookUrl, secret: signingSecret },
      at,
    ),
    telegram: alertChannel('telegram', { kind: 'telegram', token, chatId, url: telegramUrl }, at),
    discord: alertChannel('discord', { kind: 'discord', url: discordUrl }, at),
    sns: alertChannel('sns', { kind: 'sns', topicArn: snsTopic, endpoint }, at),
    email: alertChannel(
      'email',
      { kind: 'email', from: emailFrom, to: ['a@example.com'], endpoint },
      at,
    ),
  }
}

/** One watch that tells every kind of channel everything, each falling over to all the others. */
function aWatch() {
  world = anAlertWorld()
  const notices: Notice[] = []
  const all = [...kinds]
  const messenger = world.messenger({
    channels: channels(),
    rules: {},
    routing: { network: 'n', routes: { info: all, warning: all, critical: all }, fallback: [] },
    notify: (notice) => notices.push(notice),
  })
  return { messenger, notices }
}

/** The receiver certainly has it, certainly not now, or never will. */
const fault = fc.constantFrom(
  undefined,
  undefined,
  { kind: 'status', status: 429, retryAfter: '2' } as const,
  { kind: 'status', status: 503 } as const,
  { kind: 'status', status: 400 } as const,
)

const round = fc.record({
  level: fc.option(fc.constantFrom<Severity[]>('info', 'warning', 'critical'), { nil: undefined }),
  faults: fc.record(
    Object.fromEntries(kinds.map((kind) => [kind, fault])) as Record<Pager, typeof fault>,
  ),
})

/** Words that stand in a message of every kind, whatever its form. */
function count(kind: Pager, from: number, ...words: readonly string[]): number {
  return pagers
    .received()
    .slice(from)
    .filter(({ pager, body }) => pager === kind && words.every((word) => body.includes(word)))
    .length
}

describe('every kind of channel, over a socket, whatever its receiver answers,', () => {
  test('takes one beginning and one end of an incident, shows no secret, and errors show none', async () => {
    let number = 0
    const totals = new Map<Pager, number>()
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6 }), async (rounds) => {
        number += 1
        const subject = `x${number}x`
        const { messenger, notices } = aWatch()
        const from = pagers.received().length
        for (const { level, faults } of rounds) {
          for (const kind of kinds) {
            pagers.faults.clear(kind)
            const next = faults[kind]
            if (next) pagers.faults.set(kind, next)
          }
          await world.look(level ? [aFinding(subject, level)] : [], messenger)
          world.pass(20_000)
        }
        pagers.faults.clear()
        for (let looks = 0; looks < 8; looks += 1) {
          world.pass(301_000)
          await world.look([], messenger)
        }
        const taken = pagers.received().slice(from)
        for (const { pager, body } of taken) {
          const others = Object.entries(secrets).filter(
            ([kind]) => !(kind === 'pagerduty' && pager === 'pagerduty'),
          )
          expect(others.flatMap(([, all]) => all.filter((one) => body.includes(one)))).toEqual([])
        }
        const told = JSON.stringify(notices)
        expect(
          Object.values(secrets)
            .flat()
            .filter((one) => told.includes(one)),
        ).toEqual([])
        expect(told).not.toMatch(/AWS4-HMAC|Credential=/)
        for (const kind of kinds) {
          const [begins, ends] = words[kind]
          const occurrences = new Set(
            taken.flatMap(
              ({ body }) => body.match(new RegExp(`price-late:${subject}:\\d+`, 'g')) ?? [],
            ),
          ).size
          const opened = begins.reduce((sum, word) => sum + count(kind, from, subject, word), 0)
          expect([kind, opened <= Math.max(1, occurrences)]).toEqual([kind, true])
          const over = count(kind, from, subject, ends)
          expect([kind, over <= Math.max(1, occurrences)]).toEqual([kind, true])
          totals.set(kind, (totals.get(kind) ?? 0) + (opened > 0 && over > 0 ? 1 : 0))
        }
        expect(await world.store.incidents.open()).toEqual([])
      }),
      { numRuns: 15 },
    )
    // Each of them was really told something.
    for (const kind of kinds) expect([kind, (totals.get(kind) ?? 0) > 0]).toEqual([kind, true])
  }, 120_000)
})

/** How each kind writes that it began, and that it is over. */
const usual = [['*CRITICAL', '*WARNING', '*INFO'], 'RESOLVED'] as const
const plain = [['Data":"CRITICAL', 'Data":"WARNING', 'Data":"INFO'], 'Data":"RESOLVED'] as const
const words: Record<Pager, readonly [readonly string[], string]> = {
  slack: usual,
  telegram: [['<b>CRITICAL', '<b>WARNING', '<b>INFO'], '<b>RESOLVED'],
  discord: [['"title":"CRITICAL', '"title":"WARNING', '"title":"INFO'], '"title":"RESOLVED'],
  webhook: [['"state":"opened"'], '"state":"resolved"'],
  pagerduty: [['"summary":"CRITICAL', '"summary":"WARNING', '"summary":"INFO'], '"resolve"'],
  sns: [['Subject=CRITICAL', 'Subject=WARNING', 'Subject=INFO'], 'Subject=RESOLVED'],
  email: plain,
}
