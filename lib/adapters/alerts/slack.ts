import * as z from 'zod'

import type { AlertPlugin } from './channel.ts'
import { post } from './http.ts'
import { digestNote, type Note, noteOf } from './note.ts'
import { truncate } from './text.ts'
import { receiverUrl } from './url.ts'

const schema = z.strictObject({ kind: z.literal('slack'), url: receiverUrl })

/**
 * Slack's incoming webhooks. They cannot edit or find a former message, so the end is a message of its own.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export const slack: AlertPlugin<typeof schema> = {
  schema,
  create(name, { url }, world) {
    const say = (note: Note) =>
      post({
        channel: `slack channel "${name}"`,
        url,
        body: JSON.stringify(slackMessage(note)),
        secrets: [],
        world,
        // Anything but the bare word comes from something in between.
        taken: ({ status, body }) => status === 200 && body.trim() === 'ok',
      })
    return {
      name,
      deliver: (alert) => say(noteOf(alert, world)),
      digest: (digest) => say(digestNote(digest)),
    }
  },
}

const marks = {
  critical: ':red_circle:',
  warning: ':large_orange_circle:',
  info: ':white_circle:',
  over: ':large_green_circle:',
}

function slackMessage(note: Note) {
  const { tone, title, lines } = note
  const body = lines.join('\n')
  return {
    // Shown in notifications and by clients that do not draw blocks.
    text: escaped(`${title}: ${body}`, 3000),
    blocks: [
      section(`${marks[tone]} *${escaped(title, 300)}*\n${escaped(body, 2600)}`),
      { type: 'context', elements: [{ type: 'mrkdwn', text: footer(note) }] },
    ],
  }
}

function footer({ context, todo }: Note): string {
  const place = todo && (todo.url ?? `\`${escaped(todo.path, 300)}\``)
  return `${escaped(context, 600)}${place === undefined ? '' : ` | what to do: ${place}`}`
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
