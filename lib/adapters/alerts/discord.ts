import * as z from 'zod'

import { answerJson } from './answer-json.ts'
import type { AlertPlugin } from './channel.ts'
import { post } from './http.ts'
import { digestNote, type Note, noteOf } from './note.ts'
import { truncate } from './text.ts'
import { receiverUrl } from './url.ts'

const schema = z.strictObject({ kind: z.literal('discord'), url: receiverUrl })

/**
 * Discord's webhooks. Only with `wait` do they answer after the message is there, and with its id. They cannot answer a message,
 * and of one that is edited nobody hears: the end is a message of its own.
 * https://discord.com/developers/docs/resources/webhook#execute-webhook
 */
export const discord: AlertPlugin<typeof schema> = {
  schema,
  create(name, { url }, world) {
    const say = (note: Note) =>
      post({
        channel: `discord channel "${name}"`,
        url: waited(url),
        body: JSON.stringify(discordMessage(note)),
        secrets: [],
        world,
        taken: ({ status, body }) => status === 200 && Message.safeParse(answerJson(body)).success,
        asks: (body) => {
          const seconds = Limited.safeParse(answerJson(body)).data?.retry_after
          return seconds === undefined ? undefined : Math.ceil(seconds * 1000)
        },
      })
    return {
      name,
      deliver: (alert) => say(noteOf(alert, world)),
      digest: (digest) => say(digestNote(digest)),
    }
  },
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
function discordMessage({ tone, title, context, todo, lines, at }: Note) {
  const description = [
    plain(context, 400),
    ...(todo ? [`what to do: ${todo.url ?? plain(todo.path, 300)}`] : []),
    plain(lines.join('\n'), 2500),
  ]
  return {
    embeds: [
      {
        title: plain(title, 256),
        description: description.join('\n'),
        color: colours[tone],
        timestamp: new Date(at).toISOString(),
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
