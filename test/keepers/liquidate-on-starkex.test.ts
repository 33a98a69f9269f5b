import { expect, test } from 'vitest'

import type { Position } from '../../infra/local/starkex-gateway/position.ts'
import { starkexFeeder } from '../../lib/adapters/chains/starkex-feeder.ts'
import { wasmScan } from '../../lib/adapters/scan/wasm-scan.ts'
import { memoryStore } from '../../lib/adapters/store/memory.ts'
import { lanePolicyOf } from '../../lib/domain/lane-policy.ts'
import { parseMarket } from '../../lib/domain/market.ts'
import { timestamp } from '../../lib/domain/time.ts'
import { accountScan } from '../../lib/keepers/account-scan.ts'
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
  ethAsset,
  liquidatorKey,
  riskyConfig,
  signedOrder,
} from '../infra/local/starkex-gateway/a-book.ts'

const key = BigInt(liquidatorKey.publicKey)

/** BTC at one collateral a unit where its price is 10,000; an eighth of it is required. */
const positions = new Map([
  [10n, aPosition(-8_000_000_000n, [[btcAsset, 10_000_000_000n]])],
  [11n, aPosition(5_000_000_000n, [[btcAsset, 10_000_000_000n]])],
  [20n, aPosition(900_000_000_000n, [], key)],
  [40n, aPosition(90_000_000_000n, [[btcAsset, -20_000_000_000n]])],
])

const segments = [{ upperBound: 2n ** 95n, riskFactor: 2n ** 32n / 8n }]

async function aWorld(
  more: ReadonlyMap<bigint, Position> = new Map(),
  funded: readonly string[] = ['BTC-USD', 'ETH-USD'],
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
    index: indexPositions({ clock, store, books, chains: { starkex: chain }, engines, shares: 1 }),
    liquidate: liquidate({
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
    deleverage: deleverage({
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
  }
  const perform = performer({
    ports: { clock, store, engines, oracles: [], positions: books },
    laneOf,
    messenger: {
      clock,
      incidents: store.incidents,
      channels: {},
      routing: { network: 'n', routes: { critical: [], warning: [], info: [] }, fallback: [] },
      notify,
    },
    notify,
  })
  let slot = 1_000
  const world = {
    ...it,
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

const kinds = (it: Awaited<ReturnType<typeof aWorld>>) =>
  it.exchange.requests().map(({ tx }) => tx.type)

test('on a StarkEx exchange an account below its margin is liquidated once, by an order of ours', async () => {
  const it = await aWorld()
  await it.begin()
  expect(await it.run(it.keepers.liquidate)).toMatchObject({ reason: 'nobody' })
  // 10,000,000,000 at 0.9 less 8,000,000,000 is 1,000,000,000 where 1,125,000,000 are required.
  await it.push('9000')
  await it.run(it.keepers.liquidate)
  expect(kinds(it).filter((kind) => kind === 'LIQUIDATE')).toHaveLength(1)
  const [asset] = it.position(10n)?.assets.values() ?? []
  expect(asset?.balance).toBeLessThan(10_000_000_000n)
  expect(it.position(20n)?.assets.get(btcAsset)?.balance).toBe(
    10_000_000_000n - (asset?.balance ?? 0n),
  )
  // The index knows nothing of it before the next batch, and yet it is not done again.
  await it.run(it.keepers.liquidate)
  expect(kinds(it).filter((kind) => kind === 'LIQUIDATE')).toHaveLength(1)
  it.exchange.closeBatch()
  it.pass(100)
  await it.push('9000')
  await it.run(it.keepers.index)
  expect(await it.run(it.keepers.liquidate)).toMatchObject({ reason: 'nobody' })
})

test('and one with less than nothing is deleveraged against the other side', async () => {
  const it = await aWorld()
  await it.begin()
  await it.push('7900')
  await it.run(it.keepers.liquidate)
  expect(kinds(it)).not.toContain('LIQUIDATE')
  await it.run(it.keepers.deleverage)
  expect(kinds(it).at(-1)).toBe('DELEVERAGE')
  expect(it.position(10n)).toMatchObject({ collateral: 0n, publicKey: 0n })
  expect(it.position(40n)?.assets.get(btcAsset)?.balance).toBe(-10_000_000_000n)
})

/** Whose position each transaction that was taken closes, after those of the beginning. */
const closed = (it: Awaited<ReturnType<typeof aWorld>>) =>
  it.exchange.requests().flatMap(({ tx }) => {
    if (tx.type === 'LIQUIDATE') return tx.liquidated_position_id
    return tx.type === 'DELEVERAGE' ? tx.deleveraged_position_id : []
  })

/** As account 10. */
const alike = (...ids: readonly bigint[]) =>
  new Map(ids.map((id) => [id, aPosition(-8_000_000_000n, [[btcAsset, 10_000_000_000n]])]))

test('all that are below it are liquidated in one slot, each by a transaction of its own', async () => {
  const it = await aWorld(alike(12n, 13n))
  await it.begin()
  await it.push('9000')
  await it.run(it.keepers.liquidate)
  expect(closed(it).toSorted()).toEqual(['10', '12', '13'])
  const taken = [10n, 12n, 13n].map(
    (id) => 10_000_000_000n - (it.position(id)?.assets.get(btcAsset)?.balance ?? 0n),
  )
  expect(taken.every((size) => size > 0n)).toBe(true)
  expect(it.position(20n)?.assets.get(btcAsset)?.balance).toBe(
    taken.reduce((sum, size) => sum + size, 0n),
  )
  const done = await it.store.intents.recent(it.lane.id, 3)
  expect(
    Object.fromEntries(done.map(({ id, state }) => [id.split(':').at(-2), state.kind])),
  ).toEqual({ 10: 'settled', 12: 'settled', 13: 'settled' })
})

test('and one that the exchange refuses takes no other with it', async () => {
  const it = await aWorld(alike(12n, 13n))
  await it.begin()
  await it.push('9000')
  // Somebody else has made one of them well, which no batch tells yet.
  const order = await signedOrder({
    synthetic: 5_000_000_000n,
    collateral: 4_500_000_000n,
    fee: 0n,
  })
  const actual = {
    actualSynthetic: 5_000_000_000n,
    actualCollateral: 4_500_000_000n,
    actualFee: 0n,
  }
  expect(it.add({ type: 'LIQUIDATE', liquidated: 12n, order, ...actual })).toBe('taken')
  await it.run(it.keepers.liquidate)
  expect(closed(it).slice(0, 1)).toEqual(['12'])
  expect(closed(it).slice(1).toSorted()).toEqual(['10', '13'])
  const done = await it.store.intents.recent(it.lane.id, 3)
  expect(done.find(({ id }) => id.includes(':12:'))?.state).toMatchObject({
    kind: 'failed',
    why: 'refused',
  })
})

test('all with less than nothing are deleveraged in one slot, each by a transaction of its own', async () => {
  const it = await aWorld(alike(12n))
  await it.begin()
  await it.push('7900')
  await it.run(it.keepers.deleverage)
  expect(closed(it).toSorted()).toEqual(['10', '12'])
  for (const id of [10n, 12n]) expect(it.position(id)).toMatchObject({ collateral: 0n })
  expect(it.position(40n)?.assets.get(btcAsset)).toBeUndefined()
})

test('what is stored and not sent yet is not decided again, and who takes over is reckoned with it', async () => {
  const it = await aWorld(alike(12n))
  await it.begin()
  await it.push('7900')
  it.way.isOpen = false
  await it.run(it.keepers.deleverage)
  const open = await it.store.intents.open(it.lane.id)
  expect(open.map(({ id }) => id.split(':').at(-3))).toEqual(['10', '12'])
  expect(await it.run(it.keepers.deleverage)).toMatchObject({ reason: 'nobody' })
  expect(await it.store.intents.open(it.lane.id)).toHaveLength(2)
  it.way.isOpen = true
  await advanceLane(it.lane)
  expect(closed(it)).toEqual(['10', '12'])
  expect(await it.run(it.keepers.deleverage)).toMatchObject({ reason: 'nobody' })
})

test('nobody is touched who holds a market that funding of ours has not reached yet', async () => {
  const it = await aWorld(new Map(), ['ETH-USD'])
  await it.begin()
  await it.push('9000')
  await it.run(it.keepers.liquidate)
  expect(closed(it)).toEqual([])
})

test('markets are named by their assets', () => {
  expect([btcAsset, ethAsset].map((asset) => asset.toString(16).length)).toEqual([30, 30])
  expect(parseMarket('BTC-USD')).toBe('BTC-USD')
})
