import { setTimeout as after } from 'node:timers/promises'

import { afterEach, beforeEach, expect, test } from 'vitest'

import { memoryStore } from '../../../lib/adapters/store/memory.ts'
import { perpetualCoreWatch } from '../../../lib/adapters/watched/perpetual-core.ts'
import { timestamp } from '../../../lib/domain/time.ts'
import { watchNumbers } from '../../../lib/domain/watch/parameters.ts'
import type { KeeperSlot } from '../../../lib/keepers/keeper.ts'
import type { Notice } from '../../../lib/keepers/notice.ts'
import { performer } from '../../../lib/keepers/perform.ts'
import { watchLiveness } from '../../../lib/keepers/watch/watch-liveness.ts'
import { watchSystems } from '../../../lib/keepers/watch/watch-systems.ts'
import type { WatchRules } from '../../../lib/keepers/watch/watch-view.ts'
import type { Clock } from '../../../lib/ports.ts'
import { anExchange, fundingIndexIs, readers } from '../../adapters/watched/an-exchange.ts'
import { placesOf } from '../../adapters/watched/places.ts'
import { btc } from '../../infra/local/starknet-box/a-box.ts'
import { replays } from '../replay/replays.ts'
import { noLimits } from './watched-world.ts'

const lookSeconds = 30

const rules: WatchRules = {
  ...noLimits,
  numbers: watchNumbers,
  showsLife: false,
  links: {
    engines: {},
    proving: {},
    provers: {},
    systems: { perps: { chains: {}, lanes: [] } },
  },
  systems: {
    perps: {
      ownChains: {},
      mostMs: {},
      floors: {},
      ceilings: {},
      expect: {},
      lookMs: lookSeconds * 1_000,
      numbers: watchNumbers,
    },
  },
}

let exchange: Awaited<ReturnType<typeof anExchange>>
let it: ReturnType<typeof aWatcher>
beforeEach(async () => {
  exchange = await anExchange('D')
  await exchange.price()
  await exchange.fund()
  exchange.wait(3_600)
  await exchange.price()
  // 2 USD and −1 USD a coin: what three hours of the highest rate may bring.
  await exchange.fund({ btcIndex: 2n ** 33n, ethIndex: -(2n ** 32n) })
  it = aWatcher()
}, 60_000)
afterEach(async () => exchange.stop())

/** A watcher that looks at one exchange through its two nodes and keeps nothing itself. */
function aWatcher() {
  const clock: Clock = {
    now: () => timestamp(Date.now() + exchange.aheadMs()),
    async sleep(ms, signal) {
      await after(ms, undefined, { signal }).catch(() => undefined)
    },
  }
  const store = memoryStore({ clock })
  const notices: Notice[] = []
  const notify = (notice: Notice) => void notices.push(notice)
  const perform = performer({
    ports: { clock, store, engines: {}, oracles: [], positions: undefined as never },
    laneOf: () => undefined as never,
    messenger: {
      clock,
      incidents: store.incidents,
      desk: store.desk,
      channels: {},
      rules: {},
      routing: {
        network: 'mainnet',
        subjects: [],
        routes: { critical: [], warning: [], info: [] },
        fallback: [],
      },
      notify,
    },
    notify,
  })
  const world = { clock, store, nodes: [] }
  const systems = replays(
    watchSystems({
      numbers: watchNumbers,
      ...world,
      watched: {
        perps: perpetualCoreWatch({
          name: 'perps',
          l2: placesOf(...exchange.l2.map(({ url }) => url)),
          core: exchange.box.coreAddress,
          assets: [],
          accounts: [],
          windowMs: 86_400_000,
          clock,
          readers,
        }),
      },
    }),
  )
  const liveness = replays(
    watchLiveness({
      ...world,
      chains: {},
      engines: {},
      lanes: [],
      jobs: [],
      rules,
    }),
  )

  async function slot(keeper: typeof systems | typeof liveness, subject: string): Promise<void> {
    const now = clock.now()
    const of: KeeperSlot = { subject, slot: 0, slotAt: now, until: timestamp(now + 20_000) }
    const view = (await keeper.observe(of)) as never
    for (const action of keeper.decide(view).actions) await perform(action, of)
  }

  return {
    /** Time goes by and the exchange has its prices; then one look. */
    async look(seconds = lookSeconds): Promise<void> {
      exchange.wait(seconds)
      await exchange.price()
      await slot(systems, 'perps')
      await slot(liveness, 'network')
    },
    told: () => notices.flatMap((notice) => (notice.kind === 'incident' ? [notice] : [])),
  }
}

const looks = async (count: number, seconds?: number) => {
  for (let look = 0; look < count; look += 1) await it.look(seconds)
}

test(
  'an index that is set to zero is told once, with what it was and may be, and is over after an hour',
  { timeout: 120_000 },
  async () => {
    await looks(3)
    expect(it.told()).toEqual([])
    // As in a migration of what is stored: one market shows zero from now on, and no tick was there.
    for (const node of exchange.l2) node.lie = fundingIndexIs(btc, 0n)
    await looks(4)
    const [opened, ...others] = it.told()
    expect(others).toEqual([])
    expect(opened).toMatchObject({
      state: 'opened',
      incident: {
        rule: 'level-jumped',
        subject: 'perps:funding-index:BTC-6',
        severity: 'critical',
      },
    })
    expect(opened?.incident.summary).toMatch(
      /^perps:funding-index:BTC-6 went from 2 to 0 USD at [\d-]{10} [\d:]{8} UTC; its rules allow 0 since it was written before$/,
    )
    await looks(13, 300)
    expect(it.told().map(({ state }) => state)).toEqual(['opened', 'resolved'])
  },
)

test(
  'ticks as high as the contract lets them be, one of them late, are told to nobody',
  { timeout: 120_000 },
  async () => {
    await looks(2)
    let index = 2n ** 33n
    for (const seconds of [600, 7_200, 28_000]) {
      const { timestamp: before } = await exchange.newest()
      exchange.wait(seconds)
      await exchange.price()
      // For each second at least of these 100 USD · 35 792 / 2^32.
      index += 100n * 35_792n * BigInt((await exchange.newest()).timestamp - before)
      await exchange.fund({ btcIndex: index, ethIndex: -(2n ** 32n) })
      await it.look()
    }
    expect(it.told().map(({ incident }) => incident.rule)).toEqual([])
  },
)
