import { z } from 'zod'

import { characters, json, parsed } from './answer-json.ts'
import type { PagerAnswer } from './pager-rules.ts'

const maxSnsBytes = 256 * 1024
const snsXmlns = 'http://sns.amazonaws.com/doc/2010-03-31/'

/** A message that a topic took. */
export type Published = {
  readonly topic: string
  readonly group: string | undefined
  readonly deduplication: string | undefined
}

/**
 * What SNS makes of `Publish` in AWS's query protocol: a form with dotted names, answered in XML.
 * https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function readSnsPublish(
  body: string,
  topics: readonly string[],
): Published | { readonly refused: PagerAnswer } {
  const form = new URLSearchParams(body)
  if (form.get('Action') !== 'Publish' || form.get('Version') !== '2010-03-31')
    return { refused: snsError(400, 'InvalidAction', 'Could not find operation') }
  const topic = form.get('TopicArn') ?? ''
  if (!topic.startsWith('arn:'))
    return {
      refused: invalidParameter('TopicArn or TargetArn Reason: no value for required parameter'),
    }
  if (!topics.includes(topic)) return { refused: snsError(404, 'NotFound', 'Topic does not exist') }
  const wrong = wrongMessage(form) ?? wrongAttribute(form)
  if (wrong !== undefined) return { refused: invalidParameter(wrong) }
  const group = form.get('MessageGroupId') ?? undefined
  const deduplication = form.get('MessageDeduplicationId') ?? undefined
  if (topic.endsWith('.fifo')) {
    const ids = [group, deduplication]
    // Letters, digits and punctuation.
    if (!ids.every((id) => id !== undefined && /^[!-~]{1,128}$/.test(id)))
      return { refused: invalidParameter('MessageGroupId or MessageDeduplicationId') }
  }
  return { topic, group, deduplication }
}

function wrongMessage(form: URLSearchParams): string | undefined {
  const message = form.get('Message') ?? ''
  if (message === '') return 'Empty message'
  if (Buffer.byteLength(message) > maxSnsBytes) return 'Message too long'
  const subject = form.get('Subject')
  if (subject === null) return undefined
  const fits = subject !== '' && characters(subject) < 100 && !/\p{Cc}/u.test(subject)
  return fits ? undefined : 'Subject'
}

/** `MessageAttributes.entry.1.Name`, `….Value.DataType`, `….Value.StringValue`, and so on. */
function wrongAttribute(form: URLSearchParams): string | undefined {
  for (let place = 1; form.has(`MessageAttributes.entry.${place}.Name`); place += 1) {
    const at = (part: string) => form.get(`MessageAttributes.entry.${place}.${part}`) ?? ''
    const named = /^(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/.test(at('Name'))
    if (!named || at('Value.DataType') !== 'String' || at('Value.StringValue') === '')
      return `The message attribute '${at('Name')}' must contain a non-empty value`
  }
  return undefined
}

export function snsPublished(messageId: string): PagerAnswer {
  const result = `<PublishResult><MessageId>${messageId}</MessageId></PublishResult>`
  return xml(200, `<PublishResponse xmlns="${snsXmlns}">${result}</PublishResponse>`)
}

function invalidParameter(what: string): PagerAnswer {
  return snsError(400, 'InvalidParameter', `Invalid parameter: ${what}`)
}

export function snsError(status: number, code: string, message: string): PagerAnswer {
  const type = status < 500 ? 'Sender' : 'Receiver'
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const error = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${text}</Message></Error>`
  return xml(
    status,
    `<ErrorResponse xmlns="${snsXmlns}">${error}<RequestId>local</RequestId></ErrorResponse>`,
  )
}

function xml(status: number, body: string): PagerAnswer {
  return { status, body, headers: { 'content-type': 'text/xml' } }
}

const Content = z.strictObject({ Data: z.string().min(1), Charset: z.string().optional() })

const Email = z.object({
  FromEmailAddress: z.email(),
  Destination: z.object({ ToAddresses: z.array(z.email()).min(1).max(50) }),
  Content: z.object({
    Simple: z.object({
      Subject: Content.refine(({ Data }) => !/[\r\n]/.test(Data)),
      Body: z.object({ Text: Content }),
      Headers: z
        .array(
          z.strictObject({
            Name: z.string().regex(/^[!-9;-~]{1,126}$/),
            Value: z.string().regex(/^[ -~]{1,870}$/),
          }),
        )
        .max(15)
        .optional(),
    }),
  }),
})

/**
 * What SES makes of `SendEmail` in version 2 of its API: JSON both ways.
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
 */
export function sesAnswer(
  body: string,
  { from, messageId }: { readonly from: string; readonly messageId: string },
): PagerAnswer {
  const read = Email.safeParse(parsed(body))
  if (!read.success) {
    const [issue] = read.error.issues
    return sesError(400, 'BadRequestException', `${issue?.path.join('.')}: ${issue?.message}`)
  }
  const { FromEmailAddress: sender } = read.data
  if (sender !== from)
    return sesError(
      400,
      'MessageRejected',
      `Email address is not verified. The following identities failed the check: ${sender}`,
    )
  return json(200, { MessageId: messageId })
}

/** The kind of an error is in a header, its words in the body. */
export function sesError(status: number, kind: string, message: string): PagerAnswer {
  return {
    status,
    body: JSON.stringify({ message }),
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': kind },
  }
}
