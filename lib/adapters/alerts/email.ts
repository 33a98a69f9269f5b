import { createHash } from 'node:crypto'

import * as z from 'zod'

import { askAws, lazily } from './aws.ts'
import type { AlertPlugin } from './channel.ts'
import { digestNote, letter, type Note, noteOf } from './note.ts'
import { truncate } from './text.ts'
import { receiverUrl } from './url.ts'

const schema = z.strictObject({
  kind: z.literal('email'),
  from: z.email(),
  /** SES takes fifty receivers of one message. */
  to: z.array(z.email()).min(1).max(50),
  region: z.string().optional(),
  endpoint: receiverUrl.optional(),
})

/**
 * E-mail by Amazon SES. All messages of one incident refer to one that is never sent, so that mail programs show them as
 * one conversation. https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
 */
export const email: AlertPlugin<typeof schema> = {
  schema,
  create(name, options, world) {
    const { region = world.region, endpoint } = options
    const opened = lazily(async () => {
      const { sesSender } = await import('./ses-client.ts')
      return sesSender({ region, endpoint })
    })
    const say = (note: Note, thread: string) =>
      askAws(`email channel "${name}"`, world, async (signal) =>
        (await opened())(mail(options, note, thread), signal),
      )
    return {
      name,
      deliver: (alert) => say(noteOf(alert, world), alert.key),
      digest: (digest) => say(digestNote(digest), digest.thread),
    }
  },
}

function mail({ from, to }: z.output<typeof schema>, note: Note, thread: string) {
  return {
    FromEmailAddress: from,
    Destination: { ToAddresses: to },
    Content: {
      Simple: {
        // A header line is folded past 998 bytes, and programs show fewer characters than this.
        Subject: utf8(truncate(note.title.toWellFormed(), 200)),
        Body: { Text: utf8(letter(note)) },
        Headers: [
          { Name: 'References', Value: `<${hash(thread)}@starkeep>` },
          { Name: 'X-Starkeep-Tone', Value: note.tone },
        ],
      },
    },
  }
}

function utf8(text: string) {
  return { Data: text, Charset: 'UTF-8' }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
