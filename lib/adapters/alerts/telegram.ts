import * as z from 'zod'

import { answerJson } from './answer-json.ts'
import type { AlertPlugin } from './channel.ts'
import { post } from './http.ts'
import { digestNote, type Note, noteOf } from './note.ts'
import { truncate } from './text.ts'
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
 * A bot of Telegram's that writes into one chat. The token is in the address, as the Bot API wants it. What becomes of an alert
 * answers its first message, so that whoever reads the end finds the beginning, and hears of it, which of an edit nobody does.
 * https://core.telegram.org/bots/api#sendmessage
 */
export const telegram: AlertPlugin<typeof schema> = {
  schema,
  create(name, { token, chatId, url }, world) {
    const say = async (note: Note, after = ''): Promise<string | undefined> => {
      let message: string | undefined
      await post({
        channel: `telegram channel "${name}"`,
        url: `${url.replace(/\/+$/, '')}/bot${token}/sendMessage`,
        body: JSON.stringify({
          chat_id: chatId,
          text: telegramText(note),
          // Three characters to escape; in the other mode eighteen.
          parse_mode: 'HTML',
          disable_web_page_preview: true,
          // What comes after is an answer to the first message of it, or stands alone where somebody has deleted that.
          ...(/^\d+$/.test(after) && {
            reply_parameters: { message_id: Number(after), allow_sending_without_reply: true },
          }),
        }),
        secrets: [token, token.slice(token.indexOf(':') + 1)],
        world,
        taken({ status, body }) {
          const said = answerJson(body)
          message = Sent.safeParse(said).data?.result.message_id.toFixed(0)
          return status === 200 && Answer.safeParse(said).data?.ok === true
        },
        asks: (body) => {
          const seconds = Answer.safeParse(answerJson(body)).data?.parameters?.retry_after
          return seconds === undefined ? undefined : seconds * 1000
        },
      })
      return message
    }
    return {
      name,
      deliver: async (alert) => await say(noteOf(alert, world), alert.after),
      digest: async (digest) => void (await say(digestNote(digest))),
    }
  },
}

/** That it was taken does not hang on its name. */
const Sent = z.object({ result: z.object({ message_id: z.int() }) })

const Answer = z.object({
  ok: z.boolean(),
  parameters: z.object({ retry_after: z.number().min(0).optional() }).optional(),
})

const marks = {
  critical: '\u{1F534}',
  warning: '\u{1F7E0}',
  info: '\u26AA',
  over: '\u{1F7E2}',
}

/** At most 4096 characters are taken, tags not counted: the three lines before what can be long are always whole. */
function telegramText({ tone, title, context, todo, lines }: Note): string {
  return [
    `${marks[tone]} <b>${escape(truncate(title, 300))}</b>`,
    escape(truncate(context, 300)),
    ...(todo ? [`what to do: ${link(todo)}`] : []),
    escape(truncate(lines.join('\n'), 3000)),
  ].join('\n')
}

function link({ path, url }: NonNullable<Note['todo']>): string {
  const shown = escape(truncate(path, 300))
  return url === undefined ? `<code>${shown}</code>` : `<a href="${escape(url)}">${shown}</a>`
}

function escape(text: string): string {
  return text
    .toWellFormed()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
