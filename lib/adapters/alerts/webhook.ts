import { createHmac } from 'node:crypto'

import * as z from 'zod'

import type { Digest } from '../../domain/alert-digest.ts'
import type { Alert } from '../../domain/alert.ts'
import type { AlertPlugin } from './channel.ts'
import { post } from './http.ts'
import { digestTitle } from './note.ts'
import { messageId, runbook, title } from './text.ts'
import { receiverUrl } from './url.ts'

const schema = z.strictObject({
  kind: z.literal('webhook'),
  url: receiverUrl,
  /** Signs every message; at least 16 characters, since a short one can be guessed from one message. */
  secret: z.string().min(16, 'expected at least 16 characters').optional(),
})

/**
 * Any receiver of JSON. With a secret, `x-timestamp` is the time of sending in unix milliseconds and `x-signature` the
 * HMAC-SHA256, in hex, of the body followed directly by that timestamp. `idempotency-key` is the same for each try of
 * one message.
 */
export const webhook: AlertPlugin<typeof schema> = {
  schema,
  create(name, { url, secret }, world) {
    const say = (message: unknown, id: string) => {
      const body = JSON.stringify(message)
      const sentAt = String(world.clock.now())
      return post({
        channel: `webhook channel "${name}"`,
        url,
        body,
        headers: {
          // Header values are ASCII; half a character, which has no encoding, counts as the replacement character.
          'idempotency-key': encodeURIComponent(id.toWellFormed()),
          ...(secret === undefined
            ? {}
            : { 'x-timestamp': sentAt, 'x-signature': signature(secret, body, sentAt) }),
        },
        secrets: secret === undefined ? [] : [secret],
        world,
        taken: ({ status }) => status >= 200 && status < 300,
      })
    }
    return {
      name,
      deliver: (alert) => say(webhookMessage(alert), messageId(alert)),
      digest: (digest) => say(webhookDigest(digest), digest.key),
    }
  },
}

function webhookDigest(digest: Digest) {
  const { key, severity, network, at, open, over, worst, more, later } = digest
  return {
    key,
    state: 'digest',
    severity,
    network,
    title: digestTitle(digest),
    at: new Date(at).toISOString(),
    open,
    over,
    worst: worst.map(webhookMessage),
    more,
    later,
  }
}

function webhookMessage(alert: Alert) {
  const { key, state, severity, rule, subject, summary, network, since, at } = alert
  return {
    key,
    state,
    severity,
    rule,
    subject,
    network,
    title: title(alert),
    summary,
    since: new Date(since).toISOString(),
    at: new Date(at).toISOString(),
    runbook: runbook(alert),
  }
}

function signature(secret: string, body: string, sentAt: string): string {
  return createHmac('sha256', secret).update(body).update(sentAt).digest('hex')
}
