import { createHash } from 'node:crypto'

import * as z from 'zod'

import type { Alert } from '../../domain/alert.ts'
import { askAws, lazily } from './aws.ts'
import type { AlertPlugin, AlertWorld } from './channel.ts'
import { letter, messageId, title, truncate } from './text.ts'
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
      return snsPublisher({ region: topicArn.split(':')[3] ?? '', endpoint })
    })
    return {
      name,
      deliver: (alert) =>
        askAws(`sns channel "${name}"`, world, async (signal) =>
          (await opened())(publication(topicArn, alert, world), signal),
        ),
    }
  },
}

/** Subjects are shorter than 100 characters; a message may have 256 KiB, of which a letter needs a twentieth. */
function publication(topicArn: string, alert: Alert, world: AlertWorld) {
  return {
    TopicArn: topicArn,
    Subject: truncate(title(alert).toWellFormed(), 99),
    Message: letter(alert, world),
    MessageAttributes: {
      state: attribute(alert.state),
      severity: attribute(alert.severity),
      network: attribute(alert.network),
      rule: attribute(alert.rule || '-'),
    },
    ...(topicArn.endsWith('.fifo') ? inOrder(alert) : {}),
  }
}

function attribute(text: string) {
  return { DataType: 'String', StringValue: truncate(text.toWellFormed(), 256) }
}

/** Messages of one incident come in their order; a second try within five minutes is not a second message. */
function inOrder(alert: Alert) {
  return { MessageGroupId: hash(alert.key), MessageDeduplicationId: hash(messageId(alert)) }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
