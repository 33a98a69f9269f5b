import type { ChannelRules } from '../../domain/channel-pace.ts'
import type { Network, NetworkChannel } from '../network/schema.ts'

/** How much each channel of a network is told, and when. */
export function channelRules({ alerts }: Pick<Network, 'alerts'>): Record<string, ChannelRules> {
  return Object.fromEntries(
    Object.entries(alerts.channels).map(([name, channel]) => [name, rulesOf(channel)]),
  )
}

const minuteMs = 60_000

function rulesOf({ kind, pace = {}, quiet = [] }: NetworkChannel): ChannelRules {
  const usual = usually[kind]
  const gather = pace.infoEveryMinutes ?? usual.infoEveryMinutes
  const remind = pace.remindHours ?? usual.remindHours
  return {
    mostPerMinute: pace.perMinute ?? usual.perMinute,
    singlesPerMinute: pace.singlesPerMinute ?? usual.singlesPerMinute,
    gapMs: usual.gapMs,
    gatherInfoMs: gather * minuteMs,
    quiet,
    remindMs: remind === 0 ? undefined : remind * 60 * minuteMs,
  }
}

type Usual = {
  readonly perMinute: number
  readonly singlesPerMinute: number
  readonly gapMs: number
  readonly infoEveryMinutes: number
  /** Pagers escalate by themselves; 0: never. */
  readonly remindHours: number
}

/** More than ten messages in a minute nobody reads. */
const readable = { singlesPerMinute: 10, infoEveryMinutes: 60 }

/** What wakes or feeds machines gets everything at once, up to what its service takes. */
const atOnce = { gapMs: 0, infoEveryMinutes: 0, remindHours: 0 }

/** As the services say, where they say it; see README. */
const usually: Readonly<Record<NetworkChannel['kind'], Usual>> = {
  terminal: { ...atOnce, perMinute: 240, singlesPerMinute: 120 },
  // One message a second: https://docs.slack.dev/apis/web-api/rate-limits
  slack: { ...readable, perMinute: 50, gapMs: 1_000, remindHours: 4 },
  pagerduty: { ...atOnce, perMinute: 60, singlesPerMinute: 30 },
  webhook: { ...atOnce, perMinute: 120, singlesPerMinute: 60 },
  // Twenty a minute in a group, one a second in a chat: https://core.telegram.org/bots/faq
  telegram: { ...readable, perMinute: 20, gapMs: 1_000, remindHours: 4 },
  // Thirty a minute, five in two seconds.
  discord: { ...readable, perMinute: 30, gapMs: 400, remindHours: 4 },
  sns: { ...readable, perMinute: 60, gapMs: 0, remindHours: 0 },
  // One a second while an account is in SES's sandbox.
  email: { ...readable, singlesPerMinute: 5, perMinute: 20, gapMs: 1_000, remindHours: 0 },
}
