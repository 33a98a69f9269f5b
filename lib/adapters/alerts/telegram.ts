import * as z from 'zod'

import type { Alert } from '../../domain/alert.ts'
import { answerJson } from './answer-json.ts'
import type { AlertPlugin, AlertWorld } from './channel.ts'
import { post } from './http.ts'
import { context, runbook, runbookUrl, summary, title, truncate } from './text.ts'
import { receiverUrl } from './url.ts'

const schema = z.strictObject({
  kind: z.literal('telegram'),
  token: z
    .string()
    .regex(
      /^\d+:[0-9A-Za-z_-]{20,}$/,
      "expected a bot's token: a number, a colon and 35 characters",
    ),
  chatId: z
    .string()
    .regex(
      /^(?:-?\d{1,20}|@[A-Za-z]\w{3,})$/,
      "expected a chat's number, or @ and a channel's name",
    ),
  url: receiverUrl.default('https://api.telegram.org'),
})

/**
 * A bot of Telegram's that writes into one chat. The token is in the address, as the Bot API wants it.
 * https://core.telegram.org/bots/api#sendmessage
 */
export const telegram: AlertPlugin<typeof schema> = {
  schema,
  create: (name, { token, chatId, url }, world) => ({
    name,
    deliver: (alert) =>
      post({
        channel: `telegram channel "${name}"`,
        url: `${url.replace(/\/+$/, '')}/bot${token}/sendMessage`,
        body: JSON.stringify({
          chat_id: chatId,
          text: telegramText(alert, world),
          // Three characters to escape; in the other mode eighteen.
          parse_mode: 'HTML',
          disable_web_page_preview: true,
        }),
        secrets: [token, token.slice(token.indexOf(':') + 1)],
        world,
        taken: ({ status, body }) =>
          status === 200 && Answer.safeParse(answerJson(body)).data?.ok === true,
        asks: (body) => {
          const seconds = Answer.safeParse(answerJson(body)).data?.parameters?.retry_after
          return seconds === undefined ? undefined : seconds * 1000
        },
      }),
  }),
}

const Answer = z.object({
  ok: z.boolean(),
  parameters: z.object({ retry_after: z.number().min(0).optional() }).optional(),
})

const marks = { critical: '\u{1F534}', warning: '\u{1F7E0}', info: '\u26AA' }

/** At most 4096 characters are taken, tags not counted: the three lines before what can be long are always whole. */
function telegramText(alert: Alert, world: AlertWorld): string {
  const mark = alert.state === 'resolved' ? '\u{1F7E2}' : marks[alert.severity]
  const page = runbookUrl(alert, world)
  const path = escape(truncate(runbook(alert), 300))
  const todo = page === undefined ? `<code>${path}</code>` : `<a href="${escape(page)}">${path}</a>`
  return [
    `${mark} <b>${escape(truncate(title(alert), 300))}</b>`,
    escape(truncate(context(alert), 300)),
    ...(alert.state === 'resolved' ? [] : [`what to do: ${todo}`]),
    escape(truncate(summary(alert), 3000)),
  ].join('\n')
}

function escape(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
