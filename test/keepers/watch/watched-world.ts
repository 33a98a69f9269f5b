import { setTimeout as after } from 'node:timers/promises'

import { lifelineReceiver } from '../../../infra/local/lifeline.ts'
import type { Pager } from '../../../infra/local/pager-faults.ts'
import { localReceivers, startPagers } from '../../../infra/local/pagers.ts'
import { alertChannel } from '../../../lib/adapters/alerts/index.ts'
import { httpLifeline } from '../../../lib/adapters/alerts/lifeline.ts'
import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { starknetWatch } from '../../../lib/adapters/watched/starknet.ts'
import type { Incident } from '../../../lib/domain/incident.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import type { KeeperSlot } from '../../../lib/keepers/keeper.ts'
import type { Notice } from '../../../lib/keepers/notice.ts'
import { performer } from '../../../lib/keepers/perform.ts'
import { watchLiveness } from '../../../lib/keepers/watch/watch-liveness.ts'
import { watchSystems } from '../../../lib/keepers/watch/watch-systems.ts'
import type { WatchRules } from '../../../lib/keepers/watch/watch-view.ts'
import type { Clock } from '../../../lib/ports.ts'
import { aSettledStarknet } from '../../adapters/watched/a-settled-starknet.ts'
import { placesOf } from '../../adapters/watched/places.ts'
import { replays } from '../replay/replays.ts'

export const allChannels = [
  'slack',
  'pagerduty',
  'webhook',
  'telegram',
  'discord',
  'sns',
  'email',
] as const satisfies readonly Pager[]

/** So often a watcher looks here. */
export const lookSeconds = 30

/** Of all that a watcher does not do itself. */
export const noLimits = {
  chains: {},
  engines: {},
  legs: {},
  booked: {},
  proving: {},
  epochSeconds: {},
  timed: [],
  everySeconds: {},
  maxPushAgeMs: {},
  maxTransactionMs: 90_000,
  gasMoneyDays: 3,
  gasMoneyTransactions: 100,
  noPriceMs: 60_000,
  venueDownMs: 120_000,
  venueFrozenMs: 60_000,
  fundFloorUsd: 10_000,
  fundDays: 3,
  missedPercent: 50,
  booksBehindMs: 900_000,
  packs: true,
  historyUnpackedMs: 10_800_000,
  plannerSilentSlots: 6,
  oracleMissingRounds: 4,
} as const

const rulesOf = (mostSettleMs: number): WatchRules => ({
  ...noLimits,
  numbers: watchNumbers,
  showsLife: true,
  links: {
    engines: {},
    proving: {},
    provers: {},
    systems: { mainnet: { chains: { l1: 'mainnet:l1', l2: 'mainnet:l2' }, lanes: [] } },
  },
  systems: {
    mainnet: {
      ownChains: {},
      mostMs: { 'state-update': mostSettleMs },
      floors: {},
      ceilings: {},
      expect: {},
      lookMs: lookSeconds * 1000,
      numbers: watchNumbers,
    },
  },
})

/**
 * A watcher alone: it keeps nothing, looks at a Starknet that is settled on an Ethereum through two nodes each, and tells
 * through every channel there is.
 */
export async function watchedWorld({
  told = allChannels,
  mostSettleMs = 3_600_000,
}: {
  /** Who is told of warnings and of what is critical; the others hear what those do not take. */
  readonly told?: readonly Pager[]
  readonly mostSettleMs?: number
} = {}) {
  const world = await aSettledStarknet()
  let aheadMs = 0
  let behindSeconds = 0
  const clock: Clock = {
    now: () => timestamp(Date.now() + aheadMs),
    async sleep(ms, signal) {
      await after(ms, undefined, { signal }).catch(() => undefined)
    },
  }
  const store = memoryStore({ clock })
  const pagers = await startPagers({ now: () => clock.now() })
  const lifeline = await lifelineReceiver({ periodMs: 3 * lookSeconds * 1000, clock })
  const notices: Notice[] = []
  const channels = channelsOf(pagers, clock)
  const messenger = {
    clock,
    incidents: store.incidents,
    desk: store.desk,
    channels,
    rules: {},
    routing: {
      network: 'mainnet',
      subjects: [],
      routes: { critical: told, warning: told, info: [] },
      fallback: ['slack'],
    },
    notify: (notice: Notice) => void notices.push(notice),
  }
  const perform = performer({
    ports: { clock, store, engines: {}, oracles: [], positions: undefined as never },
    laneOf: () => undefined as never,
    messenger,
    notify: messenger.notify,
    lifeline: httpLifeline(lifeline.url, { clock }),
  })
  const systems = replays(
    watchSystems({
      numbers: watchNumbers,
      clock,
      store,
      nodes: [],
      watched: {
        mainnet: starknetWatch({
          name: 'mainnet',
          l1: placesOf(...world.l1.map(({ url }) => url)),
          l2: placesOf(...world.l2.map(({ url }) => url)),
          core: world.core.core,
          windowMs: 86_400_000,
          clock,
        }),
      },
    }),
  )
  const liveness = replays(
    watchLiveness({
      clock,
      store,
      chains: {},
      engines: {},
      nodes: [],
      lanes: [],
      jobs: [],
      rules: rulesOf(mostSettleMs),
    }),
  )

  async function slot(keeper: typeof systems | typeof liveness, subject: string): Promise<void> {
    const now = clock.now()
    const of: KeeperSlot = { subject, slot: 0, slotAt: now, until: timestamp(now + 20_000) }
    const view = (await keeper.observe(of)) as never
    for (const action of keeper.decide(view).actions) await perform(action, of)
  }

  return {
    ...world,
    store,
    clock,
    pagers,
    lifeline,
    notices,
    /** Goes on by one look; L1 and L2 make a block meanwhile unless they stand. */
    async look({ l1 = true, l2 = true }: { readonly l1?: boolean; readonly l2?: boolean } = {}) {
      aheadMs += lookSeconds * 1000
      world.box.advanceSeconds(lookSeconds)
      if (l2) world.box.makeBlock()
      behindSeconds += lookSeconds
      if (l1) {
        await world.waitOnL1(behindSeconds)
        behindSeconds = 0
      }
      await slot(systems, 'mainnet')
      await slot(liveness, 'network')
    },
    /** Time goes by, and the watch is dead meanwhile. */
    sleepThrough(seconds: number): void {
      aheadMs += seconds * 1000
      behindSeconds += seconds
      world.box.advanceSeconds(seconds)
    },
    /** What people were told, in order, by what the keepers noticed. */
    told: () =>
      notices.flatMap((notice) =>
        notice.kind === 'incident'
          ? [`${notice.state} ${notice.incident.rule} ${notice.incident.subject}`]
          : [],
      ),
    incidents: async (): Promise<readonly Incident[]> => store.incidents.recent(100),
    async end(): Promise<void> {
      await Promise.all([world.stop(), pagers.close(), lifeline.close()])
    },
  }
}

function channelsOf(pagers: Awaited<ReturnType<typeof startPagers>>, clock: Clock) {
  const world = { clock, write: () => undefined, deadlineMs: 2_000, region: 'eu-west-1' }
  const { telegramToken: token, telegramChat: chatId, snsTopic, emailFrom: from } = localReceivers
  const routingKey = 'R0123456789abcdefABCDEF012345678'
  return {
    slack: alertChannel('slack', { kind: 'slack', url: pagers.slackUrl }, world),
    pagerduty: alertChannel(
      'pagerduty',
      { kind: 'pagerduty', url: pagers.pagerdutyUrl, routingKey },
      world,
    ),
    webhook: alertChannel('webhook', { kind: 'webhook', url: pagers.webhookUrl }, world),
    telegram: alertChannel(
      'telegram',
      { kind: 'telegram', token, chatId, url: pagers.telegramUrl },
      world,
    ),
    discord: alertChannel('discord', { kind: 'discord', url: pagers.discordUrl }, world),
    sns: alertChannel('sns', { kind: 'sns', topicArn: snsTopic, endpoint: pagers.awsUrl }, world),
    email: alertChannel(
      'email',
      { kind: 'email', from, to: ['oncall@example.com'], endpoint: pagers.awsUrl },
      world,
    ),
  } satisfies Record<Pager, unknown>
}
