import { createHash } from 'node:crypto'

import * as z from 'zod'

import type { Alert } from '../../domain/alert.ts'
import { askAws, lazily } from './aws.ts'
import type { AlertPlugin, AlertWorld } from './channel.ts'
import { letter, title, truncate } from './text.ts'
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
    const { region = world.region ?? '', endpoint } = options
    const opened = lazily(async () => {
      const { sesSender } = await import('./ses-client.ts')
      return sesSender({ region, endpoint })
    })
    return {
      name,
      deliver: (alert) =>
        askAws(`email channel "${name}"`, world, async (signal) =>
          (await opened())(mail(options, alert, world), signal),
        ),
    }
  },
}

function mail({ from, to }: z.output<typeof schema>, alert: Alert, world: AlertWorld) {
  return {
    FromEmailAddress: from,
    Destination: { ToAddresses: to },
    Content: {
      Simple: {
        // A header line is folded past 998 bytes, and programs show fewer characters than this.
        Subject: utf8(truncate(title(alert).toWellFormed(), 200)),
        Body: { Text: utf8(letter(alert, world)) },
        Headers: [
          { Name: 'References', Value: `<${hash(alert.key)}@starkeep>` },
          { Name: 'X-Starkeep-Severity', Value: alert.severity },
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
