import { SendEmailCommand, type SendEmailCommandInput, SESv2Client } from '@aws-sdk/client-sesv2'

import { type AwsPlace, awsOptions, type AwsSend } from './aws.ts'

/** Beside the channel, so that of the SDK only what this names is packed, and loaded with the first message. */
export function sesSender(place: AwsPlace): AwsSend<SendEmailCommandInput> {
  const client = new SESv2Client(awsOptions(place))
  return (input, abortSignal) => client.send(new SendEmailCommand(input), { abortSignal })
}
