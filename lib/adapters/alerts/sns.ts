import { createHash } from 'node:crypto'

import * as z from 'zod'

import type { Alert } from '../../domain/alert.ts'
import { askAws, lazily } from './aws.ts'
import type { AlertPlugin } from './channel.ts'
import { digestNote, letter, type Note, noteOf } from './note.ts'
import { messageId, truncate } from './text.ts'
import { receiverUrl } from './url.ts'

const schema = z.strictObject({
  kind: z.literal('sns'),
  topicArn: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[0-9A-Za-z_-]{1,256}(?:\.fifo)?$/,
      'expected the ARN of an SNS topic',
    ),
  endpoint: receiverUrl.optional(),
})

/**
 * A topic of Amazon SNS: everybody who subscribes hears, and by the attributes may filter.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export const sns: AlertPlugin<typeof schema> = {
  schema,
  create(name, options, world) {
    const { topicArn, endpoint } = options
    const opened = lazily(async () => {
      const { snsPublisher } = await import('./sns-client.ts')
      return snsPublisher({ region: topicArn.split(':')[3], endpoint })
    })
    const say = (publication: Publication) =>
      askAws(`sns channel "${name}"`, world, async (signal) =>
        (await opened())(published(topicArn, publication), signal),
      )
    return {
      name,
      deliver: (alert) =>
        say({
          note: noteOf(alert, world),
          group: alert.key,
          id: messageId(alert),
          attributes: pick(alert, alert.rule),
        }),
      digest: (digest) =>
        say({
          note: digestNote(digest),
          group: digest.thread,
          id: digest.key,
          attributes: pick(digest, 'digest'),
        }),
    }
  },
}

type Publication = {
  readonly note: Note
  /** Messages of one incident come in their order. */
  readonly group: string
  /** A second try within five minutes is not a second message. */
  readonly id: string
  readonly attributes: Readonly<Record<string, string>>
}

function pick(
  { state, severity, network }: Pick<Alert, 'state' | 'severity' | 'network'>,
  rule: string,
) {
  return { state, severity, network, rule }
}

/** Subjects are shorter than 100 characters; a message may have 256 KiB, of which a letter needs a twentieth. */
function published(topicArn: string, { note, group, id, attributes }: Publication) {
  const named = Object.entries(attributes).filter(([, text]) => text !== '')
  return {
    TopicArn: topicArn,
    Subject: truncate(note.title.toWellFormed(), 99),
    Message: letter(note),
    MessageAttributes: Object.fromEntries(named.map(([name, text]) => [name, attribute(text)])),
    ...(topicArn.endsWith('.fifo')
      ? { MessageGroupId: hash(group), MessageDeduplicationId: hash(id) }
      : {}),
  }
}

function attribute(text: string) {
  return { DataType: 'String', StringValue: truncate(text.toWellFormed(), 256) }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
