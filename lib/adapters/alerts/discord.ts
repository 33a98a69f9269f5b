import * as z from 'zod'

import type { Alert } from '../../domain/alert.ts'
import { answerJson } from './answer-json.ts'
import type { AlertPlugin, AlertWorld } from './channel.ts'
import { post } from './http.ts'
import { context, runbook, runbookUrl, summary, title, truncate } from './text.ts'
import { receiverUrl } from './url.ts'

const schema = z.strictObject({ kind: z.literal('discord'), url: receiverUrl })

/**
 * Discord's webhooks. Only with `wait` do they answer after the message is there, and with its id.
 * https://discord.com/developers/docs/resources/webhook#execute-webhook
 */
export const discord: AlertPlugin<typeof schema> = {
  schema,
  create: (name, { url }, world) => ({
    name,
    deliver: (alert) =>
      post({
        channel: `discord channel "${name}"`,
        url: waited(url),
        body: JSON.stringify(discordMessage(alert, world)),
        secrets: [],
        world,
        taken: ({ status, body }) => status === 200 && Message.safeParse(answerJson(body)).success,
        asks: (body) => {
          const seconds = Limited.safeParse(answerJson(body)).data?.retry_after
          return seconds === undefined ? undefined : Math.ceil(seconds * 1000)
        },
      }),
  }),
}

const Message = z.object({ id: z.string() })

const Limited = z.object({ retry_after: z.number().min(0) })

/** Red, orange, grey; green when it is over. */
const colours = { critical: 0xe74c3c, warning: 0xe67e22, info: 0x95a5a6, over: 0x2ecc71 }

function waited(address: string): string {
  const url = new URL(address)
  url.searchParams.set('wait', 'true')
  return url.href
}

/** A title of 256 characters and a description of 4096, markup included; what can be long comes last. */
function discordMessage(alert: Alert, world: AlertWorld) {
  const over = alert.state === 'resolved'
  const page = runbookUrl(alert, world)
  const lines = [
    plain(context(alert), 400),
    ...(over ? [] : [`what to do: ${page ?? plain(runbook(alert), 300)}`]),
    plain(summary(alert), 2500),
  ]
  return {
    embeds: [
      {
        title: plain(title(alert), 256),
        description: lines.join('\n'),
        color: over ? colours.over : colours[alert.severity],
        timestamp: new Date(alert.at).toISOString(),
      },
    ],
    // Nobody is called by what a venue or a node wrote.
    allowed_mentions: { parse: [] },
  }
}

/** At most `limit` characters of plain text: all that Discord would read as markup is escaped. */
function plain(text: string, limit: number): string {
  const whole = escape(text)
  // An escaped character is two long.
  return whole.length <= limit ? whole : escape(truncate(text, Math.floor(limit / 2)))
}

function escape(text: string): string {
  return text.toWellFormed().replaceAll(/[\\*_~`|>#[\]()<@-]/g, '\\$&')
}
