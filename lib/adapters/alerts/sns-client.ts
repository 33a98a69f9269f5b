import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns'

import { type AwsPlace, awsOptions, type AwsSend } from './aws.ts'

/** Beside the channel, so that of the SDK only what this names is packed, and loaded with the first message. */
export function snsPublisher(place: AwsPlace): AwsSend<PublishCommandInput> {
  const client = new SNSClient(awsOptions(place))
  return (input, abortSignal) => client.send(new PublishCommand(input), { abortSignal })
}
