import type * as z from 'zod'

import { alertChannelOptions } from '../adapters/alerts/index.ts'
import type { NetworkChannel } from './network/schema.ts'
import type { Text } from './reference.ts'
import type { Secrets } from './secrets.ts'

/** What a channel is built from: the network file's words for it, with the secrets themselves in place of their references. */
export async function channelOptions(
  name: string,
  channel: NetworkChannel,
  secrets: Secrets,
): Promise<z.output<typeof alertChannelOptions>> {
  const parsed = alertChannelOptions.safeParse(await revealed(channel, secrets))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new ChannelOptionsError(name, issue?.path.join('.') ?? '', issue?.message ?? '')
}

/** What it is told, and when, is not the channel's own affair. */
async function revealed(
  { pace: _pace, quiet: _quiet, ...channel }: NetworkChannel,
  secrets: Secrets,
) {
  const text = async (reference: Text) => (await secrets.text(reference)).reveal().trim()
  switch (channel.kind) {
    case 'terminal':
    case 'sns':
    case 'email':
      return channel
    case 'telegram':
      return { ...channel, token: await text(channel.token) }
    case 'slack':
    case 'discord':
      return { ...channel, url: await text(channel.url) }
    case 'pagerduty':
      return { ...channel, routingKey: await text(channel.routingKey) }
    case 'webhook': {
      const { secret, ...rest } = channel
      const url = await text(channel.url)
      return { ...rest, url, ...(secret ? { secret: await text(secret) } : {}) }
    }
  }
}

/** A secret was found, but is nothing that the channel could use. The message does not show it. */
export class ChannelOptionsError extends Error {
  override readonly name = 'ChannelOptionsError'
  readonly channel: string

  constructor(channel: string, key: string, reason: string) {
    super(`the secret for alerts.channels.${channel}.${key} cannot be used: ${reason}`)
    this.channel = channel
  }
}
