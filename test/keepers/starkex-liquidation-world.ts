import type { Position } from '../../infra/local/starkex-gateway/position.ts'
import { starkexFates } from '../../lib/adapters/chains/starkex-fates.ts'
import { starkexFeeder } from '../../lib/adapters/chains/starkex-feeder.ts'
import { wasmScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { lanePolicyOf } from '../../lib/domain/lane-policy.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'
import { keepBooks } from '../../lib/keepers/books/keep-books.ts'
import { deleverage } from '../../lib/keepers/deleverage.ts'
import { indexPositions } from '../../lib/keepers/index-positions/index-positions.ts'
import type { Keeper } from '../../lib/keepers/keeper.ts'
import { advanceLane } from '../../lib/keepers/lane/advance-lane.ts'
import type { LaneWorld } from '../../lib/keepers/lane/lane-world.ts'
import { liquidate } from '../../lib/keepers/liquidate.ts'
import { performer } from '../../lib/keepers/perform.ts'
import { runKeeper } from '../../lib/keepers/run-keeper.ts'
import type { Clock, Store } from '../../lib/ports.ts'
import { actionOf, openStarkex } from '../adapters/engines/starkex/a-starkex.ts'
import { memoryBooks } from '../adapters/positions/memory-books.ts'
import {
  aBook,
  aPosition,
  btcAsset,
  collateralAsset,
  liquidatorKey,
  riskyConfig,
} from '../infra/local/starkex-gateway/a-book.ts'
import { replays } from './replay/replays.ts'

const key = BigInt(liquidatorKey.publicKey)

/** BTC at one collateral a unit where its price is 10,000; an eighth of it is required. */
const positions = new Map([
  [10n, aPosition(-8_000_000_000n, [[btcAsset, 10_000_000_000n]])],
  [11n, aPosition(5_000_000_000n, [[btcAsset, 10_000_000_000n]])],
  [20n, aPosition(900_000_000_000n, [], key)],
  [40n, aPosition(90_000_000_000n, [[btcAsset, -20_000_000_000n]])],
])

const segments = [{ upperBound: 2n ** 95n, riskFactor: 2n ** 32n / 8n }]

/** An exchange with these accounts and more, and the keepers that liquidate there. */
export async function aStarkexWorld(
  more: ReadonlyMap<bigint, Position> = new Map(),
  {
    funded = ['BTC-USD', 'ETH-USD'],
    followsBatches = false,
  }: {
    readonly funded?: readonly string[]
    /** Whether work is done with the batches, and not with the gateway's word. */
    readonly followsBatches?: boolean
  } = {},
) {
  const batches = { transactions: 100, seconds: 3_600, gap: 1 }
  const it = await aBook(new Map([...positions, ...more]), { config: riskyConfig({ batches }) })
  const { origin } = new URL(it.url)
  const feeder = starkexFeeder({
    chain: 'starkex',
    feederUrl: `${origin}/feeder_gateway`,
    availabilityUrl: `${origin}/availability_gateway`,
    tls: undefined,
  })
  const clock: Clock = it.clock
  const began = clock.now()
  const store: Store = memoryStore({ clock })
  const id = 'starkex/perps-main'
  const { chain, engine } = openStarkex({
    url: it.url,
    clock,
    feeder,
    liquidation: {
      collateralAsset,
      segmentedBy: 'balance',
      risk: { 'BTC-USD': segments, 'ETH-USD': segments },
      position: '20',
      key: async () => Promise.resolve(liquidatorKey),
    },
    told: async () => {
      const row = await store.lanes.read(id)
      return {
        prices: Object.fromEntries(
          (row?.told ?? []).map(({ market, price, publishedAt }) => [
            market,
            { price, publishedAt },
          ]),
        ),
        funding: Object.fromEntries(funded.map((market) => [market, { index: 0n, at: began }])),
        time: row?.toldTime,
      }
    },
  })
  const way = { isOpen: true }
  const lane: LaneWorld = {
    id,
    account: 'perps-main',
    chain: {
      ...chain,
      ...(followsBatches && { fates: starkexFates(feeder, { now: () => clock.now() }) }),
      broadcast: async (bytes) => {
        if (way.isOpen) return chain.broadcast(bytes)
        throw new Error('the gateway takes nothing now')
      },
    },
    engines: { perps: engine },
    store,
    clock,
    policy: lanePolicyOf(chain),
    slotAt: () => clock.now(),
    notify,
  }
  const books = memoryBooks(store, clock)
  const laneOf = () => lane
  const scan = accountScan(wasmScan)
  const engines = { perps: engine }
  const common = {
    recovery: { graceSeconds: 0, stageSeconds: 1, mostWaitSeconds: 0 },
    freshness: { maxHeadBlocks: 60, maxIndexLagSeconds: 3_600 },
  }
  const keepers = {
    index: replays(
      indexPositions({ clock, store, books, chains: { starkex: chain }, engines, shares: 1 }),
    ),
    liquidate: replays(
      liquidate({
        clock,
        store,
        books,
        scan,
        engines,
        laneOf,
        everySeconds: 2,
        nodes: [],
        feeMarkets: {},
        runs: () => false,
        settings: {
          perps: {
            ...common,
            policy: { mostPerSlot: 10, mostNotionalUsd: 1e9, leastRewardUsd: 0 },
            terms: { feeBps: 10n, discountBps: 50n, targetBps: 10_000n },
          },
        },
      }),
    ),
    books: replays(
      keepBooks({
        clock,
        store,
        engines,
        chains: { starkex: chain },
        nodes: [],
        laneOf,
        feeMarkets: {},
      }),
    ),
    deleverage: replays(
      deleverage({
        clock,
        store,
        books,
        scan,
        engines,
        laneOf,
        everySeconds: 2,
        runs: () => false,
        settings: { perps: { ...common, rule: 'bitmex', mostPerSlot: 10 } },
      }),
    ),
  }
  const perform = performer({
    ports: { clock, store, engines, oracles: [], positions: books },
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
  let slot = 1_000
  const world = {
    ...it,
    feeder,
    engine,
    store,
    lane,
    way,
    /** Priced, funded and indexed, and some slots later, when nobody has to be careful any more. */
    async begin() {
      it.fund()
      await world.push('10000')
      await world.run(keepers.index)
      for (let calm = 0; calm < 20; calm += 1) {
        await world.run(keepers.liquidate)
        await world.run(keepers.deleverage)
      }
    },
    async push(usd: string) {
      const at = timestamp(clock.now() - (clock.now() % 1_000))
      const action = await actionOf(engine, { round: slot, price: usd, at })
      slot += 1
      await store.intents.add({
        id: `push-prices:perps:round-${slot}`,
        lane: id,
        action,
        createdAt: clock.now(),
        deadline: timestamp(clock.now() + 60_000),
        state: { kind: 'waiting' },
      })
      await advanceLane(lane)
    },
    async run<View>(keeper: Keeper<View>) {
      slot += 1
      it.pass(2)
      const now = clock.now()
      const run = { clock, store, worker: 'one', notify, maxLateMs: 60_000, perform }
      return runKeeper(run, keeper, {
        subject: 'perps',
        slot,
        slotAt: now,
        until: timestamp(now + (way.isOpen ? 60_000 : 0)),
      })
    },
    keepers,
  }
  return world
}

function notify(): void {
  // Nobody listens.
}

/** As account 10. */
export const alike = (...ids: readonly bigint[]) =>
  new Map(ids.map((id) => [id, aPosition(-8_000_000_000n, [[btcAsset, 10_000_000_000n]])]))
