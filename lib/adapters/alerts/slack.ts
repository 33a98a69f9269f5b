import * as z from 'zod'

import type { Alert } from '../../domain/alert.ts'
import type { AlertPlugin } from './channel.ts'
import { post } from './http.ts'
import { context, runbook, summary, title, truncate } from './text.ts'
import { receiverUrl } from './url.ts'

const schema = z.strictObject({ kind: z.literal('slack'), url: receiverUrl })

/**
 * Slack's incoming webhooks. They cannot edit or find a former message, so the end is a message of its own.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export const slack: AlertPlugin<typeof schema> = {
  schema,
  create: (name, { url }, world) => ({
    name,
    deliver: (alert) =>
      post({
        channel: `slack channel "${name}"`,
        url,
        body: JSON.stringify(slackMessage(alert)),
        secrets: [],
        world,
        // Anything but the bare word comes from something in between.
        taken: ({ status, body }) => status === 200 && body.trim() === 'ok',
      }),
  }),
}

const marks = { critical: ':red_circle:', warning: ':large_orange_circle:', info: ':white_circle:' }

function slackMessage(alert: Alert) {
  const mark = alert.state === 'resolved' ? ':large_green_circle:' : marks[alert.severity]
  return {
    // Shown in notifications and by clients that do not draw blocks.
    text: escaped(`${title(alert)}: ${summary(alert)}`, 3000),
    blocks: [
      section(`${mark} *${escaped(title(alert), 300)}*\n${escaped(summary(alert), 2000)}`),
      { type: 'context', elements: [{ type: 'mrkdwn', text: footer(alert) }] },
    ],
  }
}

function footer(alert: Alert): string {
  const todo =
    alert.state === 'resolved' ? '' : ` | what to do: \`${escaped(runbook(alert), 300)}\``
  return `${escaped(context(alert), 600)}${todo}`
}

function section(text: string) {
  return { type: 'section', text: { type: 'mrkdwn', text } }
}

/** At most `limit` characters, also after escaping. */
function escaped(text: string, limit: number): string {
  const whole = escape(text)
  // An escaped character is at most five long.
  return whole.length <= limit ? whole : escape(truncate(text, Math.floor(limit / 5)))
}

/** The three characters that Slack reads as markup: without them nobody is mentioned and nothing is linked. */
function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
