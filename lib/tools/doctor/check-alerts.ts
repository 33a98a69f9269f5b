import { alertChannel } from '../../adapters/alerts/index.ts'
import type { Alert, Severity } from '../../domain/alert.ts'
import { namedChannels } from '../../domain/incident-deliveries.ts'
import type { Timestamp } from '../../domain/time.ts'
import { messageOf } from '../../keepers/message-of.ts'
import type { AlertChannel, Clock } from '../../ports.ts'
import { channelOptions } from '../../runtime/channel-options.ts'
import type { Network, NetworkChannel } from '../../runtime/network/schema.ts'
import { isPrivateUrl } from '../../runtime/network/values.ts'
import type { Secrets } from '../../runtime/secrets.ts'
import { type Diagnosis, fixOf } from './diagnosis.ts'

type Options = {
  readonly network: Network
  readonly secrets: Secrets
  readonly clock: Clock
  /** Whether every channel is sent a message, and another one that it is over. */
  readonly sends: boolean
  /** Where the terminal channel writes. */
  readonly write: (line: string) => void
}

/** Who would be told of what, and whether each channel can be used. */
export async function checkAlerts(options: Options): Promise<readonly Diagnosis[]> {
  const { network } = options
  const channels = Object.entries(network.alerts.channels).map(async ([name, channel]) =>
    checkChannel(name, channel, options),
  )
  return [...(await Promise.all(channels)), ...(await checkLifeline(options)), ...unheard(network)]
}

/** It is not told anything here: that would show a watch that may be dead as alive. */
async function checkLifeline({ network, secrets }: Options): Promise<readonly Diagnosis[]> {
  const { lifeline } = network.alerts
  const at = { area: 'alerts', subject: 'alerts.lifeline' } as const
  if (lifeline === undefined) return []
  const fix = 'put an https:// address where it says, or name another place'
  try {
    const url = (await secrets.text(lifeline)).reveal().trim()
    if (isPrivateUrl(url)) return [{ ...at, state: 'ok', says: 'it would be told of each look' }]
    return [{ ...at, state: 'fault', says: 'what it names is no https:// address', fix }]
  } catch (error) {
    return [{ ...at, state: 'fault', says: messageOf(error), fix: fixOf(messageOf(error), fix) }]
  }
}

const severities: readonly Severity[] = ['critical', 'warning', 'info']

async function checkChannel(
  name: string,
  channel: NetworkChannel,
  options: Options,
): Promise<Diagnosis> {
  const at = { area: 'alerts', subject: `alerts.channels.${name}` } as const
  try {
    const ready = await openChannel(name, channel, options)
    if (options.sends) {
      await sendTest(ready, options)
      return { ...at, state: 'ok', says: 'took a test message, and that it is over' }
    }
    return { ...at, ...toldOf(name, options.network.alerts) }
  } catch (error) {
    return {
      ...at,
      state: 'fault',
      says: messageOf(error),
      fix: fixOf(
        messageOf(error),
        `put right what alerts.channels.${name} names, and try --test-message`,
      ),
    }
  }
}

async function openChannel(name: string, channel: NetworkChannel, options: Options) {
  const { network, secrets, clock, write } = options
  const { runbooks } = network.alerts
  return alertChannel(name, await channelOptions(name, channel, secrets), {
    clock,
    write,
    runbooks,
    region: undefined,
  })
}

async function sendTest(channel: AlertChannel, { network, clock }: Options): Promise<void> {
  const alert = testMessage(network.network, clock.now())
  await channel.deliver(alert)
  await channel.deliver({ ...alert, state: 'resolved', at: clock.now() })
}

/** What is no alert, in the words of one. */
export function testMessage(network: string, now: Timestamp): Alert {
  return {
    key: `test-message:${network}:${now}`,
    state: 'opened',
    severity: 'info',
    rule: 'test-message',
    subject: network,
    summary: 'starkeep doctor tries whether messages arrive here; nothing is wrong',
    network,
    since: now,
    at: now,
  }
}

function toldOf(
  name: string,
  { routes, subjects, fallback }: Network['alerts'],
): Pick<Diagnosis, 'state' | 'says' | 'fix'> {
  const heard = severities.filter((severity) => routes[severity].includes(name))
  const parts = [
    heard.length === 0 ? '' : `everything ${heard.join(' and ')}`,
    subjects.some((one) => Object.values(one.routes).some((all) => all?.includes(name)))
      ? 'what subjects says'
      : '',
    fallback.includes(name) ? 'what another channel does not take' : '',
  ].filter((part) => part !== '')
  if (parts.length === 0) {
    const says = 'it is told nothing, by no route'
    return { state: 'warning', says, fix: 'name it under alerts.routes, or take it out' }
  }
  return { state: 'ok', says: `it would be told ${parts.join(', and ')}` }
}

/** What nobody would hear of, and channels that are named and not there are errors of the file already. */
function unheard({ alerts, jobs }: Network): readonly Diagnosis[] {
  const at = { area: 'alerts', subject: 'alerts.routes' } as const
  if (!jobs['watch-liveness'])
    return [
      {
        ...at,
        state: 'warning',
        says: 'watch-liveness does not run here, so that nobody is told anything',
        fix: 'put it into jobs, unless another deployment watches this network',
      },
    ]
  const { routes, subjects, fallback } = alerts
  const silent = severities.filter((severity) => routes[severity].length === 0)
  if (namedChannels({ network: '', routes, subjects, fallback }).size === 0 || silent.length === 0)
    return []
  return silent.map((severity) => ({
    ...at,
    state: severity === 'info' ? 'ok' : 'warning',
    says: `nobody is told what is ${severity}`,
    ...(severity !== 'info' && { fix: `name a channel under alerts.routes.${severity}` }),
  }))
}
