import { z } from 'zod'

import { json, parsed } from './answer-json.ts'

/** A simulated receiver's answer. */
export type PagerAnswer = {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

const Block = z.looseObject({
  type: z.string().min(1),
  text: z
    .looseObject({ type: z.enum(['mrkdwn', 'plain_text']), text: z.string().min(1).max(3000) })
    .optional(),
})

const SlackMessage = z.looseObject({
  text: z.string().optional(),
  blocks: z.array(z.unknown()).optional(),
})

/**
 * What Slack's incoming webhooks answer: a word in plain text.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors
 */
export function slackAnswer(body: string): PagerAnswer {
  const message = SlackMessage.safeParse(parsed(body))
  if (!message.success) return { status: 400, body: 'invalid_payload' }
  const { text, blocks } = message.data
  if (!text && !blocks?.length) return { status: 400, body: 'no_text' }
  const blocksFit = z
    .array(Block)
    .max(50)
    .safeParse(blocks ?? []).success
  return blocksFit ? { status: 200, body: 'ok' } : { status: 400, body: 'invalid_blocks' }
}

const PagerdutyEvent = z.looseObject({
  routing_key: z
    .string("'routing_key' is missing or blank")
    .length(32, "Length of 'routing_key' is incorrect (should be 32 characters)"),
  event_action: z.enum(
    ['trigger', 'acknowledge', 'resolve'],
    "'event_action' is invalid (must be one of trigger, acknowledge, resolve)",
  ),
  dedup_key: z.string().max(255, "'dedup_key' is too long (maximum 255 characters)").optional(),
})

const required = (field: string) =>
  z.string(`'${field}' is missing or blank`).min(1, `'${field}' is missing or blank`)

const PagerdutyPayload = z.looseObject({
  summary: required('payload.summary').max(
    1024,
    "'payload.summary' is too long (maximum 1024 characters)",
  ),
  source: required('payload.source'),
  severity: z.enum(
    ['critical', 'error', 'warning', 'info'],
    "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')",
  ),
})

const maxEventBytes = 512_000

export type PagerdutyAction = {
  readonly action: 'trigger' | 'acknowledge' | 'resolve'
  readonly dedupKey: string | undefined
  readonly severity: string | undefined
}

/** What PagerDuty's Events API v2 makes of an event. https://developer.pagerduty.com/docs/events-api-v2 */
export function readPagerdutyEvent(
  body: string,
): PagerdutyAction | { readonly refused: PagerAnswer } {
  if (Buffer.byteLength(body) > maxEventBytes)
    return { refused: { status: 413, body: 'Request Entity Too Large' } }
  const event = PagerdutyEvent.safeParse(parsed(body))
  if (!event.success) return { refused: invalidEvent(event.error) }
  const { event_action, dedup_key, payload } = event.data
  if (event_action === 'trigger') return trigger(dedup_key, payload)
  if (!dedup_key) return { refused: invalidEvent("'dedup_key' is missing or blank") }
  return { action: event_action, dedupKey: dedup_key, severity: undefined }
}

function trigger(dedupKey: string | undefined, payload: unknown) {
  const read = PagerdutyPayload.safeParse(payload, { error: () => "'payload' is missing or blank" })
  if (!read.success) return { refused: invalidEvent(read.error) }
  return { action: 'trigger', dedupKey, severity: read.data.severity } as const
}

function invalidEvent(error: z.ZodError | string): PagerAnswer {
  const errors = typeof error === 'string' ? [error] : error.issues.map(({ message }) => message)
  return json(400, { status: 'invalid event', message: 'Event object is invalid', errors })
}

export function pagerdutyAccepted(dedupKey: string): PagerAnswer {
  return json(202, { status: 'success', message: 'Event processed', dedup_key: dedupKey })
}
