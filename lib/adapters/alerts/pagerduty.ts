import { createHash } from 'node:crypto'

import * as z from 'zod'

import type { Digest } from '../../domain/alert-digest.ts'
import { areaOf, classOf } from '../../domain/alert-kind.ts'
import type { Alert } from '../../domain/alert.ts'
import type { AlertPlugin, AlertWorld } from './channel.ts'
import { post } from './http.ts'
import { digestNote } from './note.ts'
import { context, runbook, runbookUrl, summary, title, truncate } from './text.ts'
import { receiverUrl } from './url.ts'

const schema = z.strictObject({
  kind: z.literal('pagerduty'),
  routingKey: z
    .string()
    .regex(
      /^[0-9A-Za-z]{32}$/,
      'expected the 32 letters and digits of an Events API v2 integration key',
    ),
  url: receiverUrl.default('https://events.pagerduty.com/v2/enqueue'),
})

/**
 * PagerDuty's Events API v2. A further trigger with the same key adds to the open incident and changes its severity;
 * resolve closes it. https://developer.pagerduty.com/docs/events-api-v2
 */
export const pagerduty: AlertPlugin<typeof schema> = {
  schema,
  create(name, { routingKey, url }, world) {
    const say = (message: object) =>
      post({
        channel: `pagerduty channel "${name}"`,
        url,
        body: JSON.stringify({ routing_key: routingKey, ...message }),
        secrets: [routingKey],
        world,
        taken: ({ status }) => status === 202,
      })
    return {
      name,
      deliver: (alert) => say(event(alert, world)),
      digest: (digest) => say(digestEvent(digest)),
    }
  },
}

/** One incident for all that is told in digests, until none of it is open. */
function digestEvent(digest: Digest) {
  const { thread, state, severity, network, at, open, over } = digest
  const dedup_key = dedupKey(thread)
  if (state === 'resolved') return { event_action: 'resolve', dedup_key }
  const { title: head, context: where, lines } = digestNote(digest)
  return {
    event_action: 'trigger',
    dedup_key,
    payload: {
      summary: truncate(`${head}: ${where}`, 1024),
      source: `starkeep/${network}`,
      severity,
      timestamp: new Date(at).toISOString(),
      component: 'keepers',
      group: network,
      class: 'digest',
      custom_details: { open, over, worst: lines },
    },
  }
}

function event(alert: Alert, world: AlertWorld) {
  const { key, state, severity, rule, subject, network, since, at } = alert
  const dedup_key = dedupKey(key)
  if (state === 'resolved') return { event_action: 'resolve', dedup_key }
  const page = runbookUrl(alert, world)
  return {
    event_action: 'trigger',
    dedup_key,
    payload: {
      summary: truncate(`${title(alert)}: ${summary(alert)}`, 1024),
      source: `starkeep/${network}`,
      // PagerDuty's words for these three are ours.
      severity,
      timestamp: new Date(at).toISOString(),
      component: areaOf(rule),
      group: network,
      class: classOf(rule),
      custom_details: {
        rule,
        subject,
        what: summary(alert),
        since: new Date(since).toISOString(),
        context: context(alert),
        runbook: runbook(alert),
      },
    },
    ...(page === undefined ? {} : { links: [{ href: page, text: 'runbook' }] }),
  }
}

/** PagerDuty takes 255 characters; a longer key keeps its beginning and stays distinct by its hash. */
function dedupKey(key: string): string {
  if (key.length <= 255) return key
  const hash = createHash('sha256').update(key).digest('hex')
  return `${key.slice(0, 190).toWellFormed()}:${hash}`
}
