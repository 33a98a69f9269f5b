import * as z from 'zod'

import type { AlertChannel } from '../../ports.ts'
import type { AlertWorld } from './channel.ts'
import { discord } from './discord.ts'
import { email } from './email.ts'
import { pagerduty } from './pagerduty.ts'
import { slack } from './slack.ts'
import { sns } from './sns.ts'
import { telegram } from './telegram.ts'
import { terminal } from './terminal.ts'
import { webhook } from './webhook.ts'

/** Every kind of channel that a network file may name. */
export const alertChannels = { terminal, slack, pagerduty, webhook, telegram, discord, sns, email }

/** A channel of any kind, its secrets already resolved. */
export const alertChannelOptions = z.discriminatedUnion('kind', [
  terminal.schema,
  slack.schema,
  pagerduty.schema,
  webhook.schema,
  telegram.schema,
  discord.schema,
  sns.schema,
  email.schema,
])

export function alertChannel(
  name: string,
  options: z.output<typeof alertChannelOptions>,
  world: AlertWorld,
): AlertChannel {
  switch (options.kind) {
    case 'terminal':
      return terminal.create(name, options, world)
    case 'slack':
      return slack.create(name, options, world)
    case 'pagerduty':
      return pagerduty.create(name, options, world)
    case 'webhook':
      return webhook.create(name, options, world)
    case 'telegram':
      return telegram.create(name, options, world)
    case 'discord':
      return discord.create(name, options, world)
    case 'sns':
      return sns.create(name, options, world)
    case 'email':
      return email.create(name, options, world)
  }
}
