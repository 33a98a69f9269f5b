import { Decimal } from '../../lib/domain/decimal.ts'
import { lanePolicyOf } from '../../lib/domain/lane-policy.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { chainDoubts } from '../../lib/keepers/chain-doubts.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { writePriceSnapshot } from '../../lib/keepers/price-snapshot.ts'
import { runKeeper, type TickEnd } from '../../lib/keepers/run-keeper.ts'
import { type FundingSettings, settleFunding } from '../../lib/keepers/settle-funding.ts'
import type { Chain, Clock, Engine, OrderBooks, Store } from '../../lib/ports.ts'
import { memoryBooks } from '../adapters/positions/memory-books.ts'
import { aFeed, aRound, aSource } from '../runtime/a-round.ts'
import { replays } from './replay/replays.ts'

export type FundingProcess = {
  readonly lane: LaneWorld
  /** A new round of each node, with its perpetuals so far above a spot price of 100. */
  publish(premiums: Readonly<Record<string, string>>): Promise<void>
  /** The slot that is now, by this worker. */
  slot(worker?: string): Promise<TickEnd>
}

/** The keeper that settles funding, with its lane, on whatever engine, chain and store it is given. */
export function fundingProcess({
  clock,
  chain,
  engine,
  account,
  store,
  settings,
  nodes = ['oracle-1'],
  roundSeconds = 10,
  orderBooks = noBooks,
}: {
  readonly clock: Clock
  readonly chain: Chain
  readonly engine: Engine
  readonly account: string
  readonly store: Store
  readonly settings: FundingSettings
  readonly nodes?: readonly string[]
  readonly roundSeconds?: number
  readonly orderBooks?: OrderBooks
}): FundingProcess {
  const engines = { [engine.name]: engine }
  const lane: LaneWorld = {
    id: `${chain.name}/${account}`,
    account,
    chain,
    engines,
    store,
    clock,
    policy: lanePolicyOf(chain),
    slotAt: () => clock.now(),
    notify,
  }
  const laneOf = () => lane
  const keeper = replays(
    settleFunding({
      clock,
      store,
      engines,
      orderBooks,
      nodes,
      roundSeconds,
      laneOf,
      settings: { [engine.name]: settings },
      doubts: chainDoubts(store, { clock, provenBy: { [engine.name]: ['appchain'] }, chainOf: {} }),
    }),
  )
  const perform = performer({
    ports: { clock, store, engines, oracles: [], positions: memoryBooks(store, clock) },
    laneOf,
    messenger: {
      clock,
      incidents: store.incidents,
      desk: store.desk,
      rules: {},
      channels: {},
      routing: { network: 'n', routes: { critical: [], warning: [], info: [] }, fallback: [] },
      notify,
    },
    notify,
  })
  return {
    lane,

    async publish(premiums) {
      // A round is newer than the one before it.
      const round = Math.floor(clock.now() / 1000)
      for (const [node, premium] of Object.entries(premiums)) {
        const sources = sourcesAt(premium)
        const feeds = engine.markets.map((symbol) => aFeed({ symbol, sources }))
        const snapshot = writePriceSnapshot(aRound(round, clock.now(), feeds))
        await store.prices.write(node, round, snapshot)
      }
    },

    async slot(worker = 'one') {
      const slotMs = settings.policy.slotSeconds * 1000
      const slot = Math.floor(clock.now() / slotMs)
      const run = { clock, store, worker, notify, maxLateMs: 60_000, perform }
      const slotAt = timestamp(slot * slotMs)
      const until = timestamp(clock.now() + 5_000)
      return await runKeeper(run, keeper, { subject: engine.name, slot, slotAt, until })
    },
  }
}

const noBooks: OrderBooks = { read: async () => Promise.resolve({ books: {}, failures: [] }) }

function notify(): void {
  // Nobody listens.
}

function sourcesAt(premium: string) {
  const perpetual = new Decimal(100).mul(new Decimal(1).add(premium))
  return [
    ...['binance', 'kraken'].map((venue) => aSource(venue, { price: new Decimal(100) })),
    aSource('okx', { instrument: 'BTC-USD-PERP', price: perpetual }),
  ]
}
